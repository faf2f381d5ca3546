"""Which months of which fact tables the platform has to write, what it wrote when, and of which regions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tiercare.apps.ledger.prepared import rows

from .fact_sources import month_of

# A region is an area with a pack of its own. The nation's holds everywhere and is none.
_REGIONS = """
SELECT division_code AS code FROM mandates_mandate WHERE period @> %(on)s::date AND division_code <> '00'
ORDER BY division_code
"""
# Where institutions stand or stood, and where people live.
_TOUCHED = """
SELECT DISTINCT m.division_code AS code FROM mandates_mandate m
JOIN (SELECT v.division_code FROM network_institutionversion v WHERE v.institution_id = ANY (%(institutions)s::uuid[])
      UNION SELECT r.division_code FROM residents_resident r WHERE r.id = ANY (%(entries)s::uuid[])) place
  ON starts_with(place.division_code, m.division_code)
WHERE m.period @> %(on)s::date ORDER BY 1
"""
_DUE = """
SELECT id, fact, month, held FROM evaluation_factsdue
WHERE region = %(region)s AND since_at IS NOT NULL AND month <= %(until)s ORDER BY month, fact
"""
_KNOWN = """
SELECT DISTINCT month FROM evaluation_factsdue
WHERE region = %(region)s AND fact = ANY (%(facts)s::text[]) AND month >= %(since)s ORDER BY month
"""
_STANDING = """
SELECT fact, month, since_at, written_at, rows, held FROM evaluation_factsdue
WHERE region = %(region)s ORDER BY fact, month
"""


@dataclass(frozen=True, slots=True)
class Due:
    """A month of a table that waits to be written."""

    id: UUID
    fact: str
    month: int
    held: str


@dataclass(frozen=True, slots=True)
class Partition:
    """How a month of a table stands that the platform writes. ``since_at``: something changed then and is not in it yet;
    ``held``: the code of the refusal for which it was not written."""

    fact: str
    month: int
    since_at: datetime | None
    written_at: datetime | None
    rows: int | None
    held: str


def regions(*, on: date) -> list[str]:
    """The areas that have a pack in force, by code."""
    return [row["code"] for row in rows(_REGIONS, on=on)]


def regions_touched(
    *, institutions: Collection[UUID] = (), entries: Collection[UUID] = (), on: date
) -> list[str]:
    """The areas with a pack in which one of these institutions stands or one of these residents lives. The caller stands
    in ``scoped`` over the whole index."""
    return [
        row["code"] for row in rows(_TOUCHED, institutions=list(institutions), entries=list(entries), on=on)
    ]


def due(region: str, *, on: date) -> list[Due]:
    """What waits, by month; months that have not begun wait on."""
    return [Due(**row) for row in rows(_DUE, region=region, until=month_of(on))]


def known_months(region: str, facts: Collection[str], *, since: int = 0) -> list[int]:
    """The months from ``since`` on of which the platform has written, or is to write, one of these tables."""
    return [row["month"] for row in rows(_KNOWN, region=region, facts=list(facts), since=since)]


def partitions(region: str) -> list[Partition]:
    """Everything that the platform writes of a region, by table and month."""
    return [Partition(**row) for row in rows(_STANDING, region=region)]
