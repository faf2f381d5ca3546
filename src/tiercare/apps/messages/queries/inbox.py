"""What a resident was told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import SIGN_IN_FIRST
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from ..models import Message


@dataclass(frozen=True, slots=True)
class Received:
    """A message as its reader sees it."""

    id: UUID
    text: str
    written_at: datetime
    sent: bool


def inbox(actor: Actor, *, limit: int = 50) -> list[Received]:
    """The messages of the resident who asks, the latest first; nobody else has an inbox of theirs.

    Raises:
        Refused: if the actor is no resident.
    """
    if actor.resident_id is None:
        raise Refused(SIGN_IN_FIRST)
    persons = residents.person_of(actor.resident_id)
    with scoped(actor, persons=persons):
        rows = Message.objects.filter(resident_id__in=persons).order_by("-written_at", "-id")[:limit]
        return [Received(row.id, row.text, row.written_at, row.sent_at is not None) for row in rows]
