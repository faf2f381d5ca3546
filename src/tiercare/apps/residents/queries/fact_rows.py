"""The register's fact tables as they stood at the end of a day: who is signed with whom, and how many people of each group.

Rows in the columns of ``facts.yaml``, sorted by their key. The caller stands in ``scoped`` over the whole index.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain
from typing import Any
from uuid import UUID

from tiercare.apps.ledger.prepared import rows
from tiercare.apps.ledger.streams import streamed
from tiercare.apps.network.queries import Places
from tiercare.apps.terms import queries as terms

from ..rules.groups import Offered, derived
from .fact_people import FactPeople
from .family import offered_groups

Row = dict[str, Any]
_SIGNED = """
SELECT d.resident_id AS id, d.institution_id, lower(d.period) AS signed, r.division_code AS home, r.temporary, r.birth_date
FROM residents_responsibledoctor d JOIN residents_resident r ON r.id = d.resident_id
WHERE d.period @> %(on)s::date AND (r.deceased_on IS NULL OR r.deceased_on > %(on)s::date)
  AND (r.moved_out_at IS NULL OR r.moved_out_at > %(end)s)
ORDER BY lower(d.period), d.id
"""
_GROUPS = """
SELECT g.resident_id AS id, g.group FROM residents_keygroupmember g WHERE g.period @> %(on)s::date ORDER BY g.group
"""
_LIVING = """
SELECT r.id, r.division_code AS home, r.birth_date, r.temporary FROM residents_resident r
WHERE r.master_id IS NULL AND (r.deceased_on IS NULL OR r.deceased_on > %(on)s::date)
  AND (r.moved_out_at IS NULL OR r.moved_out_at > %(end)s) AND starts_with(r.division_code, %(region)s) AND r.registered_at <= %(end)s
"""
_INSURED = """
SELECT resident_id AS id FROM residents_cover WHERE period @> %(on)s::date AND insured_area <> ''
"""
# The groups of the packs that the fact tables name otherwise.
_WORDS = {"poor": "registered_poor", "special_family_planning": "special_family"}
_COUNTED = frozenset({"elderly", "child", "pregnant", "hypertension", "diabetes", "tuberculosis", "severe_mental",
                      "disabled", "registered_poor", "special_family"})  # fmt: skip
_POOR = "registered_poor"
_TOWNSHIP = 9


def fact_contracts(
    region: str,
    *,
    on: date,
    end: Any,
    places: Places,
    people: FactPeople,
    owed: Mapping[UUID, tuple[int, int]],
) -> Iterator[Row]:
    """Who is signed with whom. A person counts once, with whom they signed last.

    Args:
        end: the moment at which the day ends.
        owed: of a person, by the leading entry: services due in the month, and those of them that were done.
    """
    groups = _Groups(region, on, people)
    found: dict[str, Row] = {}
    for row in chain.from_iterable(streamed(_SIGNED, on=on, end=end)):
        where = places.institutions.get(row["institution_id"])
        if where is None or not (row["home"].startswith(region) or where.county.startswith(region)):
            continue
        mine = groups.of(row["id"], row["birth_date"])
        promised, delivered = owed.get(people.lead(row["id"]), (0, 0))
        key = people.key(row["id"])
        found[key] = {
            "person": key,
            "institution": where.key,
            "home": row["home"],
            "consortium": where.consortium,
            "permanent": not row["temporary"],
            "key_group": bool(mine),
            "groups": "|".join(mine),
            "registered_poor": _POOR in mine,
            "signed": row["signed"],
            "promised": promised,
            "delivered": delivered,
        }
    yield from (found[key] for key in sorted(found))


def fact_population(region: str, *, on: date, end: Any, people: FactPeople) -> Iterator[Row]:
    """People of each group by township. Permanent residents are those that the published figures count, where there are
    any; all others are those of the register: who never came to an institution is not among them."""
    groups = _Groups(region, on, people)
    insured = {people.lead(row["id"]) for row in rows(_INSURED, on=on)}
    counted: Counter[tuple[str, str]] = Counter()
    for row in chain.from_iterable(streamed(_LIVING, on=on, end=end, region=region)):
        place = row["home"][:_TOWNSHIP]
        mine = groups.of(row["id"], row["birth_date"])
        counted.update((place, each) for each in mine if each in _COUNTED)
        counted[place, "registered"] += 1
        counted[place, "key_group"] += bool(mine)
        counted[place, "insured"] += row["id"] in insured
    for place, persons in _published(region, on).items():
        counted[place, "permanent"] = persons
    for (division, group), persons in sorted(counted.items()):
        yield {"division": division, "group": group, "persons": persons}


class _Groups:
    """The key groups of people on a day: those that were entered, of all entries of the person, and those by age."""

    def __init__(self, region: str, on: date, people: FactPeople) -> None:
        self._on, self._people = on, people
        self._offered: Offered = offered_groups(region, on=on)
        self._entered: dict[UUID, set[str]] = defaultdict(set)
        for row in rows(_GROUPS, on=on):
            self._entered[people.lead(row["id"])].add(_WORDS.get(row["group"], row["group"]))

    def of(self, entry: UUID, birth_date: date | None) -> list[str]:
        """By name."""
        by_age = derived(self._offered, birth_date, self._on)
        return sorted({*self._entered.get(self._people.lead(entry), ()), *by_age})


def _published(region: str, on: date) -> Mapping[str, int]:
    """Townships with a published number; counties of which no township has one."""
    counties = [code for code in terms.codes(on=on) if len(code) == len("340200") and code.startswith(region)]
    townships = terms.township_codes(counties, on=on)
    every = terms.divisions([*counties, *(code for codes in townships.values() for code in codes)], on=on)
    found = {}
    for county in sorted(counties):
        below = {code: every[code].population for code in townships[county] if every[code].population}
        whole = every[county].population
        found.update(below or ({county: whole} if whole else {}))
    return found
