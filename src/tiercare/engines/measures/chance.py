"""How much of a difference chance gives: tails of distributions, exact limits for few cases, many findings at once.

What decides about a score or a rank (``ordinary``) is computed in whole numbers and decimals, so that it replays to the digit on
every machine; what only draws attention (``*_tail``) is floating point.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction
from itertools import count as count_from

ONE = Fraction(1)
EXACT = 1000  # up to so many cases limits are exact; above, the score test, which then differs by few cases
_TINY = 1e-300
_STEPS = 10_000


class Law(StrEnum):
    """How a count varies by chance."""

    BINOMIAL = "binomial"  # so many of a known number: a share
    POISSON = "poisson"  # so many where any number could be: a rate


def ordinary(
    law: Law, count: int, of: Fraction, centre: Fraction, alpha: Fraction, *, uneven: Fraction = ONE
) -> bool:
    """Whether ``count`` is within what chance gives around ``centre``, both sides together missed with ``alpha``.

    Args:
        of: the denominator; of a BINOMIAL one a whole number.
        centre: expected share or rate per unit of the denominator.
        uneven: by how much the variance is larger than chance alone makes it (``unevenness``).
    """
    low, high = limits(law, of, centre, alpha, uneven=uneven)
    return low <= count <= high


def limits(
    law: Law, of: Fraction, centre: Fraction, alpha: Fraction, *, uneven: Fraction = ONE
) -> tuple[int, int]:
    """The smallest and the largest count that is ordinary: the funnel at this denominator.

    Exact up to ``EXACT`` cases; above, or where places differ more than by chance, where the score test of Wilson turns.
    """
    expected = centre * of
    if uneven == 1 and (of if law is Law.BINOMIAL else expected) <= EXACT:
        terms, whole = _binomial(int(of), centre) if law is Law.BINOMIAL else _poisson(expected)
        return _walk(terms, whole, alpha / 2)
    # |count - expected| ≤ √(z² φ v); the root of a fraction, cut off at the whole below, by whole numbers alone.
    square = _normal_squared(alpha) * uneven * _variance(law, of, centre)
    middle, most = int(expected), int(of) if law is Law.BINOMIAL else None
    wide = math.isqrt(int(square)) + 1
    low = next(
        k for k in range(max(0, middle - wide), middle + 2) if (k - expected) ** 2 <= square or k > middle
    )
    high = next(
        k for k in range(middle + wide + 1, middle - 1, -1) if (k - expected) ** 2 <= square or k == middle
    )
    return low, high if most is None else min(high, most)


def interval(count: int, of: int, alpha: Fraction) -> tuple[Fraction, Fraction]:
    """The shares among which that of everybody lies, missed with ``alpha``, where ``count`` of ``of`` drawn at random have it
    (Wilson 1927); bounds to a millionth."""
    square = _normal_squared(alpha)
    share = Fraction(count, of)
    middle = share + square / (2 * of)
    half = square * share * (1 - share) / of + square * square / (4 * of * of)
    millionth = 10**6
    root = Fraction(math.isqrt(int(half * millionth**2)), millionth)
    whole = 1 + square / of
    return max(Fraction(0), (middle - root) / whole), min(ONE, (middle + root) / whole)


def unevenness(
    law: Law, places: Sequence[tuple[int, Fraction]], centre: Fraction, *, cut: Fraction
) -> Fraction:
    """By how much places differ more than by chance: the mean of z², the outermost ``cut`` on either side pulled in; at least 1, to a thousandth.

    Spiegelhalter 2005 (Handling over-dispersion of performance indicators). Large places all lie outside a funnel of chance alone:
    their people differ, and so do their registers.

    Args:
        places: counts with their denominators.
    """
    squares = sorted(
        (count - centre * of) * abs(count - centre * of) / _variance(law, of, centre)
        for count, of in places
        if _variance(law, of, centre)
    )
    if not squares:
        return ONE
    out = int(cut * len(squares))
    low, high = squares[out], squares[-1 - out]
    mean = sum((abs(min(max(each, low), high)) for each in squares), Fraction(0)) / len(squares)
    return max(ONE, Fraction(round(mean * 1000), 1000))


def _variance(law: Law, of: Fraction, centre: Fraction) -> Fraction:
    return centre * of * (1 - centre) if law is Law.BINOMIAL else centre * of


def _walk(terms: Iterator[int], whole: int, half: Fraction) -> tuple[int, int]:
    """The first count that so many or fewer reach more often than ``half``, and the last that so many or more do."""
    below, low, high = 0, -1, 0
    for count, term in enumerate(terms):
        if (whole - below) * half.denominator <= half.numerator * whole:
            break
        high = count
        below += term
        if low < 0 and below * half.denominator > half.numerator * whole:
            low = count
    return max(low, 0), high


def _binomial(of: int, share: Fraction) -> tuple[Iterator[int], int]:
    """Chances of 0, 1, 2 … of ``of`` as whole numbers over one denominator; exact."""
    a, b = share.numerator, share.denominator - share.numerator

    def terms() -> Iterator[int]:
        term = b**of
        for k in range(of + 1):
            yield term if b else int(k == of)
            term = term * (of - k) * a // ((k + 1) * b) if b else 0

    return terms(), (a + b) ** of if b else 1


def _poisson(expected: Fraction) -> tuple[Iterator[int], int]:
    """Chances of 0, 1, 2 … in units of 10⁻⁵⁰, the same on every machine."""

    def terms() -> Iterator[int]:
        with localcontext(prec=80):
            mean = Decimal(expected.numerator) / Decimal(expected.denominator)
            term = (-mean).exp()
        for k in count_from(1):
            yield int(term.scaleb(50))
            with localcontext(prec=80):
                term = term * mean / k

    return terms(), 10**50


def _normal_squared(alpha: Fraction) -> Fraction:
    """The square of the normal quantile that both tails exceed with ``alpha``, to six digits."""
    return Fraction(round(_quantile(1 - float(alpha) / 2) ** 2 * 10**6), 10**6)


def _quantile(p: float) -> float:
    low, high = -40.0, 40.0
    for _ in range(200):
        at = (low + high) / 2
        low, high = (at, high) if 1 - normal_tail(at) < p else (low, at)
    return (low + high) / 2


def normal_tail(z: float) -> float:
    """Chance of more than ``z`` under the standard normal."""
    return math.erfc(z / math.sqrt(2)) / 2


def student_tail(t: float, df: float) -> float:
    """Chance of more than ``t`` under Student's distribution."""
    one = _beta(df / 2, 0.5, df / (df + t * t)) / 2
    return one if t >= 0 else 1 - one


def binomial_tail(count: int, of: int, share: float) -> float:
    """Chance of at least ``count`` of ``of``."""
    if count <= 0:
        return 1.0
    return 0.0 if count > of else _beta(count, of - count + 1, share)


def chi_square_tail(x: float, df: int) -> float:
    """Chance of more than ``x`` (Abramowitz and Stegun 6.5)."""
    a, x = df / 2, x / 2
    if x <= 0:
        return 1.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        for step in range(1, _STEPS):
            term *= x / (a + step)
            total += term
            if term < total * 1e-16:
                break
        return max(0.0, 1 - scale * total)
    return scale * _fraction(_gamma_terms(a, x))


def _gamma_terms(a: float, x: float) -> Iterator[tuple[float, float]]:
    yield 1.0, x + 1 - a
    for step in range(1, _STEPS):
        yield -step * (step - a), x + 2 * step + 1 - a


def _beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function (Abramowitz and Stegun 26.5.8)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(b, a, 1 - x)
    scale = a * math.log(x) + b * math.log1p(-x) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    return math.exp(scale) / a * _fraction(_beta_terms(a, b, x))


def _beta_terms(a: float, b: float, x: float) -> Iterator[tuple[float, float]]:
    yield 1.0, 1.0
    for step in range(_STEPS):
        yield -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1)), 1.0
        m = step + 1
        yield m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), 1.0


def _fraction(terms: Iterator[tuple[float, float]]) -> float:
    """A continued fraction a1/(b1 + a2/(b2 + …)) by Lentz."""
    value, c, d = _TINY, _TINY, 0.0
    for a, b in terms:
        d = 1 / ((b + a * d) or _TINY)
        c = (b + a / c) or _TINY
        value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return value


def discoveries(chances: Sequence[float], share: float) -> tuple[bool, ...]:
    """Which of many findings stand if at most ``share`` of those that stand may be false (Benjamini and Hochberg 1995)."""
    order = sorted(range(len(chances)), key=lambda at: chances[at])
    stand = max((k for k, at in enumerate(order, 1) if chances[at] <= share * k / len(order)), default=0)
    found = set(order[:stand])
    return tuple(at in found for at in range(len(chances)))
