"""Years in a row with the same people, each under the policy that is in force in it.

A year takes from the one before whose chronic disease has begun, and how many of the chronically ill are under control. Who dies makes room for
somebody of the same age and state under another pseudonym, who falls ill from New Year on: a region neither empties nor grows old. What people
fall ill with is drawn anew. Not taken over: who lies in a bed, stands in a line or is booked on New Year's Eve, and which of the ill are under
control.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from tiercare.engines.measures.synth import Profile
from tiercare.engines.measures.synth.columns import Array, Calendar, keys, scattered
from tiercare.engines.measures.synth.people import DISEASES, People
from tiercare.engines.measures.synth.world import NOBODY, World
from tiercare.engines.payment import Benefits

from .assumptions import Assumptions, given
from .levers import Levers
from .needs import needs_of
from .residents import NAMED, residents_of
from .running import Prepared, Year, simulate

_NAMED = sum(1 << DISEASES.index(each) for each in NAMED)


def years(
    profile: Profile,
    policies: Mapping[int, Levers],
    *,
    residents: int,
    seed: int,
    benefits: Benefits,
    assumptions: Assumptions | None = None,
) -> Iterator[Year]:
    """Play the years one after the other; the same arguments give the same arrays.

    Args:
        policies: the levers of each calendar year, which follow one another.
        residents: synthetic people; capacity is scaled to them.

    Raises:
        ValueError: no year, or years that do not follow one another.
    """
    every = sorted(policies)
    if not every or every[-1] - every[0] != len(every) - 1:
        raise ValueError(f"years do not follow one another: {every}")
    using = assumptions or given()
    people = Residents(World(profile, Calendar(every[0], len(every)), seed, ()), residents)
    chronic = people.chronic
    for nth, year in enumerate(every):
        people, using_now = people.living(World(profile, Calendar(year, 1), seed, ())), _grown(using, nth)
        people.chronic = chronic
        who = residents_of(people, Levers(), using_now)
        prepared = Prepared(people.world, people, needs_of(who, people.world.calendar, using_now, seed + nth))
        played = simulate(
            profile, policies[year], residents=residents, seed=seed + nth, benefits=benefits, year=year,
            assumptions=using_now, prepared=prepared,
        )  # fmt: skip
        yield played
        chronic = np.where(begins(played), played.residents["chronic"], chronic)
        using = using.with_values({"controlled_at_first": _controlled(played)})


class Residents(People):
    """People of several years: ``died`` is drawn over all of them, and who dies is followed by somebody else."""

    def __init__(self, world: World, count: int) -> None:
        super().__init__(world, count)
        self.number: Array = np.arange(count)

    def names(self, people: Array) -> pa.Array:
        """Pseudonyms as an Arrow column; who takes a dead person's place has their own."""
        return keys("P", scattered(self.number[people], self.world.seed))

    def living(self, world: World) -> Residents:
        """Those of the next year, whose world it is."""
        found, dead = copy.copy(self), self.died < world.calendar.edges[0]
        found.world = world
        found.number = np.where(dead, self.number + self.count, self.number)
        found.died = np.where(dead, NOBODY, self.died).astype(np.int32)
        return found

    def followed(self) -> Residents:
        """These and, behind them, those who come in the place of the dead on the same day and sign, if the dead had."""
        found, dead = copy.copy(self), np.flatnonzero(self.died < NOBODY)
        for name in ("home", "age", "chronic", "flags", "insured", "usual", "signed", "died", "number"):
            held = getattr(self, name)
            setattr(found, name, np.concatenate([held, held[dead]]))
        found.number[self.count :] += self.count
        found.signed[self.count :] = np.where(self.signed[dead] < NOBODY, self.died[dead], NOBODY)
        found.died[self.count :] = NOBODY
        return found

    def lasting(self) -> Residents:
        """As many as there are on any day: whoever dies is followed."""
        found = copy.copy(self)
        found.died = np.full(self.count, NOBODY, np.int32)
        return found


def begins(year: Year) -> Array:
    """Whose chronic diseases have begun when the year ends, or when they die in it."""
    onset: Array = year.residents["onset"]
    found: Array = (onset <= year.residents["died"]) & (onset < year.days)
    return found


def _grown(using: Assumptions, nth: int) -> Assumptions:
    """Somebody's luck says how soon they fall chronically ill: in the n-th year it is the turn of those whom the years before have left out."""
    return using.with_values({"onset": using["onset"] * (nth + 1)})


def _controlled(year: Year) -> float:
    """The share of the chronically ill who live and are under control when the year ends."""
    who = year.residents
    ill = begins(year) & ((who["chronic"] & np.uint8(_NAMED)) > 0) & (who["died"] >= year.days)
    return float(who["controlled"][ill].mean()) if ill.any() else year.given["controlled_at_first"]
