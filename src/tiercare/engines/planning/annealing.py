"""Dividing places into connected grids around fixed seats: a search by annealing, in compiled loops.

A place at the border of two grids moves over, with whatever its leaving would cut off from its seat; grids stay connected at every step.
Loads over a capacity cost a penalty while the search runs.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numba import njit

from .tasks import Floats, Ints

CUT_OFF: Final = 24  # a move takes at most so many places along


class Land(NamedTuple):
    """What is divided: as in ``tasks.Dividing``, with what a unit over capacity costs by service."""

    cost: Floats
    need: Floats
    room: Floats
    seat: Ints
    first: Ints
    beside: Ints
    fair: Floats
    balance: float
    penalty: Floats


class Draft(NamedTuple):
    """A division that changes in place: the grid of each place, loads by grid and service, what each grid's loads cost."""

    held: Ints
    load: Floats
    strain: Floats


class Walk(NamedTuple):
    """Room for walking inside a grid: marks on places, the mark last given, a stack, and the places that a move takes along."""

    seen: Ints
    mark: Ints
    stack: Ints
    moved: Ints


def walk_for(places: int) -> Walk:
    """Room to walk in a land of so many places."""
    return Walk(
        np.zeros(places, np.int64),
        np.zeros(1, np.int64),
        np.empty(places, np.int64),
        np.empty(CUT_OFF, np.int64),
    )


@njit(cache=True)
def reached(land: Land, held: Ints, start: int, without: int, walk: Walk) -> int:
    """Mark what of its grid is connected to ``start`` when ``without`` is not in it; answers how many places."""
    walk.mark[0] += 1
    mark, grid = walk.mark[0], held[start]
    walk.seen[start] = mark
    walk.stack[0] = start
    top, count = 1, 0
    while top > 0:
        top -= 1
        j = walk.stack[top]
        count += 1
        for at in range(land.first[j], land.first[j + 1]):
            k = land.beside[at]
            if k != without and held[k] == grid and walk.seen[k] != mark:
                walk.seen[k] = mark
                walk.stack[top] = k
                top += 1
    return count


@njit(cache=True)
def _inside(land: Land, held: Ints, j: int) -> int:
    """How many neighbours of a place are in its own grid."""
    count = 0
    for at in range(land.first[j], land.first[j + 1]):
        count += held[land.beside[at]] == held[j]
    return count


@njit(cache=True)
def _taken_along(land: Land, held: Ints, j: int, walk: Walk) -> int:
    """How many places leave their grid when ``j`` does, ``walk.moved`` lists them: what it alone connects to the seat goes along.

    0 if that is too many, or ``j`` is the seat itself.
    """
    a = held[j]
    if land.seat[a] == j:
        return 0
    walk.moved[0] = j
    count = 1
    if _inside(land, held, j) <= 1:
        return count
    begun = walk.mark[0]
    for at in range(land.first[j], land.first[j + 1]):
        k = land.beside[at]
        if held[k] != a or walk.seen[k] > begun:
            continue
        size = reached(land, held, k, j, walk)
        if walk.seen[land.seat[a]] == walk.mark[0]:
            continue
        if count + size > CUT_OFF:
            return 0
        for i in range(held.shape[0]):
            if walk.seen[i] == walk.mark[0]:
                walk.moved[count] = i
                count += 1
    return count


@njit(cache=True)
def _strain(land: Land, grid: int, load: Floats) -> float:
    """What the loads of a grid cost: unevenness of the first service, and everything over capacity."""
    total = land.balance * float(abs(load[0] - land.fair[grid]))
    for k in range(load.shape[0]):
        if load[k] > land.room[grid, k]:
            total += land.penalty[k] * (load[k] - land.room[grid, k])
    return total


@njit(cache=True)
def _over(land: Land, grid: int, load: Floats) -> int:
    """How many capacities of a grid are exceeded."""
    count = 0
    for k in range(load.shape[0]):
        count += load[k] > land.room[grid, k] + 1e-9
    return count


@njit(cache=True)
def _drafted(land: Land, draft: Draft) -> tuple[float, int]:
    """Loads and strains anew; answers the cost with penalties and how many capacities are exceeded."""
    draft.load[:] = 0.0
    total, over = 0.0, 0
    for j in range(draft.held.shape[0]):
        draft.load[draft.held[j]] += land.need[j]
        total += land.cost[draft.held[j], j]
    for i in range(draft.strain.shape[0]):
        draft.strain[i] = _strain(land, i, draft.load[i])
        total += draft.strain[i]
        over += _over(land, i, draft.load[i])
    return total, over


@njit(cache=True)
def _wish(land: Land, draft: Draft) -> tuple[int, int]:
    """A place and a grid beside it by chance; (-1, -1) if the draw says nothing."""
    j = np.random.randint(draft.held.shape[0])
    degree = land.first[j + 1] - land.first[j]
    if degree == 0:
        return -1, -1
    b = draft.held[land.beside[land.first[j] + np.random.randint(degree)]]
    if b == draft.held[j] or not np.isfinite(land.cost[b, j]):
        return -1, -1
    return j, b


@njit(cache=True)
def _step(
    land: Land, draft: Draft, walk: Walk, j: int, b: int, heat: float, after: Floats
) -> tuple[float, int]:
    """Try to move a place over; answers what changed in cost and in exceeded capacities (0, 0 if it stayed)."""
    a = draft.held[j]
    # The cheapest part of the verdict first: mostly nothing has to be taken along.
    if land.cost[b, j] - land.cost[a, j] > 12.0 * heat + draft.strain[a] + draft.strain[b]:
        return 0.0, 0
    count = _taken_along(land, draft.held, j, walk)
    if count == 0:
        return 0.0, 0
    delta = 0.0
    after[0], after[1] = draft.load[a], draft.load[b]
    for at in range(count):
        i = walk.moved[at]
        delta += land.cost[b, i] - land.cost[a, i]
        after[0] -= land.need[i]
        after[1] += land.need[i]
    if not np.isfinite(delta):
        return 0.0, 0
    strain_a, strain_b = _strain(land, a, after[0]), _strain(land, b, after[1])
    delta += strain_a + strain_b - draft.strain[a] - draft.strain[b]
    if delta > 0.0 and np.random.random() >= np.exp(-delta / heat):
        return 0.0, 0
    over = _over(land, a, after[0]) + _over(land, b, after[1])
    over -= _over(land, a, draft.load[a]) + _over(land, b, draft.load[b])
    for at in range(count):
        draft.held[walk.moved[at]] = b
    draft.load[a], draft.load[b] = after[0], after[1]
    draft.strain[a], draft.strain[b] = strain_a, strain_b
    return delta, over


@njit(cache=True)
def anneal(
    land: Land,
    draft: Draft,
    walk: Walk,
    best: Ints,
    least: float,
    hot: float,
    cold: float,
    steps: int,
    seed: int,
) -> float:
    """Steps at falling temperature from ``draft.held``; ``best`` gets the cheapest plan without overload below ``least``.

    Answers its cost, or ``least``. Temperatures are in units of cost.
    """
    np.random.seed(seed)
    after = np.empty((2, land.need.shape[1]))
    now, over = _drafted(land, draft)
    fall = (cold / hot) ** (1.0 / max(steps, 1))
    heat = hot
    for _ in range(steps):
        heat *= fall
        j, b = _wish(land, draft)
        if j < 0:
            continue
        delta, exceeded = _step(land, draft, walk, j, b, heat, after)
        now += delta
        over += exceeded
        if over == 0 and now < least - 1e-7:
            least = now
            best[:] = draft.held
    return least


@njit(cache=True)
def _cheapest_joining(land: Land, held: Ints, seen: Ints, joined: int) -> tuple[int, int]:
    """The place apart whose joining of a grid beside it costs least more than its cheapest grid would; (-1, -1) if none is beside."""
    best, who, to = np.inf, -1, -1
    for j in range(held.shape[0]):
        if seen[j] == joined:
            continue
        low = land.cost[:, j].min()
        for at in range(land.first[j], land.first[j + 1]):
            k = land.beside[at]
            if seen[k] == joined and land.cost[held[k], j] - low < best:
                best, who, to = land.cost[held[k], j] - low, j, held[k]
    return who, to


@njit(cache=True)
def connect(land: Land, held: Ints, walk: Walk) -> int:
    """Make every grid connected around its seat: what is apart joins the cheapest grid beside it. Answers how many none reaches."""
    for i in range(land.seat.shape[0]):
        held[land.seat[i]] = i
    begun = walk.mark[0]
    for i in range(land.seat.shape[0]):
        reached(land, held, land.seat[i], -1, walk)
    left, joined = 0, walk.mark[0] + 1
    walk.mark[0] = joined
    for j in range(held.shape[0]):
        if walk.seen[j] > begun:
            walk.seen[j] = joined
        else:
            left += 1
    while left > 0:
        who, to = _cheapest_joining(land, held, walk.seen, joined)
        if who < 0:
            return left
        held[who] = to
        walk.seen[who] = joined
        left -= 1
    return 0
