"""What the platform knows of a resident and an institution, before a slot is chosen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse

from .. import sql
from ..rules.channels import Evidence, channel_of, may_book_for
from ..rules.vocabulary import Channel

_REQUEST = """
SELECT source_id FROM access_carerelation
WHERE resident_id = ANY (%(person)s::uuid[]) AND institution_id = %(institution)s AND kind = 'request'
  AND since <= tiercare_now() AND (until IS NULL OR until > tiercare_now())
ORDER BY since DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Ground:
    """The entries of the person, whether the booking institution looks after them, at which one a family doctor answers
    for them, and whether a request brings them to the ``host``."""

    host: UUID
    person: tuple[UUID, ...]
    known: bool
    signed_at: UUID | None
    requested: bool
    deceased: bool


def ground_at(host_id: UUID, resident_id: UUID, *, booker: UUID | None, source: UUID | None = None) -> Ground:
    """Past the wall; it tells nothing of who the resident is."""
    (row,) = rows(sql.GROUND_AT, host=host_id, resident=resident_id, booker=booker, source=source)
    return as_ground(row)


def as_ground(row: dict[str, Any]) -> Ground:
    """A row of ``sql.GROUND`` or ``sql.GROUND_AT``."""
    return Ground(
        row["host"],
        tuple(row["person"] or ()),
        row["known"],
        row["signed_at"],
        row["requested"],
        row["deceased"],
    )


def channel_by(actor: Actor, ground: Ground, *, own: bool) -> Channel:
    """Through which channel the actor books; ``own``: for themself, or for whom they decide.

    Raises:
        Refused: if there is no ground to book for this person.
    """
    evidence = Evidence(own=own, known=ground.known, signed_at=ground.signed_at, requested=ground.requested)
    refuse(may_book_for(evidence))
    host, at = ground.host, actor.institution_id
    channel = channel_of(evidence, role=actor.role, institution_id=at, host_id=host)
    # The consortium is looked up only where it decides.
    fellows = (
        channel is Channel.OPEN and at is not None and at != host and network.share_a_consortium(at, host)
    )
    return Channel.MEMBER if fellows else channel


def request_that_brings(person: Collection[UUID], institution_id: UUID) -> UUID | None:
    """The open request that brings this person to the institution, the latest one. Call it ``scoped`` to it."""
    found = rows(_REQUEST, person=list(person), institution=institution_id)
    return found[0]["source_id"] if found else None
