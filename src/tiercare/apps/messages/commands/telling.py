"""Telling residents something: written in the transaction of what happened, sent after its commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import commands as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

from .. import events
from ..models import Message

SUBJECT = "words.message"


@dataclass(frozen=True, slots=True)
class Word:
    """What one resident is to be told, and about which thing (``capacity.booking`` and its id)."""

    resident_id: UUID
    text: str
    about: str
    about_id: UUID


def tell(actor: Actor, words: Sequence[Word], *, institution_id: UUID | None) -> list[UUID]:
    """Write the words in the caller's transaction; the gateway gets them once that is committed.

    Raises:
        RuntimeError: outside a transaction.
    """
    made = []
    for word in words:
        with scoped(actor, persons=(word.resident_id,)):
            row = Message.objects.create(
                id=uuid7(),
                resident_id=word.resident_id,
                institution_id=institution_id,
                about=word.about,
                about_id=word.about_id,
                text=word.text,
            )
            ledger.append(
                actor,
                events.MessageWritten(resident=row.resident_id, about=word.about, about_id=word.about_id),
                subject_type=SUBJECT,
                subject_id=row.id,
                institution_id=institution_id,
                division_code=actor.division_code,
            )
        made.append(row.id)
    return made
