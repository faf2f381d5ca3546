"""A province with the area that a centre serves: counties as they were drawn in 2018, the served ones filled, hospitals as signs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tiercare.apps.terms import queries as terms
from tiercare.kernel.divisions import DivisionLevel
from tiercare.kernel.geo import LngLat
from tiercare.web.outlines import Projection, rings

WIDTH, HEIGHT = 560.0, 620.0
_COUNTY = 6  # digits
_GAP = 14.0  # between the names of two hospitals


@dataclass(frozen=True, slots=True)
class Mark:
    """A hospital; ``here``: of the centre that is looked at; ``left``: its name stands to the left of it, where the picture ends."""

    name: str
    x: float
    y: float
    here: bool
    label: float
    left: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """What the template draws; ``paths`` are (path, name, served). Without a width there is nothing to draw."""

    width: float = 0
    height: float = 0
    paths: tuple[tuple[str, str, bool], ...] = ()
    marks: tuple[Mark, ...] = ()


def drawn(
    province: str, served: Collection[str], hospitals: Mapping[str, LngLat], here: str, *, on: date
) -> Picture:
    """The province on a day; ``served`` are prefectures or counties of it."""
    counties = {each.code: each.name for each in terms.children(province, on=on, level=DivisionLevel.COUNTY)}
    found = terms.outlines(set(counties), on=on)
    corners = [point for row in found.values() for ring in rings([row.ring]) for point in ring]
    projection = Projection.around(corners, width=WIDTH, height=HEIGHT)
    if projection is None:
        return Picture()
    paths = tuple(
        (projection.path([row.ring]), counties[code], any(code.startswith(each) for each in served))
        for code, row in sorted(found.items())
    )
    return Picture(projection.width, projection.height, paths, _marks(hospitals, here, projection))


def _marks(hospitals: Mapping[str, LngLat], here: str, projection: Projection) -> tuple[Mark, ...]:
    """Each where it stands; names under each other where hospitals of one town would write over each other."""
    made: list[Mark] = []
    for name, at in sorted(hospitals.items(), key=lambda each: (each[1][1], each[0]), reverse=True):
        x, y = projection.place(*at)
        label = y
        for other in made:
            if abs(other.x - x) < WIDTH / 3 and abs(other.label - label) < _GAP:
                label = other.label + _GAP
        made.append(Mark(name, x, y, name == here, label, x > projection.width / 2))
    return tuple(made)


def parts_of(region: str, *, on: date) -> list[dict[str, Any]]:
    """What a service area may name: the prefectures of the province, and the counties of one's own."""
    province = region[:2]
    prefectures = terms.children(province, on=on, level=DivisionLevel.PREFECTURE)
    own = region[:4]
    return [
        {
            "code": each.code,
            "name": each.name,
            "counties": [
                {"code": county.code, "name": county.name}
                for county in terms.children(each.code, on=on, level=DivisionLevel.COUNTY)
            ]
            if each.code == own
            else [],
        }
        for each in prefectures
    ]
