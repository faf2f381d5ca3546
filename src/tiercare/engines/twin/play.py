"""What the compiled loop works with, and the one way in which a visit is noted."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numba import njit

from tiercare.engines.measures.synth.columns import Array

from .acting import EMERGENCY, IN, SELF, cost_of, fund_of
from .ground import Ground
from .prices import AWAY, Prices
from .residents import UNINSURED
from .state import SEEN, State

Record: TypeAlias = Any  # a row of a structured array, which changes with what is assigned to its fields

FIRST, REFERRED, FOLLOW, BACK, MOVE, BED = range(6)  # what an entry of the book is
HOME, TRANSFER, COMMUNITY, _, DIED = range(5)  # visits.discharge
OPEN, CLOSED, RETURNED, _, NO_SHOW, DEAD = range(6)  # referrals.state
_EMERGENCY_COST = 1.6  # as in the synthetic facts: ours


# By code of ``diseases()``: how serious, shares that are emergencies or stays, what it costs against the middle, day surgery.
ILL = np.dtype(
    [
        ("serious", np.float64),
        ("emergency", np.float64),
        ("stay", np.float64),
        ("cost", np.float64),
        ("short", np.bool_),
    ],
    align=True,
)


class Rules(NamedTuple):
    """Behaviour as numbers: see ``assumptions.yaml``; the payment mode's incentives are multiplied in."""

    seed: int
    days: int
    up_serious: float
    up_minor: float
    remote_solves: float
    posted_solve: float
    patience_referred: int
    patience_self: int
    outside_when_none: float
    no_show: float
    down: float
    moved: float
    back: float
    admitted: float
    days_minor: float
    days_serious: float
    spread: float
    bed_patience: int
    controlled_ratio: float
    gain_signed: float
    gain: float
    loss: float
    weeks: int
    wait: float
    strict: bool
    release_days: int
    continuous: bool


class Play(NamedTuple):
    """Everything that the loop reads and writes; ``choices``, ``referral`` and ``nearest`` are the tables of ``choosing``."""

    ground: Ground
    people: Array
    state: State
    prices: Prices
    ill: Array
    rules: Rules
    choices: Array
    referral: Array
    nearest: Array


@njit(cache=True)
def noted(
    play: Play,
    d: int,
    p: int,
    site: int,
    code: int,
    kind: int,
    arrival: int,
    stay: int,
    left: int,
    wait: int,
    number: int,
) -> None:
    """A visit that happened, with what it costs and who pays."""
    ground, prices, rules, state, who = play.ground, play.prices, play.rules, play.state, play.people[p]
    care = 1 if kind == IN else 0
    tier = ground.site[site].tier if ground.site[site].inside else AWAY
    factor = play.ill[code].cost * (_EMERGENCY_COST if kind == EMERGENCY else 1.0)
    cost = cost_of(rules.seed, number, prices, care, tier, factor, stay)
    row = state.seen[state.top[SEEN]]
    state.top[SEEN] += 1
    row.number, row.person, row.day, row.site, row.code, row.kind = number, p, d, site, code, kind
    row.arrival, row.stay, row.left, row.wait, row.cost = arrival, stay, left, wait, cost
    row.fund = 0
    if who.cover != UNINSURED:
        row.fund = fund_of(prices.table, rules.continuous, who, care, tier, arrival != SELF, cost, d)
