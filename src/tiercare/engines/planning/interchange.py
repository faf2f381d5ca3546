"""Choosing p sites without capacities: fast interchange, any time, in compiled loops.

The interchange is Whitaker's in the form of Resende and Werneck (2003, doi:10.1016/S0377-2217(03)00183-6): one pass over the
places of a site tells what opening it gains with each of the open ones closed. Perturbed and repeated it is an iterated local search.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .tasks import Flags, Floats, Ints


@njit(cache=True)
def nearest_two(cost: Floats, opened: Ints, first: Ints, second: Floats) -> float:
    """Which position in ``opened`` serves each place, what the next best would cost; answers the total cost."""
    total = 0.0
    for j in range(cost.shape[1]):
        best, at, next_best = np.inf, -1, np.inf
        for r in range(opened.shape[0]):
            here = cost[opened[r], j]
            if here < best:
                best, next_best, at = here, best, r
            elif here < next_best:
                next_best = here
        first[j], second[j] = at, next_best
        total += best
    return total


@njit(cache=True)
def descend(cost: Floats, opened: Ints, is_open: Flags, may_open: Ints) -> float:
    """Exchange the best pair until none improves; ``opened`` and ``is_open`` are changed in place."""
    n, p = cost.shape[1], opened.shape[0]
    first, second = np.empty(n, np.int64), np.empty(n)
    total = nearest_two(cost, opened, first, second)
    lost = np.empty(p)
    while True:
        closing = np.zeros(p)
        for j in range(n):
            closing[first[j]] += second[j] - cost[opened[first[j]], j]
        gain_best, into, out = 1e-7, -1, -1
        for at in range(may_open.shape[0]):
            i = may_open[at]
            if is_open[i]:
                continue
            gain = 0.0
            lost[:] = closing
            for j in range(n):
                here, now = cost[i, j], cost[opened[first[j]], j]
                if here < now:
                    gain += now - here
                    lost[first[j]] -= second[j] - now
                elif here < second[j]:
                    lost[first[j]] -= second[j] - here
            r = int(np.argmin(lost))
            if gain - lost[r] > gain_best:
                gain_best, into, out = gain - lost[r], i, r
        if into < 0:
            return total
        is_open[opened[out]], is_open[into] = False, True
        opened[out] = into
        total = nearest_two(cost, opened, first, second)


@njit(cache=True)
def shaken(cost: Floats, opened: Ints, is_open: Flags, may_open: Ints, strength: int, seed: int) -> float:
    """Some open sites change places with closed ones by chance, then a descent; in place."""
    np.random.seed(seed)
    for _ in range(strength):
        into = may_open[np.random.randint(may_open.shape[0])]
        if is_open[into]:
            continue
        r = np.random.randint(opened.shape[0])
        is_open[opened[r]], is_open[into] = False, True
        opened[r] = into
    return descend(cost, opened, is_open, may_open)
