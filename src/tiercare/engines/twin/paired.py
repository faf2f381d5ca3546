"""Statistics of paired runs: intervals by Student's t, ranks. Small samples, so exact rather than asymptotic; NumPy has none of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from tiercare.engines.measures.synth.columns import Array

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Band:
    """A mean and the two ends of an interval around it; ends are not a number where there are too few values."""

    mean: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether all of it lies on one side of 0."""
        return self.low > 0 or self.high < 0


def mean_band(values: Array, level: float = LEVEL) -> Band:
    """The mean of independent values with its confidence interval (t with n − 1 degrees of freedom)."""
    return _band(values, level, 0.0)


def next_band(values: Array, level: float = LEVEL) -> Band:
    """The mean, and the interval in which one more value like these lies (prediction interval: t · s · √(1 + 1/n))."""
    return _band(values, level, 1.0)


def _band(values: Array, level: float, own: float) -> Band:
    n = len(values)
    if n == 0:
        return Band(math.nan, math.nan, math.nan)
    mean = float(np.mean(values))
    if n == 1:
        return Band(mean, math.nan, math.nan)
    if np.ptp(values) == 0:  # equal values: no spread, not even a rounding's
        return Band(float(values[0]), float(values[0]), float(values[0]))
    reach = student(n - 1, level) * float(np.std(values, ddof=1)) * math.sqrt(own + 1 / n)
    return Band(mean, mean - reach, mean + reach)


@cache
def student(freedom: int, level: float = LEVEL) -> float:
    """The t within ±which lies ``level`` of Student's distribution, by halving; 12.706 for 1 and 95 %."""
    low, high = 0.0, 1.0
    while _within(high, freedom) < level:
        low, high = high, high * 2
    for _ in range(200):
        middle = (low + high) / 2
        if _within(middle, freedom) < level:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def beyond(t: float, freedom: int) -> float:
    """How likely it is that |t| is at least this by chance alone (two-sided p)."""
    return 0.0 if math.isinf(t) else max(1.0 - _within(abs(t), freedom), 0.0)


def chance_of_mean(values: Array) -> float:
    """How likely a mean at least this far from 0 is, were the true one 0 (two-sided p of the paired t test). 1 for fewer than two values."""
    n = len(values)
    if n < 2:
        return 1.0
    if np.ptp(values) == 0:
        return 0.0 if values[0] else 1.0
    error = float(np.std(values, ddof=1)) / math.sqrt(n)
    return beyond(float(np.mean(values)) / error, n - 1)


def holm(chances: Sequence[float]) -> list[float]:
    """Each p as it counts among all of these, in their order: those of at most 5 % are *all* right with 95 %, however they depend on each other.

    Holm's step-down of Bonferroni: the smallest of m counts m times, the next m − 1 times, none less than the one before it (S. Holm, A simple
    sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6, 1979, 65–70).
    """
    many, told, least = len(chances), [1.0] * len(chances), 0.0
    for passed, at in enumerate(sorted(range(many), key=chances.__getitem__)):
        least = max(least, min(1.0, (many - passed) * chances[at]))
        told[at] = least
    return told


def listed(chances: Sequence[float]) -> list[float]:
    """Each p as it counts for a list: of those of at most 5 % one in twenty, on average, is there by chance.

    Benjamini's and Hochberg's step-up: the k-th smallest of m counts m / k times, none more than the one after it (Controlling the false discovery
    rate, Journal of the Royal Statistical Society B 57, 1995, 289–300). It holds where they are independent or rise and fall together (Benjamini and
    Yekutieli, Annals of Statistics 29, 2001, 1165–1188), and finds more than ``holm`` where many are true.
    """
    many, told, most = len(chances), [1.0] * len(chances), 1.0
    for rank, at in reversed(list(enumerate(sorted(range(many), key=chances.__getitem__), 1))):
        most = min(most, many / rank * chances[at])
        told[at] = most
    return told


def _within(t: float, freedom: int) -> float:
    """Share of Student's distribution within ±t, for whole degrees of freedom (Abramowitz and Stegun 26.7.3 and 26.7.4)."""
    theta = math.atan2(t, math.sqrt(freedom))
    sine, cosine = math.sin(theta), math.cos(theta)
    odd = freedom % 2 == 1
    if freedom == 1:
        return 2 * theta / math.pi
    term = total = cosine if odd else 1.0
    for k in range(3 if odd else 2, freedom - 1, 2):
        term *= cosine * cosine * (k - 1) / k
        total += term
    return 2 / math.pi * (theta + sine * total) if odd else sine * total


def ranks(values: Array) -> Array:
    """1 for the smallest; equal ones share the mean of their ranks. By columns, if there are any."""
    if values.ndim > 1:
        return np.column_stack([ranks(column) for column in values.T])
    _, at, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    shared: Array = ((last - counts + 1 + last) / 2)[at]
    return shared


def correlations(columns: Array, values: Array) -> Array:
    """Pearson's correlation of each column with ``values``; 0 where one of the two does not vary."""
    x, y = columns - columns.mean(axis=0), values - values.mean()
    norm = np.sqrt((x * x).sum(axis=0) * (y * y).sum())
    found: Array = np.divide(x.T @ y, norm, out=np.zeros(x.shape[1]), where=norm > 0)
    return found


def rank_correlations(columns: Array, values: Array) -> Array:
    """Spearman's: that of the ranks."""
    return correlations(ranks(columns), ranks(values))


def chance_of_correlation(r: float, n: int) -> float:
    """Two-sided p of a correlation of n pairs (t with n − 2 degrees of freedom; for ranks an approximation, good from n = 10 on)."""
    if n < 3:
        return 1.0
    left = 1 - min(abs(r), 1.0) ** 2
    return 0.0 if left <= 0 else beyond(abs(r) * math.sqrt((n - 2) / left), n - 2)
