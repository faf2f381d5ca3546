"""Those who work in the institutions, where they move, and whom hospitals send down."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from . import assumptions as given
from .columns import Array, Piece, counts, flags, keys, named, pick, scattered, stream, texts, word, worded
from .visits import SLICE
from .world import World

_VILLAGE_DOCTOR = word("staff", "profession", "village_doctor")
_TITLE_PAY = np.array([0.8, 0.92, 1.15, 1.45])
_POSTING, _CLINIC, _TEACHING, _TRAINING, _TECHNIQUE, _JOINT = range(6)
_HALF = 6  # months
_SPECIALTIES = [
    f"{n:02}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 15, 16, 19, 20, 21, 26, 28, 30, 32, 50)
]


class Staff:
    """Arrays by person. ``site`` where they begin, ``goes`` the month in which they move to ``to`` (never: a high number)."""

    def __init__(self, world: World, rows: int) -> None:
        self.world = world
        rng = stream(world.seed, "staff")
        monthly = world.outpatient_share * rows / len(world.calendar.months)
        self.physicians: Array = np.maximum(
            np.ceil(monthly / (given.PER_PHYSICIAN * given.WORKDAYS)), 1
        ).astype(np.int64)
        self.site, self.profession = self._posts(rng)
        size, tier = len(self.site), world.site_tier[self.site]
        titles = np.cumsum(np.array(given.TITLES), axis=1)[tier]
        self.title: Array = np.minimum((rng.random(size)[:, None] >= titles).sum(axis=1), 3)
        primary = world.site_primary[self.site]
        doctor = self.profession == word("staff", "profession", "physician")
        self.gp: Array = doctor & (rng.random(size) < np.where(primary, given.GP[0], given.GP[1]))
        self.specialty: Array = np.where(doctor & ~primary, rng.integers(1, len(_SPECIALTIES), size), -1)
        self.specialty = np.where(self.gp, 0, self.specialty)
        self.pay: Array = np.array(given.INCOME)[tier] * _TITLE_PAY[self.title] * rng.lognormal(0, 0.22, size)
        self.trains: Array = rng.integers(0, 30, size)  # month of the year; beyond it, not at all
        self._moves(rng)

    def _posts(self, rng: np.random.Generator) -> tuple[Array, Array]:
        """Physicians (in a village clinic its village doctors) by what there is to do, the others in proportion to them."""
        sites, professions = [], []
        for i, site in enumerate(self.world.sites[: self.world.site_count]):
            shares = given.PROFESSIONS
            if site.tier == "primary":
                small = site.category in {"VILLAGE_CLINIC", "COMMUNITY_STATION", "CLINIC"}
                shares = given.CLINIC_PROFESSIONS if small else given.PRIMARY_PROFESSIONS
            leading = int(np.argmax(shares)) if shares is given.CLINIC_PROFESSIONS else 0
            many = int(self.physicians[i])
            others = list(shares)
            others[leading] = 0.0
            rest = pick(rng, others, round(many * sum(others) / shares[leading]))
            professions.append(np.concatenate([np.full(many, leading), rest]))
            sites.append(np.full(len(professions[-1]), i))
        return np.concatenate(sites).astype(np.int32), np.concatenate(professions).astype(np.int32)

    def _moves(self, rng: np.random.Generator) -> None:
        world, size, months = self.world, len(self.site), len(self.world.calendar.months)
        self.goes: Array = np.where(
            rng.random(size) < given.TURNOVER * months / 12, rng.integers(1, months + 1, size), months + 1
        )
        self.to: Array = self.site[rng.integers(0, size, size)]
        for siphon, group, since in world.siphons:
            lead = world.lead[group]
            theirs = (
                (world.site_group[self.site] == group)
                & (self.site != lead)
                & (self.profession != _VILLAGE_DOCTOR)
            )
            drawn = np.flatnonzero(theirs & (rng.random(size) < siphon.strength * given.DRAWN_STAFF))
            self.goes[drawn] = np.maximum(since + rng.integers(0, 12, len(drawn)), 1)
            self.to[drawn] = lead

    def where(self, month: Array, person: Array) -> Array:
        """Where somebody works in a month."""
        return np.where(month >= self.goes[person], self.to[person], self.site[person])

    def names(self, person: Array) -> pa.Array:
        """Pseudonyms."""
        return keys("W", scattered(person, self.world.seed + 1))

    def rows(self, first: int, last: int) -> Iterator[tuple[Piece, Array]]:
        """The fact table, and with each piece what its people cost by month and institution."""
        world, size = self.world, len(self.site)
        rng = stream(world.seed, "income", first)
        total = size * (last - first)
        for at in range(0, total, SLICE):
            row = np.arange(at, min(at + SLICE, total))
            month, person = (row // size + first).astype(np.int16), row % size
            site = self.where(month, person)
            income = (
                np.rint(self.pay[person] * (1.05 ** (month / 12)) * rng.uniform(0.94, 1.08, len(row)) / 100)
                * 100
            )
            yield (
                self._piece(month, person, site, income),
                self._cost(month - first, site, income, last - first),
            )

    def _cost(self, month: Array, site: Array, income: Array, months: int) -> Array:
        shape = (months, len(self.world.sites))
        at = month.astype(np.int64) * shape[1] + site
        return np.bincount(at, income, shape[0] * shape[1]).astype(np.int64).reshape(shape)

    def _piece(self, month: Array, person: Array, site: Array, income: Array) -> Piece:
        world = self.world
        columns = {
            "person": self.names(person),
            "institution": named(site, world.site_names),
            "division": named(world.site_division[site], world.division_names),
            "tier": worded("staff", "tier", world.site_tier[site]),
            "category": texts(site, [each.category for each in world.sites]),
            "consortium": named(world.site_group[site], world.group_names),
            "role": worded("staff", "role", world.site_role[site]),
            "urban": flags(np.array([each.urban for each in world.sites])[site]),
            "profession": worded("staff", "profession", self.profession[person]),
            "gp": flags(self.gp[person]),
            "title": worded("staff", "title", self.title[person]),
            "technical_post": flags(self.profession[person] < word("staff", "profession", "manager")),
            "specialty": named(self.specialty[person], pa.array(_SPECIALTIES)),
            "county_hospital": flags(np.array([each.county_hospital for each in world.sites])[site]),
            "trained": flags(month % 12 >= self.trains[person]),
            "income": counts(income),
        }
        return Piece("staff", month, columns)


def support(world: World, staff: Staff, first: int, last: int) -> Piece:
    """What leads do for their members each month: postings last half a year, the rest a few days."""
    members = np.flatnonzero((world.site_group >= 0) & world.site_inside & ~world.site_idle)
    members = members[world.lead[world.site_group[members]] != members]
    small = np.array(
        [world.sites[i].category in {"VILLAGE_CLINIC", "COMMUNITY_STATION", "CLINIC"} for i in members],
        np.bool_,
    )
    rng = stream(world.seed, "support", first)
    shape = (last - first, len(members), len(given.SUPPORT))
    luck = rng.random(shape)
    halves = np.arange(first, last) // _HALF
    for half in np.unique(halves):  # who is posted stays for the half-year, whatever chunk asks
        kept = stream(world.seed, "posting", int(half)).random(len(members))
        luck[halves == half, :, _POSTING] = kept
    weight = np.array(given.SUPPORT) * np.where(small, given.SUPPORT_CLINIC, 1.0)[:, None]
    chance = np.broadcast_to(weight, shape).copy()
    for siphon, group, since in world.siphons:
        late, theirs = np.arange(first, last) >= since, world.site_group[members] == group
        chance[np.ix_(late, theirs)] *= 1 - siphon.strength
    month, which, kind = np.nonzero(luck < chance)
    month = month + first
    member = members[which]
    lead = world.lead[world.site_group[member]]
    up = kind == _TRAINING
    source, target = np.where(up, member, lead), np.where(up, lead, member)
    begun = np.where(kind == _POSTING, month // _HALF * _HALF, month)
    person = _somebody(staff, source, (begun * 7919 + which * 31 + kind).astype(np.int64))
    days = np.where(kind == _POSTING, 20, np.where(kind == _CLINIC, 4, np.where(up, 15, 2))) + rng.integers(
        -1, 3, len(kind)
    )
    columns = {
        "act": keys("A", which * 8 + kind, world.calendar.months, begun),
        "person": staff.names(person),
        "kind": worded("support", "kind", kind),
        "direction": worded("support", "direction", up.astype(np.int32)),
        "title": worded(
            "support", "title", np.maximum(staff.title[person], np.where(kind == _POSTING, 2, 0))
        ),
        "sender": named(source, world.site_names),
        "sender_tier": worded("support", "sender_tier", world.site_tier[source]),
        "receiver": named(target, world.site_names),
        "receiver_tier": worded("support", "receiver_tier", world.site_tier[target]),
        "receiver_division": named(world.site_division[target], world.division_names),
        "consortium": named(world.site_group[target], world.group_names),
        "days": counts(days),
        "hours": counts(days * 7),
        "long": flags(kind == _POSTING),
    }
    return Piece("support", month, columns)


def _somebody(staff: Staff, site: Array, number: Array) -> Array:
    """One of those who begin at an institution, the same for the same number; staff stand by institution."""
    first = np.searchsorted(staff.site, site)
    many = np.maximum(np.searchsorted(staff.site, site, side="right") - first, 1)
    found: Array = first + number % many
    return found
