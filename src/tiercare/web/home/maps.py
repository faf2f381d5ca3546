"""The region's outline as SVG: plain numbers and class names, drawn by the template."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tiercare.apps.network import queries as network
from tiercare.apps.network.queries import Checked
from tiercare.apps.network.rules import Kind
from tiercare.engines.policy import State
from tiercare.kernel import geo
from tiercare.web.pages import said

WIDTH = 560
_MARGIN = 6
_TERRITORIAL = frozenset({Kind.CITY_GROUP, Kind.COUNTY_COMMUNITY})
_MARKS = {State.VIOLATED: "✕", State.MISSED: "!", State.AT_RISK: "!", State.WAIVED: "◇", State.MET: "✓"}

Position = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the map says of an area: its state, who answers for it, and what a click opens."""

    code: str
    name: str
    state: State | None
    answers: tuple[str, ...] = ()
    consortium: str = ""
    below: bool = False


def areas_of(checked: Checked) -> list[Shown]:
    """The areas of the map: counties where the facts are at hand, else the provinces or prefectures below."""
    facts = checked.facts
    if facts is None:
        return [
            Shown(row.code, row.name, _softened(row.worst) or State.MET, below=True)
            for row in network.areas_below(checked)
        ]
    found = {row.code: row.worst for row in network.areas_below(checked)}
    waived = network.counties_waived(checked)
    shown = []
    for code, area in facts.areas.items():
        named = [c for c in facts.of_kind(*_TERRITORIAL) if c.division == code]
        answered = bool(named) or any(
            code in g.places or set(g.places) & set(area.townships) for g in facts.grids.values()
        )
        quiet = State.WAIVED if code in waived else State.MET
        state = _softened(found.get(code)) if found.get(code) not in (None, State.ADVICE) else quiet
        single = named[0].id if len(named) == 1 else ""
        shown.append(
            Shown(code, area.name, state if answered else None, tuple(c.name for c in named), single)
        )
    return shown


def _softened(state: State | None) -> State | None:
    return {State.MISSED: State.AT_RISK, State.ADVICE: State.MET}.get(state, state) if state else None


@dataclass(frozen=True, slots=True)
class County:
    """One area: its path, where its name stands, its state in word and sign, and what a click opens."""

    code: str
    name: str
    path: str
    x: float
    y: float
    css: str
    mark: str
    described: str
    consortium: str
    below: bool


@dataclass(frozen=True, slots=True)
class Map:
    """All areas in one box of ``WIDTH`` × ``height``."""

    width: int
    height: int
    counties: tuple[County, ...]


def draw(areas: Iterable[Shown], outlines: Mapping[str, Mapping[str, Any]]) -> Map | None:
    """The map of these areas; ``None`` where no outline is known.

    ``outlines`` are GeoJSON polygons in degrees; the picture is equirectangular at the region's latitude.
    """
    shapes = {code: list(_rings(outline)) for code, outline in outlines.items()}
    points = [point for rings in shapes.values() for ring in rings for point in ring]
    if not points:
        return None
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    narrowing = math.cos(math.radians((south + north) / 2))
    scale = (WIDTH - 2 * _MARGIN) / ((east - west) * narrowing)

    def place(lng: float, lat: float) -> Position:
        return round(_MARGIN + (lng - west) * narrowing * scale, 1), round(_MARGIN + (north - lat) * scale, 1)

    counties, known = [], {area.code: area for area in areas}
    for code, rings in sorted(shapes.items()):
        inner = geo.outline_from(dict(outlines[code])).representative_point()
        x, y = place(inner.x, inner.y)
        area = known[code]
        state, word = area.state, said(area.state.label) if area.state else "—"
        counties.append(
            County(
                code=code,
                name=area.name,
                path=" ".join(_path([place(*point) for point in ring]) for ring in rings),
                x=x,
                y=y,
                css=f"is-{state.value.lower()}" if state else "is-none",
                mark=_MARKS[state] if state else "",
                described=f"{area.name}：{word}（{'、'.join(area.answers) or '—'}）",
                consortium=area.consortium,
                below=area.below,
            )
        )
    return Map(WIDTH, round((north - south) * scale + 2 * _MARGIN), tuple(counties))


def _rings(outline: Mapping[str, Any]) -> Iterator[list[Position]]:
    """The outer and inner rings of a Polygon or MultiPolygon."""
    polygons = [outline["coordinates"]] if outline["type"] == "Polygon" else outline["coordinates"]
    for polygon in polygons:
        for ring in polygon:
            yield [(lng, lat) for lng, lat, *_ in ring]


def _path(points: list[Position]) -> str:
    """A closed path; steps that do not show are left out."""
    kept = [points[0]]
    for point in points[1:]:
        if abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) >= 1:
            kept.append(point)
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in kept) + "Z"
