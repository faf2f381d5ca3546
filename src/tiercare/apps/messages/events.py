"""What happened to messages. The words themselves stay behind the wall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from tiercare.apps.ledger.events import EventPayload


@dataclass(frozen=True, slots=True)
class MessageWritten(EventPayload):
    """A resident is to be told something; the dispatcher hands it to the gateway."""

    KIND: ClassVar[str] = "words.message_written"
    resident: UUID
    about: str
    about_id: UUID
