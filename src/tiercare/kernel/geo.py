"""Geography of places: distances, estimated travel time, points spread inside an outline, and neighbours.

Positions are pairs ``(longitude, latitude)`` in decimal degrees. Areas and Voronoi cells are reckoned in
plain degrees: over one county that bends shapes a little and changes no neighbour that matters, since the
points are illustrative to begin with.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeAlias

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

LngLat: TypeAlias = tuple[float, float]

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
_ROUNDS = 20  # of Lloyd's relaxation: more changes the spread by less than the points' own vagueness
_SHARED_BORDER = 1e-6  # degrees (about 0.1 m): a shorter common border is a corner, not a border
_SNAP = 1e-9  # degrees: how far apart two drawings of the same border may lie


class Terrain(StrEnum):
    """Classes of country by how roads run through it."""

    URBAN = "URBAN"
    PLAIN = "PLAIN"
    HILL = "HILL"
    MOUNTAIN = "MOUNTAIN"


# terrain -> (road length over straight line, km/h door to door). Our own round figures, not a measurement.
_ROADS = {
    Terrain.URBAN: (1.3, 25.0),
    Terrain.PLAIN: (1.3, 45.0),
    Terrain.HILL: (1.5, 38.0),
    Terrain.MOUNTAIN: (1.9, 30.0),
}


def distance_km(a: LngLat, b: LngLat) -> float:
    """Great-circle distance in kilometres on a sphere of the mean radius (haversine formula)."""
    lng_a, lat_a, lng_b, lat_b = (math.radians(number) for number in (*a, *b))
    half = math.sin((lat_b - lat_a) / 2) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin((lng_b - lng_a) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half)))


def travel_minutes(km: float, terrain: Terrain) -> float:
    """Estimated minutes by road over ``km`` of straight line: road factor, then a mean speed.

    An estimate for planning and for the simulation, never a promise to a patient: factor and speed are round
    figures of ours for four classes of terrain (urban 1.3 / 25 km/h, plain 1.3 / 45, hill 1.5 / 38,
    mountain 1.9 / 30). Replace it by a routing service where one is at hand.

    Raises:
        ValueError: if ``km`` is negative or not a number.
    """
    if not km >= 0:
        raise ValueError(f"a distance must not be negative: {km}")
    factor, speed = _ROADS[terrain]
    return km * factor / speed * 60


def outline_from(geojson: Mapping[str, object]) -> BaseGeometry:
    """The area that a GeoJSON geometry (``Polygon`` or ``MultiPolygon``) draws.

    Raises:
        ValueError: if it is no such geometry or ``outline_fault`` finds a fault.
    """
    if geojson.get("type") not in ("Polygon", "MultiPolygon"):
        raise ValueError(f"an outline is a Polygon or a MultiPolygon, not {geojson.get('type')!r}")
    try:
        outline = shape(geojson)
    except (ValueError, TypeError, KeyError, IndexError, shapely.errors.ShapelyError) as error:
        raise ValueError(f"coordinates that draw no area: {error}") from error
    if fault := outline_fault(outline):
        raise ValueError(fault)
    return outline


def outline_fault(outline: BaseGeometry) -> str | None:
    """What is wrong with an outline, and where; ``None`` if it can be used."""
    if outline.is_empty or outline.geom_type not in ("Polygon", "MultiPolygon"):
        return f"an outline must be an area, not {outline.geom_type}"
    if not outline.is_valid:
        return f"the outline crosses itself: {shapely.is_valid_reason(outline)}"
    west, south, east, north = outline.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        return f"not degrees of longitude and latitude: {outline.bounds}"
    return None


def contains(outline: BaseGeometry, point: LngLat) -> bool:
    """True if ``point`` lies inside ``outline``, not merely on its border."""
    return bool(shapely.contains_xy(outline, *point))


def seed_points(outline: BaseGeometry, keys: Iterable[str]) -> dict[str, LngLat]:
    """A point inside ``outline`` for each key, well spread, rounded to 5 decimals (about 1 m).

    Deterministic: the same outline and the same set of keys give the same points, in whatever order the
    keys come. Started from a Halton sequence that the keys choose, then evened out by Lloyd's relaxation
    (each point moves to the middle of its Voronoi cell, as long as that lies inside). Of an outline in
    several parts only the largest gets points, so that neighbours hang together.

    Raises:
        ValueError: if ``outline_fault`` finds a fault, a key stands twice, or there is no room.
    """
    names = sorted(keys)
    if len(set(names)) != len(names):
        raise ValueError("every key may stand once only")
    if fault := outline_fault(outline):
        raise ValueError(fault)
    ground = max(shapely.get_parts(outline), key=lambda part: part.area)
    start = int.from_bytes(hashlib.sha256("\n".join(names).encode()).digest()[:2])
    points = dict(zip(names, _scatter(ground, len(names), start), strict=True))
    for _ in range(_ROUNDS if len(points) > 1 else 0):
        points = _relaxed(ground, points)
    return points


def _scatter(ground: BaseGeometry, count: int, start: int) -> list[LngLat]:
    """``count`` different points inside: those of a Halton sequence over the bounding box that fall inside."""
    west, south, east, north = ground.bounds
    points: list[LngLat] = []
    for index in range(start, start + 1000 * (count + 1)):
        if len(points) == count:
            break
        across, up = _halton(index, 2), _halton(index, 3)
        point = (round(west + across * (east - west), 5), round(south + up * (north - south), 5))
        if point not in points and contains(ground, point):
            points.append(point)
    if len(points) < count:
        raise ValueError(
            f"the outline has no room for {count} points: its area is {ground.area} square degrees"
        )
    return points


def _halton(index: int, base: int) -> float:
    """Term ``index`` of the van der Corput sequence in ``base`` (J. H. Halton, 1960)."""
    value, weight = 0.0, 1.0
    while index:
        weight /= base
        index, digit = divmod(index, base)
        value += weight * digit
    return value


def _relaxed(ground: BaseGeometry, points: Mapping[str, LngLat]) -> dict[str, LngLat]:
    """One round of Lloyd's relaxation; a point whose cell has its middle outside stays where it is."""
    moved = dict(points)
    for key, cell in voronoi_cells(ground, points).items():
        middle = (round(cell.centroid.x, 5), round(cell.centroid.y, 5))
        if contains(ground, middle) and middle not in moved.values():
            moved[key] = middle
    return moved


def voronoi_cells(outline: BaseGeometry, points: Mapping[str, LngLat]) -> dict[str, BaseGeometry]:
    """For each key the part of ``outline`` that lies nearer to its point than to any other.

    The cells tile the outline. A cell may have several parts where the outline is bent around another.

    Raises:
        ValueError: if there are no points, or two keys have the same one.
    """
    if not points:
        raise ValueError("at least one point is needed")
    if len(set(points.values())) != len(points):
        raise ValueError("two keys have the same point")
    if len(points) == 1:
        return dict.fromkeys(points, outline)
    sites = shapely.MultiPoint(list(points.values()))
    cells = shapely.get_parts(shapely.voronoi_polygons(sites, extend_to=outline.envelope, ordered=True))
    shapely.prepare(outline)
    return dict(zip(points, shapely.intersection(outline, cells), strict=True))


def adjacency(cells: Mapping[str, BaseGeometry]) -> set[tuple[str, str]]:
    """Pairs of keys, smaller first, whose areas share a border of positive length (a corner is none)."""
    names = list(cells)
    areas = [cells[name] for name in names]
    tree = shapely.STRtree(areas)
    pairs = set()
    for i, j in zip(*tree.query(areas, predicate="dwithin", distance=_SNAP), strict=True):
        if i < j and _border_length(areas[i], areas[j]) > _SHARED_BORDER:
            pairs.add((min(names[i], names[j]), max(names[i], names[j])))
    return pairs


def _border_length(a: BaseGeometry, b: BaseGeometry) -> float:
    """Length, in degrees, of the border of ``a`` that runs along ``b``; drawings may differ by ``_SNAP``."""
    return float(a.boundary.intersection(b.buffer(_SNAP, quad_segs=1)).length)


def components(keys: Iterable[str], pairs: Iterable[tuple[str, str]]) -> list[set[str]]:
    """The groups of ``keys`` that hang together by ``pairs``, largest first. One group: connected."""
    group_of = {key: {key} for key in keys}
    for a, b in pairs:
        if a in group_of and b in group_of and group_of[a] is not group_of[b]:
            joined = group_of[a] | group_of[b]
            group_of.update(dict.fromkeys(joined, joined))
    return sorted({id(group): group for group in group_of.values()}.values(), key=lambda g: (-len(g), min(g)))
