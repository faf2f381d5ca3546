"""The synthetic residents as arrays: a number is a person. Nobody of them exists."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tiercare.engines.population.draws import rows_of

from . import assumptions as given
from .columns import Array, keys, pick, scattered, stream
from .world import NOBODY, World

DISEASES = tuple(given.CHRONIC)
PREGNANT, DISABLED, POOR, SPECIAL, PERMANENT, KEY_GROUP, DIES_THERE = (1 << n for n in range(7))


class People:
    """Those who live at one place stand together, the frailest first.

    Attributes:
        start, size: by place.
        chronic: bits in the order of DISEASES. ``flags``: bits of the constants above.
        insured: index of a county or -1. ``usual``: index of an institution. ``signed``: day, or NOBODY.
        died: day, or NOBODY.
    """

    def __init__(self, world: World, count: int) -> None:
        self.world, self.count = world, count
        rng = stream(world.seed, "people")
        self.size: Array = _shared(count, world.place_weight)
        self.start: Array = np.cumsum(self.size) - self.size
        home = np.repeat(np.arange(len(world.places), dtype=np.int16), self.size)
        age = _ages(rng, count)
        chronic = np.zeros(count, np.uint8)
        for bit, steps in enumerate(given.CHRONIC.values()):
            chronic |= (rng.random(count, np.float32) < _by_age(steps, age)).astype(np.uint8) << np.uint8(bit)
        frail = age / 100 + np.bitwise_count(chronic) * 0.25 + rng.random(count, np.float32)
        order = np.argsort(home.astype(np.float32) * 8 - frail, kind="stable")
        self.home, self.age, self.chronic = home, age[order], chronic[order]
        self.flags = self._flags(rng)
        self.died = self._deaths(rng)
        self.insured = self._insured(rng)
        self.usual: Array = world.usual.draw(rng, home.astype(np.int32)).astype(np.int32)
        self.signed = self._signed(rng)
        self.last_out: Array = np.zeros(count, np.int32)  # day of the last discharge so far

    def names(self, people: Array) -> pa.Array:
        """Pseudonyms as an Arrow column."""
        return keys("P", scattered(people, self.world.seed))

    def home_county(self) -> Array:
        """County of each person's home."""
        return self.world.place_county[self.home]

    def signed_with(self, people: Array, days: Array) -> Array:
        """With which institution somebody had signed by a day; -1 with none."""
        return np.where(self.signed[people] <= days, self.world.place_centre[self.home[people]], -1)

    def inside(self) -> Array:
        """Who lives in the region."""
        return self.world.place_inside[self.home]

    def _flags(self, rng: np.random.Generator) -> Array:
        urban = self.world.place_urban[self.home]
        poor = np.where(urban, given.POOR_URBAN, given.POOR_RURAL)
        shares = (
            (PREGNANT, _by_age(given.PREGNANT, self.age)),
            (DISABLED, _by_age(given.DISABLED, self.age)),
            (POOR, poor),
            (SPECIAL, given.SPECIAL_FAMILY * (self.age >= given.ELDERLY)),
            (PERMANENT, given.PERMANENT),
            (DIES_THERE, given.DIES_IN_HOSPITAL),
        )
        flags = np.zeros(self.count, np.uint8)
        for bit, share in shares:
            flags |= np.where(rng.random(self.count, np.float32) < share, np.uint8(bit), np.uint8(0))
        of_key = (
            (self.age >= given.ELDERLY)
            | (self.age <= given.CHILD)
            | (flags & (PREGNANT | DISABLED | POOR | SPECIAL) > 0)
        )
        watched = sum(
            1 << DISEASES.index(each)
            for each in ("hypertension", "diabetes", "severe_mental", "tuberculosis")
        )
        of_key |= (self.chronic & np.uint8(watched)) > 0
        return np.where(of_key, flags | np.uint8(KEY_GROUP), flags)

    def _deaths(self, rng: np.random.Generator) -> Array:
        base, level, slope = given.MORTALITY
        yearly = base + level * np.exp(slope * np.arange(131))
        days = self.world.calendar.days
        chance = (yearly * len(days) / 365.25)[self.age]
        when = days[0] + (rng.random(self.count, np.float32) * len(days)).astype(np.int32)
        return np.where(rng.random(self.count, np.float32) < chance, when, NOBODY).astype(np.int32)

    def _insured(self, rng: np.random.Generator) -> Array:
        own = self.home_county()
        inside = np.unique(self.world.place_county[: self.world.place_count])
        other = inside[rng.integers(0, len(inside), self.count)]
        luck = rng.random(self.count, np.float32)
        away = (luck < given.INSURED * given.INSURED_ELSEWHERE) & self.inside()
        return np.where(luck >= given.INSURED, -1, np.where(away, other, own)).astype(np.int16)

    def _signed(self, rng: np.random.Generator) -> Array:
        """Some have signed when the period begins, more sign as it goes on; visitors never."""
        cal = self.world.calendar
        first, years = int(cal.edges[0]), len(cal.months) / 12
        at_first = np.where(self.flags & KEY_GROUP > 0, given.SIGNED_KEY, given.SIGNED * 0.6)
        luck = rng.random(self.count, np.float32)
        before = first - rng.integers(1, 900, self.count, np.int32)
        later = first + ((luck - at_first) / given.SIGNED_MORE * 365).astype(np.int32)
        signed = np.where(
            luck < at_first, before, np.where(luck < at_first + given.SIGNED_MORE * years, later, NOBODY)
        )
        return np.where(self.inside(), signed, NOBODY).astype(np.int32)


def _shared(count: int, weights: Array) -> Array:
    """``count`` shared out in proportion, to the last one; every place has somebody if there are enough."""
    exact = weights / weights.sum() * count
    whole: Array = np.floor(exact).astype(np.int64)
    rest = np.argsort(whole - exact, kind="stable")[: count - whole.sum()]
    whole[rest] += 1
    if count >= len(weights):
        while (whole == 0).any():
            whole[np.argmax(whole)] -= 1
            whole[np.argmin(whole)] += 1
    return whole


def _ages(rng: np.random.Generator, count: int) -> Array:
    rows = rows_of("pyramid.csv")
    group = pick(rng, [float(row["percent"]) for row in rows], count)
    first = np.array([int(row["age_from"]) for row in rows])
    return (first[group] + rng.integers(0, 5, count)).astype(np.uint8)


def _by_age(steps: tuple[tuple[int, float], ...], age: Array) -> Array:
    table = np.zeros(131, np.float32)
    for since, share in steps:
        table[since:] = share
    shares: Array = table[age]
    return shares


def as_of(people: People, bit: int) -> Array:
    """Who has a flag."""
    return (people.flags & np.uint8(bit)) > 0
