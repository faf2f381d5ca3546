"""Contracts with family doctors and the register of chronic patients: stocks of persons, month by month."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from . import assumptions as given
from .columns import Array, Piece, counts, dates, flags, named, stream, worded
from .diseases import diseases
from .people import DISABLED, DISEASES, KEY_GROUP, PERMANENT, POOR, PREGNANT, SPECIAL, People
from .planted import Heaping, PileUp
from .visits import SLICE, Slice
from .world import INPATIENT, World

# key groups in the words of population.group; the first seven follow from person's flags and age, the others from diseases
_GROUPS = ("elderly", "child", "pregnant", "disabled", "registered_poor", "special_family")
_WATCHED = ("hypertension", "diabetes", "severe_mental", "tuberculosis")


def group_bits(people: People, which: Array | slice) -> Array:
    """The key groups of some people as bits: _GROUPS, then _WATCHED."""
    age, chronic, flag = people.age[which], people.chronic[which], people.flags[which]
    own = [
        age >= given.ELDERLY,
        age <= given.CHILD,
        *((flag & np.uint8(b)) > 0 for b in (PREGNANT, DISABLED, POOR, SPECIAL)),
    ]
    own += [(chronic >> np.uint8(DISEASES.index(each)) & np.uint8(1)) > 0 for each in _WATCHED]
    return sum((each.astype(np.int32) << n for n, each in enumerate(own)), np.zeros(len(age), np.int32))


def _group_names() -> pa.Array:
    words = _GROUPS + _WATCHED
    return pa.array(
        ["|".join(w for n, w in enumerate(words) if bits >> n & 1) for bits in range(1 << len(words))]
    )


def _standing(world: World, since: Array, until: Array, first: int, last: int) -> tuple[Array, Array]:
    """Month and row of everything that stands at the end of each month."""
    months = np.arange(first, last)
    ends = world.calendar.last_day(months)[:, None]
    month, row = np.nonzero((since[None, :] <= ends) & (until[None, :] > ends))
    return (month + first).astype(np.int16), row.astype(np.int32)


def contracts(world: World, people: People, first: int, last: int) -> Iterator[Piece]:
    """The fact table of the contracts in force at the end of each month."""
    rng = stream(world.seed, "contracts", first)
    fulfils = np.clip(
        stream(world.seed, "fulfils").normal(given.DELIVERED, 0.12, len(world.sites)), 0.1, 0.99
    )
    months, persons = _standing(world, people.signed, people.died, first, last)
    names = _group_names()
    for at in range(0, len(months), SLICE):
        month, person = months[at : at + SLICE], persons[at : at + SLICE]
        site = world.place_centre[people.home[person]]
        key = (people.flags[person] & KEY_GROUP) > 0
        luck = rng.random((3, len(person)), np.float32)
        promised = (luck[0] < given.PROMISED).astype(np.int8) + ((luck[1] < given.PROMISED) & key)
        delivered = np.where(
            luck[2] < fulfils[site], promised, np.where(luck[2] < (1 + fulfils[site]) / 2, promised // 2, 0)
        )
        columns = {
            "person": people.names(person),
            "institution": named(site, world.site_names),
            "home": named(world.place_division[people.home[person]], world.division_names),
            "consortium": named(world.site_group[site], world.group_names),
            "permanent": flags((people.flags[person] & PERMANENT) > 0),
            "key_group": flags(key),
            "groups": named(group_bits(people, person), names),
            "registered_poor": flags((people.flags[person] & POOR) > 0),
            "signed": dates(people.signed[person]),
            "promised": counts(promised),
            "delivered": counts(delivered),
        }
        yield Piece("contracts", month, columns)


def contract_counts(world: World, people: People, first: int, last: int) -> Array:
    """How many contracts there are by month, county insured and institution; of those insured."""
    months, persons = _standing(world, people.signed, people.died, first, last)
    county = people.insured[persons].astype(np.int64)
    known = county >= 0
    shape = (last - first, len(world.county_names), len(world.sites))
    site = world.place_centre[people.home[persons]]
    at = ((months.astype(np.int64) - first) * shape[1] + county) * shape[2] + site
    return np.bincount(at[known], minlength=shape[0] * shape[1] * shape[2]).reshape(shape)


class Register:
    """The register of chronic patients; a slot is one disease of one person."""

    def __init__(self, world: World, people: People) -> None:
        self.world, self.people = world, people
        rng = stream(world.seed, "register")
        known = np.zeros(people.count, np.uint8)
        for bit in range(len(DISEASES)):
            known |= (rng.random(people.count, np.float32) < given.KNOWN).astype(np.uint8) << np.uint8(bit)
        self.known = np.where(people.inside(), people.chronic & known, 0).astype(np.uint8)
        many = np.bitwise_count(self.known).astype(np.int64)
        self.base: Array = (np.cumsum(many) - many).astype(np.int32)
        self.person: Array = np.repeat(np.arange(people.count, dtype=np.int32), many)
        rank = np.arange(len(self.person)) - self.base[self.person]
        self.disease: Array = _nth_bit()[self.known[self.person], rank]
        self.site: Array = world.place_centre[people.home[self.person]]
        size = len(self.person)
        good = np.clip(stream(world.seed, "good").normal(1, 0.12, len(world.sites)), 0.5, 1.25)[self.site]
        self.managed: Array = rng.random(size, np.float32) < given.MANAGED
        self.standard: Array = self.managed & (rng.random(size, np.float32) < given.STANDARD * good)
        middle, spread, self.limit = (np.zeros(len(DISEASES)) for _ in range(3))
        for name, reading in given.READINGS.items():
            at = DISEASES.index(name)
            middle[at], spread[at], self.limit[at] = reading
        self.reading: Array = (
            middle[self.disease] + spread[self.disease] * rng.standard_normal(size) - 3 * (good - 1)
        )
        self.luck: Array = rng.random(size, np.float32)
        self.since: Array = np.zeros(size, np.int32)  # the day from which somebody has the disease

    def opened(self, first: int, last: int) -> Monthly:
        """What the months from ``first`` up to ``last`` will add."""
        return Monthly(self, first, last)


class Monthly:
    """Stays and cost of known patients in a chunk of months."""

    def __init__(self, register: Register, first: int, last: int) -> None:
        self.register, self.first, self.last = register, first, last
        shape = (last - first, len(register.person))
        self.admitted: Array = np.zeros(shape, np.bool_)
        self.cost: Array = np.zeros(shape, np.int64)

    def take(self, part: Slice) -> None:
        """Add the visits of a slice that were for a disease under which the patient is known."""
        register = self.register
        disease = diseases().chronic[part.cases.code]
        known = register.known[part.cases.person]
        which = np.flatnonzero(
            (disease >= 0) & ((known >> np.maximum(disease, 0).astype(np.uint8) & np.uint8(1)) > 0)
        )
        below = np.bitwise_count(known[which] & ((1 << disease[which].astype(np.int64)) - 1).astype(np.uint8))
        slot = register.base[part.cases.person[which]] + below
        month = part.month[which].astype(np.int64) - self.first
        size = self.cost.shape[1]
        lowest, highest = (int(month.min()), int(month.max()) + 1) if len(which) else (0, 0)
        added = np.bincount((month - lowest) * size + slot, part.cost[which], (highest - lowest) * size)
        self.cost[lowest:highest] += added.astype(np.int64).reshape(-1, size)
        stays = part.cases.kind[which] == INPATIENT
        self.admitted[month[stays], slot[stays]] = True

    def patients(self) -> Iterator[Piece]:
        """The fact table."""
        register, world, people = self.register, self.register.world, self.register.people
        rng = stream(world.seed, "patients", self.first)
        months, slots = _standing(world, register.since, people.died[register.person], self.first, self.last)
        for at in range(0, len(months), SLICE):
            month, slot = months[at : at + SLICE], slots[at : at + SLICE]
            person, disease, site = register.person[slot], register.disease[slot], register.site[slot]
            home = people.home[person]
            read, managed = register.limit[disease] > 0, register.managed[slot]
            value, measured, fine = self.seen(rng, month, slot)
            columns = {
                "person": people.names(person),
                "disease": worded("patients", "disease", disease),
                "institution": named(site, world.site_names),
                "home": named(world.place_division[home], world.division_names),
                "consortium": named(world.site_group[site], world.group_names),
                "urban": flags(world.place_urban[home]),
                "managed": flags(managed),
                "standard": flags(register.standard[slot]),
                "measured": flags(measured),
                "controlled": flags(fine & managed),
                "value": counts(value, ~(read & managed)),
                "admitted": flags(self.admitted[month - self.first, slot]),
                "cost": counts(self.cost[month - self.first, slot]),
            }
            yield Piece("patients", month, columns)

    def seen(self, rng: np.random.Generator, month: Array, slot: Array) -> tuple[Array, Array, Array]:
        """What is known of each slot at the end of a month: the last reading, measured lately, controlled."""
        register = self.register
        disease, site = register.disease[slot], register.site[slot]
        value = self._readings(rng, slot, disease, site)
        measured = register.managed[slot] & (rng.random(len(slot), np.float32) < given.MEASURED)
        limit = register.limit[disease]
        fine = np.where(limit > 0, value < limit, register.luck[slot] < given.CONTROLLED_OTHERWISE)
        return value, measured, fine

    def _readings(self, rng: np.random.Generator, slot: Array, disease: Array, site: Array) -> Array:
        register, world = self.register, self.register.world
        value = np.rint(register.reading[slot] + rng.standard_normal(len(slot)) * 5).astype(np.int64)
        limit = register.limit[disease]
        read = (limit > 0) & register.managed[slot]
        for planted, at in world.at_sites:
            here = read & (site == at) & (rng.random(len(slot)) < planted.share)
            if isinstance(planted, Heaping):
                value[here] = (value[here] + 5) // 10 * 10
                world.truth.count(planted, int(here.sum()))
            elif isinstance(planted, PileUp):
                here &= (value >= limit) & (value < limit + planted.within)
                value[here] = limit[here] - 1 - rng.integers(0, 2, int(here.sum()))
                world.truth.count(planted, int(here.sum()))
        return value


def _nth_bit() -> Array:
    """Of each set of diseases the first, the second, …"""
    table = np.zeros((256, 8), np.int8)
    for mask in range(256):
        own = [bit for bit in range(8) if mask >> bit & 1]
        table[mask, : len(own)] = own
    return table
