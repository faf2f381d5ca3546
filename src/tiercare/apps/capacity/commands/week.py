"""Publishing the weeks on paper (一周放号): what the templates say, for the days that are worked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.terms import queries as terms
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ..models import Session, Template
from ..rules.planning import Planned, at, shares_of
from ..rules.vocabulary import Grade, Kind, SessionState
from .publishing import Published, publish

# Ours: places are put on offer up to three months ahead.
FARTHEST = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A session of the templates that is not to be published, and why."""

    day: date
    pool: str
    why: Text


@dataclass(frozen=True, slots=True)
class Week:
    """What publishing these days would put on offer, and what it leaves out."""

    planned: tuple[Planned, ...]
    skipped: tuple[Skipped, ...]


def plan_days(institution_id: UUID, first: date, last: date) -> Week:
    """What the templates of an institution say for these days, the last included.

    Public holidays are left out unless the line says otherwise; a working weekend follows the line of its own weekday.
    What is published for the same time stays; what has begun is past.

    Raises:
        Refused: if the days are in the wrong order or too far ahead.
    """
    now = ledger_queries.now()
    if last < first or last > ledger_queries.today() + FARTHEST:
        raise Refused(_WRONG_DAYS)
    lines = list(
        Template.objects.filter(pool__institution_id=institution_id)
        .select_related("pool")
        .order_by("starts", "id")
    )
    known = set(
        Session.objects.filter(institution_id=institution_id, day__range=(first, last))
        .exclude(state=SessionState.STOPPED)
        .values_list("pool_id", "during")
    )
    taken = {(pool, during.lower) for pool, during in known}
    planned, skipped = [], []
    for day, kind in terms.workdays(first, last).items():
        for line in lines:
            if line.weekday != day.isoweekday() or day not in line.period or day not in line.pool.period:
                continue
            session = _planned(line, day)
            if kind.holiday and not line.on_holidays:
                skipped.append(Skipped(day, line.pool.name, Text(kind.name, kind.name)))
            elif (session.pool_id, session.starts) in taken:
                skipped.append(Skipped(day, line.pool.name, _PUBLISHED))
            elif session.starts <= now:
                skipped.append(Skipped(day, line.pool.name, _BEGUN))
            else:
                planned.append(session)
    return Week(tuple(planned), tuple(skipped))


def publish_days(actor: Actor, *, institution_id: UUID, first: date, last: date) -> tuple[Published, Week]:
    """Put what the templates say for these days on offer.

    Raises:
        Refused: as ``publish``; if nothing is left to publish.
    """
    week = plan_days(institution_id, first, last)
    return publish(actor, institution_id=institution_id, planned=week.planned), week


def _planned(line: Template, day: date) -> Planned:
    pool = line.pool
    starts = at(day, line.starts)
    return Planned(
        pool_id=pool.id,
        pool_name=pool.name,
        kind=Kind(pool.kind),
        grade=Grade(pool.grade),
        starts=starts,
        ends=at(day, line.ends, after=starts),
        capacity=line.capacity,
        by_time=pool.slot_minutes,
        per_slot=line.slot_capacity,
        walk_ins=line.walk_ins,
        clinician_id=line.clinician_id,
        place=line.place,
        shares=shares_of(pool.shares),
    )


_PUBLISHED = Text("已发布", "published already")
_BEGUN = Text("已过开诊时间", "begun already")
_WRONG_DAYS = Refusal(
    code="capacity.wrong_days",
    message=Text(
        "日期次序颠倒，或超过了三个月。", "The days are in the wrong order, or more than three months ahead."
    ),
    instead=Text("请选择从今天起三个月以内的日期。", "Choose days within three months from today."),
    at="last",
    status=422,
)
