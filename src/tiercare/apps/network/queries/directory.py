"""The directory as programs read it: organisations, their places, services and people, and how they belong
together; a page at a time, or one thing with its history.

Separated as IHE's mCSD separates them (Organization, Location, HealthcareService, Practitioner,
PractitionerRole, OrganizationAffiliation), so that such an interface can be put in front: every row has an id,
a period and references by id. It is no FHIR: codes are ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import connection

from . import directory_sql as sql
from .ranges import NATION, bounds, inside

_FIRST = ("", UUID(int=0))


class Shelf(StrEnum):
    """What the directory has lists of."""

    ORGANIZATIONS = "organizations"
    LOCATIONS = "locations"
    SERVICES = "services"
    PRACTITIONERS = "practitioners"
    ROLES = "practitioner-roles"
    AFFILIATIONS = "affiliations"


_SOURCES: Mapping[Shelf, tuple[sql.Source, ...]] = {
    Shelf.ORGANIZATIONS: (sql.INSTITUTIONS, sql.CONSORTIA),
    Shelf.LOCATIONS: (sql.LOCATIONS,),
    Shelf.SERVICES: (sql.SERVICES,),
    Shelf.PRACTITIONERS: (sql.PRACTITIONERS,),
    Shelf.ROLES: (sql.ROLES,),
    Shelf.AFFILIATIONS: (sql.MEMBERSHIPS, sql.JOININGS, sql.TRUSTEESHIPS),
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page: rows as plain values, and code and id of the last one if more follow."""

    rows: Sequence[Mapping[str, Any]]
    last: tuple[str, str] | None


def stamp() -> str:
    """What changes whenever anybody's network changes. Of the whole country, since rows name things across
    borders and only the prefecture that a change is made for counts it. One query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), coalesce(sum(version), 0) FROM network_stamp")
        count, versions = cursor.fetchone()
    return f"{count}.{versions}"


def leaf(
    shelf: Shelf, wanted: Mapping[str, Any], *, on: date, after: tuple[str, UUID] | None, limit: int
) -> Leaf:
    """Up to ``limit`` rows of a list on ``on`` that follow ``after`` by code and id. One query.

    ``wanted`` narrows it: ``area`` (2, 4, 6 or 9 digits, ``00`` the nation) and the filters of its sources.
    """
    code, key = after or _FIRST
    values = {**_values(wanted, on), "after": code, "after_id": key, "limit": limit + 1}
    parts = [_put(_PAGE, source, where, _TODAY) for source, where in _asked(shelf, wanted)]
    if not parts:
        return Leaf((), None)
    found = _rows(_WHOLE_PAGE.replace("<parts>", " UNION ALL ".join(parts)), values)
    shown = found[:limit]
    last = (str(shown[-1][0]), str(shown[-1][1])) if len(found) > limit else None
    return Leaf([told for _, _, told in shown], last)


def total(shelf: Shelf, wanted: Mapping[str, Any], *, on: date) -> int:
    """How many rows there are in all. One query."""
    parts = [_put(_COUNT, source, where, _TODAY) for source, where in _asked(shelf, wanted)]
    if not parts:
        return 0
    return sum(count for (count,) in _rows(" UNION ALL ".join(parts), _values(wanted, on)))


def thing(shelf: Shelf, key: UUID, *, on: date) -> Mapping[str, Any] | None:
    """One thing as it stands on ``on``; if it does not, as it last stood, ``active`` false. One query."""
    found = [row for row in history(shelf, key, on=on, only=True) if row["id"] == str(key)]
    return next((row for row in found if row["active"]), found[-1] if found else None)


def history(shelf: Shelf, key: UUID, *, on: date, only: bool = False) -> list[Mapping[str, Any]]:
    """Everything that the thing ever was, from the first day on, each row told for its own first day (``only``:
    without other rows of the same two parties or the same name). One query."""
    parts = []
    for source in _SOURCES[shelf]:
        first = f"lower({source.period})" if source.period else _TODAY
        # A thing that stands on the asked day is told for that day, everything else for its own first one.
        told_for = f"CASE WHEN {source.period} @> {_TODAY} THEN {_TODAY} ELSE {first} END"
        where = f"{source.id} = %(id)s" if only else source.same
        parts.append(_put(_OF_ONE, source, where, told_for if only and source.period else first, first=first))
    return [
        told
        for _, told in _rows(
            _WHOLE_STORY.replace("<parts>", " UNION ALL ".join(parts)), {"id": key, "on": on}
        )
    ]


_TODAY = "%(on)s::date"
_PAGE = """(SELECT <code> AS code, <id> AS id, <row> AS told FROM <tables>
    WHERE <where> AND (<code>, <id>) > (%(after)s, %(after_id)s) ORDER BY 1, 2 LIMIT %(limit)s)"""
_WHOLE_PAGE = "SELECT code, id, told FROM (<parts>) AS listed ORDER BY 1, 2 LIMIT %(limit)s"
_WHOLE_STORY = "SELECT first, told FROM (<parts>) AS listed ORDER BY 1"
_COUNT = "SELECT count(*) FROM <tables> WHERE <where>"
_OF_ONE = "(SELECT <first> AS first, <row> AS told FROM <tables> WHERE <where>)"


def _put(statement: str, source: sql.Source, where: str, day: str, *, first: str = "") -> str:
    """A statement about a source, its rows told for ``day``: pieces of our own SQL, put in their places."""
    pieces = {
        "code": source.code,
        "id": source.id,
        "row": source.row,
        "tables": source.tables,
        "where": where,
        "first": first,
    }
    for name, piece in pieces.items():
        statement = statement.replace(f"<{name}>", piece)
    return statement.replace("{day}", day)


def _asked(shelf: Shelf, wanted: Mapping[str, Any]) -> list[tuple[sql.Source, str]]:
    """The sources that know every filter asked for, each with its condition."""
    found = []
    for source in _SOURCES[shelf]:
        area = str(wanted.get("area", ""))
        filters = [name for name in wanted if name != "area"]
        if any(name not in source.filters for name in filters):
            continue
        if source is sql.PRACTITIONERS:
            found.append((source, _people(source, filters, area)))
            continue
        place = _place(source, area)
        if place is None:
            continue
        conditions = [f"{source.period} @> %(on)s::date", place, *(source.filters[name] for name in filters)]
        found.append((source, " AND ".join(conditions)))
    return found


def _place(source: sql.Source, area: str) -> str | None:
    """Where any side of it lies in the area; ``None`` if nothing of this kind can."""
    if not area or area == NATION:
        return "TRUE"
    if len(area) > 6:
        return (
            "(" + " OR ".join(f"{column} = %(low)s" for column in source.township) + ")"
            if source.township
            else None
        )
    return "(" + " OR ".join(inside(column, area) for column in source.division) + ")"


def _people(source: sql.Source, filters: Sequence[str], area: str) -> str:
    """Whoever works in the area, or for the organisation, that day."""
    wanted = [source.filters["organization"]] if "organization" in filters else []
    if area and area != NATION:
        wanted.append("v.township_code = %(low)s" if len(area) > 6 else inside("v.division_code", area))
    conditions = [sql.WORKS_THERE.replace("{wanted}", " AND ".join(wanted) or "TRUE")]
    conditions += [source.filters[name] for name in filters if name != "organization"]
    return " AND ".join(conditions)


def _values(wanted: Mapping[str, Any], on: date) -> dict[str, Any]:
    values = {name: value for name, value in wanted.items() if name not in ("area", "q")}
    area = str(wanted.get("area", ""))
    if area and area != NATION:
        values |= bounds(area)
    if "q" in wanted:
        plain = str(wanted["q"]).strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values |= {"text": f"%{plain}%", "low_text": f"%{plain.lower()}%", "high_text": f"{plain.upper()}%"}
    return {**values, "on": on}


def _rows(statement: str, values: Mapping[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, dict(values))
        return cursor.fetchall()


def posts(clinician_id: UUID, *, on: date) -> list[Mapping[str, Any]]:
    """Everywhere that a clinician worked and works, from the first day on, each told for its first day. One query."""
    day = "lower(s.period)"
    statement = _put(_OF_ONE, sql.ROLES, "s.clinician_id = %(id)s", day, first=day)
    return [
        told for _, told in _rows(_WHOLE_STORY.replace("<parts>", statement), {"id": clinician_id, "on": on})
    ]
