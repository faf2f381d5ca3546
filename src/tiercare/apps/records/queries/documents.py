"""One document with its bytes, behind the same gate as the record it stands in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from ..rules.delicate import is_special, record_refusal, sees_special
from ..rules.refusals import NO_SUCH_DOCUMENT
from .ours import said
from .withdrawn import whose, withdrawn_shown

MOST = "document_most_mb"
_MEGABYTE = 1_000_000
_ONE = """
SELECT d.id, d.title, d.media_type, d.content, d.sha256, d.reference,
       ARRAY(SELECT c.code FROM records_condition c WHERE c.encounter_id = d.encounter_id) AS codes
FROM records_document d WHERE d.id = %(id)s AND d.resident_id = ANY (%(persons)s::uuid[])
"""


# Of what was withdrawn, what the institution wrote itself.
_WITHDRAWN = """
SELECT d.id, d.title, d.media_type, d.content, d.sha256, d.reference, d.resident_id,
       ARRAY(SELECT c.code FROM records_condition c WHERE c.encounter_id = d.encounter_id) AS codes
FROM records_document d
WHERE d.id = %(id)s AND d.institution_id = %(institution)s AND d.withdrawn_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class File:
    """A document's bytes; empty where it lies elsewhere (``reference``)."""

    id: UUID
    title: str
    media_type: str
    content: bytes
    sha256: str
    reference: str


def document(actor: Actor, resident_id: UUID, document_id: UUID) -> File:
    """A document of this resident's record; the reading is recorded.

    Raises:
        Refused: if the role does not see it, or there is no such document of this resident.
        Closed: if nothing allows the actor to read this record now.
    """
    refuse(record_refusal(actor.role))
    with residents.opened(actor, resident_id, what="document") as ground:
        found = rows(_ONE, id=document_id, persons=list(ground.persons))
    if not found or (is_special(found[0]["codes"]) and not sees_special(actor.role)):
        raise Refused(NO_SUCH_DOCUMENT)
    return _file(found[0])


def withdrawn_document(actor: Actor, document_id: UUID) -> File:
    """A withdrawn document of the actor's institution, as it was before: whoever entered it has to be able to say what it was.
    For all others it is gone. The reading is recorded; no ground to read the record is needed, as for ``own_entry``, since
    the document may be of somebody whom the institution never saw.

    Raises:
        Refused: without the right; if the role does not see it; or there is no such document of the institution.
    """
    refuse(access.may(actor, Right.RECORDS_WRITE, institution_id=actor.institution_id))
    refuse(record_refusal(actor.role))
    with scoped(actor), withdrawn_shown():
        found = rows(_WITHDRAWN, id=document_id, institution=actor.institution_id)
    if not found or (is_special(found[0]["codes"]) and not sees_special(actor.role)):
        raise Refused(NO_SUCH_DOCUMENT)
    whose(actor, found[0]["resident_id"], what="document")
    return _file(found[0])


def _file(row: Mapping[str, Any]) -> File:
    return File(
        row["id"],
        row["title"],
        row["media_type"],
        bytes(row["content"] or b""),
        row["sha256"],
        row["reference"],
    )


def document_limit(actor: Actor) -> int | None:
    """How large a file may be where the actor works, in bytes; ``None`` where nothing says so."""
    if actor.institution_id is None:
        return None
    most = said(MOST, actor.institution_id, on=ledger.today()).number
    return None if most is None else most * _MEGABYTE


def request_documents(actor: Actor, request_id: UUID) -> list[UUID]:
    """The documents that came with a request, as far as the wall shows them to the actor's institution."""
    with scoped(actor):
        return [
            row["id"]
            for row in rows(
                "SELECT id FROM records_document WHERE request_id = %(id)s ORDER BY id", id=request_id
            )
        ]
