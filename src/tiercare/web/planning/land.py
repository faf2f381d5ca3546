"""The land of a region as SVG: townships as cells, the lines between them, counties, and where names stand.

Townships have no borders on record: each is the part of its county nearer to its illustrative point than to any other, as everywhere in
the product (示意位置). Lines between two cells are drawn apart from them, so that the border of a grid is where two cells differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from tiercare.engines.planning.regions import Region
from tiercare.kernel.geo import LngLat, voronoi_cells
from tiercare.web.outlines import Projection

WIDTH, HEIGHT = 760.0, 720.0
_TOUCH = 1e-7  # degrees (about a centimetre): how far apart two drawings of one border may lie
_STEP = 0.4  # units of the picture: a shorter step does not show
_POINT = "{:g} {:g}"


@dataclass(frozen=True, slots=True)
class Cell:
    """A township: its path, where its name stands, its outline in degrees (for files)."""

    key: str
    path: str
    x: float
    y: float
    outline: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Edge:
    """The line between two neighbouring townships."""

    one: str
    other: str
    path: str


@dataclass(frozen=True, slots=True)
class Land:
    """The whole picture; ``counties`` are paths by code with where their name stands, ``bare`` the places that have no outline around
    them and stand as a circle."""

    projection: Projection
    cells: Mapping[str, Cell]
    edges: tuple[Edge, ...]
    counties: tuple[tuple[str, str], ...]
    bare: tuple[str, ...]


def drawn(region: Region, outlines: Mapping[str, BaseGeometry]) -> Land | None:
    """The land of a region; ``outlines`` are those of its areas by code. ``None`` where nothing can be drawn."""
    places = tuple(sorted((place.key, place.area, place.at) for place in region.places))
    known = tuple(sorted((code, shapely.to_wkb(outline)) for code, outline in outlines.items()))
    return _drawn(places, known, tuple(sorted(region.beside)))


@lru_cache(maxsize=16)  # a region changes its borders once in years; every move on the map asks for them
def _drawn(
    places: tuple[tuple[str, str, LngLat], ...],
    outlines: tuple[tuple[str, bytes], ...],
    beside: tuple[tuple[str, str], ...],
) -> Land | None:
    grounds = {code: shapely.from_wkb(raw) for code, raw in outlines}
    areas = {
        code: _cells(ground, [each for each in places if each[1] == code]) for code, ground in grounds.items()
    }
    cells = {key: shape for found in areas.values() for key, shape in found.items()}
    corners = [point for ground in grounds.values() for point in _corners(ground)]
    projection = Projection.around([*corners, *(at for _, _, at in places)], width=WIDTH, height=HEIGHT)
    if projection is None:
        return None
    made = {
        key: Cell(key, _area(shape, projection), *_middle(shape, projection), shapely.geometry.mapping(shape))
        for key, shape in cells.items()
    }
    bare = [(key, at) for key, _, at in places if key not in made]
    made |= {
        key: Cell(key, "", *projection.place(*at), {"type": "Point", "coordinates": list(at)})
        for key, at in bare
    }
    edges = (
        Edge(one, other, path)
        for one, other in beside
        if one in cells and other in cells and (path := _line(cells[one], cells[other], projection))
    )
    counties = tuple((code, _area(ground, projection)) for code, ground in grounds.items())
    return Land(projection, made, tuple(edges), counties, tuple(key for key, _ in bare))


def _cells(ground: BaseGeometry, places: Sequence[tuple[str, str, LngLat]]) -> dict[str, BaseGeometry]:
    points = {key: at for key, _, at in places}
    if not points or len(set(points.values())) != len(points):
        return {}
    return {key: shape for key, shape in voronoi_cells(ground, points).items() if not shape.is_empty}


def _corners(shape: BaseGeometry) -> list[LngLat]:
    west, south, east, north = shape.bounds
    return [(west, south), (east, north)]


def _middle(shape: BaseGeometry, projection: Projection) -> tuple[float, float]:
    """Well inside the largest part: where a name stands and the eye looks."""
    part = max(shapely.get_parts(shape), key=lambda each: each.area)
    at = part.centroid if part.contains(part.centroid) else part.representative_point()
    return projection.place(at.x, at.y)


def _area(shape: BaseGeometry, projection: Projection) -> str:
    rings = [ring for part in _polygons(shape) for ring in (part.exterior, *part.interiors)]
    return "".join(f"M{_steps(ring.coords, projection)}Z" for ring in rings)


def _polygons(shape: BaseGeometry) -> list[Any]:
    return [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]


def _line(one: BaseGeometry, other: BaseGeometry, projection: Projection) -> str:
    shared = shapely.line_merge(one.boundary.intersection(other.buffer(_TOUCH, quad_segs=1)))
    lines = [
        part
        for part in shapely.get_parts(shared)
        if part.geom_type == "LineString" and part.length > _TOUCH * 10
    ]
    return "".join(f"M{_steps(part.coords, projection)}" for part in lines)


def _steps(points: Any, projection: Projection) -> str:
    kept: list[tuple[float, float]] = []
    placed = [projection.place(lng, lat) for lng, lat, *_ in points]
    for at, point in enumerate(placed):
        last = at == len(placed) - 1
        if not kept or last or abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) >= _STEP:
            kept.append(point)
    return "L".join(_POINT.format(*point) for point in kept)
