"""Absences: how often somebody did not come, whether booking for themself pauses, and what was objected to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of
from tiercare.kernel.refusal import refuse

from .. import sql
from ..models import Appeal
from ..rules.absence import AppealState, Limits, Missed, pause_until
from .bookings import COLUMNS, BookingRow, as_row
from .ours import absence_limits

_OF_APPEALS = " ".join(
    (COLUMNS, "WHERE b.id = ANY (%(bookings)s::uuid[]) AND b.institution_id = %(institution)s")
)


@dataclass(frozen=True, slots=True)
class AppealRow:
    """An objection, its answer if there is one. ``made_at`` and ``decided_at`` are moments."""

    id: UUID
    booking_id: UUID
    words: str
    state: AppealState
    made_at: datetime
    decided_at: datetime | None
    answer: str


@dataclass(frozen=True, slots=True)
class AppealShown:
    """An objection as the office decides it: the booking that was missed, and when the person did not come, wherever,
    the latest first."""

    appeal: AppealRow
    booking: BookingRow
    missed: tuple[Missed, ...]


def pause_at(person: Collection[UUID], institution_id: UUID) -> tuple[date, Limits] | None:
    """The day from which this person may book for themself there again, and by which numbers; ``None`` if they may.

    Past the wall; the caller acts for the person. The pack is read only for those who missed something.
    """
    missed = [Missed(row["at"], row["excused"]) for row in rows(sql.MISSED, persons=list(person))]
    if all(each.excused for each in missed):
        return None
    now = ledger.now()
    limits = absence_limits(institution_id, on=day_of(now))
    until = None if limits is None else pause_until(missed, limits, now=now)
    return None if until is None or limits is None else (until, limits)


def my_appeals(actor: Actor, resident_id: UUID) -> dict[UUID, AppealRow]:
    """What the resident, or a ward of theirs, objected to, by the booking that was missed; recorded as their reading.

    Raises:
        Refused: if it is neither the person nor their guardian.
    """
    refuse(access.may(actor, Right.READS_OF_MINE, resident_id=actor.resident_id))
    with residents.opened(actor, resident_id, what="appeals") as ground:
        found = Appeal.objects.filter(resident_id__in=ground.persons)
        return {row.booking_id: _row(row) for row in found}


def appeals_here(actor: Actor, *, answered: bool = False, limit: int = 100) -> list[AppealShown]:
    """What was objected to at the actor's institution: the open ones, the longest waiting first, or the answered, the
    latest first. The reading is recorded.

    Raises:
        Refused: if the actor does not keep the institution's schedule.
    """
    refuse(access.may(actor, Right.CAPACITY_KEEP, institution_id=actor.institution_id))
    with scoped(actor):
        asked = Appeal.objects.filter(institution_id=actor.institution_id)
        here = (
            asked.exclude(state=AppealState.OPEN.value).order_by("-decided_at", "-id")
            if answered
            else asked.filter(state=AppealState.OPEN.value).order_by("made_at", "id")
        )
        found = list(here[:limit])
        booked = {
            row["id"]: as_row(row)
            for row in rows(
                _OF_APPEALS,
                bookings=[each.booking_id for each in found],
                institution=actor.institution_id,
            )
        }
        residents.record_listed(actor, "appeals", [each.resident_id for each in found])
    missed: dict[UUID, list[Missed]] = {}
    for row in rows(sql.MISSED_BY, entries=list({each.resident_id for each in found})):
        missed.setdefault(row["entry"], []).append(Missed(row["at"], row["excused"]))
    return [
        AppealShown(_row(each), booked[each.booking_id], tuple(missed.get(each.resident_id, ())))
        for each in found
    ]


def _row(row: Appeal) -> AppealRow:
    return AppealRow(
        row.id, row.booking_id, row.words, AppealState(row.state), row.made_at, row.decided_at, row.answer
    )
