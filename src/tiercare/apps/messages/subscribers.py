"""Handing written messages to the gateway, after their commit."""

from __future__ import annotations

from uuid import UUID

from tiercare.apps.access.commands import short_messages
from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.handlers import subscribe
from tiercare.apps.ledger.models import Event
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor

from . import events
from .models import Message


def send(event: Event) -> None:
    """Hand a message to the installation's gateway once; whoever has left no telephone reads it in the platform.

    Raises:
        OSError: if the gateway does not take it now: it is tried again, and in the end a dead letter.
    """
    with scoped(Actor.system(), persons=residents.person_of(UUID(event.payload["resident"]))):
        message = Message.objects.select_for_update().get(id=event.subject_id)
        if message.sent_at is not None or message.no_number:
            return
        number = residents.telephone_of(message.resident_id)
        if number:
            try:
                short_messages.sender().send(number, message.text)
            except OSError as error:  # the message of the error may repeat the number
                raise OSError(f"the message was not taken over ({type(error).__name__})") from None
            message.sent_at = ledger.now()
        else:
            message.no_number = True
        message.save(update_fields=["sent_at", "no_number"])


subscribe(events.MessageWritten.KIND, "words.send", send)
