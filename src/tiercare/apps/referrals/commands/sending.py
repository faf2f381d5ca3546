"""Sending a referral: what was written last and the act itself, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.queries import open_for, standing_of
from tiercare.apps.exchange.rules import refusals as exchange_refusals
from tiercare.apps.exchange.rules.acting import Said, Standing
from tiercare.apps.exchange.rules.kinds import Guard, kind_of
from tiercare.apps.exchange.workflow import Act
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse

from ..rules import refusals
from ..rules.vocabulary import Kind
from .attaching import NewFile, keep, with_documents
from .going_down import settle
from .packing import pack


def send(
    actor: Actor,
    *,
    request_id: UUID,
    content: exchange.Content | None = None,
    to: UUID | None = None,
    department: UUID | None = None,
    without_place: bool = False,
    version: int | None = None,
) -> exchange.Turned:
    """Keep what was written last and send the referral; the record package goes with it. ``without_place`` gives up a
    place that was held, or has run out, and leaves the time to the receiver.

    Raises:
        Refused: all that is missing at once, each with its field; if the receiver is not able (not licensed, closed), if
            another request for the same problem is open and no reason is given, or somebody went on meanwhile.
    """
    with scoped(actor, whole=True):
        if content is not None:
            version = exchange.amend(actor, request_id=request_id, content=content, version=version)
        standing = standing_of(request_id)
        if standing is None:
            raise Refused(exchange_refusals.NO_SUCH_REQUEST)
        if version not in {None, standing.version}:
            raise Refused(exchange_refusals.CHANGED_MEANWHILE)
        if without_place:
            # Giving the place up is part of what is done here, and counts the version on.
            exchange.drop_place(actor, request_id=request_id)
            version = None
        if standing.kind == Kind.DOWN:
            version = settle(actor, standing, to=to, placed=not without_place, version=version)
        again = str(standing.payload.get("again") or "").strip()
        refuse(
            *_without_problem(standing, kind_of(standing.kind).guards.get(Act.SUBMIT)),
            None if again else _open_for(actor, standing),
        )
        return exchange.turn(
            actor,
            request_id=request_id,
            act=Act.SUBMIT,
            said=Said(to=to, department=department or (content.to_department if content else None)),
            version=version,
        )


def _without_problem(standing: Standing, guard: Guard | None) -> list[Refusal]:
    """That the problem is missing, with all else that is: nobody mends one field after the other."""
    if standing.problem.strip():
        return []
    return [refusals.NO_PROBLEM, *(guard(standing.payload, standing) if guard else ())]


def _open_for(actor: Actor, standing: Standing) -> Refusal | None:
    person = residents.person_of(standing.resident_id)
    return open_for(actor, person, standing.problem_code, besides=standing.id)


def supplement(
    actor: Actor, *, request_id: UUID, content: Mapping[str, Any], files: Sequence[NewFile] = ()
) -> int:
    """Add to what was sent: the paperwork of an emergency, done afterwards (XH-48), with files. The package is made anew.

    Raises:
        Refused: as ``exchange.supplement`` and, of a file, ``records.add_document``.
    """
    with scoped(actor):
        added = _with_files(actor, request_id, dict(content), files) if files else content
        version = exchange.supplement(actor, request_id=request_id, content=added)
        standing = standing_of(request_id)
        assert standing is not None
        pack(actor, standing, standing.payload)
    return version


def _with_files(
    actor: Actor, request_id: UUID, content: dict[str, Any], files: Sequence[NewFile]
) -> dict[str, Any]:
    """The files stand in the record, and among what goes along."""
    standing = standing_of(request_id)
    if standing is None or standing.sender != actor.institution_id:
        raise Refused(exchange_refusals.NO_SUCH_REQUEST)
    made = keep(actor, standing, files, request_id=request_id)
    package = with_documents(content.get("package") or standing.payload.get("package"), made)
    return content if package is None else content | {"package": package}
