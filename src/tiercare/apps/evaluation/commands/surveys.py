"""Opening and ending rounds of a survey, and answering them: by whoever was drawn, or by staff who ask them."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import prepared, rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.messages.commands import Word, tell
from tiercare.apps.residents import queries as residents
from tiercare.engines.forms import Answers, wrong_answers
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of
from tiercare.kernel.ids import stable_id, uuid7
from tiercare.kernel.refusal import Refusal, Refused, refuse

from .. import events
from ..queries import surveys as queries
from ..queries.matters import area_of
from ..queries.surveys import Invitation, Round
from ..rules import surveys as rules
from ..rules.surveys import How, State

SUBJECT = "evaluation.survey"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))"
# A county's round and one of its city ask the same people: an area is free where neither lies in the other.
_OVERLAPPING = """
SELECT lower(r.period) AS first, upper(r.period) - 1 AS last FROM evaluation_surveyround r
WHERE r.survey = %(survey)s AND r.stopped_at IS NULL AND r.period && daterange(%(first)s, %(last)s, '[]')
  AND (starts_with(r.division_code, %(area)s) OR starts_with(%(area)s, r.division_code)) LIMIT 1
"""
_OPEN = """
INSERT INTO evaluation_surveyround (id, division_code, pack, survey, version, definition, recall_weeks, period, seed, wanted,
    drawn, frame, made_by_name)
VALUES (%(id)s, %(area)s, %(pack)s, %(survey)s, %(version)s, %(definition)s, %(weeks)s,
    daterange(%(first)s, %(last)s, '[]'), %(seed)s, %(wanted)s, %(drawn)s, %(frame)s::jsonb, %(by)s)
RETURNING id
"""
_INVITE = """
INSERT INTO evaluation_surveyinvitation (id, round_id, resident_id, institution_id, division_code)
SELECT d.id, %(round)s, d.resident, d.institution, d.place
FROM unnest(%(ids)s::uuid[], %(residents)s::uuid[], %(institutions)s::uuid[], %(places)s::text[])
     AS d (id, resident, institution, place)
"""
_STOP = """
UPDATE evaluation_surveyround SET stopped_at = tiercare_now() WHERE id = %(round)s AND stopped_at IS NULL
  AND upper(period) > %(on)s::date RETURNING id
"""
# Decided by one statement: whoever comes second finds nothing that waits.
_CLOSE = """
UPDATE evaluation_surveyinvitation SET state = %(state)s, closed_on = %(on)s::date, how = %(how)s, by_name = %(by)s
WHERE id = %(invitation)s AND state = 'WAITING' RETURNING division_code
"""
_HAND_IN = """
INSERT INTO evaluation_surveysheet (id, round_id, person, division_code, answered_on, how, answers)
VALUES (%(id)s, %(round)s, %(person)s, %(place)s, %(on)s::date, %(how)s, %(answers)s::jsonb)
"""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a commission wants: which survey, in which area, on which days, of how many people."""

    survey: str
    area: str
    first: date
    last: date
    wanted: int


@transaction.atomic
def open_round(actor: Actor, wanted: Opening, *, seed: str = "") -> UUID:
    """Draw people of the area in proportion to its townships, invite them and tell them; answers the round.

    Args:
        seed: of the lot; a new one if none is named. With the same register it draws the same people.

    Raises:
        Refused: if the actor may not survey that area, the pack there has no such survey, days or number cannot be, another round of it
            overlaps, or nobody can be drawn.
    """
    refuse(may(actor, Right.EVALUATION_RUN, division=wanted.area))
    pack = mandates.pack_in_force(wanted.area, on=clock.today())
    survey = queries.surveys_of(pack).get(wanted.survey)
    if survey is None:
        raise Refused(rules.NO_SUCH_SURVEY)
    refuse(
        rules.wrong_days(wanted.first, wanted.last, today=clock.today()),
        rules.wrong_sample(survey, wanted.wanted),
    )
    seed = seed or secrets.token_hex(16)
    with scoped(actor, area=area_of(actor)):
        _alone(wanted)
        frame = residents.frame(wanted.area, age_from=survey.age_from, on=wanted.first)
        refuse(None if frame else rules.NOBODY)
        drawn = residents.draw(
            wanted.area,
            rules.shared_out(frame, wanted.wanted),
            seed=seed,
            age_from=survey.age_from,
            on=wanted.first,
        )
        taken = {place: sum(each.place == place for each in drawn) for place in frame}
        key = uuid7()
        rows(
            _OPEN,
            id=key,
            area=wanted.area,
            pack=pack,
            survey=survey.id,
            version=survey.form.version,
            definition=json.dumps(survey.shape.model_dump(mode="json"), ensure_ascii=False),
            weeks=queries.recall_weeks(survey, pack, on=wanted.first),
            first=wanted.first,
            last=wanted.last,
            seed=seed,
            wanted=wanted.wanted,
            drawn=len(drawn),
            frame=json.dumps({place: [many, taken[place]] for place, many in frame.items()}),
            by=actor.name,
        )
        _do(
            _INVITE,
            round=key,
            ids=[uuid7() for _ in drawn],
            residents=[each.id for each in drawn],
            institutions=[each.institution_id for each in drawn],
            places=[each.place for each in drawn],
        )
        ledger.append(
            actor,
            events.SurveyOpened(survey.id, survey.form.version, wanted.first, wanted.last, len(drawn)),
            subject_type=SUBJECT,
            subject_id=key,
            division_code=wanted.area,
            clauses=survey.clauses,
        )
    words = (
        f"您被随机抽中参加“{survey.form.name.zh}”，不记名，约一分钟。请在 {wanted.last.isoformat()} 前到“我的页面”里的“调查”回答；"
        "卫生院也可能来电询问，不愿意答可以谢绝。"
    )
    tell(actor, [Word(each.id, words, SUBJECT, key) for each in drawn], institution_id=None)
    return key


@transaction.atomic
def stop_round(actor: Actor, round_id: UUID) -> None:
    """End a round before its time; what was answered stays, whoever has not answered is asked no more.

    Raises:
        Refused: if there is no such round for the actor, or it has ended.
    """
    found = queries.round_of(actor, round_id)
    with scoped(actor, area=area_of(actor)):
        stopped = rows(_STOP, round=round_id, on=clock.today())
    refuse(None if stopped else rules.ENDED)
    ledger.append(
        actor,
        events.SurveyStopped(found.survey.id),
        subject_type=SUBJECT,
        subject_id=round_id,
        division_code=found.area,
        clauses=found.survey.clauses,
    )


@transaction.atomic
def answer_mine(actor: Actor, *, round_id: UUID, resident_id: UUID, answers: Answers) -> None:
    """A resident answers a round for which they, or a ward of theirs, were drawn.

    Raises:
        Refused: if they were not drawn, it was answered or declined, it is not open, or an answer cannot be.
        Closed: if it is neither the person nor their guardian.
    """
    found, persons = _mine(actor, round_id, resident_id)
    with scoped(actor, persons=persons):
        _answer(actor, found, answers, How.OWN)


@transaction.atomic
def decline_mine(actor: Actor, *, round_id: UUID, resident_id: UUID) -> None:
    """A resident would rather not answer.

    Raises:
        Refused: as of ``answer_mine``.
        Closed: as there.
    """
    found, persons = _mine(actor, round_id, resident_id)
    with scoped(actor, persons=persons):
        _close(actor, found, State.DECLINED, How.OWN)


@transaction.atomic
def answer_for(actor: Actor, *, invitation_id: UUID, how: How, answers: Answers) -> None:
    """Staff write down what somebody told them on the telephone or at the door.

    Raises:
        Refused: without the right, if the institution does not ask them now, or an answer cannot be.
    """
    found = _to_ask(actor, invitation_id, how)
    with scoped(actor):
        _answer(actor, found, answers, how)


@transaction.atomic
def decline_for(actor: Actor, *, invitation_id: UUID, how: How) -> None:
    """Staff note that somebody would rather not answer.

    Raises:
        Refused: without the right, or if the institution does not ask them now.
    """
    found = _to_ask(actor, invitation_id, how)
    with scoped(actor):
        _close(actor, found, State.DECLINED, how)


def _alone(wanted: Opening) -> None:
    """Whoever opens another round of this survey at the same time waits here, and then finds this one."""
    rows(_LOCK, key=f"survey {wanted.survey}")
    found = rows(_OVERLAPPING, survey=wanted.survey, area=wanted.area, first=wanted.first, last=wanted.last)
    if found:
        raise Refused(replace(rules.OVERLAPS, fields=found[0]))


def _mine(actor: Actor, round_id: UUID, resident_id: UUID) -> tuple[Invitation, tuple[UUID, ...]]:
    """An invitation of this person by any of their entries: one that waits rather than one that is closed."""
    found = [each for each in queries.mine(actor, resident_id) if each.round.id == round_id]
    if not found:
        raise Refused(rules.NOT_INVITED)
    waiting = sorted(found, key=lambda each: each.state is not State.WAITING)
    return waiting[0], residents.person_of(resident_id)


def _to_ask(actor: Actor, invitation_id: UUID, how: How) -> Invitation:
    refuse(None if how in rules.BY_STAFF else rules.HOW_ASKED)
    return queries.one_to_ask(actor, invitation_id)


def _answer(actor: Actor, found: Invitation, answers: Answers, how: How) -> None:
    """The caller stands in ``scoped``. Closed first, handed in then: a sheet without an invitation is none."""
    today, of = clock.today(), found.round
    known = queries.institutions(of.area, on=today)
    refuse(_why_not(found, today))
    refuse(*wrong_answers(of.form(today), answers, institutions=known))
    place = _close(actor, found, State.ANSWERED, how)
    person = residents.pseudonym(found.resident_id, within=f"survey.{of.id}")
    try:
        with transaction.atomic():
            _do(
                _HAND_IN,
                id=stable_id(SUBJECT, str(of.id), person),  # no time in it that leads back to who answered
                round=of.id,
                person=person,
                place=place,
                on=today,
                how=how.value,
                answers=json.dumps(dict(answers), ensure_ascii=False),
            )
    except IntegrityError:  # under another entry that was found to be the same person
        raise Refused(rules.ANSWERED_ALREADY) from None


def _close(actor: Actor, found: Invitation, state: State, how: How) -> str:
    today = clock.today()
    refuse(_why_not(found, today))
    closed = rows(
        _CLOSE,
        invitation=found.id,
        state=state.value,
        on=today,
        how=how.value,
        by="" if how is How.OWN else actor.name,
    )
    refuse(None if closed else rules.ANSWERED_ALREADY)  # somebody was faster
    place: str = closed[0]["division_code"]
    ledger.append(
        actor,
        events.SurveyAnswered(found.round.id, how.value, state is State.DECLINED),
        subject_type=SUBJECT,
        subject_id=found.id,
        institution_id=actor.institution_id,
        division_code=place,
        clauses=found.round.survey.clauses,
    )
    return place


def _why_not(found: Invitation, today: date) -> Refusal | None:
    """Why an invitation cannot be answered any more, or yet."""
    if found.state is State.ANSWERED:
        return rules.ANSWERED_ALREADY
    if found.state is State.DECLINED:
        return rules.DECLINED_ALREADY
    of = found.round
    if today < of.first:
        return replace(rules.NOT_BEGUN, fields={"first": of.first})
    if of.over(today):
        return replace(rules.OVER, fields={"last": _ended(of)})
    return None


def _ended(of: Round) -> date:
    return of.last if of.stopped_at is None else min(of.last, day_of(of.stopped_at))


def _do(statement: str, **values: Any) -> None:
    with prepared() as cursor:
        cursor.execute(statement, values)
