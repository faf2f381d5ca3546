"""What follows when places come free or are put on offer: those who wait are asked."""

from __future__ import annotations

from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger.handlers import subscribe
from tiercare.apps.ledger.models import Event
from tiercare.kernel.actor import Actor

from . import events
from .commands.offering import offer_next, settle
from .models import Booking, Session
from .workflow import COUNTED, State


def after_turning(event: Event) -> None:
    """A booking went on: an offer is settled by it, and a place that came free is offered to the next."""
    assert event.institution_id is not None
    state = State(event.payload["state"])
    if event.payload["was"] == State.HELD:
        settle(event.subject_id, state, event.institution_id)
    if state not in COUNTED and state is not State.STOPPED:
        with scoped(Actor(None, "系统", "system", event.institution_id)):
            session_id = Booking.objects.values_list("session_id", flat=True).get(id=event.subject_id)
        offer_next(session_id)


def after_lapsing(event: Event) -> None:
    """Holds ran out: offers among them are over, and the places are offered to the next."""
    session_id = event.subject_id
    host = Session.objects.values_list("institution_id", flat=True).get(id=session_id)
    for booking in event.payload["bookings"]:
        settle(UUID(booking), State.LAPSED, host)
    offer_next(session_id)


def after_publishing(event: Event) -> None:
    """New sessions are on offer: those who wait come before whoever looks later."""
    for session in event.payload["sessions"]:
        offer_next(UUID(session))


subscribe(events.BookingTurned.KIND, "capacity.after_turning", after_turning)
subscribe(events.HoldsLapsed.KIND, "capacity.after_lapsing", after_lapsing)
subscribe(events.SessionsPublished.KIND, "capacity.after_publishing", after_publishing)
