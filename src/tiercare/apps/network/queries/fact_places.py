"""Where an institution and a place belong on a day, in the words of the fact tables: tier, division, consortium, role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tiercare.apps.ledger.prepared import rows

from ..rules.facts import PRIMARY, AreaKind, Category, Kind, Owner, Role
from . import fact_sql as sql

# An institution belongs to the consortium of its area before any other.
AREAL = (Kind.CITY_GROUP, Kind.COUNTY_COMMUNITY)
FORMS: Mapping[str, str] = {
    Kind.CITY_GROUP: "city_group",
    Kind.COUNTY_COMMUNITY: "county_community",
    Kind.URBAN_RURAL: "urban_rural",
    Kind.SPECIALTY_ALLIANCE: "specialty_alliance",
    Kind.TELEMEDICINE_NETWORK: "telemedicine_network",
}
_TIERS = {2: "secondary", 3: "tertiary"}
_ROLES: Mapping[str, str] = {Role.LEAD: "lead", Role.MEMBER: "member"}
# GB/T 2260: of a county-level code the last two digits up to 20 are districts of a city.
_LAST_DISTRICT = 20


@dataclass(frozen=True, slots=True)
class Where:
    """An institution on a day, as the fact tables say it; ``key`` is its slug. ``stands``: it was open on that day."""

    id: UUID
    key: str
    division: str
    county: str
    category: str
    tier: str
    level: int
    grade: str | None
    public: bool
    urban: bool
    county_hospital: bool
    beds: int
    consortium: str | None
    role: str | None
    tight: bool | None
    form: str | None
    stands: bool


@dataclass(frozen=True, slots=True)
class Places:
    """All institutions on a day, which consortium answers for which place, and which counties are planned as city."""

    institutions: Mapping[UUID, Where]
    answers: Mapping[str, str]
    cities: Mapping[str, bool]

    def within(self, region: str) -> Iterable[Where]:
        """The institutions of a region that were open, by key."""
        inside = (
            each for each in self.institutions.values() if each.stands and each.county.startswith(region)
        )
        return sorted(inside, key=_key)

    def lies_in(self, institution: UUID | None, region: str) -> bool:
        """Whether an institution stands in the region."""
        found = self.institutions.get(institution) if institution is not None else None
        return found is not None and found.county.startswith(region)

    def urban(self, division: str) -> bool:
        """Whether people there live in the city: as the region's plan counts the county, or by its code."""
        county = division[: len("340200")]
        return self.cities.get(county, _by_code(county))

    def answering(self, division: str) -> str | None:
        """The consortium that answers for a place: by its township before its county."""
        found = (self.answers.get(division[:length]) for length in (12, 9, 6) if len(division) >= length)
        return next(filter(None, found), None)


def fact_places(*, on: date) -> Places:
    """How the network stood at the end of a day."""
    found = rows(sql.PLACES, on=on, areal=[kind.value for kind in AREAL])
    answers = {row["division"]: row["consortium"] for row in rows(sql.ANSWERS, on=on)}
    cities = {row["county"]: _urban(row["area"], row["county"]) for row in found}
    return Places({row["id"]: _where(row) for row in found}, answers, cities)


def _where(row: Mapping[str, Any]) -> Where:
    primary = Category(row["category"]) in PRIMARY
    urban = _urban(row["area"], row["county"])
    return Where(
        id=row["id"],
        key=row["slug"],
        division=row["division"],
        county=row["county"],
        category=row["category"],
        tier="primary" if primary else _TIERS.get(row["level"], "other"),
        level=row["level"],
        grade=row["grade"] or None,
        public=row["owner"] == Owner.PUBLIC,
        urban=urban,
        county_hospital=not primary and row["level"] == min(_TIERS) and not urban,
        beds=row["beds"],
        consortium=row["consortium"],
        role=None if row["role"] is None else _ROLES.get(row["role"], "collaborator"),
        tight=row["tight"],
        form=None if row["form"] is None else FORMS[row["form"]],
        stands=row["stands"],
    )


def _urban(planned: str | None, county: str) -> bool:
    """As the region's plan counts the area; where it planned none, by the code."""
    if planned is not None:
        return planned != AreaKind.COUNTY
    return _by_code(county)


def _by_code(county: str) -> bool:
    return county[4:6].isdigit() and int(county[4:6]) <= _LAST_DISTRICT


def _key(where: Where) -> str:
    return where.key
