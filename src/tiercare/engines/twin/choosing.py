"""Where people go: a discrete-choice model (multinomial logit) over the places that somebody can reach.

The utility of a choice is a constant of its kind and of what somebody has, less the way, the price and the wait, plus what binds them to it.
Constants are what calibration moves; everything else is an assumption with its range.
"""

from __future__ import annotations

import numpy as np

from tiercare.engines.measures.synth.columns import Array
from tiercare.engines.measures.synth.world import World

from .assumptions import Assumptions
from .ground import CENTRE, IN_CITY, IN_COUNTY, OUTSIDE, USUAL, Ground
from .prices import AWAY, INPATIENT, OUTPATIENT, Prices, expected_own

MINOR, CHRONIC, SERIOUS = range(3)
_NAMES = ("minor", "chronic", "serious")
_STAYS = (
    0.35  # of those seriously ill end in a bed: the part of a stay's price that they have before their eyes
)


def weights_of(world: World, ground: Ground, prices: Prices, given: Assumptions, waits: Array) -> Array:
    """Edges to draw a choice by: (places, 3 sorts of need, signed, habit, cover, choices), cumulated and ending in 1.

    Args:
        waits: mean days of waiting at each site lately.
    """
    base = _base(world, ground, given, waits)  # (places, 3, choices)
    tier = _tier(ground)
    own = expected_own(prices, referred=False)
    price = np.stack([own[:, OUTPATIENT], own[:, OUTPATIENT], _mixed(own)])  # (sorts, covers, tiers)
    utility = (
        base[:, :, None, None, None, :]
        - given["price"] / 100 * np.moveaxis(price[:, :, tier], 2, 0)[:, :, None, None]
    )
    primary = (ground.layer == USUAL) | (ground.layer == CENTRE)
    bound = np.array([1.0, 1.0, 0.5])
    signed = given["contract"] * bound[None, :, None] * primary[:, None]
    utility = utility + np.stack([np.zeros_like(signed), signed], 2)[:, :, :, None, None, :]
    habit = given["habit"] * ~primary[:, None, None, None, None, :]
    utility = np.concatenate([utility, utility + habit], 3)
    return _edges(np.where((ground.choice >= 0)[:, None, None, None, None], utility, -np.inf))


def referral_utility(world: World, ground: Ground, prices: Prices, given: Assumptions) -> Array:
    """(places, covers, choices) of the hospitals inside for somebody who is referred; minus infinity for all others. Waits come on top."""
    base = _base(world, ground, given, np.zeros(len(ground.beds)))[:, SERIOUS]
    own = _mixed(expected_own(prices, referred=True))
    utility = base[:, None] - given["price"] / 100 * np.moveaxis(own[:, _tier(ground)], 1, 0)
    can = (ground.choice >= 0) & ((ground.layer == IN_COUNTY) | (ground.layer == IN_CITY))
    return np.where(can[:, None], utility, -np.inf)


def nearest(ground: Ground) -> Array:
    """(places, choices) edges to draw the hospital of an emergency by: the nearest ones, evenly."""
    can = (ground.choice >= 0) & (
        (ground.layer == IN_COUNTY) | (ground.layer == IN_CITY) | (ground.layer == OUTSIDE)
    )
    minutes = np.where(can, ground.minutes, np.inf)
    best = can & (minutes <= minutes.min(axis=1, keepdims=True))
    return _edges(np.where(best, 0.0, -np.inf))


def _base(world: World, ground: Ground, given: Assumptions, waits: Array) -> Array:
    site = np.maximum(ground.choice, 0)
    hospital = (ground.layer != USUAL) & (ground.layer != CENTRE)
    pull = np.log(np.maximum([each.pull for each in world.sites], 0.05))[site]
    constant = np.zeros((*ground.layer.shape, 3))
    for sort, name in enumerate(_NAMES):
        constant[..., sort] = np.select(
            [ground.layer == IN_COUNTY, ground.layer == IN_CITY, ground.layer == OUTSIDE],
            [given[f"county_{name}"], given[f"city_{name}"], given[f"city_{name}"] + given["outside"]],
            0.0,
        )
    usual = ground.layer == USUAL
    centre = ground.centre[:, None]
    trust = (
        given["trust"] * ground.site["posted"][np.where(usual, centre, site)]
        + given["trust_remote"] * ground.site["remote"][np.where(usual, centre, site)]
    )
    shared = np.where(hospital, given["pull"] * pull + given["lead"] * ground.site["lead"][site], trust)
    shared = shared - given["time"] * ground.minutes / 60 - given["wait"] * waits[site] * hospital
    return np.moveaxis(constant + shared[..., None], 2, 1)


def _tier(ground: Ground) -> Array:
    site = np.maximum(ground.choice, 0)
    tier: Array = np.where(
        ground.layer == OUTSIDE, AWAY, np.where(ground.layer <= CENTRE, 0, ground.site["tier"][site])
    )
    return tier


def _mixed(own: Array) -> Array:
    mixed: Array = (1 - _STAYS) * own[:, OUTPATIENT] + _STAYS * own[:, INPATIENT]
    return mixed


def _edges(utility: Array) -> Array:
    most = utility.max(axis=-1, keepdims=True)
    weight = np.exp(utility - np.where(np.isfinite(most), most, 0.0))
    edges = np.cumsum(weight, axis=-1)
    edges /= np.maximum(edges[..., -1:], 1e-300)
    return edges
