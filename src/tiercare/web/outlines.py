"""Outlines and places as SVG: from degrees to the plain numbers that a template draws."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Position = tuple[float, float]
_MARGIN = 6.0


@dataclass(frozen=True, slots=True)
class Projection:
    """Equirectangular at the middle latitude; ``width`` × ``height`` hold all that was given."""

    west: float
    north: float
    narrowing: float
    scale: float
    width: float
    height: float

    @classmethod
    def around(
        cls, points: Iterable[Position], *, width: float, height: float = math.inf
    ) -> Projection | None:
        """A projection that fits all ``points`` (degrees) into ``width``, and ``height`` if given; ``None``
        without two different ones."""
        known = list(points)
        if len(set(known)) < 2:
            return None
        west, east = min(x for x, _ in known), max(x for x, _ in known)
        south, north = min(y for _, y in known), max(y for _, y in known)
        narrowing = math.cos(math.radians((south + north) / 2))
        across, up = max((east - west) * narrowing, 1e-6), max(north - south, 1e-6)
        scale = min((width - 2 * _MARGIN) / across, (height - 2 * _MARGIN) / up)
        return cls(
            west,
            north,
            narrowing,
            scale,
            round(across * scale + 2 * _MARGIN),
            round(up * scale + 2 * _MARGIN),
        )

    def place(self, lng: float, lat: float) -> Position:
        """Where a point of the earth stands in the picture."""
        x = _MARGIN + (lng - self.west) * self.narrowing * self.scale
        return round(x, 1), round(_MARGIN + (self.north - lat) * self.scale, 1)

    def path(self, outlines: Iterable[Mapping[str, Any]]) -> str:
        """All rings of GeoJSON polygons as one closed path; steps that do not show are left out."""
        return " ".join(_ring([self.place(*point) for point in ring]) for ring in rings(outlines))


def rings(outlines: Iterable[Mapping[str, Any]]) -> Iterator[list[Position]]:
    """The outer and inner rings of Polygons and MultiPolygons."""
    for outline in outlines:
        polygons = [outline["coordinates"]] if outline["type"] == "Polygon" else outline["coordinates"]
        for polygon in polygons:
            for ring in polygon:
                yield [(lng, lat) for lng, lat, *_ in ring]


def _ring(points: list[Position]) -> str:
    kept = [points[0]]
    for point in points[1:]:
        if abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) >= 1:
            kept.append(point)
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in kept) + "Z"
