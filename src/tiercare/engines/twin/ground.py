"""A region as arrays for the twin: where people of each place can go, how far that is, and what there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tiercare.engines.measures.synth.columns import Array, stream
from tiercare.engines.measures.synth.profile import CENTRES, COUNTY, Place, Site
from tiercare.engines.measures.synth.world import World, serves

from .assumptions import Assumptions
from .chance import luck
from .levers import Levers

# Where somebody can go: primary care of the place, its centre, hospitals of the county, of the city, outside.
USUAL, CENTRE, IN_COUNTY, IN_CITY, OUTSIDE = range(5)
_MOST = {IN_COUNTY: 4, IN_CITY: 4, OUTSIDE: 2}  # of each kind, the most drawing
CHOICES = 2 + sum(_MOST.values())
_OTHER_TIER, _REMOTE = 3, 90


# An institution: tier 0 primary, 1 secondary, 2 tertiary; to whom it refers under a strict policy; whether it can ask from a distance; doctors
# posted there by hospitals, for ten centres.
SITE = np.dtype(
    [
        ("posted", np.float64), ("up", np.int32), ("tier", np.int8), ("hospital", np.bool_), ("inside", np.bool_), ("lead", np.bool_),
        ("remote", np.bool_),
    ],
    align=True,
)  # fmt: skip


class Ground(NamedTuple):
    """Arrays of a region; site and place are indices of ``World``.

    Attributes:
        site: records of SITE.
        choice: (places, CHOICES) site or -1; the first stands for each person's usual one. ``layer`` says where each stands.
        minutes: to each choice; centre: the primary care that answers for each place.
        slots: a hospital's slots on each weekday (sites, 7); ``beds``.
    """

    site: Array
    choice: Array
    layer: Array
    minutes: Array
    centre: Array
    slots: Array
    beds: Array


def ground_of(world: World, levers: Levers, given: Assumptions, residents: int) -> Ground:
    """The arrays of a world. Capacity is that of the registers, scaled to the synthetic people as the people of the places are."""
    hospital = ~world.site_primary
    scale = _scale(world, residents)
    beds = _beds(world, given, scale, residents)
    primary = world.site_primary & world.site_inside
    centres = primary & np.isin([site.category for site in world.sites], sorted(CENTRES))
    lucky = np.array([luck(world.seed, number, _REMOTE) for number in range(len(world.sites))])
    site = np.zeros(len(world.sites), SITE)
    site["tier"] = np.where(world.site_tier == _OTHER_TIER, 1, world.site_tier)
    site["hospital"], site["inside"], site["up"] = hospital, world.site_inside, world.site_up
    site["lead"] = np.array([each.role == "lead" for each in world.sites]) & hospital
    site["remote"] = primary & (lucky < levers.telemedicine_coverage)
    site["posted"] = np.where(centres, levers.secondments, 0.0)
    choice, layer = _choices(world)
    return Ground(
        site, choice, layer, _minutes(layer, given), world.place_centre.astype(np.int32),
        _slots(world, given, beds, levers.secondments * centres.sum() / 10 * scale),
        np.maximum(np.rint(beds), hospital).astype(np.int32),
    )  # fmt: skip


def _choices(world: World) -> tuple[Array, Array]:
    choice = np.full((len(world.places), CHOICES), -1, np.int32)
    layer = np.full((len(world.places), CHOICES), OUTSIDE, np.int8)
    layer[:, USUAL], layer[:, CENTRE] = USUAL, CENTRE
    inside = range(world.site_count)
    hospitals = [
        i for i in inside if not world.site_primary[i] and world.sites[i].category != "PUBLIC_HEALTH"
    ]
    away = list(range(world.site_count, len(world.sites)))
    for n, place in enumerate(world.places):
        near = [i for i in hospitals if world.sites[i].division[:COUNTY] == place.code[:COUNTY]]
        city = [i for i in hospitals if i not in near and world.sites[i].tier == "tertiary"]
        far = [i for i in hospitals if i not in near and i not in city] if not near and not city else []
        choice[n, CENTRE] = _own_centre(world, n, place)
        at = 2
        for kind, found in ((IN_COUNTY, near), (IN_CITY, city or far), (OUTSIDE, away)):
            for i in _most_drawing(world.sites, found, _MOST[kind]):
                choice[n, at], layer[n, at] = i, kind
                at += 1
    return choice, layer


def _own_centre(world: World, n: int, place: Place) -> int:
    centre = int(world.place_centre[n])
    return centre if world.sites[centre].category in CENTRES and serves(world.sites[centre], place) else -1


def _most_drawing(sites: Sequence[Site], found: Sequence[int], most: int) -> list[int]:
    return sorted(found, key=lambda i: (sites[i].role != "lead", -sites[i].pull, sites[i].key))[:most]


def _minutes(layer: Array, given: Assumptions) -> Array:
    names = ("here", "centre", "county", "city", "outside")
    table = np.array([given[f"minutes_{name}"] for name in names], np.float64)
    minutes: Array = table[layer]
    return minutes


def _scale(world: World, residents: int) -> float:
    """Synthetic people for each one who lives there."""
    people = sum(place.people for place in world.profile.places)
    return residents / people if people > 0 else 1.0


def _beds(world: World, given: Assumptions, scale: float, residents: int) -> Array:
    """Beds of hospitals for the synthetic people: those on record, by pull where none are. Packs name only the hospitals that their texts speak
    of: where all together have fewer beds than is usual for so many people, they stand for the others too."""
    hospital = ~world.site_primary & world.site_inside
    known = np.array([site.beds or 0 for site in world.sites], np.float64) * scale * hospital
    pull = np.array([site.pull for site in world.sites]) * hospital * (known == 0)
    usual = given["beds_per_1000"] * residents / 1000
    if pull.any():
        known = known + pull / pull.sum() * max(usual - known.sum(), 0.0)
    elif known.any():
        known = known * max(usual / known.sum(), 1.0)
    # Hospitals outside serve others too: our people never fill them.
    return np.where(world.site_inside, known, float(residents))


def _slots(world: World, given: Assumptions, beds: Array, posted: float) -> Array:
    """Slots of each weekday, Monday first. Doctors posted to primary care are missing in the hospitals, in proportion."""
    hospital = ~world.site_primary & world.site_inside
    workday = beds * given["slots_per_bed"] * hospital
    kept = max(1 - posted * given["doctors_per_slot"] / max(workday.sum(), 1.0), 0.2)
    week = np.array([1.0, 1.0, 1.0, 1.0, 1.0, given["weekend"], given["weekend"]])
    exact = workday[:, None] * kept * week
    slots: Array = np.floor(exact + stream(world.seed, "slots").random(exact.shape)).astype(np.int32)
    return np.where(~world.site_inside[:, None], 1 << 29, slots).astype(np.int32)
