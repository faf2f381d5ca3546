"""The columns of visits, and what the books of the months take from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from . import assumptions as given
from .cases import URGENT, Cases, those
from .columns import Array, Piece, counts, dates, flags, keys, named, serial, stream, word, worded
from .diseases import Diseases, diseases
from .people import People
from .planted import Heaping
from .world import EMERGENCY, INPATIENT, World

SLICE = 1 << 20  # rows made at once: one row group
_TERTIARY = word("visits", "tier", "tertiary")
_OPEN, _ENDOSCOPIC, _INTERVENTIONAL = range(3)


@dataclass(slots=True)
class Slice:
    """Some visits with what they cost; ``month`` is ascending, ``number`` counts from 0 within the month. ``wait``: days of waiting for
    each stay, where they are known; drawn otherwise."""

    cases: Cases
    month: Array
    number: Array
    cost: Array
    fund: Array
    wait: Array | None = None


class Books:
    """Sums of a chunk by month and institution (and, of the fund, county insured and class of service)."""

    def __init__(self, world: World, first: int, last: int) -> None:
        self.first, self.months = first, last - first
        shape = (self.months, len(world.sites))
        self.outpatients, self.stays, self.bed_days, self.cost = (np.zeros(shape, np.int64) for _ in range(4))
        self.money: Array = np.zeros((3, self.months, len(world.county_names), len(world.sites), 2), np.int64)

    def take(self, world: World, people: People, part: Slice) -> None:
        """Add a slice."""
        cases, month = part.cases, part.month.astype(np.int64) - self.first
        shape, stay = self.cost.shape, cases.kind == INPATIENT
        at = month * shape[1] + cases.site
        size = shape[0] * shape[1]
        for sums, weights in (
            (self.outpatients, ~stay),
            (self.stays, stay),
            (self.bed_days, cases.stay),
            (self.cost, part.cost),
        ):
            np.add(sums, _binned(at, weights, size).reshape(shape), out=sums)
        insured = people.insured[cases.person].astype(np.int64)
        which = insured >= 0
        cell = (month * self.money.shape[2] + insured) * shape[1] * 2 + cases.site.astype(np.int64) * 2 + stay
        own = part.cost - part.fund
        for sums, amounts in zip(self.money, (part.cost, part.fund, own), strict=True):
            np.add(sums, _binned(cell[which], amounts[which], sums.size).reshape(sums.shape), out=sums)


def _binned(at: Array, weights: Array, size: int) -> Array:
    """Whole sums: below 2**53 the floats of ``bincount`` are exact."""
    return np.bincount(at, weights, size).astype(np.int64)


def slices(world: World, people: People, cases: Cases, first: int) -> Iterator[Slice]:
    """The visits of a chunk, piece by piece, with what each costs."""
    month = world.calendar.month(cases.day)
    number = serial(month)
    for at in range(0, len(month), SLICE):
        which = slice(at, at + SLICE)
        part = those(cases, which)
        rng = stream(world.seed, f"cost{at // SLICE}", first)
        cost, fund = _money(rng, world, people, part, month[which])
        yield Slice(part, month[which], number[which], cost, fund)


def _money(
    rng: np.random.Generator, world: World, people: People, cases: Cases, month: Array
) -> tuple[Array, Array]:
    ill, count = diseases(), len(cases.day)
    tier, stay = world.site_tier[cases.site], cases.kind == INPATIENT
    long = np.maximum(cases.stay, 1).astype(np.float32) / 7
    middle = np.where(
        stay,
        np.array(given.STAY_COST, np.float32)[tier] * long ** np.float32(0.6),
        np.array(given.OUTPATIENT_COST, np.float32)[tier],
    )
    middle = (
        middle
        * ill.cost[cases.code]
        * np.where(cases.kind == EMERGENCY, np.float32(given.EMERGENCY_FACTOR), 1)
    )
    spread = np.where(stay, np.float32(given.COST_SPREAD[1]), np.float32(given.COST_SPREAD[0]))
    chance = np.exp(rng.standard_normal(count, np.float32) * spread)
    cost = np.maximum(middle * chance * ((1 + given.COST_GROWTH) ** (month / 12)), 100).astype(np.int64)
    for planted, site in world.at_sites:
        if isinstance(planted, Heaping):
            heaped = (cases.site == site) & (rng.random(count, np.float32) < planted.share)
            cost[heaped] = np.maximum((cost[heaped] + 500) // 1000, 1) * 1000
            world.truth.count(planted, int(heaped.sum()))
    share = np.where(stay, np.array(given.FUND_STAY)[tier], np.array(given.FUND_OUTPATIENT)[tier])
    share = share * np.where(world.site_inside[cases.site], 1.0, given.OUTSIDE_FUND)
    share = np.clip(share + rng.standard_normal(count, np.float32) * np.float32(0.06), 0, 0.97)
    fund = np.where(people.insured[cases.person] >= 0, (cost * share).astype(np.int64), 0)
    return cost, fund


def visits(world: World, people: People, part: Slice, first: int) -> Piece:
    """The fact table of a slice."""
    ill, cases, site = diseases(), part.cases, part.cases.site
    rng = stream(world.seed, f"visits{int(part.number[0])}", first * 4096 + int(part.month[0]))
    home = people.home[cases.person]
    stay = cases.kind == INPATIENT
    tier = world.site_tier[site]
    hospital = ~world.site_primary[site]
    count = len(site)
    serious = ill.serious[cases.code] > 0
    critical = np.where(
        cases.kind == EMERGENCY,
        given.CRITICAL[1],
        np.where(stay & serious, given.CRITICAL[2], given.CRITICAL[0]),
    )
    difficult = np.where(
        stay & serious & (tier == _TERTIARY), given.DIFFICULT[1], given.DIFFICULT[0] * hospital
    )
    columns = {
        "visit": keys("V", part.number, world.calendar.months, part.month),
        "person": people.names(cases.person),
        "kind": worded("visits", "kind", cases.kind),
        "date": dates(cases.day),
        "admitted": dates(cases.day - cases.stay, ~stay),
        "days": counts(
            np.maximum(cases.stay, 1), ~stay
        ),  # who dies on the day of admission was there for a day
        "institution": named(site, world.site_names),
        "tier": worded("visits", "tier", tier),
        "place": named(world.site_division[site], world.division_names),
        "consortium": named(world.site_group[site], world.group_names),
        "role": worded("visits", "role", world.site_role[site]),
        "home": named(world.place_division[home], world.division_names),
        "home_consortium": named(world.place_group[home], world.group_names),
        "insured": named(people.insured[cases.person], world.county_names),
        "contract": named(people.signed_with(cases.person, cases.day), world.site_names),
        "specialty": named(np.where(hospital, ill.specialty[cases.code], ill.general), ill.specialties),
        "diagnosis": named(cases.code, ill.names),
        **_surgery(rng, ill, cases, hospital & stay),
        "critical": flags(rng.random(count, np.float32) < critical),
        "difficult": flags(rng.random(count, np.float32) < difficult),
        "tcm": flags(rng.random(count, np.float32) < world.site_tcm[site]),
        "arrival": worded("visits", "arrival", cases.arrival),
        "discharge": worded("visits", "discharge", cases.left),
        **_waits(rng, part, tier, stay),
        "cost": counts(part.cost),
        "fund": counts(part.fund),
        "own": counts(part.cost - part.fund),
        "age": counts(people.age[cases.person]),
    }
    return Piece("visits", part.month, columns | _surgery_wait(rng, columns["elective"]))


def _surgery(rng: np.random.Generator, ill: Diseases, cases: Cases, can: Array) -> dict[str, pa.Array]:
    """Operations are few: they are drawn for the stays alone."""
    count = len(can)
    which = np.flatnonzero(can)
    which = which[rng.random(len(which)) < ill.operated[cases.code[which]]]
    code = cases.code[which]
    small = rng.random(len(which)) < given.ENDOSCOPIC
    technique = np.where(ill.through_vessels[code], _INTERVENTIONAL, np.where(small, _ENDOSCOPIC, _OPEN))
    elective = cases.arrival[which] != URGENT
    none = np.ones(count, np.bool_)
    none[which] = False

    def at(values: Array, empty: int = -1) -> Array:
        column = np.full(count, empty, np.int32)
        column[which] = values
        return column

    return {
        "procedure": named(at(ill.procedure[code]), ill.procedures),
        "technique": worded("visits", "technique", at(technique)),
        "surgery_level": counts(at(ill.level[code]), none),
        "elective": flags(at(elective, 0), none),
        "day_case": flags(at(elective & (cases.stay[which] == 1), 0), none),
    }


def _waits(rng: np.random.Generator, part: Slice, tier: Array, stay: Array) -> dict[str, pa.Array]:
    which = np.flatnonzero(stay & (part.cases.arrival != URGENT))
    days = np.zeros(len(stay), np.int32)
    days[which] = (
        rng.geometric(np.array(given.WAIT)[tier[which]]) - 1 if part.wait is None else part.wait[which]
    )
    missing = np.ones(len(stay), np.bool_)
    missing[which] = False
    return {"wait_days": counts(days, missing)}


def _surgery_wait(rng: np.random.Generator, elective: pa.Array) -> dict[str, pa.Array]:
    planned = np.asarray(elective.fill_null(False))
    days = np.zeros(len(planned), np.int32)
    days[planned] = rng.geometric(0.3, int(planned.sum()))
    return {"surgery_wait_days": counts(days, ~planned)}
