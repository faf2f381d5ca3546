"""Handing written messages to the gateway, after their commit; and telling residents of answers of primary care."""

from __future__ import annotations

from uuid import UUID

from tiercare.apps.access.commands import short_messages
from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.handlers import subscribe
from tiercare.apps.ledger.models import Event
from tiercare.apps.residents import events as of_residents
from tiercare.apps.residents import queries as residents
from tiercare.apps.residents.queries.care import CareRow, care_request
from tiercare.apps.residents.rules import care
from tiercare.apps.residents.workflow import CareState
from tiercare.kernel.actor import Actor

from . import events
from .commands import Word, tell
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


def tell_of_care(event: Event) -> None:
    """Write to the resident what an institution answered; an answer that another one followed is left to that one."""
    resident = UUID(event.payload["resident"])
    with scoped(Actor.system(), persons=(resident,)):
        row = care_request(event.subject_id)
    if row is None or row.state != event.payload["state"]:
        return
    text = _told_of_care(row)
    if text:
        word = Word(resident, text, event.subject_type, event.subject_id)
        tell(Actor.system(), [word], institution_id=row.institution_id)


def _told_of_care(row: CareRow) -> str:
    if row.state is CareState.AGREED and row.visit_at is not None:
        return care.told_agreed(row.service, row.institution, row.visit_at, row.words)
    if row.state is CareState.DECLINED:
        return care.told_declined(row.service, row.institution, row.words, row.instead)
    return care.told_done(row.service, row.institution) if row.state is CareState.DONE else ""


subscribe(of_residents.CareTurned.KIND, "words.tell_of_care", tell_of_care)
subscribe(events.MessageWritten.KIND, "words.send", send)
