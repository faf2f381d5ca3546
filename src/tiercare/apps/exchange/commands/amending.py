"""Writing on at a request that has not been sent, or was returned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.capacity import commands as capacity
from tiercare.apps.capacity.workflow import Act as PlaceAct
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused, refuse

from .. import events, sql
from ..models import Request
from ..queries.requests import standing_of
from ..rules import refusals
from ..rules.kinds import Urgency
from ..workflow import OVER, WRITTEN
from .drafting import SUBJECT


@dataclass(frozen=True, slots=True)
class Content:
    """What a request says; ``None`` leaves as it is. ``payload`` is laid over what stands in it, key by key.
    ``any_department``: the receiver names the department."""

    urgency: Urgency | None = None
    problem_code: str | None = None
    problem: str | None = None
    to_institution: UUID | None = None
    to_department: UUID | None = None
    any_department: bool = False
    specialty: str | None = None
    payload: Mapping[str, Any] | None = None
    basis: Mapping[str, Any] | None = None


def amend(actor: Actor, *, request_id: UUID, content: Content, version: int | None = None) -> int:
    """Keep what was written so far; returns the version. Another receiver than the held place is of gives that back.

    Raises:
        Refused: if there is no such request for the actor, it has been sent, or somebody else wrote meanwhile.
    """
    refuse(may(actor, Right.REQUESTS_SEND, institution_id=actor.institution_id))
    with scoped(actor):
        standing = standing_of(request_id)
        if standing is None or standing.sender != actor.institution_id:
            raise Refused(refusals.NO_SUCH_REQUEST)
        row = Request.objects.get(id=request_id)
        to = content.to_institution or row.to_institution
        refuse(refusals.TO_ONESELF if to == row.from_institution else None)
        # A department is one of its institution's.
        keeps_none = content.any_department or to != row.to_institution
        elsewhere = row.booking_id is not None and to != row.to_institution
        if elsewhere and standing.state in WRITTEN:
            assert standing.booking_id is not None
            capacity.follow_request(
                actor, booking_id=standing.booking_id, act=PlaceAct.CANCEL, houses=standing.houses
            )
        found = rows(
            sql.AMEND,
            request=request_id,
            read_version=version,
            written=sorted(WRITTEN),
            urgency=row.urgency if content.urgency is None else content.urgency,
            problem_code=row.problem_code if content.problem_code is None else content.problem_code,
            problem=row.problem if content.problem is None else content.problem,
            to=to,
            department=content.to_department or (None if keeps_none else row.to_department),
            specialty=row.specialty if content.specialty is None else content.specialty,
            payload=Jsonb({**row.payload, **(content.payload or {})}),
            basis=Jsonb(row.basis if content.basis is None else dict(content.basis)),
            frees=elsewhere,
        )
        if not found:
            raise Refused(
                refusals.CHANGED_MEANWHILE if standing.state in WRITTEN else refusals.NOT_WRITTEN_ANY_MORE
            )
        ledger.append(
            actor,
            events.RequestAmended(version=found[0]["version"]),
            subject_type=SUBJECT,
            subject_id=request_id,
            institution_id=actor.institution_id,
            division_code=actor.division_code,
        )
    version_now: int = found[0]["version"]
    return version_now


def supplement(actor: Actor, *, request_id: UUID, content: Mapping[str, Any]) -> int:
    """Add to a request that was sent, while it is open: the paperwork of an emergency comes afterwards (XH-48). Returns
    the version.

    Raises:
        Refused: if there is no such request of the actor's institution, it was not sent, or is over.
    """
    refuse(may(actor, Right.REQUESTS_SEND, institution_id=actor.institution_id))
    with scoped(actor):
        standing = standing_of(request_id)
        if standing is None or standing.sender != actor.institution_id:
            raise Refused(refusals.NO_SUCH_REQUEST)
        if standing.state in WRITTEN or standing.state in OVER:
            raise Refused(refusals.NOT_SUPPLEMENTED)
        found = rows(
            sql.SUPPLEMENT,
            request=request_id,
            content=Jsonb(dict(content)),
            step=uuid7(),
            institution=actor.institution_id,
            account=actor.account_id,
        )
        version: int = found[0]["version"]
        ledger.append(
            actor,
            events.RequestAmended(version=version),
            subject_type=SUBJECT,
            subject_id=request_id,
            institution_id=actor.institution_id,
            division_code=actor.division_code,
        )
    return version
