"""What the packs ask supervision to do: templates, goals, reports and alert rules in force, and to whom they may be given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tiercare.apps.ledger import queries as clock
from tiercare.apps.network import queries as network
from tiercare.apps.network.queries.holders import names_by_key
from tiercare.apps.network.queries.reading import area_names
from tiercare.apps.network.rules import Category
from tiercare.engines.measures.indicators import Indicator
from tiercare.kernel.actor import Actor
from tiercare.kernel.text import Text

from ..rules.standing import Party
from .book import book_of

_COUNTY, _PREFECTURE = 6, 4  # digits of a code
_HOSPITALS = frozenset({Category.GENERAL, Category.TCM})
_ABOVE = frozenset({"PROVINCE", "NATION"})  # whose hospitals may become national centres
OF_COMMISSION = Text("{area}卫生健康行政部门", "health commission of {area}")


def indicator(pack: str, name: str) -> Indicator | None:
    """The newest version of an indicator; ``None`` if the pack's book has none of that name."""
    versions = book_of(pack).indicators.get(name, ())
    return versions[-1] if versions else None


def party_of(institution_id: UUID, *, on: date) -> Party | None:
    """The institution as a side of a matter, with the county it lies in; ``None`` if it is not open."""
    place = network.place_of(institution_id, on=on)
    return None if place is None else Party(place.division_code[:_COUNTY], institution_id)


def party_for(actor: Actor, *, on: date) -> Party:
    """The side that the actor stands on."""
    if actor.institution_id is None:
        return Party(actor.division_code or "")
    return party_of(actor.institution_id, on=on) or Party(actor.division_code or "", actor.institution_id)


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody whom a matter may be about and who answers for it: an institution itself, a consortium its lead, an area its
    commission. ``group`` is what a form lists it under: division, consortium, institution."""

    group: str
    key: str
    name: str
    party: Party

    @property
    def choice(self) -> str:
        """As a form sends it."""
        return f"{self.group}:{self.key}"


@dataclass(frozen=True, slots=True)
class Roll:
    """Everybody to whom the actor may give something, by choice; and who owes reports of each sort."""

    subjects: Mapping[str, Subject]
    filers: Mapping[str, tuple[Subject, ...]]


def roll(actor: Actor, *, on: date | None = None) -> Roll:
    """The counties, consortia and institutions of a commission's area, or the members of a lead hospital's consortium."""
    today = on or clock.today()
    mine = party_for(actor, on=today)
    members = (
        None
        if mine.institution_id is None
        else network.led_by(mine.institution_id, on=today) | {mine.institution_id}
    )
    # A lead hospital's members may lie in other counties of its city.
    region = _region(mine.area if members is None else mine.area[:_PREFECTURE])
    found: list[Subject] = []
    filers: dict[str, list[Subject]] = {
        "counties": [],
        "primary": [],
        "county_hospitals": [],
        "leads": [],
        "institutions": [],
        "provincial_hospitals": [],
    }
    if members is None:
        found += _areas(mine.area, today)
        filers["counties"] += [each for each in found if len(each.key) == _COUNTY]
    sites = [
        each for each in network.institution_rows(region, on=today) if members is None or each.id in members
    ]
    house = {
        each.id: Subject("institution", each.slug, each.name, Party(each.division_code, each.id))
        for each in sites
    }
    for row in network.consortium_rows(region, on=today):
        if row.lead_id in house:
            of_lead = Subject("consortium", row.slug, row.name, house[row.lead_id].party)
            found.append(of_lead)
            filers["leads"].append(of_lead)
    found += house.values()
    for each in sites:
        subject = house[each.id]
        filers["institutions"].append(subject)
        if each.category in network.PRIMARY_CARE:
            filers["primary"].append(subject)
        elif each.category in _HOSPITALS and each.affiliation.value == "COUNTY":
            filers["county_hospitals"].append(subject)
        elif each.category is not Category.PUBLIC_HEALTH and each.affiliation.value in _ABOVE:
            filers["provincial_hospitals"].append(subject)
    return Roll({each.choice: each for each in found}, {by: tuple(rows) for by, rows in filers.items()})


def own_subject(mine: Party, *, on: date) -> Subject | None:
    """The actor's own institution as the subject of what it tells."""
    for each in network.institution_rows(mine.area, on=on):
        if each.id == mine.institution_id:
            return Subject("institution", each.slug, each.name, mine)
    return None


def _region(area: str) -> str:
    """The region in whose lists an area stands; the nation is everywhere."""
    return "" if area in ("", "00") else area


def _areas(area: str, on: date) -> list[Subject]:
    names = area_names(on=on)
    inside = sorted(code for code in names if code.startswith(area) and len(code) <= _COUNTY)
    return [Subject("division", code, names[code], Party(code)) for code in inside]


@dataclass(frozen=True, slots=True)
class Names:
    """What sides and subjects are called."""

    houses: Mapping[UUID, str]
    areas: Mapping[str, str]
    keys: Mapping[str, Mapping[str, str]]

    def party(self, party: Party) -> Text:
        """A side: the institution's name, or its commission's."""
        if party.institution_id is not None:
            name = self.houses.get(party.institution_id, "")
            return Text(name, name)
        area = self.areas.get(party.area, party.area)
        return Text(OF_COMMISSION.zh.format(area=area), OF_COMMISSION.en.format(area=area))

    def subject(self, kind: str, key: str) -> str:
        """An area, a consortium or an institution."""
        if kind == "division":
            return self.areas.get(key, key)
        return self.keys.get(kind, {}).get(key, key)


def names(parties: list[Party], *, on: date) -> Names:
    """The names of these sides, and of everything that has a register key."""
    ids = {each.institution_id for each in parties if each.institution_id is not None}
    return Names(network.names_of_institutions(ids, on=on), area_names(on=on), names_by_key(on=on))
