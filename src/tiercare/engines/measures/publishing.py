"""What of an assessment may be shown to others, and what has to be hidden: decided by ``disclosure`` alone.

A value is shown with its counts, or not at all. A total is shown only as finely as it does not give away what is hidden: whoever knows
the card, all other lines and the denominator must still be left with ``small`` possible counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from tiercare.kernel.text import Text

from .disclosure import TOTAL, Table, published
from .evaluate import Value
from .indicators import Form, Indicator
from .rounding import written
from .scoring import Inputs, Result, Scorecard

OTHERS = "*"  # whatever of the region belongs to nobody who is listed
_DIGITS = (1, 0)  # decimals of a total, the finest first
_COUNTED = frozenset({Form.RATIO, Form.NUMBER, Form.MEDIAN, Form.GROWTH, Form.REQUIRED})


class Hidden(StrEnum):
    """Why a value is not shown."""

    FEW = "few"
    DERIVED = "derived"


WHY: Mapping[Hidden, Text] = {
    Hidden.FEW: Text(
        "人次太少，或与别家相减能算出太少的人次。",
        "Too few cases, or so few could be computed by subtracting others.",
    ),
    Hidden.DERIVED: Text(
        "由其他指标的值算出，没有可以核对的分子分母，不单独公布。",
        "Made of other indicators' values, without counts of its own that could be checked: not shown alone.",
    ),
}


@dataclass(frozen=True, slots=True)
class Held:
    """Something that stays hidden, of whom and why; for whoever publishes, not for those who read."""

    key: str
    indicator: str
    why: Hidden


@dataclass(frozen=True, slots=True)
class Cleared:
    """What may be shown: values by place and indicator, and what may not."""

    values: Mapping[tuple[str, str], Value]
    held: Sequence[Held]


def cleared(
    indicators: Iterable[Indicator],
    places: Mapping[str, Mapping[str, Value]],
    whole: Mapping[str, Value],
) -> Cleared:
    """What may be shown of some places beside each other and beside their region.

    Args:
        places: by place, its values by indicator.
        whole: the region's own values by indicator: they are known, so what is left for others counts as a place too.
    """
    values: dict[tuple[str, str], Value] = {}
    held: list[Held] = []
    for indicator in indicators:
        mine = {
            key: found[indicator.id]
            for key, found in places.items()
            if indicator.id in found and found[indicator.id].value is not None
        }
        if not mine:
            continue
        if indicator.form not in _COUNTED:
            held += [Held(key, indicator.id, Hidden.DERIVED) for key in mine]
            continue
        able = _able(indicator, mine, whole.get(indicator.id))
        values |= {(key, indicator.id): mine[key] for key in mine if key in able}
        held += [Held(key, indicator.id, Hidden.FEW) for key in mine if key not in able]
    return Cleared(values, held)


def under(
    above: Cleared, indicators: Iterable[Indicator], places: Mapping[str, Mapping[str, Value]], key: str
) -> Cleared:
    """What may be shown of those within ``key``, whose own values are shown or hidden as ``above`` says: nothing of an
    indicator that is hidden there, or the parts would give it away."""
    whole = {indicator: value for (place, indicator), value in above.values.items() if place == key}
    found = cleared([each for each in indicators if each.id in whole], places, whole)
    lost = [
        Held(place, each, Hidden.FEW)
        for place, values in places.items()
        for each, value in values.items()
        if each not in whole and value.value is not None
    ]
    return Cleared(found.values, [*found.held, *lost])


def total_shown(
    result: Result, inputs: Inputs, hidden: Iterable[str], small: Mapping[str, int]
) -> str | None:
    """A total as it may be shown where the lines of ``hidden`` indicators are not: one decimal, none, or not at all."""
    if result.total is None:
        return None
    lines = [each for each in result.scored if each.indicator in set(hidden) and each.points is not None]
    for digits in _DIGITS:
        if all(_room(result, inputs, each.indicator, small, digits) for each in lines):
            return str(written(result.total, digits))
    return None


def _able(indicator: Indicator, mine: Mapping[str, Value], whole: Value | None) -> frozenset[str]:
    """Those whose counts may be shown."""
    small = indicator.small
    if not small:
        return frozenset(mine)  # its denominator counts institutions or beds, nobody's cases
    counts = {key: _counts(indicator, value) for key, value in mine.items()}
    rest = _rest(indicator, whole, counts)
    if rest is not None:
        counts[OTHERS] = rest
    columns = sorted({column for found in counts.values() for column in found})
    if columns == [_NOT, _PART]:
        return _shown_in(
            {(key, c): n for key, found in counts.items() for c, n in found.items()}, small, mine
        )
    able = frozenset(mine)
    for column in columns:
        table = {(key, column): found[column] for key, found in counts.items() if column in found}
        able &= _shown_in(table, small, mine) | {key for key in mine if column not in counts[key]}
    return able


_PART, _NOT, _OF = "part", "not", "of"


def _counts(indicator: Indicator, value: Value) -> dict[str, int]:
    """What of a value are counts of cases: part and rest of a share, numerator and denominator apart otherwise."""
    above, below = value.numerator, value.denominator
    whole_above = above is not None and above.denominator == 1 and indicator.form is not Form.MEDIAN
    whole_below = below is not None and below.denominator == 1 and indicator.form is not Form.NUMBER
    if whole_above and whole_below and indicator.form is Form.RATIO and indicator.per == 1:
        assert above is not None and below is not None
        if 0 <= above <= below:
            return {_PART: int(above), _NOT: int(below - above)}
    found = {}
    if whole_above and above is not None:
        found[_PART] = abs(int(above))
    if whole_below and below is not None:
        found[_OF] = int(below)
    return found


def _rest(
    indicator: Indicator, whole: Value | None, counts: Mapping[str, Mapping[str, int]]
) -> dict[str, int] | None:
    if whole is None or whole.value is None:
        return None
    rest = {
        column: count - sum(found.get(column, 0) for found in counts.values())
        for column, count in _counts(indicator, whole).items()
    }
    return rest if any(rest.values()) and all(count >= 0 for count in rest.values()) else None


def _shown_in(table: Table, small: int, mine: Iterable[str]) -> frozenset[str]:
    """The rows of which no cell and no total of their own is hidden; none where the total of all would have to be: it is the
    region's own number, and known."""
    found = published(table, small=small)
    if any(count is None for (row, _), count in found.items() if row == TOTAL):
        return frozenset()
    lost = {row for (row, _), count in found.items() if count is None}
    return frozenset(key for key in mine if key not in lost)


def _room(result: Result, inputs: Inputs, indicator: str, small: Mapping[str, int], digits: int) -> bool:
    """Whether the hidden count behind a line could still be any of enough others, given the total as it is shown."""
    card: Scorecard = inputs.card
    measure = next(each for each in card.measures if each.indicator == indicator and each.curve is not None)
    taken = next(each for each in inputs.taken if each.indicator == indicator)
    value, enough = taken.value, small.get(indicator, 0)
    if (
        value is None
        or value.numerator is None
        or not value.denominator
        or measure.curve is None
        or not enough
    ):
        return not enough
    known = sum((each.weight for each in result.scored if each.points is not None), Fraction(0))
    per = (
        value.value * value.denominator / value.numerator if value.value and value.numerator else Fraction(1)
    )
    mine = measure.weight * measure.curve.at(value.value or Fraction(0))
    most = Fraction(1, 2 * 10**digits) * known / 100
    near = 0
    for step in range(-enough, enough + 1):
        count = value.numerator + step
        if count < 0 or step == 0:
            continue
        other = measure.weight * measure.curve.at(count * per / value.denominator)
        near += abs(other - mine) <= most
    return near >= enough
