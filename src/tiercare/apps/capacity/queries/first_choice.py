"""Where a resident who has signed is proposed to go first: primary care of their consortium (YN-48). Proposed, never demanded: every
other place can be booked as before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.apps.network.rules.facts import PRIMARY
from tiercare.apps.residents import queries as residents
from tiercare.engines.policy import PackSet
from tiercare.kernel.refusal import Refused

CLAUSE = "YN-48"
_PRIMARY = """
SELECT v.institution_id AS id, v.name FROM network_institutionversion v
WHERE v.institution_id = ANY (%(fellows)s::uuid[]) AND v.period @> %(on)s::date AND v.category = ANY (%(primary)s::text[])
"""


@dataclass(frozen=True, slots=True)
class FirstChoice:
    """The institution with which the resident has signed, and those of primary care in its consortium, itself among them."""

    signed_at: UUID
    name: str
    institutions: frozenset[UUID]
    clause: str = CLAUSE


def first_choice(resident_id: UUID, *, on: date, packs: PackSet | None = None) -> FirstChoice | None:
    """What is proposed first to this resident, or to whoever books for them; ``None`` where no text in force at their doctor's
    institution asks for it, they have not signed, or it is no primary care."""
    ground = residents.ground_to_book(resident_id, booker=None, on=on)
    if ground.signed_at is None or not _asked(ground.signed_at, on, packs or mandates.packs()):
        return None
    near = {ground.signed_at, *network.fellows_of(ground.signed_at)}
    found = {row["id"]: row["name"] for row in _primary(near, on)}
    if ground.signed_at not in found:
        return None
    return FirstChoice(ground.signed_at, found[ground.signed_at], frozenset(found))


def _asked(institution_id: UUID, on: date, packs: PackSet) -> bool:
    place = network.place_of(institution_id, on=on)
    if place is None:
        return False
    try:
        pack = mandates.pack_in_force(place.division_code, on=on)
    except Refused:
        return False
    return any(clause.id == CLAUSE for each in packs.chain(pack) for clause in each.clauses)


def _primary(institutions: Collection[UUID], on: date) -> list[dict[str, Any]]:
    return rows(_PRIMARY, fellows=list(institutions), primary=sorted(PRIMARY), on=on)
