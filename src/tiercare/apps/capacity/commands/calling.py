"""Calling patients in (叫号): whoever is there is asked into the room; whether they were seen is said afterwards."""

from __future__ import annotations

from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..queries.bookings import own_booking
from ..queries.queue import nameless_queue
from ..rules import refusals
from .booking import may_book

SUBJECT = "capacity.booking"

# Two desks that call at once call two people. Nobody who takes a place waits for it.
_ONE_AT_A_TIME = "SELECT id FROM capacity_session WHERE id = %(session)s FOR NO KEY UPDATE"
_CALL = """
UPDATE capacity_booking SET called_at = tiercare_now()
WHERE id = %(booking)s AND institution_id = %(host)s AND state = 'ARRIVED'
RETURNING session_id
"""


def call_next(actor: Actor, *, session_id: UUID) -> UUID:
    """Call whoever is next in the queue: the first who is there and was not called yet; answers their booking.

    Raises:
        Refused: if the actor's institution does not offer the session, or nobody is there who was not called.
    """
    refuse(may_book(actor))
    with scoped(actor):
        rows(_ONE_AT_A_TIME, session=session_id)
        found = nameless_queue(actor, session_id=session_id).next
        if found is None:
            raise Refused(_NOBODY_THERE)
        _call(actor, found)
    return found


def call(actor: Actor, *, booking_id: UUID) -> None:
    """Call one patient who is there, out of turn or again.

    Raises:
        Refused: if there is no such booking, it is another institution's to call, or the patient is not there.
    """
    refuse(may_book(actor))
    with scoped(actor):
        found = own_booking(booking_id)
        if found is None:
            raise Refused(refusals.NO_SUCH_BOOKING)
        if found.institution_id != actor.institution_id:
            raise Refused(refusals.HOST_ONLY)
        _call(actor, booking_id)


def _call(actor: Actor, booking_id: UUID) -> None:
    called = rows(_CALL, booking=booking_id, host=actor.institution_id)
    if not called:
        raise Refused(_NOT_THERE)
    ledger.append(
        actor,
        events.Called(session=called[0]["session_id"]),
        subject_type=SUBJECT,
        subject_id=booking_id,
        institution_id=actor.institution_id,
        division_code=actor.division_code,
    )


_NOBODY_THERE = Refusal(
    code="capacity.nobody_to_call",
    message=Text("候诊的都叫过了，没有下一位。", "Everybody who is waiting has been called."),
    instead=Text(
        "请等下一位签到，或再叫一次已叫过的。", "Wait for the next to check in, or call somebody again."
    ),
    at="session",
)
_NOT_THERE = Refusal(
    code="capacity.not_there_to_call",
    message=Text("这位居民没有在候诊，不能叫号。", "The resident is not waiting here, so cannot be called."),
    instead=Text("请先签到；已就诊的不用再叫。", "Check them in first; whoever was seen need not be called."),
    at="booking",
)
