"""The residents of the twin as arrays: those of the synthetic facts, with what their choices depend on. Nobody of them exists."""

from __future__ import annotations

import numpy as np
from numba import njit

from tiercare.engines.measures.synth.columns import Array
from tiercare.engines.measures.synth.people import DISEASES, KEY_GROUP, POOR, PREGNANT, People
from tiercare.engines.measures.synth.world import NOBODY

from .assumptions import Assumptions
from .chance import luck
from .levers import Levers

NAMED = (
    "hypertension",
    "diabetes",
    "copd",
    "coronary",
    "stroke",
    "tumour",
)  # the six chronic diseases that the texts name
_BITS = np.array([DISEASES.index(each) for each in NAMED], np.int64)
RESIDENT, EMPLOYEE, UNINSURED = range(3)
_SEEN_BEFORE = 121  # days before the year within which somebody was last seen


# A person is one record, so that what belongs together lies together. Days count from the year's first.
PERSON = np.dtype(
    [
        ("home", np.int32),  # place
        ("usual", np.int32),  # site of primary care that they go to
        ("died", np.int32),  # day, or NOBODY
        (
            "deductible",
            np.int32,
        ),  # fen of the outpatients' deductible paid this year, then what the fund has paid of visits
        ("paid", np.int32),
        (
            "stay_deductible",
            np.int32,
        ),  # fen of the stays' deductible paid in this episode, then what the fund has paid of stays
        ("stay_paid", np.int32),
        ("since", np.int16),  # day of the last stay
        ("onset", np.int16),  # day on which the first chronic disease began; 0 for those who have it before
        ("last_seen", np.int16),  # day of the last visit for a chronic disease
        ("busy", np.int16),  # in a bed until that day
        ("band", np.int8),  # 0 child, 1 adult, 2 middle, 3 elder
        ("cover", np.int8),  # of the three above
        ("chronic", np.uint8),  # bits in the order of DISEASES, those of later onset too
        ("signed", np.bool_),
        ("key", np.bool_),  # of a key group
        ("poor", np.bool_),  # registered as poor
        ("habit", np.bool_),  # used to going to hospitals
        ("female", np.bool_),
        ("controlled", np.bool_),
    ],
    align=True,
)


def residents_of(people: People, levers: Levers, given: Assumptions) -> Array:
    """Records of the residents under a policy. The same persons sign first whatever the coverage: more coverage adds some and takes nobody away."""
    world = people.world
    seed, first = world.seed, int(world.calendar.edges[0])
    lucky = _lucky(seed, people.count)
    key = (people.flags & np.uint8(KEY_GROUP)) > 0
    inside = people.inside()
    share = float(key[inside].mean()) if inside.any() else 0.0
    others = (levers.signing_coverage - share * levers.key_signing_coverage) / max(1 - share, 1e-9)
    signed = inside & (lucky[0] < np.where(key, levers.key_signing_coverage, np.clip(others, 0, 1)))
    cover = np.where(lucky[2] < given["employees"], EMPLOYEE, RESIDENT)
    who = np.zeros(people.count, PERSON)
    who["home"], who["usual"] = people.home, people.usual
    who["band"] = np.searchsorted(np.array([15, 45, 65]), people.age, side="right")
    who["chronic"], who["onset"] = _onsets(people, lucky, given)
    who["signed"], who["key"], who["habit"] = signed, key, lucky[1] < given["habit_share"]
    who["poor"] = (people.flags & np.uint8(POOR)) > 0
    who["female"] = (lucky[3] < 0.5) | ((people.flags & np.uint8(PREGNANT)) > 0)
    who["cover"] = np.where(people.insured < 0, UNINSURED, cover)
    who["controlled"] = lucky[4] < given["controlled_at_first"]
    who["died"] = np.where(people.died == NOBODY, NOBODY, people.died - first)
    who["last_seen"] = -1 - (lucky[7] * _SEEN_BEFORE).astype(np.int16)
    who["since"], who["busy"] = -1000, -1
    return who


@njit(cache=True)
def _lucky(seed: int, count: int) -> Array:
    """Of each person eight numbers: signing, habit, cover, sex, control, onset, its day, when last seen."""
    found = np.empty((8, count), np.float32)
    for what in range(8):
        for person in range(count):
            found[what, person] = luck(seed, person, 20 + what)
    return found


def _onsets(people: People, lucky: Array, given: Assumptions) -> tuple[Array, Array]:
    """Chronic diseases with the day of their onset: of those who have none, as many a year fall ill as is usual for the diseases that people
    of their age have."""
    chronic = people.chronic.astype(np.uint8)
    onset = np.zeros(people.count, np.int16)
    days = len(people.world.calendar.days)
    band = np.minimum(people.age // 5, 20)
    for n, bit in enumerate(_BITS):
        has = (people.chronic >> np.uint8(bit) & np.uint8(1)) > 0
        of_age = np.bincount(band, has, 21) / np.maximum(np.bincount(band, minlength=21), 1)
        chance = of_age[band] * given["onset"] * days / 365
        low, high = (
            n / len(_BITS),
            (n + 1) / len(_BITS),
        )  # one person's luck serves all six: at most one begins in a year
        begins = (people.chronic == 0) & (lucky[5] >= low) & (lucky[5] < low + np.minimum(chance, high - low))
        chronic = np.where(begins, chronic | np.uint8(1 << bit), chronic)
        onset = np.where(begins, (lucky[6] * days).astype(np.int16) + 1, onset)
    return chronic, onset
