"""Townships of a region with those filled whom nobody serves, wholly or in part; drawn as on the map of grids (示意位置)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from tiercare.apps.planning.queries.serving import Serving
from tiercare.apps.terms import queries as terms
from tiercare.engines.planning.regions import Place, Region
from tiercare.kernel.geo import outline_from
from tiercare.web.planning.land import Cell, drawn


@dataclass(frozen=True, slots=True)
class Town:
    """A township; ``state`` is ``left``, ``part`` or empty. Only names of those left out stand on the map: the others are in titles."""

    cell: Cell
    name: str
    state: str
    people: int


@dataclass(frozen=True, slots=True)
class Picture:
    """What the template draws; without a width nothing."""

    width: float = 0
    height: float = 0
    towns: tuple[Town, ...] = ()
    borders: tuple[str, ...] = ()


def picture(found: Serving, *, on: date) -> Picture:
    """The map of a region on a day."""
    divisions = terms.divisions(found.towns, on=on)
    places = [
        Place(code, each.name, at, each.county, float(each.people))
        for code, each in sorted(found.towns.items())
        if code in divisions and (at := divisions[code].point) is not None
    ]
    if not places:
        return Picture()
    beside = terms.adjacent_pairs([each.key for each in places])
    outlines = {
        code: outline_from(row.ring)
        for code, row in terms.outlines({each.area for each in places}, on=on).items()
    }
    land = drawn(Region(places, [], np.zeros((0, len(places))), beside), outlines)
    if land is None:
        return Picture()
    left = {each.town.code: each for each in found.left}
    towns = tuple(
        Town(
            cell,
            found.towns[key].name,
            "" if key not in left else "part" if left[key].villages else "left",
            left[key].people if key in left else 0,
        )
        for key, cell in land.cells.items()
        if cell.path
    )
    return Picture(
        land.projection.width, land.projection.height, towns, tuple(path for _, path in land.counties)
    )
