"""Bookings one by one: a resident's own, one that staff open, and those of somebody who stands at the desk."""

from __future__ import annotations

from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from ..rules import refusals
from .bookings import COLUMNS, BookingRow, as_row, own_booking

_OF_PERSON = " ".join(
    (
        COLUMNS,
        """WHERE b.resident_id = ANY (%(persons)s::uuid[])
ORDER BY b.made_at DESC, b.id DESC
LIMIT %(limit)s""",
    )
)
_HERE = " ".join(
    (
        COLUMNS,
        """JOIN capacity_session s ON s.id = b.session_id
WHERE b.resident_id = ANY (%(persons)s::uuid[]) AND b.institution_id = %(institution)s AND s.day = %(day)s::date
ORDER BY lower(l.during), b.id""",
    )
)
_MOST = 200


def my_bookings(actor: Actor, resident_id: UUID, *, limit: int = _MOST) -> list[BookingRow]:
    """The bookings of the resident who asks, or of a ward of theirs, whoever made them, the latest made first; recorded
    as their reading.

    Raises:
        Refused: if it is neither the person nor their guardian.
    """
    refuse(access.may(actor, Right.READS_OF_MINE, resident_id=actor.resident_id))
    with residents.opened(actor, resident_id, what="bookings") as ground:
        return [as_row(row) for row in rows(_OF_PERSON, persons=list(ground.persons), limit=limit)]


def my_booking(actor: Actor, resident_id: UUID, booking_id: UUID) -> BookingRow:
    """One booking of the resident who asks, or of a ward of theirs; recorded as their reading if there is one.

    Raises:
        Refused: if it is neither the person nor their guardian, or there is no such booking of theirs.
    """
    refuse(access.may(actor, Right.READS_OF_MINE, resident_id=actor.resident_id))
    with residents.opened(actor, resident_id, what="booking") as ground:
        found = own_booking(booking_id)
        if found is None or found.resident_id not in ground.persons:
            raise Refused(refusals.NO_SUCH_BOOKING)
        return found


def booking_of(actor: Actor, booking_id: UUID) -> BookingRow:
    """A booking that the actor's institution made or that is for it, for a page that shows nobody yet.

    Raises:
        Refused: if the actor does not book, or the booking is not theirs to see.
    """
    refuse(access.may(actor, Right.CAPACITY_BOOK, institution_id=actor.institution_id))
    with scoped(actor):
        found = own_booking(booking_id)
    if found is None:
        raise Refused(refusals.NO_SUCH_BOOKING)
    return found


def booking_shown(actor: Actor, booking_id: UUID) -> BookingRow:
    """The same, and that it was shown with its resident is recorded.

    Raises:
        Refused: as ``booking_of``.
    """
    found = booking_of(actor, booking_id)
    residents.record_listed(actor, "booking", [found.resident_id])
    return found


def here_today(actor: Actor, resident_id: UUID) -> list[BookingRow]:
    """The bookings of whoever stands at the desk, for today at the actor's institution; recorded.

    Raises:
        Refused: if the actor does not book.
    """
    refuse(access.may(actor, Right.CAPACITY_BOOK, institution_id=actor.institution_id))
    persons = residents.person_of(resident_id)
    with scoped(actor):
        found = rows(_HERE, persons=list(persons), institution=actor.institution_id, day=ledger.today())
        if found:
            residents.record_listed(actor, "bookings", [found[0]["resident_id"]])
    return [as_row(row) for row in found]
