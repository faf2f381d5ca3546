"""What people do in supervision: plan an inspection and judge its items, have put right what was found, set the goals of a
year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.measures.oversight import Goal, Oversight
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from .. import sql
from ..queries import ours
from ..queries.book import oversight_of
from ..queries.matters import area_of, entries_of, matter, standing_of
from ..queries.oversight import Roll, Subject, party_for, roll
from ..rules import oversight as rules
from ..rules import oversight_refusals as refusals
from ..rules.kinds import KindId
from ..rules.standing import NO_SUCH_MATTER, File, Said, Standing
from ..workflow import OPEN, Act, State
from .kinds import rectification_origin, wait_for_children
from .matters import Issue, act, issue

_LONGEST_TITLE = 120


@transaction.atomic
def inspect(
    actor: Actor,
    *,
    template: str,
    mode: str,
    subject: str,
    due_on: date | None = None,
    words: str = "",
    owner: str = "",
    period: str = "",
    parent_id: UUID | None = None,
) -> UUID:
    """Plan an inspection from a template: of whom (``institution:key``), how, by when (as the template has it), done by
    ``owner`` (a subordinate commission or a member; oneself if empty). ``parent_id`` is an alert that it looks into.

    Raises:
        Refused: if there is no such template, mode or subject for the actor, or ``issue`` refuses it.
    """
    may_issue(actor)
    today, said = clock.today(), asked_of(actor)
    asked = said.inspections.get(template)
    if asked is None or (actor.institution_id is not None and not asked.by_lead):
        raise Refused(refusals.NO_TEMPLATE)
    if mode not in asked.modes:
        raise Refused(refusals.NO_MODE)
    everybody = roll(actor, on=today)
    about = _subject(everybody, subject, asked.subjects)
    done_by = _subject(everybody, owner).party if owner else party_for(actor, on=today)
    if parent_id is not None:
        _open_parent(actor, parent_id)
    made = issue(
        actor,
        Issue(
            KindId.INSPECTION,
            f"{asked.name.zh}：{about.name}"[:_LONGEST_TITLE],
            done_by,
            due_on or today + timedelta(days=asked.days),
            words=words,
            clauses=asked.clauses,
            period=period or str(today.year),
            subject_type=about.group,
            subject_key=about.key,
            subject_name=about.name,
            parent_id=parent_id,
            payload=rules.inspection_payload(asked, said.severities.values(), mode=mode, every=asked.every),
        ),
    )
    assert made is not None, "it has no origin"
    if parent_id is not None:
        _parent_waits(actor, parent_id)
    return made


def judge(
    actor: Actor,
    *,
    matter_id: UUID,
    item: str,
    judgement: str,
    words: str,
    severity: str = "",
    target: str = "",
    actual: str = "",
    instead_of: str = "",
    files: tuple[File, ...] = (),
) -> None:
    """Say of an item of an inspection whether it is met, in whose place of an earlier judgement, with photos if any.

    Raises:
        Refused: as ``act``; or something of it is missing.
    """
    told = {"item": item, "judgement": judgement, "severity": severity, "target": target, "actual": actual}
    figures = {key: value for key, value in told.items() if value}
    if instead_of:
        figures["instead_of"] = instead_of
    act(actor, matter_id=matter_id, act=Act.NOTE, said=Said(words, figures, files))


@transaction.atomic
def rectify(
    actor: Actor,
    *,
    matter_id: UUID,
    entry_id: UUID | None = None,
    owner: str = "",
    due_on: date | None = None,
    words: str = "",
) -> UUID:
    """Have put right what a finding of an inspection says (``entry_id``), or what a report or an alert tells.

    Without ``owner`` it is owed by whom the matter is about, without ``due_on`` within the days of the finding's severity;
    the same finding is taken up once.

    Raises:
        Refused: if there is no such finding or owner, it was taken up, or ``issue`` refuses it.
    """
    may_issue(actor)
    today = clock.today()
    parent = _open_parent(actor, matter_id)
    everybody = roll(actor, on=today)
    owed_by = _subject(everybody, owner or _choice(parent))
    title, days, file, asked = parent.title, None, False, words.strip()
    if entry_id is not None:
        finding = _finding(actor, parent, entry_id)
        items = {each["id"]: each for each in parent.payload["items"]}
        grades = {each["id"]: each for each in parent.payload["severities"]}
        grade = grades[finding.severity]
        title, days, file = items[finding.item]["zh"], int(grade["days"]), bool(grade["file"])
        asked = asked or finding.words
    days = days or ours.days("supervision_rectify_days", parent.pack, on=today).days
    made = issue(
        actor,
        Issue(
            KindId.RECTIFICATION,
            f"整改：{title}（{owed_by.name}）"[:_LONGEST_TITLE],
            owed_by.party,
            due_on or today + timedelta(days=days),
            words=asked,
            clauses=_clauses(actor, parent.id),
            pack=parent.pack,
            period=parent.period,
            subject_type=parent.subject_type,
            subject_key=parent.subject_key,
            subject_name=parent.subject_name,
            parent_id=parent.id,
            origin=None if entry_id is None else rectification_origin(entry_id),
            payload={"file": file, "finding": str(entry_id or "")},
        ),
    )
    if made is None:
        raise Refused(refusals.TAKEN_UP)
    _parent_waits(actor, parent.id)
    return made


def set_goal(
    actor: Actor,
    *,
    goal: str,
    year: int,
    subject: str,
    target: str = "",
    baseline: str = "",
    title: str = "",
    words: str = "",
) -> UUID:
    """Give somebody a number to reach in a year; without ``target`` the number of the text.

    Raises:
        Refused: if there is no such goal or subject, no number, the year is over, or it was set already.
    """
    may_issue(actor)
    today, said = clock.today(), asked_of(actor)
    asked = said.goals.get(goal)
    if asked is None:
        raise Refused(refusals.NO_GOAL)
    about = _subject(roll(actor, on=today), subject)
    wanted = rules.number(target) if target.strip() else asked.target
    begun = rules.number(baseline) if baseline.strip() else None
    if wanted is None or (baseline.strip() and begun is None):
        raise Refused(replace(refusals.NO_NUMBER, at="target" if wanted is None else "baseline"))
    name = title.strip() or asked.name.zh
    pack = mandates.pack_in_force(about.party.area, on=today)
    pause = asked.interval or ours.days("supervision_progress_days", pack, on=today).days
    made = issue(
        actor,
        Issue(
            KindId.GOAL,
            f"{year}年：{name}（{about.name}）"[:_LONGEST_TITLE],
            about.party,
            _last_day(asked, year),
            words=words,
            clauses=asked.clauses,
            pack=pack,
            period=str(year),
            subject_type=about.group,
            subject_key=about.key,
            subject_name=about.name,
            origin=f"goal:{year}:{goal}:{name}:{about.choice}",
            payload=_goal_payload(asked, about, wanted, begun, pause),
        ),
    )
    if made is None:
        raise Refused(refusals.SET_ALREADY)
    return made


def _goal_payload(
    asked: Goal, about: Subject, wanted: Decimal, begun: Decimal | None, pause: int
) -> Mapping[str, object]:
    # Of an area without counties below it the numbers stand under the region.
    return rules.goal_payload(
        asked, target=wanted, baseline=begun, interval=pause, level=about.group, key=about.key
    )


def _last_day(asked: Goal, year: int) -> date:
    month, day = map(int, asked.due.split("-"))
    return date(year, month, day)


def asked_of(actor: Actor) -> Oversight:
    """What the pack in force where the actor stands asks supervision to do."""
    today = clock.today()
    return oversight_of(mandates.pack_in_force(party_for(actor, on=today).area, on=today))


def may_issue(actor: Actor) -> None:
    """Asked first: whoever issues nothing at all learns that, not what else is missing.

    Raises:
        Refused: if the actor has no right to.
    """
    refuse(may(actor, Right.SUPERVISION_ISSUE))


def _subject(everybody: Roll, choice: str, groups: Sequence[str] = ()) -> Subject:
    found = everybody.subjects.get(choice)
    if found is None or (groups and found.group not in groups):
        raise Refused(refusals.NO_SUBJECT)
    return found


def _choice(standing: Standing) -> str:
    return f"{standing.subject_type}:{standing.subject_key}"


def _open_parent(actor: Actor, matter_id: UUID) -> Standing:
    """The matter from which something comes: locked until that is there, so that nobody closes it meanwhile."""
    with scoped(actor, area=area_of(actor)):
        found = standing_of(matter_id) if rows(sql.LOCKED, matter=matter_id) else None
    if found is None:
        raise Refused(NO_SUCH_MATTER)
    if found.state not in OPEN:
        raise Refused(refusals.PARENT_OVER)
    if not matter(actor, matter_id=matter_id).sides:
        raise Refused(NO_SUCH_MATTER)
    return found


def _parent_waits(actor: Actor, parent_id: UUID) -> None:
    with scoped(actor, area=area_of(actor)):
        standing = standing_of(parent_id)
        if standing is not None and (standing.state is State.SUBMITTED or standing.kind == KindId.ALERT):
            wait_for_children(standing)


def _finding(actor: Actor, parent: Standing, entry_id: UUID) -> rules.Judged:
    with scoped(actor, area=area_of(actor)):
        found = rules.judged(entries_of(parent.id))
    for each in found:
        if each.entry == entry_id and each.finding:
            return each
    raise Refused(refusals.NO_FINDING)


def _clauses(actor: Actor, matter_id: UUID) -> tuple[str, ...]:
    with scoped(actor, area=area_of(actor)):
        found = rows("SELECT clauses FROM evaluation_matter WHERE id = %(id)s", id=matter_id)
    return tuple(found[0]["clauses"]) if found else ()
