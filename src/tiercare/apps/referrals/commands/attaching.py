"""Files that go with a referral: added while it is written, or afterwards, and only this patient's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.queries import standing_of
from tiercare.apps.exchange.rules import refusals as exchange_refusals
from tiercare.apps.exchange.rules.acting import Standing
from tiercare.apps.exchange.workflow import WRITTEN
from tiercare.apps.records import commands as records
from tiercare.apps.records.rules.vocabulary import DocumentKind
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse

from ..rules.refusals import NOT_THEIR_DOCUMENT


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file as somebody sends it; ``media_type`` is what they claim, what it is its bytes tell."""

    kind: DocumentKind
    title: str
    content: bytes
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Attached:
    """The document's id, and the version of the request with it."""

    document_id: UUID
    version: int


def attach(
    actor: Actor,
    *,
    request_id: UUID,
    file: NewFile,
    content: exchange.Content | None = None,
    version: int | None = None,
) -> Attached:
    """Add a file to the record of the patient whose referral is being written, and choose it to go along; what was typed
    meanwhile is kept with it.

    Raises:
        Refused: if there is no such request of the actor's institution, it was sent, or somebody else wrote meanwhile; as
            ``records.add_document``.
    """
    refuse(may(actor, Right.REQUESTS_SEND, institution_id=actor.institution_id))
    content = content or exchange.Content()
    with scoped(actor):
        standing = standing_of(request_id)
        if standing is None or standing.sender != actor.institution_id:
            raise Refused(exchange_refusals.NO_SUCH_REQUEST)
        if standing.state not in WRITTEN:
            raise Refused(exchange_refusals.NOT_WRITTEN_ANY_MORE)
        (made,) = keep(actor, standing, [file])
        payload = dict(content.payload or {})
        # Where nobody chose yet everything goes, and this as well.
        package = with_documents(payload.get("package") or standing.payload.get("package"), [made])
        if package is not None:
            payload["package"] = package
        kept = exchange.amend(
            actor, request_id=request_id, content=replace(content, payload=payload), version=version
        )
    return Attached(made, kept)


def keep(
    actor: Actor, standing: Standing, files: Sequence[NewFile], *, request_id: UUID | None = None
) -> list[UUID]:
    """Put the files into the record of the request's resident; answers their ids.

    Raises:
        Refused: as ``records.add_document``.
    """
    return [
        records.add_document(
            actor,
            resident_id=standing.resident_id,
            kind=each.kind,
            title=each.title,
            content=each.content,
            media_type=each.media_type,
            request_id=request_id,
        )
        for each in files
    ]


def with_documents(package: Mapping[str, Any] | None, more: Sequence[UUID]) -> dict[str, Any] | None:
    """What was chosen, and these documents as well; ``None`` where all documents go in any case."""
    if package is None or package.get("documents") is None:
        return None if package is None else dict(package)
    return {**package, "documents": [*package["documents"], *map(str, more)]}


def strangers(package: Mapping[str, Any], documents: Sequence[Mapping[str, Any]]) -> Refusal | None:
    """A file of somebody else, or one that was taken back, is chosen: it never travels, and whoever sends is told."""
    own = {str(each["id"]) for each in documents}
    others = {str(each) for each in package.get("documents") or ()} - own
    return replace(NOT_THEIR_DOCUMENT, fields={"count": len(others)}) if others else None
