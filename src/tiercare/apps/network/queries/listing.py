"""Lists of institutions and consortia, a page at a time: filtered, counted and cut by the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar
from uuid import UUID

from .. import models, rules
from ..rules.reach import Reach, Reached, reached
from . import listing_sql as sql
from .ranges import NATION, bounds, day, inside, parts

PAGE = 50
_ON_MAP = 600  # signs a reader can still tell apart
_PREFECTURE = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; an empty value narrows nothing.

    ``text`` is looked for in names, pinyin initials and codes. ``licence`` is ``expired`` or ``soon``.
    ``kind``, ``reach``, ``member`` (an institution that takes part) and ``only`` (none but these) are about
    consortia, the others about institutions.
    """

    text: str = ""
    category: str = ""
    level: str = ""
    owner: str = ""
    licence: str = ""
    kind: str = ""
    reach: str = ""
    member: UUID | None = None
    only: frozenset[UUID] | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class Located:
    """An institution as a sign on the map, in degrees."""

    id: UUID
    name: str
    category: rules.Category
    lng: float
    lat: float
    illustrative: bool


@dataclass(frozen=True, slots=True)
class ListedInstitution:
    """An institution in a list; the counts are of the day."""

    id: UUID
    slug: str
    name: str
    category: rules.Category
    level: int
    grade: str
    owner: rules.Owner
    affiliation: rules.Affiliation
    division_code: str
    township_code: str
    beds: int
    licence_number: str
    licence_until: date | None
    social_credit_code: str
    basis: models.Basis
    area_name: str
    consortia: int
    leads: int
    departments: int
    equipment: int
    clinicians: int


@dataclass(frozen=True, slots=True)
class ListedConsortium:
    """A consortium in a list; ``local`` is false where it is of another area and only has members here."""

    id: UUID
    slug: str
    name: str
    kind: rules.Kind
    division_code: str
    area_name: str
    tight: bool
    basis: models.Basis
    since: date
    lead_id: UUID | None
    lead_name: str
    institutions: int
    communities: int
    local: bool
    reached: Reached


Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Listed(Generic[Row]):
    """One page of a list, and how many rows there are in all; ``counts`` and ``reaches`` count consortia by
    kind and by how far they reach."""

    rows: tuple[Row, ...]
    total: int
    page: int
    counts: Mapping[str, int] = field(default_factory=dict)
    reaches: Mapping[str, int] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


def institutions(
    area: str, wanted: Wanted, *, on: date, soon: date | None = None
) -> tuple[Listed[ListedInstitution], tuple[Located, ...]]:
    """The institutions of ``area`` (2, 4, 6 or 9 digits, ``00`` the nation) and, up to the prefecture, where they lie.

    Inside a prefecture the highest level comes first, above it they come by area. ``soon`` is the last day
    on which a licence counts as ending soon. One statement.
    """
    where, values = _narrowed(area, wanted, on, soon)
    order = "v.level DESC, v.division_code, v.name, v.id"
    if len(area) < _PREFECTURE:
        order = "v.division_code, v.level DESC, v.name, v.id"
    found = (sql.FOUND if _indexed(wanted.text) else sql.CALLED) if wanted.text else ""
    statement = found + sql.INSTITUTIONS.format(
        where=where,
        order=order,
        placed=order.replace("v.", "p."),
        mapped="TRUE" if len(area) >= _PREFECTURE else "FALSE",
    )
    total, rows, points = parts(statement, values)
    listed = tuple(_institution(row) for row in rows or ())
    located = tuple(
        Located(UUID(key), name, rules.Category(category), lng, lat, illustrative)
        for key, name, category, lng, lat, illustrative in points or ()
    )
    return Listed(listed, total, wanted.page), located


def _narrowed(area: str, wanted: Wanted, on: date, soon: date | None) -> tuple[str, dict[str, object]]:
    values: dict[str, object] = {"on": on, "limit": PAGE, "skip": (wanted.page - 1) * PAGE, "signs": _ON_MAP}
    conditions = ["v.period @> %(on)s::date"]
    if len(area) > 6:
        conditions.append("v.township_code = %(low)s")
        values["low"] = area
    else:
        conditions.append(inside("v.division_code", area))
        values |= bounds(area)
    for column in ("category", "owner"):
        if value := getattr(wanted, column):
            conditions.append(f"v.{column} = %({column})s")
            values[column] = value
    if wanted.level.isdigit():
        conditions.append("v.level = %(level)s")
        values["level"] = int(wanted.level[:2])
    if wanted.licence == "expired":
        conditions.append("v.licence_until < %(on)s::date")
    if wanted.licence == "soon" and soon is not None:
        conditions.append("v.licence_until BETWEEN %(on)s::date AND %(soon)s::date")
        values["soon"] = soon
    if wanted.text:
        conditions.append(sql.FITS if _indexed(wanted.text) else sql.FITS_SHORT)
        values |= _searched(wanted.text)
    return " AND ".join(conditions), values


def _searched(text: str) -> dict[str, str]:
    """Patterns of a search text; signs that mean something to ``LIKE`` stand for themselves."""
    plain = text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {"text": f"%{plain}%", "initials": f"%{plain.lower()}%", "code": f"{plain.upper()}%"}


def _indexed(text: str) -> bool:
    """Whether the indexes of trigrams serve a text: a shorter one is sought in every row."""
    return len(text.strip()) >= 3


def _institution(row: Sequence[Any]) -> ListedInstitution:
    (
        key,
        slug,
        name,
        category,
        level,
        grade,
        owner,
        affiliation,
        division,
        township,
        beds,
        licence,
        until,
    ) = row[:13]
    credit, basis, area_name, consortia, leads, departments, equipment, clinicians = row[13:]
    return ListedInstitution(
        id=UUID(key),
        slug=slug,
        name=name,
        category=rules.Category(category),
        level=level,
        grade=grade,
        owner=rules.Owner(owner),
        affiliation=rules.Affiliation(affiliation),
        division_code=division,
        township_code=township,
        beds=beds,
        licence_number=licence,
        licence_until=day(until),
        social_credit_code=credit or "",
        basis=models.Basis(basis),
        area_name=area_name or "",
        consortia=consortia,
        leads=leads,
        departments=departments,
        equipment=equipment,
        clinicians=clinicians,
    )


def consortia(area: str, wanted: Wanted, *, on: date, with_guests: bool = False) -> Listed[ListedConsortium]:
    """The consortia of ``area``; ``with_guests`` also those of other areas in which an institution from here
    takes part (inside a prefecture only). ``counts`` are by kind over all that fit, ``reaches`` left out for the
    whole country and ``with_guests``. One statement."""
    values: dict[str, object] = {"on": on, "limit": PAGE, "skip": (wanted.page - 1) * PAGE}
    own = "FALSE" if len(area) > 6 else inside("v.division_code", area)
    values |= {"low": area} if len(area) > 6 else bounds(area)
    values["kinds"] = [kind.value for kind in rules.Kind]
    conditions = ["v.period @> %(on)s::date"]
    if with_guests and len(area) >= _PREFECTURE and area != NATION:
        here = "h.township_code = %(low)s" if len(area) > 6 else inside("h.division_code", area)
        conditions.append(f"({own} OR v.consortium_id = ANY(ARRAY({sql.GUESTS.format(here=here)})))")
    else:
        conditions.append(own)
    if wanted.kind:
        conditions.append("c.kind = %(kind)s")
        values["kind"] = wanted.kind
    if wanted.reach:
        conditions.append(f"{sql.SPREAD} = %(reach)s")
        values["reach"] = wanted.reach
    if wanted.member is not None:
        conditions.append(sql.WITH_MEMBER)
        values["member"] = wanted.member
    if wanted.only is not None:
        conditions.append("v.consortium_id = ANY(%(only)s)")
        values["only"] = sorted(wanted.only)
    if wanted.text:
        conditions.append(
            "(v.name LIKE %(text)s OR v.initials LIKE %(initials)s OR c.slug LIKE %(initials)s "
            f"OR v.consortium_id = ANY(ARRAY({sql.LED_BY})))"
        )
        values |= _searched(wanted.text)
    # Asked of every membership, so not where nobody looks at the numbers, nor over the whole country.
    spread = sql.SPREAD if (area != NATION and not with_guests) or wanted.reach else f"'{Reach.LOCAL}'"
    statement = sql.CONSORTIA.format(where=" AND ".join(conditions), own=own, spread=spread)
    counts, reaches, rows = parts(statement, values)
    by_kind = dict(counts or ())
    return Listed(
        tuple(_consortium(row) for row in rows or ()),
        sum(by_kind.values()),
        wanted.page,
        by_kind,
        {reach: number for reach, number in reaches or () if reach != Reach.LOCAL},
    )


def _consortium(row: Sequence[Any]) -> ListedConsortium:
    (
        key,
        slug,
        name,
        kind,
        division,
        tight,
        basis,
        since,
        lead,
        members,
        communities,
        local,
        places,
        area,
    ) = row
    lead_id, lead_name = lead or (None, "")
    return ListedConsortium(
        id=UUID(key),
        slug=slug,
        name=name,
        kind=rules.Kind(kind),
        division_code=division,
        area_name=area or "",
        tight=tight,
        basis=models.Basis(basis),
        since=date.fromisoformat(since),
        lead_id=UUID(lead_id) if lead_id else None,
        lead_name=lead_name or "",
        institutions=members,
        communities=communities,
        local=local,
        reached=reached(division, places or ()),
    )
