"""Reports with their values, and documents as files or by reference."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import Document, Encounter
from ..queries.documents import document_limit
from ..queries.ours import guidelines_at
from ..rules import checking, files, refusals
from ..rules.entries import Reading
from ..rules.vocabulary import HERE, DocumentKind
from ..rules.withdrawing import What
from .ground import Desk, desk, digest, is_of, tell
from .lines import head_of, write_readings
from .withdrawing import Message, place_for

_TITLE = Text("标题", "title")


def record_results(
    actor: Actor,
    *,
    resident_id: UUID,
    title: str,
    readings: Sequence[Reading],
    taken_at: datetime | None = None,
    encounter_id: UUID | None = None,
    request_id: UUID | None = None,
    source: str = HERE,
    source_key: str = "",
    corrects: bool = False,
) -> UUID:
    """Record a report with its values (a blood count, a day's pressures); answers the report's id.

    A ``source_key`` that was sent before with the same values answers the report that is there; with ``corrects`` the
    report takes the place of the one that came under its key.

    Raises:
        Refused: without right or ground; if a value cannot be; if the visit or the request is not this resident's; if
            the key was sent with other values.
    """
    at = desk(actor, resident_id)
    taken_at = taken_at or at.now
    refuse(
        None if readings else refusals.NO_RESULTS,
        *checking.wrong_times(taken_at, None, now=at.now),
        *checking.wrong_readings(readings, guidelines_at(at.institution_id, on=at.today)),
        *checking.too_long({_TITLE: (title, 200)}),
        _others(actor, at, encounter_id, request_id),
    )
    told = digest(title, taken_at, *readings)
    with scoped(actor):
        message = Message(at.institution_id, source, source_key, at.persons, told, corrects)
        place = place_for(actor, What.DOCUMENT, message)
        if place.known:
            return place.id
        row = Document.objects.create(
            id=place.id,
            resident_id=at.resident_id,
            institution_id=at.institution_id,
            source=source,
            source_key=source_key,
            kind=DocumentKind.REPORT.value,
            title=title.strip() or "检验结果",
            encounter_id=encounter_id,
            request_id=request_id,
            dated_at=taken_at,
            digest=told if source_key else "",
        )
        abnormal = write_readings(head_of(row, "document"), readings, taken_at=taken_at)
        tell(
            actor,
            row,
            events.ResultsRecorded(
                document_id=row.id, source=source, readings=len(readings), abnormal=abnormal
            ),
        )
    return row.id


def add_document(
    actor: Actor,
    *,
    resident_id: UUID,
    kind: DocumentKind,
    title: str,
    content: bytes | None = None,
    media_type: str = "",
    reference: str = "",
    dated_at: datetime | None = None,
    encounter_id: UUID | None = None,
    request_id: UUID | None = None,
    source: str = HERE,
    source_key: str = "",
    corrects: bool = False,
) -> UUID:
    """Add a file, or where it lies elsewhere (``reference``: https:// or urn:); answers the document's id.

    ``media_type`` is what the sender claims; what the file is, its bytes tell.

    Raises:
        Refused: without right or ground; if the file is empty, too large, cut off, of a kind that is not kept or not what
            it claims to be; if the visit or the request is not this resident's; if the key was sent with another file.
    """
    at = desk(actor, resident_id)
    refuse(
        _wrong_content(content, media_type, reference, document_limit(actor)),
        *checking.wrong_times(dated_at or at.now, None, now=at.now),
        *checking.too_long({_TITLE: (title, 200)}),
        _others(actor, at, encounter_id, request_id),
    )
    hashed = sha256(content).hexdigest() if content else ""
    told = digest(kind, title, hashed, reference, dated_at)
    with scoped(actor):
        message = Message(at.institution_id, source, source_key, at.persons, told, corrects)
        place = place_for(actor, What.DOCUMENT, message)
        if place.known:
            return place.id
        row = Document.objects.create(
            id=place.id,
            resident_id=at.resident_id,
            institution_id=at.institution_id,
            source=source,
            source_key=source_key,
            kind=kind.value,
            title=title.strip() or kind.value,
            media_type=files.media_type_of(content) if content else media_type[:60],
            size=len(content or b""),
            sha256=hashed,
            content=content,
            reference=reference,
            encounter_id=encounter_id,
            request_id=request_id,
            dated_at=dated_at or at.now,
            digest=told if source_key else "",
        )
        tell(
            actor,
            row,
            events.DocumentAdded(
                document_id=row.id,
                kind=row.kind,
                media_type=row.media_type,
                size=row.size,
                sha256=row.sha256,
                request_id=request_id,
            ),
        )
    return row.id


def _wrong_content(
    content: bytes | None, media_type: str, reference: str, most: int | None
) -> Refusal | None:
    if content is not None:
        return files.file_refusal(content, claimed=media_type, most=most)
    if not reference:
        return files.NEITHER
    known = reference.startswith(("https://", "urn:")) and reference.isprintable() and len(reference) <= 500
    return None if known else files.BAD_REFERENCE


def _others(actor: Actor, at: Desk, encounter_id: UUID | None, request_id: UUID | None) -> Refusal | None:
    """A visit or request of somebody else: the worst that can happen to an attachment."""
    if request_id is not None and not is_of(request_id, at.persons, actor):
        return files.OTHERS_REQUEST
    if encounter_id is None:
        return None
    with scoped(actor):
        own = Encounter.objects.filter(id=encounter_id, resident_id__in=at.persons).exists()
    return None if own else refusals.NO_SUCH_ENCOUNTER
