"""What follows for requests when their place changes, or whoever they are for dies."""

from __future__ import annotations

from tiercare.apps.capacity import events as capacity
from tiercare.apps.capacity.workflow import Act
from tiercare.apps.ledger.handlers import subscribe
from tiercare.apps.ledger.models import Event
from tiercare.apps.residents import events as residents

from .commands.following import follow_booking, follow_death


def after_booking(event: Event) -> None:
    """A booking took a step; the request that it belongs to goes with it."""
    follow_booking(event.subject_id, Act(event.payload["act"]))


def after_correcting(event: Event) -> None:
    """An entry of a resident was corrected; where it says now that they died, what is open for them ends."""
    if "deceased_on" in event.payload["fields"]:
        follow_death(event.subject_id)


subscribe(residents.ResidentCorrected.KIND, "exchange.after_correcting", after_correcting)
subscribe(capacity.BookingTurned.KIND, "exchange.after_booking", after_booking)
