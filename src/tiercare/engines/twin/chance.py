"""Chance that does not depend on the order of events: a number for (seed, who, what), always the same.

Two policies that are compared see the same people fall ill on the same days, and each person's luck is the same until something differs: the
difference between two runs is the policy's and not the dice's (common random numbers).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from tiercare.engines.measures.synth.columns import Array

_A, _B, _C = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_30, _27, _31, _11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_SMALL = 2.0**-53


@njit(cache=True, inline="always")
def luck(seed: int, who: int, what: int) -> float:
    """Between 0 and 1, 1 excluded; SplitMix64's finaliser over the three numbers."""
    x = np.uint64(seed) * _C + np.uint64(who) * _A + np.uint64(what) * _B + _A
    x = (x ^ (x >> _30)) * _B
    x = (x ^ (x >> _27)) * _C
    x = x ^ (x >> _31)
    # Once more: neighbours in one of the three numbers must not be neighbours in the result.
    x = (x + _A) ^ (x >> _30)
    x = (x ^ (x >> _27)) * _B
    x = x ^ (x >> _31)
    return np.float64(x >> _11) * _SMALL


@njit(cache=True, inline="always")
def normal(seed: int, who: int, what: int) -> float:
    """Standard normal, by Box and Muller, from two numbers (``what`` and ``what`` + 1)."""
    u = 1.0 - luck(seed, who, what)
    return math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * luck(seed, who, what + 1))


@njit(cache=True)
def poisson(mean: float, u: float) -> int:
    """How many, by inversion; for means up to some 30."""
    many, term = 0, math.exp(-mean)
    so_far = term
    while u > so_far and many < 60:
        many += 1
        term *= mean / many
        so_far += term
    return many


@njit(cache=True)
def at(edges: Array, u: float) -> int:
    """The first index whose edge lies above ``u``; the last one otherwise."""
    low, high = 0, len(edges) - 1
    while low < high:
        middle = (low + high) // 2
        if edges[middle] > u:
            high = middle
        else:
            low = middle + 1
    return low
