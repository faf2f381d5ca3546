"""Beginning a request. A draft is its author's, who is its owner until it is sent."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import insert
from tiercare.apps.network import queries as network
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of
from tiercare.kernel.refusal import Refused, refuse

from .. import events
from ..models import Request
from ..queries.allowed import WITHIN, due_at
from ..queries.requests import open_for
from ..rules import refusals
from ..rules.kinds import Urgency, kind_of
from ..rules.owners import Level
from ..workflow import State

SUBJECT = "exchange.request"
# Read from paper and over the telephone: no letters that look like digits or like each other.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LENGTH = 10


def draft(
    actor: Actor,
    *,
    kind: str,
    resident_id: UUID,
    urgency: Urgency,
    problem_code: str,
    problem: str,
    to_institution: UUID | None = None,
    to_department: UUID | None = None,
    specialty: str = "",
    payload: Mapping[str, Any] | None = None,
    basis: Mapping[str, Any] | None = None,
    parent_id: UUID | None = None,
    again: str = "",
) -> Request:
    """Begin a request for a resident whom the actor's institution looks after. ``again`` is why there should be another
    for the same problem.

    Raises:
        Refused: if the actor sends no requests, does not look after the resident, they have died, it would go to the
            actor's own institution, or one is open for the same problem and no reason is given.
        KeyError: for an unknown kind.
    """
    refuse(may(actor, Right.REQUESTS_SEND, institution_id=actor.institution_id))
    assert actor.institution_id is not None
    assert actor.account_id is not None
    now = ledger_queries.now()
    today = day_of(now)
    place = network.place_of(actor.institution_id, on=today)
    ground = residents.ground_to_book(resident_id, booker=actor.institution_id, on=today)
    if place is None or not ground.person or not ground.known:
        raise Refused(refusals.NOT_YOUR_RESIDENT)
    refuse(
        refusals.DECEASED if ground.deceased else None,
        refusals.TO_ONESELF if to_institution == actor.institution_id else None,
        open_for(actor, ground.person, problem_code) if not again.strip() else None,
    )
    with scoped(actor, whole=True):
        row = Request(
            number="".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)),
            kind=kind_of(kind).id,
            state=State.DRAFT.value,
            urgency=urgency,
            resident_id=ground.person[0],
            problem_code=problem_code,
            problem=problem,
            from_institution=actor.institution_id,
            from_account=actor.account_id,
            area=place.division_code,
            to_institution=to_institution,
            to_department=to_department,
            specialty=specialty,
            parties=[actor.institution_id],
            owner_level=Level.PERSON.value,
            owner_institution=actor.institution_id,
            owner_account=actor.account_id,
            due_at=due_at(WITHIN[State.DRAFT], urgency, place.division_code, now=now),
            parent_id=parent_id,
            payload={**(payload or {}), **({"again": again.strip()} if again.strip() else {})},
            basis=dict(basis or {}),
        )
        insert(row)
        ledger.append(
            actor,
            events.RequestDrafted(kind=kind, resident=row.resident_id, urgency=urgency, parent=parent_id),
            subject_type=SUBJECT,
            subject_id=row.id,
            institution_id=actor.institution_id,
            division_code=actor.division_code,
        )
    return row
