"""The region's outline as SVG: plain numbers and class names, drawn by the template."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tiercare.apps.network.queries import Checked
from tiercare.apps.network.rules import Kind
from tiercare.engines.policy import State
from tiercare.kernel import geo
from tiercare.web.pages import said

WIDTH = 560
_MARGIN = 6
_OPEN = (State.VIOLATED, State.MISSED, State.AT_RISK)
_TERRITORIAL = frozenset({Kind.CITY_GROUP, Kind.COUNTY_COMMUNITY})
_MARKS = {State.VIOLATED: "✕", State.MISSED: "!", State.AT_RISK: "!", State.WAIVED: "◇", State.MET: "✓"}

Position = tuple[float, float]


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


@dataclass(frozen=True, slots=True)
class Map:
    """All areas in one box of ``WIDTH`` × ``height``."""

    width: int
    height: int
    counties: tuple[County, ...]


def draw(checked: Checked, outlines: Mapping[str, Mapping[str, Any]]) -> Map | None:
    """The map of the region's planning areas; ``None`` where no outline is known.

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

    counties = []
    for code, rings in sorted(shapes.items()):
        inner = geo.outline_from(dict(outlines[code])).representative_point()
        x, y = place(inner.x, inner.y)
        state = _state(checked, code)
        name = checked.facts.area_name(code)
        word = said(state.label) if state else "—"
        named = [c for c in checked.facts.consortia.values() if c.division == code and c.kind in _TERRITORIAL]
        counties.append(
            County(
                code=code,
                name=name,
                path=" ".join(_path([place(*point) for point in ring]) for ring in rings),
                x=x,
                y=y,
                css=f"is-{state.value.lower()}" if state else "is-none",
                mark=_MARKS[state] if state else "",
                described=f"{name}：{word}（{'、'.join(c.name for c in named) or '—'}）",
                consortium=named[0].id if len(named) == 1 else "",
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


def _state(checked: Checked, code: str) -> State | None:
    """The worst state of what is about this area: itself, its grids, its territorial consortia.

    ``None`` where nobody answers for it.
    """
    facts = checked.facts
    grids = [
        g
        for g in facts.grids.values()
        if code in g.places or set(g.places) & set(facts.areas[code].townships)
    ]
    territorial = [c.id for c in facts.consortia.values() if c.division == code and c.kind in _TERRITORIAL]
    keys = {f"area:{code}", *(f"grid:{g.id}" for g in grids), *(f"consortium:{c}" for c in territorial)}
    named = [v for v in checked.compliance.verdicts if any(keys & {f.subject, *f.links} for f in v.findings)]
    for state in _OPEN:
        if any(v.state is state for v in named):
            return State.AT_RISK if state is State.MISSED else state
    waived = any(keys & {f.subject, *f.links} for v in checked.compliance.verdicts for f, _ in v.waived)
    if waived:
        return State.WAIVED
    return State.MET if territorial or grids else None
