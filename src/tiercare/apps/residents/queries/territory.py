"""Who provides the services that stand with the resident's own area (WH-03): its institution, or whom the resident chose instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.apps.network.rules.facts import CENTRES
from tiercare.engines.policy import ParameterProblem, carries, parameter
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from ..rules.territory import TERRITORIAL, Territorial, services_of
from .opening import opened

WHAT = "providers"  # under which name a reading stands on record
# What was chosen, and under no service where the person has signed; the newest of each.
_CHOSEN = """
SELECT DISTINCT ON (f.service) f.service, f.institution_id, f.since FROM (
    SELECT c.service, c.institution_id, lower(c.period) AS since FROM residents_chosenprovider c
    WHERE c.resident_id = ANY (%(persons)s::uuid[]) AND c.period @> %(on)s::date
    UNION ALL
    SELECT '', d.institution_id, lower(d.period) FROM residents_responsibledoctor d
    WHERE d.resident_id = ANY (%(persons)s::uuid[]) AND d.period @> %(on)s::date
) f ORDER BY f.service, f.since DESC
"""
_AREA = "SELECT division_code FROM residents_resident WHERE id = %(leading)s"
# Centres with a desk; stations and village clinics work under theirs.
_AROUND = """
SELECT v.institution_id, v.name, v.division_code, coalesce(d.name, '') AS county FROM network_institutionversion v
LEFT JOIN terms_division d ON d.code = v.division_code AND d.period @> %(on)s::date
WHERE v.division_code LIKE %(area)s || '%%' AND v.category = ANY (%(categories)s::text[]) AND v.period @> %(on)s::date
ORDER BY v.division_code <> %(county)s, v.division_code, v.name, v.institution_id
"""
_SIGNED = ""
_PREFECTURE, _COUNTY = 4, 6  # digits


@dataclass(frozen=True, slots=True)
class Provided:
    """Who provides one service. ``own`` is the institution of the resident's area, none where it is not known; ``chosen`` the one
    that the resident chose instead, or (``signed``) signed with; ``clause`` says that the service stands with the area."""

    service: Territorial
    own: UUID | None
    chosen: UUID | None
    clause: str
    since: date | None = None
    signed: bool = False

    @property
    def institution(self) -> UUID | None:
        """Who provides it now."""
        return self.chosen or self.own

    @property
    def elsewhere(self) -> bool:
        """Whether another one does than the area's own."""
        return self.chosen is not None and self.own is not None and self.chosen != self.own


@dataclass(frozen=True, slots=True)
class Offering:
    """A centre that can be chosen."""

    id: UUID
    name: str
    division: str
    county: str


def territorial(division_code: str, *, on: date) -> Mapping[Territorial, str]:
    """The services that stand with their own area for who lives there, each with the clause; none where no text in force says so."""
    packs = mandates.packs()
    try:
        pack = mandates.pack_in_force(division_code[:_COUNTY], on=on)
        if not carries(packs, TERRITORIAL, pack):
            return {}
        said = parameter(packs, TERRITORIAL, pack, on=on)
    except (Refused, ParameterProblem):
        return {}
    words = said.value if isinstance(said.value, list | tuple) else ()
    return dict.fromkeys(services_of(map(str, words)), said.clause.id)


def provided(
    persons: Sequence[UUID], division_code: str, *, on: date, own: UUID | None = None
) -> tuple[Provided, ...]:
    """Who provides each of these services to the person of these entries, who lives there; ``own`` is the area's institution where the
    caller has looked it up. Inside ``opened`` or ``scoped``."""
    services = territorial(division_code, on=on)
    if not services:
        return ()
    own = own or network.primary_care_of(division_code, on=on)
    chosen = {row["service"]: row for row in rows(_CHOSEN, persons=list(persons), on=on)}
    signed = chosen.get(_SIGNED)
    found = []
    for service, clause in services.items():
        row = chosen.get(service.value)
        other: UUID | None = row["institution_id"] if row else None
        has_signed = service is Territorial.FAMILY_DOCTOR_SIGNING and signed is not None
        if has_signed and signed is not None:
            row, other = signed, signed["institution_id"]  # who has signed has chosen
        found.append(Provided(service, own, other, clause, row["since"] if row else None, has_signed))
    return tuple(found)


def provider_of(persons: Sequence[UUID], service: Territorial, *, on: date) -> Provided | None:
    """Who provides one of them; ``None`` where no text in force says that it stands with the area. Inside ``opened`` or ``scoped``."""
    area = area_of(persons)
    return next((each for each in provided(persons, area, on=on) if each.service is service), None)


def area_of(persons: Sequence[UUID]) -> str:
    """Where the person lives, by the leading entry. Inside ``opened`` or ``scoped``."""
    found = rows(_AREA, leading=persons[0])
    return str(found[0]["division_code"]) if found else ""


def to_choose_from(division_code: str, *, on: date) -> list[Offering]:
    """The centres of the prefecture, those of the own county first."""
    found = rows(
        _AROUND,
        area=division_code[:_PREFECTURE],
        county=division_code[:_COUNTY],
        categories=sorted(each.value for each in CENTRES),
        on=on,
    )
    return [
        Offering(row["institution_id"], row["name"], row["division_code"], row["county"]) for row in found
    ]


@dataclass(frozen=True, slots=True)
class MyProviders:
    """Who provides what to me, under which names, and whom I could choose."""

    provided: tuple[Provided, ...]
    offered: tuple[Offering, ...]
    names: Mapping[UUID, str]


def my_providers(actor: Actor, resident_id: UUID) -> MyProviders:
    """Of the resident, or a ward of theirs; recorded as their reading.

    Raises:
        Refused: if it is neither the person nor their guardian.
    """
    refuse(access.may(actor, Right.READS_OF_MINE, resident_id=actor.resident_id))
    return providers_of(actor, resident_id)


def providers_of(actor: Actor, resident_id: UUID) -> MyProviders:
    """Of anybody whose record the actor may read; recorded.

    Raises:
        Refused: if nothing allows the actor to read it now.
    """
    today = ledger_queries.today()
    with opened(actor, resident_id, what=WHAT) as ground:
        area = area_of(ground.persons)
        found = provided(ground.persons, area, on=today)
    ids = {key for each in found for key in (each.own, each.chosen) if key is not None}
    offered = tuple(to_choose_from(area, on=today)) if found else ()
    return MyProviders(found, offered, network.names_of_institutions(ids, on=today))
