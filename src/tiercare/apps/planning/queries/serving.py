"""What institutions of primary care serve (XH-89): as it was laid down, otherwise the township a centre stands in; and who is left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network.queries.belonging import PRIMARY_CARE
from tiercare.apps.network.rules import Category, Owner
from tiercare.apps.network.rules.facts import CENTRES
from tiercare.apps.terms import queries as terms
from tiercare.kernel.actor import Actor
from tiercare.kernel.divisions import DivisionLevel
from tiercare.kernel.refusal import refuse

from ..rules.serving import GOVERNMENT_RUN, Left, Served, Town, left_out, people_of
from .ours import said_in

FORMS = "XH-89.forms"
_COUNTY = 6  # digits
_PRIMARY = """
SELECT v.institution_id::text AS id, v.name, v.category, v.owner, v.division_code AS division, v.township_code AS township,
       s.form, s.contract, s.places, lower(s.period) AS since
FROM network_institutionversion v
LEFT JOIN planning_servicearea s ON s.institution_id = v.institution_id AND s.period @> %(on)s::date
WHERE v.division_code LIKE %(region)s || '%%' AND v.category = ANY (%(categories)s::text[]) AND v.period @> %(on)s::date
ORDER BY v.division_code, array_position(%(categories)s::text[], v.category::text), v.name, v.institution_id
"""

_COUNTY_OF = """
SELECT division_code FROM network_institutionversion
WHERE institution_id = %(id)s AND category = ANY (%(categories)s::text[]) AND period @> %(on)s::date
"""


@dataclass(frozen=True, slots=True)
class Serving:
    """A region's primary care and whom it serves. ``forms`` are those that the text in force knows, ``None`` where none names any;
    ``without_form`` are institutions in no form that the text knows, which therefore serve nobody by it."""

    region: str
    forms: tuple[str, ...] | None
    served: tuple[Served, ...]
    towns: dict[str, Town]
    left: tuple[Left, ...]

    @property
    def people(self) -> int:
        """Everybody."""
        return sum(each.people for each in self.towns.values())

    @property
    def people_left(self) -> int:
        """Who is served by nobody."""
        return sum(each.people for each in self.left)

    @property
    def without_form(self) -> tuple[Served, ...]:
        """Those whose form is not on record, or none of the text's."""
        return tuple(each for each in self.served if not each.counts(self.forms))

    def people_of(self, served: Served) -> int:
        """How many live where it serves."""
        return people_of(served.places, self.towns)


def serving(actor: Actor, region: str, *, on: date) -> Serving:
    """Of the region on a day.

    Raises:
        Refused: if the actor may not see networks there.
    """
    refuse(may(actor, Right.NETWORK_READ, division=region))
    return serving_of(region, on=on)


def serving_of(region: str, *, on: date) -> Serving:
    """The same for a caller that has asked."""
    said = said_in(region, FORMS, on=on)
    forms = tuple(map(str, said)) if isinstance(said, tuple | list) else None
    found = rows(_PRIMARY, region=region, categories=[each.value for each in PRIMARY_CARE], on=on)
    served = tuple(_served(row) for row in found)
    towns = _towns(region, on)
    return Serving(region, forms, served, towns, tuple(left_out(towns.values(), served, forms)))


def _served(row: dict[str, Any]) -> Served:
    """By what was laid down; otherwise a centre serves its own township, and what is public is run by the government."""
    private = Owner(row["owner"]) is Owner.PRIVATE
    recorded = row["places"] is not None
    own = (row["township"],) if row["township"] and Category(row["category"]) in CENTRES else ()
    return Served(
        id=row["id"],
        name=row["name"],
        category=row["category"],
        private=private,
        division=row["division"],
        form=row["form"] if recorded else "" if private else GOVERNMENT_RUN,
        places=tuple(row["places"]) if recorded else own,
        recorded=recorded,
        contract=row["contract"] or "",
        since=row["since"],
    )


def _towns(region: str, on: date) -> dict[str, Town]:
    """The townships of the region with their people and the codes of their villages."""
    villages: dict[str, list[str]] = {}
    for each in terms.children(region, on=on, level=DivisionLevel.VILLAGE):
        if each.parent is not None:
            villages.setdefault(each.parent.code, []).append(each.code)
    return {
        each.code: Town(
            each.code,
            each.name,
            each.population or 0,
            tuple(sorted(villages.get(each.code, ()))),
            each.parent.code if each.parent is not None else each.code[:_COUNTY],
        )
        for each in terms.townships_of(region, on=on)
    }


def county_of(institution_id: UUID, *, on: date) -> str:
    """The county in which an open institution of primary care stands on that day; empty if it is none."""
    found = rows(_COUNTY_OF, id=institution_id, categories=[each.value for each in PRIMARY_CARE], on=on)
    return str(found[0]["division_code"]) if found else ""


def places_in(county: str, *, on: date) -> dict[str, str]:
    """The names of the townships and villages of a county, by code: what a service area may name."""
    found = {each.code: each.name for each in terms.townships_of(county[:_COUNTY], on=on)}
    for each in terms.children(county[:_COUNTY], on=on, level=DivisionLevel.VILLAGE):
        found[each.code] = each.name
    return found
