"""Sending a referral: what was written last and the act itself, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.queries import open_for, standing_of
from tiercare.apps.exchange.rules import refusals as exchange_refusals
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.workflow import Act
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from ..rules import refusals
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
    with scoped(actor):
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
        again = str(standing.payload.get("again") or "").strip()
        person = residents.person_of(standing.resident_id)
        refuse(
            refusals.NO_PROBLEM if not standing.problem.strip() else None,
            None if again else open_for(actor, person, standing.problem_code, besides=request_id),
        )
        return exchange.turn(
            actor,
            request_id=request_id,
            act=Act.SUBMIT,
            said=Said(to=to, department=department),
            version=version,
        )


def supplement(actor: Actor, *, request_id: UUID, content: Mapping[str, Any]) -> int:
    """Add to what was sent: the paperwork of an emergency, done afterwards (XH-48). The package is made anew.

    Raises:
        Refused: as ``exchange.supplement``.
    """
    with scoped(actor):
        version = exchange.supplement(actor, request_id=request_id, content=content)
        standing = standing_of(request_id)
        assert standing is not None
        pack(actor, standing, standing.payload)
    return version
