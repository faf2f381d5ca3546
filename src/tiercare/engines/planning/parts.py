"""Improving a large plan part by part: some neighbouring sites with all they serve are solved anew, small and fast, and put back."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from . import clusters
from .tasks import Choosing, Floats, Ints

Found = Callable[[Ints, Ints], bool]
PLACES = (120, 220)  # of a part, in turn


def penalty_of(cost: Floats, need: Floats, opened: Ints) -> float:
    """What a unit over capacity costs: about what moving the mean place to the far end of the region would."""
    served = cost[opened]
    some = need[need > 0.0]
    return float(np.median(served.max(axis=0) - served.min(axis=0)) / max(float(np.median(some)), 1e-12))


def improved(
    cost: Floats,
    task: Choosing,
    opened: Ints,
    held: Ints,
    *,
    seed: int,
    sweeps: int,
    over: Callable[[], bool],
    found: Found,
) -> None:
    """Go over the sites again and again until two whole rounds found nothing; ``opened`` and ``held`` (positions) change in place.

    Args:
        over: asked now and then whether to stop.
        found: told each better plan, overloaded ones too.
    """
    rng = np.random.default_rng(seed)
    n, p = held.shape[0], task.p
    penalty = penalty_of(cost, task.need, opened) * 2.0
    idle = 0
    for sweep in range(sweeps):
        size = PLACES[sweep % len(PLACES)]
        width = min(p, max(3, round(size * p / n)))
        rounds = int(300 * (1 + sweep // 2)) if width < p else 3000
        better = False
        for r in rng.permutation(p)[: max(1, math.ceil(2.5 * p / width))]:
            if over():
                return
            if _part(cost, task, opened, held, int(r), width, rounds, penalty, int(rng.integers(2**31))):
                better = True
                found(opened, held)
        idle = 0 if better else idle + 1
        if idle >= 2 * len(PLACES):
            return


def _part(
    cost: Floats,
    task: Choosing,
    opened: Ints,
    held: Ints,
    r: int,
    width: int,
    rounds: int,
    penalty: float,
    seed: int,
) -> bool:
    """Solve the ``width`` positions around position ``r`` anew; ``opened`` and ``held`` change where that is better."""
    members = np.flatnonzero(held == r)
    far = cost[opened][:, members].mean(axis=1) if members.shape[0] else cost[opened].min(axis=1)
    far[r] = -1.0
    chosen = np.argsort(far, kind="stable")[:width]
    local = np.full(task.p, -1)
    local[chosen] = np.arange(chosen.shape[0])
    places = np.flatnonzero(local[held] >= 0)
    if places.shape[0] < 2:
        return False
    sites = np.union1d(_sites_around(cost, places, opened, chosen), opened[chosen])
    table = clusters.Table(
        np.ascontiguousarray(cost[np.ix_(sites, places)]),
        task.need[places],
        task.room[sites],
        np.arange(sites.shape[0]),
        penalty,
    )
    desks = [
        clusters.desk_for(table, np.searchsorted(sites, opened[chosen]), local[held[places]])
        for _ in range(3)
    ]
    heat = 0.003 if width < task.p else 0.01
    if clusters.wander(table, desks[0], desks[1], desks[2], heat, rounds, seed) <= 1e-9:
        return False
    opened[chosen] = sites[desks[2].opened]
    held[places] = chosen[desks[2].held]
    return True


def _sites_around(cost: Floats, places: Ints, opened: Ints, chosen: Ints) -> Ints:
    """Sites worth trying for these places: those that serve them cheapest and are not open elsewhere, some for each place."""
    elsewhere = np.zeros(cost.shape[0], np.bool_)
    elsewhere[opened] = True
    elsewhere[opened[chosen]] = False
    free = np.flatnonzero(~elsewhere)
    if free.shape[0] <= places.shape[0] + chosen.shape[0]:
        return free
    total = cost[np.ix_(free, places)].sum(axis=1)
    least = cost[np.ix_(free, places)].min(axis=1)
    most = places.shape[0]
    by_total, by_least = (
        np.argsort(total, kind="stable")[: most // 2],
        np.argsort(least, kind="stable")[:most],
    )
    return free[np.union1d(by_total, by_least)]
