"""How things stand at the end of each month: population, consortia, institutions, services, agreements, grids, duties."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from . import assumptions as given
from .columns import Array, Piece, counts, dates, day, flags, named, stream, texts, word, worded, words_of
from .people import DISABLED, DISEASES, KEY_GROUP, PERMANENT, POOR, PREGNANT, SPECIAL, People, as_of
from .profile import CENTRES, COUNTY, Site
from .staff import Staff
from .world import NOBODY, World

_ALLIED, _TECHNICAL, _REFERRAL = (
    word("agreements", "kind", each) for each in ("alliance", "technical", "referral")
)


def each_month(first: int, last: int, size: int) -> tuple[Array, Array]:
    """Month and row, for everything that stands all the time."""
    return np.repeat(np.arange(first, last, dtype=np.int16), size), np.tile(np.arange(size), last - first)


class Heads:
    """People by group, month and place; those who died are gone."""

    def __init__(self, world: World, people: People) -> None:
        self.world = world
        self.groups = len(words_of("population", "group"))
        months, places = len(world.calendar.months), len(world.places)
        mortal = np.flatnonzero(people.died < NOBODY)
        month = world.calendar.month(people.died[mortal]).astype(np.int64)
        self.count: Array = np.zeros((self.groups, months, places), np.int64)
        for group, those in _groups(world, people).items():
            at = word("population", "group", group)
            begin = np.bincount(people.home[those], minlength=places)
            gone = mortal[those[mortal]]
            died = np.bincount(
                month[those[mortal]] * places + people.home[gone], minlength=months * places
            ).reshape(months, places)
            self.count[at] = begin - np.cumsum(died, axis=0)
        registered = self.count[word("population", "group", "permanent")] * given.REGISTERED
        self.count[word("population", "group", "registered")] = np.rint(registered)

    def population(self, first: int, last: int) -> Piece:
        """The fact table."""
        places = self.world.place_count
        month, row = each_month(first, last, places * self.groups)
        place, group = row // self.groups, row % self.groups
        columns = {
            "division": named(self.world.place_division[place], self.world.division_names),
            "group": worded("population", "group", group),
            "persons": counts(self.count[group, month, place]),
        }
        return Piece("population", month, columns)


def _groups(world: World, people: People) -> dict[str, Array]:
    permanent = as_of(people, PERMANENT)
    urban = world.place_urban[people.home]

    def ill(disease: str) -> Array:
        return (people.chronic >> np.uint8(DISEASES.index(disease)) & np.uint8(1)) > 0

    return {
        "permanent": permanent,
        "urban": urban,
        "rural": ~urban,
        "insured": people.insured >= 0,
        "key_group": as_of(people, KEY_GROUP),
        "elderly": people.age >= given.ELDERLY,
        "child": people.age <= given.CHILD,
        "pregnant": as_of(people, PREGNANT),
        **{each: ill(each) for each in ("hypertension", "diabetes", "tuberculosis", "severe_mental")},
        "disabled": as_of(people, DISABLED),
        "registered_poor": as_of(people, POOR),
        "special_family": as_of(people, SPECIAL),
        "consortium_patients": (world.place_group[people.home] >= 0) & (people.chronic > 0) & permanent,
    }


def consortia(world: World, first: int, last: int) -> Piece:
    """The fact table."""
    rng = stream(world.seed, "consortia")
    remote = np.where(rng.random(len(world.groups)) < 0.85, -12, rng.integers(0, 36, len(world.groups)))
    month, row = each_month(first, last, len(world.groups))
    groups = world.groups
    form = np.array([word("consortia", "form", each.form) for each in groups], np.int32)
    columns = {
        "consortium": named(row, world.group_names),
        "form": worded("consortia", "form", form[row]),
        "tight": flags(np.array([each.tight for each in groups], np.bool_)[row]),
        "division": texts(row, [each.division for each in groups]),
        "lead": named(world.lead[row], world.site_names),
        "lead_level": counts(np.array([each.lead_level for each in groups], np.int64)[row]),
        "lead_public": flags(np.array([each.lead_public for each in groups], np.bool_)[row]),
        "group_led": pa.array([groups[i].group_led for i in row], pa.bool_()),
        "telemedicine": flags(month >= remote[row]),
        "effective": pa.array([groups[i].effective for i in row], pa.bool_()),
        "started": dates(np.array([day(each.started) for each in groups], np.int32)[row]),
    }
    return Piece("consortia", month, columns)


def flag_of(sites: tuple[Site, ...], name: str) -> Array:
    """A yes-or-no of every institution."""
    return np.array([getattr(site, name) for site in sites], np.bool_)


def capabilities(world: World, staff: Staff, first: int, last: int) -> Piece:
    """Shared centres of leads, services of leads and of primary care's centres."""
    rng = stream(world.seed, "capabilities")
    rows = [
        (i, item, bool(rng.random() < share))
        for i, site in enumerate(world.sites[: world.site_count])
        for item, share in _items(site).items()
    ]
    sites = np.array([each[0] for each in rows], np.int32)
    active = np.array([each[2] for each in rows], np.bool_)
    since = day(date(world.calendar.first_year, 1, 1)) - rng.integers(30, 2500, len(rows))
    shared = np.array([each[1].startswith("centre.") for each in rows], np.bool_)
    members = np.bincount(world.site_group[world.site_group >= 0], minlength=max(len(world.groups), 1))
    month, row = each_month(first, last, len(rows))
    again = stream(world.seed, "volumes", first)
    volume = again.poisson(20.0 * staff.physicians[sites[row]])
    running = active[row]
    columns = {
        "institution": named(sites[row], world.site_names),
        "division": named(world.site_division[sites[row]], world.division_names),
        "tier": worded("capabilities", "tier", world.site_tier[sites[row]]),
        "role": worded("capabilities", "role", world.site_role[sites[row]]),
        "county_hospital": flags(flag_of(world.sites, "county_hospital")[sites[row]]),
        "item": texts(row, [each[1] for each in rows]),
        "active": flags(running),
        "since": dates(since[row], ~running),
        "volume": counts(volume, ~running),
        "sites": counts(np.maximum(members[world.site_group[sites[row]]] - 1, 0), ~(running & shared[row])),
    }
    return Piece("capabilities", month, columns)


def _items(site: Site) -> dict[str, float]:
    if site.role == "lead" or (site.tier == "tertiary" and site.category == "GENERAL"):
        return dict(given.LEAD_ITEMS)
    return dict(given.CENTRE_ITEMS) if site.category in CENTRES else {}


def agreements(world: World, first: int, last: int) -> Piece:
    """Members with their lead (loose ones by name only), leads with a tertiary hospital."""
    rng = stream(world.seed, "agreements")
    lower: list[tuple[int, int, int]] = []
    for i in range(world.site_count):
        lead = int(world.lead[world.site_group[i]]) if world.site_group[i] >= 0 else i
        if lead != i and rng.random() < 0.94:
            lower.append((i, lead, _ALLIED if world.site_idle[i] else _TECHNICAL))
        elif lead == i and world.sites[i].tier == "secondary" and world.site_up[i] != i:
            lower.append((i, int(world.site_up[i]), _REFERRAL))
    sites, upper, kind = (np.array([each[n] for each in lower], np.int32) for n in range(3))
    since = day(date(world.calendar.first_year, 1, 1)) - rng.integers(30, 2000, len(lower))
    month, row = each_month(first, last, len(lower))
    columns = {
        "agreement": named(row, pa.array([f"SYNG{world.sites[s].key}" for s in sites], pa.string())),
        "kind": worded("agreements", "kind", kind[row]),
        "lower": named(sites[row], world.site_names),
        "lower_category": texts(sites[row], [site.category for site in world.sites]),
        "lower_county_hospital": flags(flag_of(world.sites, "county_hospital")[sites[row]]),
        "division": named(world.site_division[sites[row]], world.division_names),
        "upper": named(upper[row], world.site_names),
        "upper_tier": worded("agreements", "upper_tier", world.site_tier[upper[row]]),
        "specialty": named(np.full(len(row), -1), pa.array([""])),
        "since": dates(since[row]),
    }
    return Piece("agreements", month, columns)


def grids(world: World, first: int, last: int) -> Piece:
    """Counties, and the places in them."""
    rng = stream(world.seed, "grids")
    places = world.profile.places
    counties = sorted({place.code[:COUNTY] for place in places})
    whole = world.profile.stem.ljust(COUNTY, "0")
    above = {
        whole: "prefecture",
        **dict.fromkeys(counties, "county"),
    }  # a region that is a county has no prefecture
    codes = [*above, *(place.code for place in places if len(place.code) > COUNTY)]
    kind = [word("grids", "kind", above.get(code, "township")) for code in codes]
    covered = {
        code for place in places if place.consortium for code in (place.code, place.code[:COUNTY], whole)
    }
    community = {group.division[:COUNTY] for group in world.groups if group.form == "county_community"}
    led = {site.division[:COUNTY] for site in world.profile.sites if site.tier == "tertiary" and site.public}
    luck = rng.random((2, len(codes)))
    month, row = each_month(first, last, len(codes))
    columns = {
        "division": named(row, pa.array(codes)),
        "kind": worded("grids", "kind", np.array(kind)[row]),
        "covered": flags(np.array([code in covered for code in codes])[row]),
        "community": flags(np.array([code[:COUNTY] in community for code in codes])[row]),
        "telemedicine": flags((luck[0] < 0.9)[row]),
        "psychiatric": flags((luck[1] < 0.6)[row]),
        "group_led": flags(np.array([code[:COUNTY] in led for code in codes])[row]),
    }
    return Piece("grids", month, columns)


def milestones(world: World, first: int, last: int) -> Piece:
    """Duties; done from the month in which they were done."""
    duties = world.profile.duties
    month, row = each_month(first, last, len(duties))
    done = np.array([NOBODY if each.done is None else day(each.done) for each in duties], np.int32)[row]
    open_ = done > world.calendar.last_day(month)

    def text(name: str) -> pa.Array:
        return texts(row, [getattr(each, name) for each in duties])

    columns = {name: text(name) for name in ("clause", "body", "division", "stage")}
    columns |= {"due": dates(np.array([day(each.due) for each in duties], np.int32)[row])}
    return Piece("milestones", month, columns | {"done": dates(np.where(open_, 0, done), open_)})
