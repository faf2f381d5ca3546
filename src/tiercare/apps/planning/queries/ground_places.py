"""The places of a region: its townships, or its villages where the planner divides finer.

Townships have the positions and neighbours of the register. Villages have neither there: they are placed as the product places townships
(spread over the ground that lies nearest to their township's point), and share its people equally; both are illustrative, and said so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

import shapely
from shapely.geometry.base import BaseGeometry

from tiercare.apps.network.rules import Network
from tiercare.apps.terms import queries as terms
from tiercare.engines.planning.regions import Place
from tiercare.kernel.divisions import DivisionLevel
from tiercare.kernel.geo import LngLat, adjacency, outline_from, seed_points, voronoi_cells

_AROUND = 0.02  # degrees: the ground of a township that no outline holds


@dataclass(frozen=True, slots=True)
class Placed:
    """Places with their neighbours, the township of each, and names of what has no people or position."""

    places: Sequence[Place]
    beside: Collection[tuple[str, str]]
    township: Mapping[str, str]
    missing: tuple[str, ...]


def whole(net: Network, on: date) -> Network:
    """The network, each area with its townships. One whose code has ended, though the registers of the region still have it, has those of
    its last day: townships keep their codes, and a plan must not name the old area beside them."""
    ended = {code: _ended(code, on) for code, area in net.areas.items() if not area.townships}
    areas = {
        code: replace(area, townships=tuple(ended[code])) if ended.get(code) else area
        for code, area in net.areas.items()
    }
    return replace(net, areas=areas)


def townships(net: Network, on: date) -> Placed:
    """Townships of all areas of a whole network; an area without any is a place itself. Those without people or position are told."""
    area_of = {code: key for key, area in sorted(net.areas.items()) for code in area.townships or (key,)}
    divisions = terms.divisions(area_of, on=on)
    found, missing = [], []
    for code, area in sorted(area_of.items()):
        division = divisions.get(code)
        at = division.point if division is not None else None
        if division is None or at is None or not division.population:
            missing.append(division.name if division is not None else code)
            continue
        found.append(Place(code, division.name, at, area, float(division.population)))
    known = [place.key for place in found]
    return Placed(found, terms.adjacent_pairs(known), {key: key for key in known}, tuple(missing))


def _ended(area: str, on: date) -> Sequence[str]:
    last = _last_day(area, on)
    return terms.township_codes([area], on=last)[area] if last is not None else ()


def _last_day(area: str, on: date) -> date | None:
    """The last day of a code that has ended; ``None`` for one that holds, or that nobody knows."""
    changed = [step.changed_on for step in terms.resolve(area, on=on).steps if step.old_code == area]
    return min(changed) - timedelta(days=1) if changed else None


def outlines_of(areas: Collection[str], on: date) -> Mapping[str, BaseGeometry]:
    """The ground of each area, of one whose code has ended that of its last day."""
    found = dict(terms.outlines(areas, on=on))
    for area in sorted(set(areas) - set(found)):
        last = _last_day(area, on)
        found |= terms.outlines([area], on=last) if last is not None else {}
    return {code: outline_from(row.ring) for code, row in found.items()}


def villages(placed: Placed, net: Network, on: date) -> Placed:
    """The villages of these townships; a township of which the register knows none stays a place itself."""
    below = _villages_of(net.region, on)
    towns = {town.key: town for town in placed.places}
    points, pairs = _drawn(
        tuple(
            (town.key, town.at, town.area, tuple(sorted(below.get(town.key, {})))) for town in placed.places
        ),
        on,
    )
    found: list[Place] = []
    township: dict[str, str] = {}
    for key, town in towns.items():
        names = below.get(key) or {key: town.name}
        for code, name in sorted(names.items()):
            place = replace(
                town, key=code, name=name, at=points.get(code, town.at), people=town.people / len(names)
            )
            found.append(place)
            township[code] = key
    return Placed(found, pairs, township, placed.missing)


def _villages_of(region: str, on: date) -> Mapping[str, Mapping[str, str]]:
    """Names of the villages of each township below the region, by code."""
    found: dict[str, dict[str, str]] = {}
    for row in terms.children(region, on=on, level=DivisionLevel.VILLAGE):
        if row.parent is not None:
            found.setdefault(row.parent.code, {})[row.code] = row.name
    return found


@lru_cache(maxsize=8)
def _drawn(
    towns: tuple[tuple[str, LngLat, str, tuple[str, ...]], ...], on: date
) -> tuple[Mapping[str, LngLat], frozenset[tuple[str, str]]]:
    """A point for every village and which of them (or of the townships without any) share a border; the same for the same townships."""
    outlines = outlines_of({area for _, _, area, _ in towns}, on)
    grounds: dict[str, BaseGeometry] = {}
    for area in sorted({area for _, _, area, _ in towns}):
        points = {key: at for key, at, its, _ in towns if its == area}
        grounds |= _grounds(outlines.get(area), points)
    placed: dict[str, LngLat] = {}
    cells: dict[str, BaseGeometry] = {}
    for key, at, _, names in towns:
        seeds = seed_points(grounds[key], names) if len(names) > 1 else dict.fromkeys(names or (key,), at)
        placed |= seeds
        cells |= voronoi_cells(grounds[key], seeds)
    return placed, frozenset(adjacency(cells))


def _grounds(outline: BaseGeometry | None, points: Mapping[str, LngLat]) -> Mapping[str, BaseGeometry]:
    """The ground of each township: what of the area lies nearest to it."""
    inside = {
        key: at for key, at in points.items() if outline is not None and outline.covers(shapely.Point(at))
    }
    found = dict(voronoi_cells(outline, inside)) if outline is not None and inside else {}
    for key, at in points.items():
        if key not in found or found[key].is_empty:
            found[key] = shapely.Point(at).buffer(_AROUND)
    return found
