"""Who answers for a place, and which doctors an institution has to answer for its residents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

_GENERAL_PRACTICE = "02"  # 全科医疗科 in the register of licensed specialties (诊疗科目)
# The township's own grid before that of the county.
_GRID = """
SELECT g.name, ARRAY(
    SELECT v.name FROM network_responsibility r
    JOIN network_consortiumversion v ON v.consortium_id = r.consortium_id AND v.period @> %(on)s::date
    WHERE r.grid_id = g.id AND r.period @> %(on)s::date ORDER BY v.name)
FROM network_gridplace p JOIN network_grid g ON g.id = p.grid_id
WHERE p.division_code = ANY (%(codes)s) AND p.period @> %(on)s::date AND g.period @> %(on)s::date
ORDER BY length(p.division_code) DESC LIMIT 1
"""
_DOCTORS = """
SELECT c.id, c.name, c.title, c.scope_code LIKE %(general)s
FROM network_practicesite s JOIN network_clinician c ON c.id = s.clinician_id
WHERE s.institution_id = %(institution)s AND s.period @> %(on)s::date
ORDER BY 4 DESC, c.initials, c.name, c.id
LIMIT 300
"""


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid and the consortia that answer for it."""

    name: str
    consortia: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Doctor:
    """A clinician who practises at an institution."""

    id: UUID
    name: str
    title: str
    general_practitioner: bool


def grid_of(division_code: str, *, on: date) -> Grid | None:
    """The grid in which the place lies on that day; ``None`` where none was drawn."""
    codes = [division_code[:length] for length in (9, 6) if len(division_code) >= length]
    with connection.cursor() as cursor:
        cursor.execute(_GRID, {"codes": codes, "on": on})
        row = cursor.fetchone()
    return None if row is None else Grid(row[0], tuple(row[1]))


def doctors_at(institution_id: UUID, *, on: date) -> list[Doctor]:
    """Who practises there on that day, general practitioners first; at most 300."""
    values = {"institution": institution_id, "on": on, "general": f"{_GENERAL_PRACTICE}%"}
    with connection.cursor() as cursor:
        cursor.execute(_DOCTORS, values)
        return [Doctor(*row) for row in cursor.fetchall()]
