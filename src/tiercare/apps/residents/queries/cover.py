"""What insures a resident."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tiercare.apps.access.rules import NO_BASIS
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.apps.terms import queries as terms
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse

from ..rules.cover import CoverSource, Scheme
from ..rules.fields import Field, sees
from . import vault
from .opening import opened

_COVERS = """
SELECT c.id, c.scheme, c.insured_area, c.source, c.institution_id, lower(c.period) AS since, upper(c.period) AS until
FROM residents_cover c WHERE c.resident_id = ANY (%(persons)s::uuid[]) AND NOT isempty(c.period)
ORDER BY lower(c.period) DESC, c.id
"""
_WHO = """
SELECT r.id, r.name, r.identity_kind, r.identity_sealed FROM residents_resident r
WHERE r.id = ANY (%(persons)s::uuid[]) ORDER BY array_position(%(persons)s::uuid[], r.id) LIMIT 1
"""
_AT = "SELECT scheme, insured_area FROM residents_cover_at(%(person)s::uuid[], %(on)s::date)"


@dataclass(frozen=True, slots=True)
class Covered:
    """A spell of cover, with its area and who recorded it by name; ``until`` is the first day without it."""

    id: UUID
    scheme: Scheme
    area: str
    area_name: str
    source: CoverSource
    institution: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class CoverOn:
    """What insures somebody on a day: ``area`` is the division whose agency does, empty where none is named."""

    scheme: Scheme
    area: str


def covers_of(persons: Sequence[UUID], *, on: date) -> tuple[Covered, ...]:
    """All spells of one person, the latest first. Call it inside ``opened`` with its ``persons``."""
    found = rows(_COVERS, persons=list(persons))
    areas = terms.divisions({row["insured_area"] for row in found if row["insured_area"]}, on=on)
    houses = {row["institution_id"] for row in found if row["institution_id"]}
    names = network.names_of_institutions(houses, on=on) if houses else {}
    return tuple(
        Covered(
            id=row["id"],
            scheme=Scheme(row["scheme"]),
            area=row["insured_area"],
            area_name=areas[row["insured_area"]].name if row["insured_area"] in areas else "",
            source=CoverSource(row["source"]),
            institution=names.get(row["institution_id"], ""),
            since=row["since"],
            until=row["until"],
        )
        for row in found
    )


def cover_at(person: Collection[UUID], *, on: date) -> CoverOn | None:
    """What insures the person of these entries on that day, past the wall: for reckoning what a visit may cost and for
    filing with the insurer. It tells nothing of who they are."""
    found = rows(_AT, person=list(person), on=on)
    return CoverOn(Scheme(found[0]["scheme"]), found[0]["insured_area"]) if found else None


def covers(actor: Actor, resident_id: UUID) -> tuple[Covered, ...]:
    """All spells of one person, the latest first; the reading is recorded.

    Raises:
        Refused: if nothing allows the actor to read the record now, or their role sees no covers.
    """
    refuse(None if sees(actor.role, Field.COVER) else NO_BASIS)
    with opened(actor, resident_id, what="cover") as ground:
        return covers_of(ground.persons, on=ledger.today())


@dataclass(frozen=True, slots=True)
class Insured:
    """Who is insured, as an insurer knows them: the number in the clear."""

    name: str
    identity_kind: str
    number: str


def insured_person(persons: Sequence[UUID]) -> Insured | None:
    """Who it is, for telling their insurer. The caller stands in ``scoped`` for the person or is the platform itself, and
    has recorded the reading.

    Raises:
        CannotOpen: if the keys are gone.
    """
    found = rows(_WHO, persons=list(persons))
    if not found:
        return None
    row = found[0]
    number = vault.opened_number(row["id"], row["identity_kind"], row["identity_sealed"])
    return Insured(row["name"], row["identity_kind"], number)
