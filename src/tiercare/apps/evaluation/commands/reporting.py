"""Reports: asked of everybody who owes one, and filed by whom something happened to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as clock
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.measures.oversight import Topic
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from ..queries.oversight import Subject, own_subject, party_for, roll
from ..rules import oversight as rules
from ..rules import oversight_refusals as refusals
from ..rules import periods
from ..rules.kinds import KindId
from ..rules.standing import File, Party, Said
from ..workflow import Act
from .matters import Issue, act, issue
from .supervision import asked_of, may_issue

_LONGEST_TITLE = 120


@transaction.atomic
def ask_reports(actor: Actor, *, topic: str, period: str) -> int:
    """Ask everybody who owes a report of the topic for the one of that period; answers how many were asked anew.

    Raises:
        Refused: if there is no such topic, it has no such period, or nobody owes it here.
    """
    may_issue(actor)
    today, said = clock.today(), asked_of(actor)
    asked = said.reports.get(topic)
    if asked is None or asked.per == "unasked":
        raise Refused(refusals.NO_TOPIC)
    filers = roll(actor, on=today).filers[asked.by]
    if not filers:
        raise Refused(refusals.NOBODY_OWES)
    last = periods.last_day(asked.per, period)
    if last is None:
        raise Refused(replace(refusals.NO_PERIOD, fields={"like": periods.like(asked.per, today)}))
    due = max(last + timedelta(days=asked.days), today)
    made = [issue(actor, _report(asked, each, period, due)) for each in filers]
    return sum(each is not None for each in made)


@transaction.atomic
def file_unasked(
    actor: Actor,
    *,
    topic: str,
    words: str,
    figures: Mapping[str, str],
    files: tuple[File, ...] = (),
) -> UUID:
    """Tell what happened: a report that nobody asked for, to the commission of one's county.

    Raises:
        Refused: if the actor files none, there is no such topic, or something of its sheet is missing.
    """
    refuse(may(actor, Right.SUPERVISION_ANSWER))
    today = clock.today()
    mine = party_for(actor, on=today)
    asked = asked_of(actor).reports.get(topic)
    key = None if mine.institution_id is None else own_subject(mine, on=today)
    if asked is None or asked.per != "unasked" or key is None:
        raise Refused(refusals.NO_TOPIC)
    matter_id = issue(
        Actor.system(actor.channel),
        replace(_report(asked, key, f"{today:%Y-%m}", today + timedelta(days=asked.days)), origin=None),
        issuer=Party(mine.area),
    )
    assert matter_id is not None, "it has no origin"
    act(actor, matter_id=matter_id, act=Act.SUBMIT, said=Said(words, dict(figures), files))
    return matter_id


def _report(asked: Topic, whose: Subject, period: str, due: date) -> Issue:
    return Issue(
        KindId.REPORT,
        f"{period} {asked.name.zh}（{whose.name}）"[:_LONGEST_TITLE],
        whose.party,
        due,
        words=asked.says.zh,
        clauses=asked.clauses,
        pack=mandates.pack_in_force(whose.party.area, on=clock.today()),
        period=period,
        subject_type=whose.group,
        subject_key=whose.key,
        subject_name=whose.name,
        origin=f"report:{asked.id}:{period}:{whose.choice}",
        payload=rules.report_payload(asked),
    )
