"""A region as it is explored: what lies in its areas, on which days it changed, and what changed on one of them.

One statement answers all of it; above the prefecture it counts and never lists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from .. import rules
from .ranges import NATION, bounds, inside, parts

# Days offered around the asked one, changes told of one day: what a person looks through.
_DAYS, _TOLD = 120, 400
# From this length of code on (a prefecture) single memberships count as changes; above only whole consortia.
_SINGLE = 4


@dataclass(frozen=True, slots=True)
class Counted:
    """How many institutions and consortia lie in an area."""

    institutions: int = 0
    consortia: int = 0


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that began or ended on a day: ``what`` is ``institution``, ``consortium``, ``member`` or
    ``joined``; ``former`` is the name before, where an institution or consortium only changed."""

    what: str
    began: bool
    id: UUID
    name: str
    former: str | None = None
    other: str = ""
    role: rules.Role | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an area page needs besides its lists. ``counts`` are by division code (a consortium of a whole
    prefecture counts there, not in one of its counties), ``grids`` the names by code of the place."""

    counts: Mapping[str, Counted]
    grids: Mapping[str, tuple[str, ...]]
    days: tuple[date, ...]
    happened: tuple[Happened, ...]
    planned_names: Mapping[str, str]


def surroundings(
    area: str, *, whole: Sequence[str], parted: Sequence[str], on: date, county: str = ""
) -> Surroundings:
    """Counts, grids, days and changes around ``area`` (``00`` is the nation).

    ``whole`` are areas to be counted themselves, ``parted`` those whose parts are (a county's are its
    townships); ``county`` is the county of an area that is a township.
    """
    within = county or area
    values: dict[str, object] = {"on": on, "days": _DAYS, "told": _TOLD, **bounds(within)}
    for code in {*whole, *parted}:
        values |= {f"{end}{code}": value for end, value in bounds(code).items()}
    counted = [_whole(code) for code in whole] + [_parts(code) for code in parted]
    single = "TRUE" if len(within) >= _SINGLE else "FALSE"
    statement = _STATEMENT.format(
        counted=" UNION ALL ".join(counted) or "SELECT '', 0, 0 WHERE FALSE",
        inside=inside("division_code", within),
        single=single,
        whole="TRUE" if within == NATION else "FALSE",
    )
    counts, grids, days, happened, names = parts(statement, values)
    found: dict[str, Counted] = {}
    for code, institutions, consortia in counts or ():
        before = found.get(code, Counted())
        found[code] = Counted(before.institutions + institutions, before.consortia + consortia)
    held: dict[str, set[str]] = {}
    for code, name in grids or ():
        held.setdefault(code, set()).add(name)
    return Surroundings(
        counts=found,
        grids={code: tuple(sorted(called)) for code, called in held.items()},
        days=tuple(sorted(date.fromisoformat(each) for each in days or ())),
        happened=tuple(_happened(row) for row in happened or ()),
        planned_names=dict(names or ()),
    )


def _whole(code: str) -> str:
    return _WHOLE.format(code=code, within=_within(code))


def _parts(code: str) -> str:
    """Counts of the parts of one area: by its next digits, and inside a county by township."""
    if len(code) == 6:
        return _BY_TOWNSHIP.format(within=_within(code))
    return _BY_DIGITS.format(within=_within(code), length=2 if code == NATION else len(code) + 2)


def _within(code: str) -> str:
    return inside("division_code", code, f"low{code}", f"high{code}")


def _happened(row: Sequence[Any]) -> Happened:
    what, began, key, name, former, other, role = row
    return Happened(
        what, began, UUID(key), name or "", former, other or "", rules.Role(role) if role else None
    )


_WHOLE = """
SELECT '{code}', count(*), 0 FROM network_institutionversion WHERE {within} AND period @> %(on)s::date
UNION ALL
SELECT '{code}', 0, count(*) FROM network_consortiumversion WHERE {within} AND period @> %(on)s::date
"""
_BY_TOWNSHIP = """
SELECT township_code, count(*), 0 FROM network_institutionversion
WHERE {within} AND period @> %(on)s::date AND township_code <> '' GROUP BY 1
"""
_BY_DIGITS = """
SELECT left(division_code, {length}), count(*), 0 FROM network_institutionversion
WHERE {within} AND period @> %(on)s::date AND length(division_code) >= {length} GROUP BY 1
UNION ALL
SELECT left(division_code, {length}), 0, count(*) FROM network_consortiumversion
WHERE {within} AND period @> %(on)s::date AND length(division_code) >= {length} GROUP BY 1
"""
_STATEMENT = """
WITH areas AS MATERIALIZED (
    SELECT consortium_id, name, period FROM network_consortiumversion WHERE {inside}
),
houses AS MATERIALIZED (
    SELECT institution_id, name, period FROM network_institutionversion WHERE {single} AND {inside}
),
belonging AS MATERIALIZED (
    SELECT m.id, m.consortium_id, m.institution_id, m.role, m.period FROM network_membership m
    WHERE {single} AND m.consortium_id = ANY(ARRAY(SELECT consortium_id FROM areas))
    UNION
    SELECT m.id, m.consortium_id, m.institution_id, m.role, m.period FROM network_membership m
    WHERE {single} AND m.institution_id = ANY(ARRAY(SELECT institution_id FROM houses))
),
wholes AS MATERIALIZED (
    SELECT j.parent_id, j.child_id, j.period FROM network_joining j
    WHERE {whole} OR j.parent_id IN (SELECT consortium_id FROM areas)
       OR j.child_id IN (SELECT consortium_id FROM areas)
),
days AS (  -- many things begin on one day: periods are told apart before days
    SELECT DISTINCT unnest(ARRAY[lower(period), upper(period)]) AS day
    FROM (SELECT period FROM areas UNION SELECT period FROM houses
          UNION SELECT period FROM belonging UNION SELECT period FROM wholes) AS periods
),
happened AS (
    SELECT 'consortium' AS what, TRUE AS began, a.consortium_id AS id, a.name AS name, b.name AS former,
           '' AS other, '' AS role
    FROM areas a LEFT JOIN areas b ON b.consortium_id = a.consortium_id AND upper(b.period) = %(on)s::date
    WHERE lower(a.period) = %(on)s::date
    UNION ALL
    SELECT 'consortium', FALSE, a.consortium_id, a.name, NULL, '', '' FROM areas a
    WHERE upper(a.period) = %(on)s::date AND NOT EXISTS (
        SELECT 1 FROM areas b WHERE b.consortium_id = a.consortium_id AND lower(b.period) = %(on)s::date)
    UNION ALL
    SELECT 'institution', TRUE, a.institution_id, a.name, b.name, '', ''
    FROM houses a LEFT JOIN houses b ON b.institution_id = a.institution_id AND upper(b.period) = %(on)s::date
    WHERE lower(a.period) = %(on)s::date
    UNION ALL
    SELECT 'institution', FALSE, a.institution_id, a.name, NULL, '', '' FROM houses a
    WHERE upper(a.period) = %(on)s::date AND NOT EXISTS (
        SELECT 1 FROM houses b WHERE b.institution_id = a.institution_id AND lower(b.period) = %(on)s::date)
    UNION ALL
    SELECT 'member', lower(m.period) = %(on)s::date, m.consortium_id, c.name, NULL, i.name, m.role
    FROM belonging m
    CROSS JOIN LATERAL (SELECT name FROM network_consortiumversion WHERE consortium_id = m.consortium_id
        ORDER BY period @> %(on)s::date DESC, period DESC LIMIT 1) c
    CROSS JOIN LATERAL (SELECT name FROM network_institutionversion WHERE institution_id = m.institution_id
        ORDER BY period @> %(on)s::date DESC, period DESC LIMIT 1) i
    WHERE lower(m.period) = %(on)s::date OR upper(m.period) = %(on)s::date
    UNION ALL
    SELECT 'joined', lower(j.period) = %(on)s::date, j.parent_id, p.name, NULL, c.name, ''
    FROM wholes j
    CROSS JOIN LATERAL (SELECT name FROM network_consortiumversion WHERE consortium_id = j.parent_id
        ORDER BY period @> %(on)s::date DESC, period DESC LIMIT 1) p
    CROSS JOIN LATERAL (SELECT name FROM network_consortiumversion WHERE consortium_id = j.child_id
        ORDER BY period @> %(on)s::date DESC, period DESC LIMIT 1) c
    WHERE lower(j.period) = %(on)s::date OR upper(j.period) = %(on)s::date
)
SELECT
    (SELECT json_agg(json_build_array(code, institutions, consortia))
     FROM ({counted}) AS counted(code, institutions, consortia)),
    (SELECT json_agg(json_build_array(p.division_code, g.name))
     FROM network_gridplace p JOIN network_grid g ON g.id = p.grid_id
     WHERE p.period @> %(on)s::date AND g.period @> %(on)s::date AND {single}
       AND g.region IN (left(%(low)s, 2), left(%(low)s, 4), left(%(low)s, 6))),
    (SELECT json_agg(day) FROM (SELECT day FROM days WHERE day IS NOT NULL
     ORDER BY abs(day - %(on)s::date), day LIMIT %(days)s) AS near),
    (SELECT json_agg(json_build_array(what, began, id, name, former, other, role)) FROM (
        SELECT * FROM happened ORDER BY what, began DESC, name, role, other LIMIT %(told)s) AS told),
    (SELECT json_agg(json_build_array(division_code, name)) FROM network_planningarea
     WHERE period @> %(on)s::date AND {single} AND {inside})
"""
