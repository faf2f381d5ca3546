"""Choosing p sites with capacities: a local search over who serves whom and from where, in compiled loops.

What stands over a capacity costs a penalty, so that a search may pass through what is not allowed. Places are moved and exchanged between
the sites near them, sites move inside what they serve, and a site is thrown elsewhere by chance when nothing improves any more
(iterated local search). Sites are spoken of by their position among the open ones.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numba import njit

from .tasks import Flags, Floats, Ints

STRICT: Final = 20.0  # how much dearer overload is where plans are kept than while one searches
NEAR: Final = 8  # open sites that are tried for a place


class Table(NamedTuple):
    """What a search is about: costs sites × places, needs, rooms, which sites may open, and what a unit over capacity costs."""

    cost: Floats
    need: Floats
    room: Floats
    may_open: Ints
    penalty: float


class Desk(NamedTuple):
    """Where a search stands; all arrays change in place.

    ``opened``: the site at each position; ``held``: the position that serves each place; ``near``: the cheapest positions of each place,
    cheapest first; ``head``, ``after``, ``before``: the places of each position as a list; ``queue``, ``waits``, ``ends``: places
    still to be looked at.
    """

    opened: Ints
    is_open: Flags
    held: Ints
    load: Floats
    near: Ints
    head: Ints
    after: Ints
    before: Ints
    queue: Ints
    waits: Flags
    ends: Ints


def desk_for(table: Table, opened: Ints, held: Ints) -> Desk:
    """A desk on which a plan lies; the plan's arrays are copied."""
    n, p = held.shape[0], opened.shape[0]
    is_open = np.zeros(table.cost.shape[0], np.bool_)
    is_open[opened] = True
    desk = Desk(
        opened.astype(np.int64),
        is_open,
        held.astype(np.int64),
        np.zeros(p),
        np.zeros((n, min(NEAR, p)), np.int64),
        np.full(p, -1, np.int64),
        np.full(n, -1, np.int64),
        np.full(n, -1, np.int64),
        np.empty(n + 1, np.int64),
        np.zeros(n, np.bool_),
        np.zeros(2, np.int64),
    )
    laid(table, desk)
    return desk


@njit(cache=True)
def _near_of(table: Table, desk: Desk, j: int) -> None:
    """The cheapest positions for one place, cheapest first."""
    cost, opened, near = table.cost, desk.opened, desk.near[j]
    k, found = near.shape[0], 0
    for r in range(opened.shape[0]):
        here = cost[opened[r], j]
        if found == k and here >= cost[opened[near[k - 1]], j]:
            continue
        at = found if found < k else k - 1
        while at > 0 and cost[opened[near[at - 1]], j] > here:
            near[at] = near[at - 1]
            at -= 1
        near[at] = r
        if found < k:
            found += 1


@njit(cache=True)
def _moved(table: Table, desk: Desk, r: int) -> None:
    """Position ``r`` is at another site now: who is near it, and who should look again."""
    k = desk.near.shape[1]
    for j in range(desk.held.shape[0]):
        near = desk.near[j]
        known = False
        for at in range(k):
            if near[at] == r:
                known = True
                break
        if known or table.cost[desk.opened[r], j] < table.cost[desk.opened[near[k - 1]], j]:
            _near_of(table, desk, j)
        if near[0] == r or (k > 1 and near[1] == r):
            _push(desk, j)
    _push_all(desk, r)


@njit(cache=True)
def _over(load: float, room: float) -> float:
    return load - room if load > room else 0.0


@njit(cache=True)
def _enter(desk: Desk, j: int, r: int) -> None:
    desk.held[j] = r
    desk.after[j], desk.before[j] = desk.head[r], -1
    if desk.head[r] >= 0:
        desk.before[desk.head[r]] = j
    desk.head[r] = j


@njit(cache=True)
def _leave(desk: Desk, j: int) -> None:
    if desk.before[j] >= 0:
        desk.after[desk.before[j]] = desk.after[j]
    else:
        desk.head[desk.held[j]] = desk.after[j]
    if desk.after[j] >= 0:
        desk.before[desk.after[j]] = desk.before[j]


@njit(cache=True)
def _push(desk: Desk, j: int) -> None:
    if not desk.waits[j]:
        desk.waits[j] = True
        desk.queue[desk.ends[1]] = j
        desk.ends[1] = (desk.ends[1] + 1) % desk.queue.shape[0]


@njit(cache=True)
def _push_all(desk: Desk, r: int) -> None:
    j = desk.head[r]
    while j >= 0:
        _push(desk, j)
        j = desk.after[j]


@njit(cache=True)
def laid(table: Table, desk: Desk) -> None:
    """Loads, lists and near positions anew from ``opened`` and ``held``."""
    desk.load[:] = 0.0
    desk.head[:] = -1
    for j in range(desk.held.shape[0]):
        desk.load[desk.held[j]] += table.need[j]
        _enter(desk, j, desk.held[j])
        _near_of(table, desk, j)


@njit(cache=True)
def _best_move(table: Table, desk: Desk, j: int) -> tuple[int, int]:
    """Where a place would best go: to which position, and in exchange for which place (-1: for none); (-1, -1) if it stays."""
    cost, need, room, opened, load = table.cost, table.need, table.room, desk.opened, desk.load
    a = desk.held[j]
    base, room_a = cost[opened[a], j], room[opened[a]]
    over_a = _over(load[a], room_a)
    freed = _over(load[a] - need[j], room_a) - over_a
    best, to, other = -1e-7, -1, -1
    for at in range(desk.near.shape[1]):
        b = desk.near[j, at]
        if b == a:
            continue
        room_b = room[opened[b]]
        over_b = _over(load[b], room_b)
        there = cost[opened[b], j] - base
        delta = there + table.penalty * (freed + _over(load[b] + need[j], room_b) - over_b)
        if delta < best:
            best, to, other = delta, b, -1
        k = desk.head[b]
        while k >= 0:
            back = cost[opened[a], k] - cost[opened[b], k]
            if there + back < best + table.penalty * (over_a + over_b):
                more = need[j] - need[k]
                strain = _over(load[a] - more, room_a) - over_a + _over(load[b] + more, room_b) - over_b
                delta = there + back + table.penalty * strain
                if delta < best:
                    best, to, other = delta, b, k
            k = desk.after[k]
    return to, other


@njit(cache=True)
def settle(table: Table, desk: Desk) -> None:
    """Move and exchange places until none in the queue finds a better position."""
    while desk.ends[0] != desk.ends[1]:
        j = desk.queue[desk.ends[0]]
        desk.ends[0] = (desk.ends[0] + 1) % desk.queue.shape[0]
        desk.waits[j] = False
        a = desk.held[j]
        to, other = _best_move(table, desk, j)
        if to < 0:
            continue
        _leave(desk, j)
        _enter(desk, j, to)
        desk.load[a] -= table.need[j]
        desk.load[to] += table.need[j]
        if other >= 0:
            _leave(desk, other)
            _enter(desk, other, a)
            desk.load[to] -= table.need[other]
            desk.load[a] += table.need[other]
        _push_all(desk, a)
        _push_all(desk, to)


@njit(cache=True)
def _served(table: Table, desk: Desk, i: int, r: int, limit: float) -> float:
    """What site ``i`` would cost for the places of position ``r``; given up above ``limit``."""
    total = 0.0
    j = desk.head[r]
    while j >= 0 and total < limit:
        total += table.cost[i, j]
        j = desk.after[j]
    return total


@njit(cache=True)
def recentre(table: Table, desk: Desk, r: int) -> bool:
    """Move a position to the site that serves its places cheapest; whether it moved."""
    now = desk.opened[r]
    best, to = _served(table, desk, now, r, np.inf) - 1e-7, -1
    least = min(desk.load[r], table.room[now])
    for at in range(table.may_open.shape[0]):
        i = table.may_open[at]
        if desk.is_open[i] or table.room[i] < least:
            continue
        here = _served(table, desk, i, r, best)
        if here < best:
            best, to = here, i
    if to < 0:
        return False
    desk.is_open[now], desk.is_open[to] = False, True
    desk.opened[r] = to
    _moved(table, desk, r)
    return True


@njit(cache=True)
def overload_of(table: Table, desk: Desk) -> float:
    """How much need stands over capacity."""
    total = 0.0
    for r in range(desk.opened.shape[0]):
        total += _over(desk.load[r], table.room[desk.opened[r]])
    return total


@njit(cache=True)
def total_of(table: Table, desk: Desk) -> float:
    """Cost of the plan with the penalty for what stands over capacity."""
    total = table.penalty * overload_of(table, desk)
    for j in range(desk.held.shape[0]):
        total += table.cost[desk.opened[desk.held[j]], j]
    return total


@njit(cache=True)
def improve(table: Table, desk: Desk) -> None:
    """Settle everybody and recentre every site until nothing improves."""
    for j in range(desk.held.shape[0]):
        _push(desk, j)
    moved = True
    while moved:
        settle(table, desk)
        moved = False
        for r in range(desk.opened.shape[0]):
            if recentre(table, desk, r):
                moved = True


@njit(cache=True)
def _throw(table: Table, desk: Desk) -> None:
    """One site opens by chance; one near it, or sometimes any, closes for it."""
    into = table.may_open[np.random.randint(table.may_open.shape[0])]
    if desk.is_open[into]:
        return
    # What is far apart rarely gains together: the closing site is most often near the opening one.
    r = np.random.randint(desk.opened.shape[0])
    if np.random.random() < 0.5:
        j = int(np.argmin(table.cost[into]))
        r = desk.near[j, np.random.randint(desk.near.shape[1])]
    desk.is_open[desk.opened[r]], desk.is_open[into] = False, True
    desk.opened[r] = into
    _moved(table, desk, r)


@njit(cache=True)
def _settle_around(table: Table, desk: Desk, kept: Desk, touched: Flags) -> None:
    """Settle, and recentre what differs from the plan that was kept, until nothing improves."""
    moved = True
    while moved:
        settle(table, desk)
        touched[:] = desk.opened != kept.opened
        for j in range(desk.held.shape[0]):
            if desk.held[j] != kept.held[j]:
                touched[desk.held[j]] = True
                touched[kept.held[j]] = True
        moved = False
        for r in range(touched.shape[0]):
            if touched[r] and recentre(table, desk, r):
                moved = True


@njit(cache=True)
def copied(source: Desk, to: Desk) -> None:
    """Make one desk's plan that of another; both queues are empty."""
    to.opened[:], to.held[:], to.load[:], to.near[:] = source.opened, source.held, source.load, source.near
    to.is_open[:], to.head[:] = source.is_open, source.head
    to.after[:], to.before[:] = source.after, source.before


@njit(cache=True)
def wander(table: Table, desk: Desk, kept: Desk, best: Desk, heat: float, rounds: int, seed: int) -> float:
    """Rounds of throwing a site elsewhere and settling what that disturbs.

    ``kept`` and ``best`` begin as copies of ``desk``; ``best`` ends as the best plan met, overload counting ``STRICT`` times more. Answers
    what it gained against the beginning by that measure. ``heat``: by what part of the cost a step may be worse and still be gone on from.
    """
    np.random.seed(seed)
    touched = np.zeros(desk.opened.shape[0], np.bool_)
    current = total_of(table, desk)
    begun = current + STRICT * table.penalty * overload_of(table, desk)
    least = begun
    for _ in range(rounds):
        for _throws in range(1 if np.random.random() < 0.7 else 2):
            _throw(table, desk)
        _settle_around(table, desk, kept, touched)
        now = total_of(table, desk)
        measured = now + STRICT * table.penalty * overload_of(table, desk)
        if measured < least - 1e-9:
            least = measured
            copied(desk, best)
        if now < current + heat * current * np.random.random():
            current = now
            copied(desk, kept)
        else:
            copied(kept, desk)
    return begun - least
