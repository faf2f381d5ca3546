"""What a resident was told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse

from ..models import Message


@dataclass(frozen=True, slots=True)
class Received:
    """A message as its reader sees it."""

    id: UUID
    text: str
    written_at: datetime
    sent: bool


def inbox(actor: Actor, resident_id: UUID, *, limit: int = 50) -> list[Received]:
    """The messages of the resident who asks, or of a ward of theirs, the latest first; recorded as their reading.

    Raises:
        Refused: if it is neither the person nor their guardian.
    """
    refuse(access.may(actor, Right.READS_OF_MINE, resident_id=actor.resident_id))
    with residents.opened(actor, resident_id, what="messages") as ground:
        rows = Message.objects.filter(resident_id__in=ground.persons).order_by("-written_at", "-id")[:limit]
        return [Received(row.id, row.text, row.written_at, row.sent_at is not None) for row in rows]
