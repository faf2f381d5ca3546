"""Places in order: nobody is ranked on few cases, what reads the same has the same place, and the funnel says what chance alone gives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tiercare.kernel.text import Text

from ..chance import ONE, Law, limits, unevenness
from ..evaluate import Value
from ..indicators import Direction, Indicator
from ..rounding import written
from .inputs import COUNTED
from .model import Result, Scorecard


@dataclass(frozen=True, slots=True)
class Rank:
    """A place in order: 1, 2, 2, 4. ``place`` is ``None`` with the reason where nobody can say.

    Attributes:
        shown: the number it is ranked by, as it is read.
        ties: how many others share the place.
    """

    key: str
    shown: Decimal | None
    place: int | None
    ties: int
    reason: Text | None


NO_TOTAL = Text(
    "可计算的权重不足，没有总分，不排名。", "Too little of the weight could be computed: no total, no rank."
)
FEW = Text(
    "分母太小的指标占了太多权重，名次会随几个病例变化，不排名。",
    "Too much of the weight rests on few cases; a handful would change the rank: none is given.",
)
NO_VALUE = Text("没有值，不排名。", "There is no value to rank.")
SMALL = Text("分母小于 {small}，不排名。", "The denominator is below {small}: no rank.")
NO_DIRECTION = Text("这个指标没有好坏方向，不排名。", "More is neither better nor worse here: no rank.")


def ranks(results: Sequence[Result], card: Scorecard, *, digits: int = 1) -> tuple[Rank, ...]:
    """Results of one scorecard in order, the best first, those without a rank last; equal at ``digits`` decimals is equal."""

    def reason(result: Result) -> Text | None:
        return NO_TOTAL if result.total is None else FEW if result.firm < card.covered else None

    return _ranked(
        (each.key, None if each.total is None else written(each.total, digits), reason(each))
        for each in results
    )


def value_ranks(values: Iterable[Value], indicator: Indicator, *, digits: int = 4) -> tuple[Rank, ...]:
    """Values of one indicator at one level in order, the best first."""
    sign = {Direction.UP: 1, Direction.DOWN: -1, Direction.NONE: 0}[indicator.direction]
    small = Text(SMALL.zh.format(small=indicator.small), SMALL.en.format(small=indicator.small))

    def reason(value: Value) -> Text | None:
        if value.value is None:
            return NO_VALUE
        few = indicator.form in COUNTED and (value.denominator or 0) < indicator.small
        return NO_DIRECTION if not sign else small if few else None

    return _ranked(
        (
            (each.key, None if each.value is None else written(each.value, digits), reason(each))
            for each in values
        ),
        sign or 1,
    )


def _ranked(entries: Iterable[tuple[str, Decimal | None, Text | None]], sign: int = 1) -> tuple[Rank, ...]:
    every = list(entries)
    ranked = [shown for _, shown, reason in every if shown is not None and reason is None]
    found = []
    for key, shown, reason in every:
        if shown is None or reason is not None:
            found.append(Rank(key, shown, None, 0, reason or NO_VALUE))
        else:
            better = sum(other * sign > shown * sign for other in ranked)
            found.append(Rank(key, shown, better + 1, ranked.count(shown) - 1, None))
    return tuple(sorted(found, key=lambda rank: (rank.place is None, rank.place or 0, rank.key)))


@dataclass(frozen=True, slots=True)
class Funnel:
    """What chance alone gives at a value's denominator, around the centre; ``low`` and ``high`` are values, both inside."""

    key: str
    value: Fraction
    low: Fraction
    high: Fraction
    ordinary: bool


def funnel(
    values: Iterable[Value],
    centre: Fraction,
    law: Law,
    alpha: Fraction,
    *,
    per: int = 1,
    cut: Fraction | None = None,
) -> tuple[Funnel, ...]:
    """Values of one indicator against their limits (Spiegelhalter 2005, with exact limits); those without a value are left out.

    Args:
        centre: the region's share or rate, numerator by denominator (without the indicator's ``per``).
        alpha: how often a place that does not differ lies outside, both sides together.
        per: the indicator's.
        cut: if given, limits are widened by how uneven the places are, this share of them on either side pulled in.
    """
    counted = [
        (each, each.value, int(each.numerator), each.denominator)
        for each in values
        if each.value is not None and each.numerator is not None and each.denominator
    ]
    places = [(count, of) for _, _, count, of in counted]
    uneven = ONE if cut is None else unevenness(law, places, centre, cut=cut)
    found = []
    for each, value, count, of in counted:
        low, high = limits(law, of, centre, alpha, uneven=uneven)
        found.append(Funnel(each.key, value, low * per / of, high * per / of, low <= count <= high))
    return tuple(found)
