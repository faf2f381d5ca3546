"""What is asked of the solvers and what they answer, as arrays: choosing sites, dividing places."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tiercare.kernel.text import Text

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
TINY = 1e-6  # how far sums of binary fractions may differ


class Impossible(ValueError):
    """No plan can keep the capacities, whatever is chosen. ``reasons`` say in words who is in the way, where that is known."""

    def __init__(self, problem: str, *, reasons: Iterable[Text] = ()) -> None:
        super().__init__(problem)
        self.reasons = tuple(reasons)


@dataclass(frozen=True, slots=True)
class Choosing:
    """p sites are to be chosen for places.

    Attributes:
        cost: of serving a place from a site, sites × places; infinite where that may not be.
        need: of each place; none is negative.
        room: how much need each site can serve; infinite where nothing limits it.
        p: how many sites open, exactly.
        whole: costs are whole numbers, so a bound may be rounded up.
    """

    cost: Floats
    need: Floats
    room: Floats
    p: int
    whole: bool = False

    @property
    def limited(self) -> bool:
        """Whether some capacity can bind at all."""
        return bool((self.room < self.need.sum()).any())

    def total(self, held: Ints) -> float:
        """What it costs that each place is served from the site in ``held``."""
        return float(self.cost[held, np.arange(held.shape[0])].sum())

    def overload(self, held: Ints) -> float:
        """How much need stands over capacity, in all sites together."""
        load = np.bincount(held, self.need, self.cost.shape[0])
        return float(np.maximum(0.0, load - self.room).sum())


@dataclass(frozen=True, slots=True)
class Dividing:
    """Places are to be divided into connected grids around given leads.

    Attributes:
        cost: of a place in a grid, grids × places; infinite where that may not be.
        need: of each place by service, places × services; the first is what ``fair`` and ``balance`` are about.
        room: of each grid by service; infinite where nothing limits it.
        seat: the place in which each grid's lead stands; no two the same.
        first, beside: neighbours of each place, rows one after another (``beside[first[j]:first[j + 1]]``), both ways.
        fair: the load that would be each grid's share; balance: what a unit away from it costs.
    """

    cost: Floats
    need: Floats
    room: Floats
    seat: Ints
    first: Ints
    beside: Ints
    fair: Floats
    balance: float = 0.0

    def total(self, held: Ints) -> float:
        """What a division costs."""
        load = np.bincount(held, self.need[:, 0], self.seat.shape[0])
        served = float(self.cost[held, np.arange(held.shape[0])].sum())
        return served + self.balance * float(np.abs(load - self.fair).sum())

    def keeps(self, held: Ints) -> bool:
        """Whether no capacity is exceeded."""
        for k in range(self.need.shape[1]):
            load = np.bincount(held, self.need[:, k], self.seat.shape[0])
            if (load > self.room[:, k] + TINY).any():
                return False
        return True


def _nobody() -> Ints:
    return np.empty(0, np.int64)


@dataclass(slots=True)
class Found:
    """The best plan found so far, and what nobody can undercut.

    Attributes:
        held: the site or grid of each place; empty while no plan is known that keeps the capacities.
        opened: the sites that are open; of a division all leads.
        cost: of the plan, infinite without one; bound: what no plan undercuts.
        trace: (seconds, cost, bound) whenever one of them improved.
    """

    held: Ints = field(default_factory=_nobody)
    opened: Ints = field(default_factory=_nobody)
    cost: float = math.inf
    bound: float = -math.inf
    trace: list[tuple[float, float, float]] = field(default_factory=list)

    @property
    def proven(self) -> bool:
        """Whether it is shown that nothing better exists."""
        return math.isfinite(self.bound) and self.cost <= self.bound + TINY * max(1.0, abs(self.bound))

    @property
    def gap(self) -> float:
        """How far the cost lies above the best possible at most, as a part of the bound; infinite without plan or bound."""
        if not math.isfinite(self.cost) or not math.isfinite(self.bound):
            return math.inf
        return 0.0 if self.proven else (self.cost - self.bound) / max(abs(self.bound), TINY)


Progress: TypeAlias = Callable[[Found], None]
