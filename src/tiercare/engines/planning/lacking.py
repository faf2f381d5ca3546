"""What an area lacks against the standards, and the cheapest way to close each gap.

A standard says how much of something so many people need (beds per 1,000, general practitioners per 10,000, level-2A hospitals per 300,000);
a way says what it would give, at what price, and how often it can be taken. Which ways there are and what they cost is the user's to say:
the engine chooses among them and invents none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from tiercare.kernel.text import Text

from .programme import Programme, Rows, solve


class Rounding(StrEnum):
    """What becomes of a part of one: kept (beds), a whole one more, or left away as long as there is one (``amount``) at least."""

    NONE = "none"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Standard:
    """``amount`` of ``what`` for every ``people``."""

    id: str
    name: Text
    what: str
    amount: float
    people: float
    clauses: tuple[str, ...] = ()
    rounding: Rounding = Rounding.NONE

    def wanted(self, people: float) -> float:
        """How much of it so many people need."""
        times = people / self.people
        if self.rounding is Rounding.DOWN:
            return self.amount * max(1, math.floor(times + 1e-9))
        exact = times * self.amount
        return math.ceil(exact - 1e-9) if self.rounding is Rounding.UP else exact


@dataclass(frozen=True, slots=True)
class Area:
    """A county, district or grid: its people, and how much it has of each thing."""

    key: str
    name: str
    people: float
    has: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Way:
    """Something that could be done in an area: one time gives ``gives`` of ``what`` for ``price``; at most ``most`` times."""

    id: str
    name: Text
    area: str
    what: str
    gives: float
    price: float
    most: int = 1


@dataclass(frozen=True, slots=True)
class Gap:
    """What an area lacks, the cheapest ways that close it with how often each is taken, their price, and what no way closes."""

    area: str
    standard: str
    has: float
    wanted: float
    lacking: float
    taken: tuple[tuple[str, int], ...]
    price: float
    left: float


def gaps(areas: Sequence[Area], standards: Sequence[Standard], ways: Sequence[Way]) -> list[Gap]:
    """Every gap, the widest first as a part of what is wanted.

    Raises:
        ValueError: for a way that gives nothing, or costs less than nothing.
    """
    wrong = [way.id for way in ways if way.gives <= 0 or way.price < 0 or way.most < 0]
    if wrong:
        raise ValueError(f"a way gives something and costs something: {', '.join(wrong)}")
    found = []
    for area in areas:
        for standard in standards:
            wanted, has = standard.wanted(area.people), area.has.get(standard.what, 0.0)
            if has >= wanted - 1e-9:
                continue
            open_to = [way for way in ways if way.area == area.key and way.what == standard.what]
            taken, price, left = _cheapest(open_to, wanted - has)
            found.append(Gap(area.key, standard.id, has, wanted, wanted - has, taken, price, left))
    return sorted(found, key=lambda gap: (-gap.lacking / gap.wanted, gap.area, gap.standard))


def _cheapest(ways: Sequence[Way], lacking: float) -> tuple[tuple[tuple[str, int], ...], float, float]:
    """The cheapest ways that give at least what is lacking; where all together do not, all of them and what is left."""
    everything = sum(way.gives * way.most for way in ways)
    if everything <= lacking:
        taken = tuple((way.id, way.most) for way in ways if way.most)
        return taken, sum(way.price * way.most for way in ways), lacking - everything
    count = len(ways)
    enough = Rows(
        np.zeros(count, np.int64),
        np.arange(count),
        np.array([way.gives for way in ways]),
        np.array([lacking - 1e-9]),
        np.array([np.inf]),
    )
    price, most = np.array([way.price for way in ways]), np.array([float(way.most) for way in ways])
    point = solve(Programme(price, most, (enough,), whole=count)).point.round().astype(int).tolist()
    taken = tuple((way.id, times) for way, times in zip(ways, point, strict=True) if times)
    return taken, float((price * np.array(point)).sum()), 0.0
