"""What changes while a year is played: places, beds, the book of what is to come, what happened. Arrays only, for the compiled loop."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from tiercare.engines.measures.synth.columns import Array

from .ground import Ground
from .levers import Levers
from .tallies import HOW_MANY

HORIZON = 64  # days ahead that places are kept for: more than anybody waits
# Of the places of a site on a day: free ones for all and for those referred; what became of them: of the reserved used by referrals, of the
# reserved opened to all; taken by anybody; offered, and reserved of them, in the beginning.
FREE, KEPT, USED, RELEASED, TAKEN, OFFERED, RESERVED = range(7)
BEDS, FREE_BEDS, BED_FLOOR = range(
    3
)  # of a site: all, free now, and how many of them only those referred or urgent may have
SEEN, SENT, BOOKED = range(3)  # how much of each of the tables below is filled
_SPARE = 8  # rows that stay free in each: what follows from one need, entry or admission takes one row of a table at most

# A visit that happened; ``wait`` in days since the place was asked for, money in fen.
VISIT = np.dtype(
    [
        ("number", np.int64), ("person", np.int32), ("cost", np.int32), ("fund", np.int32), ("day", np.int16), ("site", np.int16),
        ("code", np.int16), ("stay", np.int16), ("wait", np.int16), ("kind", np.int8), ("arrival", np.int8), ("left", np.int8),
    ],
    align=True,
)  # fmt: skip
# A referral: ``place`` is the day of the place found or -1, ``arrived`` a day or -1, ``state`` as in ``synth.cases``.
REFERRAL = np.dtype(
    [
        ("person", np.int32), ("source", np.int16), ("target", np.int16), ("submitted", np.int16), ("place", np.int16),
        ("arrived", np.int16), ("code", np.int16), ("direction", np.int8), ("state", np.int8), ("stable", np.bool_), ("kept", np.bool_),
    ],
    align=True,
)  # fmt: skip
# What is to come: on a day, or in a line for a bed; ``following`` is the next of its chain.
ENTRY = np.dtype(
    [
        ("number", np.int64), ("following", np.int32), ("person", np.int32), ("sent", np.int32), ("site", np.int16), ("code", np.int16),
        ("asked", np.int16), ("kind", np.int8), ("arrival", np.int8),
    ],
    align=True,
)  # fmt: skip


class State(NamedTuple):
    """Places by site and day, beds by site, chains by day (``head``) and lines for a bed by site (first and last, of those referred or urgent
    and of others), tables and how much of them is filled."""

    places: Array
    beds: Array
    leaving: Array
    bed_days: Array
    head: Array
    line: Array
    book: Array
    seen: Array
    sent: Array
    top: Array
    waited: Array
    tally: Array
    remote: Array


@njit(cache=True)
def full(state: State) -> bool:
    """Whether there may be no room for what comes next. The loop asks before each need, entry and admission, because compiled code writes
    beyond an array without a word."""
    top, room = state.top, len(state.seen) - _SPARE
    return bool(top[SEEN] >= room or top[SENT] >= room or top[BOOKED] >= room)


def state_of(ground: Ground, levers: Levers, weekday: Array, months: int, most: int) -> State:
    """Nothing has happened: all places free, the book empty, room for ``most`` visits, entries and referrals each. Reserved places are whole: a
    share of a few is rounded down."""
    sites, days = len(ground.site), len(weekday)
    hospital = ground.site["hospital"] & ground.site["inside"]
    ahead = (int(weekday[-1]) + 1 + np.arange(HORIZON)) % 7
    places = np.zeros((sites, days + HORIZON, 7), np.int32)
    places[..., OFFERED] = ground.slots[:, np.concatenate([weekday, ahead])]
    places[..., RESERVED] = np.floor(places[..., OFFERED] * levers.reserve_share + 1e-9) * hospital[:, None]
    places[..., KEPT] = places[..., RESERVED]
    places[..., FREE] = places[..., OFFERED] - places[..., RESERVED]
    beds = np.zeros((sites, 3), np.int32)
    beds[:, BEDS] = beds[:, FREE_BEDS] = ground.beds
    beds[:, BED_FLOOR] = np.floor(ground.beds * levers.bed_reserve_share * hospital)
    return State(
        places, beds, np.zeros((sites, days + 4 * HORIZON), np.int32), np.zeros((sites, days), np.int32),
        np.full(days + 4 * HORIZON, -1, np.int32), np.full((sites, 2, 2), -1, np.int32), np.zeros(most, ENTRY), np.zeros(most, VISIT),
        np.zeros(most, REFERRAL), np.zeros(3, np.int64), np.zeros((2, sites)), np.zeros((months, HOW_MANY), np.int64),
        np.zeros((sites, months), np.int32),
    )  # fmt: skip
