"""Bookings as those see them who may."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from ..rules import refusals
from ..rules.vocabulary import Channel
from ..workflow import State

COLUMNS = """
SELECT b.id, b.session_id, b.slot_id, b.resident_id, b.institution_id, b.booked_by, b.channel, b.quota_channel,
       b.number, b.source_id, b.group_id, b.made_at, b.held_until, lower(l.during) AS starts_at,
       upper(l.during) AS ends_at,
       CASE WHEN b.state = 'HELD' AND b.held_until <= tiercare_now() THEN 'LAPSED' ELSE b.state END AS state
FROM capacity_booking b JOIN capacity_slot l ON l.id = b.slot_id"""
_ONE = " ".join((COLUMNS, "WHERE b.id = %(booking)s"))
_MADE_BY = " ".join(
    (
        COLUMNS,
        """WHERE b.booked_by = %(institution)s AND (b.made_at, b.id) < (%(before)s, %(last)s)
ORDER BY b.made_at DESC, b.id DESC
LIMIT %(limit)s""",
    )
)
_END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)
_LAST = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A booking as it stands now: a hold whose time has run out is lapsed, swept or not."""

    id: UUID
    session_id: UUID
    slot_id: UUID
    resident_id: UUID
    institution_id: UUID
    booked_by: UUID | None
    channel: Channel
    quota_channel: Channel
    number: int
    source_id: UUID | None
    group_id: UUID | None
    made_at: datetime
    held_until: datetime | None
    starts_at: datetime
    ends_at: datetime
    state: State


def own_booking(booking_id: UUID) -> BookingRow | None:
    """The booking if the wall shows it; the caller stands in ``scoped``."""
    found = rows(_ONE, booking=booking_id)
    if not found:
        return None
    return as_row(found[0])


@contextmanager
def seen(actor: Actor, booking_id: UUID) -> Iterator[tuple[BookingRow, tuple[UUID, ...]]]:
    """The booking and, for residents, the entries of the person whose it is (their own, or a ward's of today), in a
    transaction in which the wall shows it.

    Raises:
        Refused: if the actor does not see it.
    """
    for persons in residents.acts_for(actor):
        with scoped(actor, persons=persons):
            found = own_booking(booking_id)
            if found is not None:
                yield found, persons
                return
    raise Refused(refusals.NO_SUCH_BOOKING)


def made_by(
    actor: Actor, *, before: datetime | None = None, last: UUID | None = None, limit: int = 20
) -> list[BookingRow]:
    """The bookings that the actor's institution made, the latest first, for the worklist; the reading is recorded.

    Raises:
        Refused: if the actor does not book.
    """
    refuse(access.may(actor, Right.CAPACITY_BOOK, institution_id=actor.institution_id))
    with scoped(actor):
        found = [
            as_row(row)
            for row in rows(
                _MADE_BY,
                institution=actor.institution_id,
                before=before or _END_OF_TIME,
                last=last or _LAST,
                limit=limit,
            )
        ]
        residents.record_listed(actor, "bookings", [each.resident_id for each in found])
    return found


def as_row(row: dict[str, Any]) -> BookingRow:
    """A row of ``COLUMNS``."""
    return BookingRow(
        **{
            **row,
            "channel": Channel(row["channel"]),
            "quota_channel": Channel(row["quota_channel"]),
            "state": State(row["state"]),
        }
    )
