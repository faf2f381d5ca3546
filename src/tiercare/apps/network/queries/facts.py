"""Load the facts of a day for the rules: one statement for the network, two for the divisions, however large
the region."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from tiercare.apps.terms import queries as terms

from .. import rules, sql

# A version's fields that joining must leave alone (YN-54, YN-75), as the statement gives them; the rule words
# them.
_UNCHANGED = ("affiliation", "owner", "funding")
_GENERAL_PRACTICE = "02"
_PARTS = (
    "institutions",
    "specialties",
    "key_specialties",
    "facilities",
    "departments",
    "scopes",
    "consortia",
    "members",
    "joined",
    "areas",
    "grids",
    "agreements",
    "trusteeships",
    "plans",
    "histories",
)


@dataclass(frozen=True, slots=True)
class Divisions:
    """What the register of divisions says of the areas and of those above them."""

    names: Mapping[str, str]
    people: Mapping[str, int]
    townships: Mapping[str, tuple[str, ...]]


def network_facts(
    region: str,
    *,
    on: date,
    part: str = "",
    heads: frozenset[str] | None = None,
    specialty_names: Mapping[str, str] | None = None,
) -> rules.Network:
    """Everything in force in ``region`` (a division code, ``""`` for the nation) on ``on``, with the outside
    hospitals that its consortia include.

    ``part`` narrows it to one prefecture (or a province's own consortia, by the province's code), ``heads``
    are the provinces judged with it; ``specialty_names`` saves asking for them again and again.
    """
    return build(load(region, on=on, part=part, heads=heads, specialty_names=specialty_names))


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the database said, not yet made into facts."""

    region: str
    part: str
    heads: frozenset[str] | None
    raw: Mapping[str, list[list[Any]]]
    areas: Mapping[str, tuple[str, str]]
    known: Divisions
    specialty_names: Mapping[str, str]


def load(
    region: str,
    *,
    on: date,
    part: str = "",
    heads: frozenset[str] | None = None,
    specialty_names: Mapping[str, str] | None = None,
) -> Loaded:
    """Ask the database for what ``network_facts`` needs."""
    rows = _rows(region, on, part, heads or frozenset())
    raw = {name: row or [] for name, row in zip(_PARTS, rows, strict=True)}
    areas = _areas(raw["areas"], region)
    names = specialty_names if specialty_names is not None else terms.specialty_names(on=on)
    return Loaded(region, part, heads, raw, areas, _divisions(areas, region, on), names)


def build(loaded: Loaded) -> rules.Network:
    """Make the facts of what was loaded."""
    raw, areas, known = loaded.raw, loaded.areas, loaded.known
    institutions = _institutions(raw)
    consortia = {row[0]: _consortium(row) for row in raw["consortia"]}
    memberships = [
        rules.Membership(consortium, institution, rules.Role(role), consented is not None)
        for consortium, institution, role, _, consented in sorted(raw["members"])
        if institution in institutions
    ]
    return rules.Network(
        region=loaded.region,
        part=loaded.part,
        heads=loaded.heads,
        institutions=institutions,
        consortia=consortia,
        memberships=tuple(m for m in memberships if not consortia[m.consortium].beyond),
        memberships_beyond=tuple(m for m in memberships if consortia[m.consortium].beyond),
        joined=tuple(rules.Joined(parent, child) for parent, child in sorted(raw["joined"])),
        areas={
            code: rules.Area(
                code, name, rules.AreaKind(kind), known.townships.get(code, ()), known.people.get(code, 0)
            )
            for code, (name, kind) in areas.items()
        },
        grids={
            key: rules.Grid(key, name, tuple(sorted(places or ())), tuple(sorted(responsible or ())))
            for key, name, places, responsible in raw["grids"]
        },
        agreements=tuple(
            rules.Agreement(key, consortium or "", frozenset(parties or ()), frozenset(sections))
            for key, consortium, sections, parties in sorted(raw["agreements"], key=lambda row: row[0])
        ),
        trusteeships=tuple(rules.Trusteeship(*row) for row in sorted(raw["trusteeships"])),
        plans=tuple(
            rules.Plan(code, kind, date.fromisoformat(day), n) for code, kind, day, n in raw["plans"]
        ),
        specialty_names=loaded.specialty_names,
        division_names=known.names,
    )


def prefix_range(prefix: str) -> tuple[str, str]:
    """The codes that begin with ``prefix`` as a half-open range, which a plain index serves; all for ``""``."""
    return (prefix, f"{int(prefix) + 1:0{len(prefix)}d}") if prefix else ("0", ":")


def _rows(region: str, on: date, part: str, heads: frozenset[str]) -> tuple[Any, ...]:
    low, high = prefix_range(part or region)
    if len(part) == 2:
        high = f"{part}0"  # the province's own: two digits, no more
    around = [region[:length] for length in (2, 4, 6) if len(region) >= length]
    with connection.cursor() as cursor:
        cursor.execute(
            sql.FACTS, {"low": low, "high": high, "on": on, "around": around, "heads": sorted(heads)}
        )
        row: tuple[Any, ...] = cursor.fetchone()
    return tuple(json.loads(cell) if isinstance(cell, str) else cell for cell in row)


def _areas(rows: list[list[str]], region: str) -> dict[str, tuple[str, str]]:
    """Areas as the asked region planned them; prefectures that it did not plan, as the region nearest to them
    did."""
    own = [row for row in rows if region.startswith(row[3])]
    planned = {row[0][:4] for row in own}
    others = [row for row in rows if row[0][:4] not in planned]
    nearest_last = sorted([*own, *others], key=lambda row: (row[0], len(row[3])))
    return {code: (name, kind) for code, name, kind, _ in nearest_last}


def _divisions(areas: Collection[str], region: str, on: date) -> Divisions:
    """Names of the areas above and of the townships below, and the people of the areas themselves."""
    above = {code[:length] for code in (*areas, region) for length in (2, 4) if code}
    rows = terms.divisions([*areas, *sorted(above)], on=on)
    townships = terms.township_names(list(areas), on=on) if areas else {}
    names = {code: row.name for code, row in rows.items() if code in above}
    for below in townships.values():
        names |= below
    return Divisions(
        names,
        {code: row.population or 0 for code, row in rows.items() if code in areas},
        {code: tuple(below) for code, below in townships.items()},
    )


def _grouped(rows: Iterable[list[Any]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for key, *rest in rows:
        found[key].append(rest[0] if len(rest) == 1 else tuple(rest))
    return found


def _institutions(raw: Mapping[str, list[list[Any]]]) -> dict[str, rules.Institution]:
    specialties, facilities = _grouped(raw["specialties"]), _grouped(raw["facilities"])
    ranks, departments = _grouped(raw["key_specialties"]), _grouped(raw["departments"])
    scopes, changed = _grouped(raw["scopes"]), _changed_on_joining(raw["members"], raw["histories"])
    found = {}
    for row in raw["institutions"]:
        key, name, slug, category, level, grade, owner, affiliation, division, township, beds = row[:11]
        qualified, subcentre, managed_as_level = row[11:]
        found[key] = rules.Institution(
            id=key,
            name=name,
            slug=slug.partition("-")[2],  # packs write names without their own id before
            category=rules.Category(category),
            level=level,
            grade=grade,
            owner=rules.Owner(owner),
            affiliation=rules.Affiliation(affiliation),
            division=division,
            township=township,
            beds=beds,
            qualified=qualified,
            subcentre=subcentre,
            managed_as_level=managed_as_level or level,
            specialties=frozenset(specialties.get(key, ())),
            key_specialties=dict(sorted(ranks.get(key, ()))),
            facilities=frozenset(facilities.get(key, ())),
            departments=frozenset(departments.get(key, ())),
            general_practitioners=sum(
                scope.partition(".")[0] == _GENERAL_PRACTICE for scope in scopes.get(key, ())
            ),
            changed_on_joining=changed.get(key, ()),
        )
    return found


def _changed_on_joining(members: list[list[Any]], histories: list[list[Any]]) -> dict[str, tuple[str, ...]]:
    """What a version that starts on the day of joining changed, against the version before it."""
    joined_on = {(institution, start) for _, institution, _, start, _ in members}
    changed: dict[str, tuple[str, ...]] = {}
    before: list[Any] | None = None
    for row in histories:
        if before is not None and before[0] == row[0] and (row[0], row[1]) in joined_on:
            names = [
                name for name, old, new in zip(_UNCHANGED, before[2:], row[2:], strict=True) if old != new
            ]
            if names:
                changed[row[0]] = tuple(names)
        before = row
    return changed


def _consortium(row: list[Any]) -> rules.Consortium:
    key, name, kind, division, tight, specialty, approved, effective, committee = row[:9]
    unified, council, charter, beyond = row[9:]
    return rules.Consortium(
        id=key,
        name=name,
        kind=rules.Kind(kind),
        division=division,
        tight=tight,
        specialty=specialty,
        approved=bool(approved),
        charter=charter is not None,
        effective=effective,
        committee=committee,
        council=council,
        unified=frozenset(unified),
        beyond=beyond,
        charter_sections=frozenset(name for name, text in (charter[0] if charter else {}).items() if text),
    )
