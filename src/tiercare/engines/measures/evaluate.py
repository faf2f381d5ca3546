"""Indicators over facts: the amounts of all their parts (``amounts``), and the values that they make."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .amounts import Sums, amounts
from .cells import Kept, Place, Tables, months_of
from .indicators import Form, Indicator, Part
from .periods import Span
from .schema import Level

__all__ = ["ALL", "Value", "evaluate", "made_of", "months_of"]

ALL = frozenset(Level)


@dataclass(frozen=True, slots=True)
class Value:
    """An indicator for somebody over some time. Numerator and denominator are kept; a zero denominator has no value.

    Attributes:
        key: a division's or a register's key; the region's code for the region itself.
        numerator, denominator: ``None`` where there are no data at all.
    """

    indicator: str
    version: int
    span: Span
    level: Level
    key: str
    numerator: Fraction | None
    denominator: Fraction | None
    value: Fraction | None


def evaluate(
    tables: Tables,
    indicators: Sequence[Indicator],
    spans: Sequence[Span],
    *,
    region: str,
    levels: Collection[Level] = ALL,
    kept: Kept | None = None,
) -> list[Value]:
    """All values of ``indicators`` over ``spans``, for a region, its counties, its consortia and its institutions.

    Args:
        indicators: with those that a quotient or a change is made of; of one id one version.
        region: code of the division whose facts they are; a row belongs to it if its division begins with it.
        levels: for whom; fewer levels, fewer cells.
        kept: where sums of months are kept from one evaluation to the next.
    """
    looked_back = any(each.form in {Form.GROWTH, Form.CHANGE} for each in indicators)
    wanted = list(dict.fromkeys([*spans, *(span.before() for span in spans if looked_back)]))
    parts = list(dict.fromkeys(part for each in indicators for part in each.parts))
    found = amounts(tables, parts, wanted, region=region, levels=levels, kept=kept)
    plain = {
        (each.id, span): list(_values(each, span, found, region))
        for each in indicators
        if not each.of
        for span in wanted
    }
    return [
        value
        for each in indicators
        for span in spans
        for value in (made_of(each, span, plain) if each.of else plain[each.id, span])
    ]


def made_of(
    indicator: Indicator, span: Span, plain: Mapping[tuple[str, Span], Sequence[Value]]
) -> list[Value]:
    """The values of a quotient or a change, from those of what it is made of."""
    if indicator.form is Form.PROBABILITY:
        return _probabilities(indicator, [plain[each, span] for each in indicator.of])
    above = plain[indicator.of[0], span]
    below = plain[indicator.of[-1], span.before() if indicator.form is Form.CHANGE else span]
    found = {(each.level, each.key): each.value for each in below}
    return [_made(indicator, each, found.get((each.level, each.key))) for each in above]


YEARS = 5  # of a band of age


def _probabilities(indicator: Indicator, bands: Sequence[Sequence[Value]]) -> list[Value]:
    """How likely somebody who enters the first band dies before leaving the last, from the death rate m of each band as it
    stands: q = 5m ÷ (1 + 2.5m), and 1 - ∏(1 - q) (WHO, NCD global monitoring framework, indicator 1).

    Numerator and denominator are the deaths and the persons of all bands together; without persons in one there is no value.
    """
    by = [{(each.level, each.key): each for each in band} for band in bands]
    made = []
    for place in sorted(set().union(*by)):
        rows = [band.get(place) for band in by]
        found = [
            each for each in rows if each is not None and each.numerator is not None and each.denominator
        ]
        left: Fraction | None = Fraction(1) if len(found) == len(by) else None
        for each in found:
            assert each.numerator is not None and each.denominator
            rate = each.numerator / each.denominator
            left = None if left is None else left * (1 - YEARS * rate / (1 + Fraction(YEARS, 2) * rate))
        dead = sum((each.numerator or Fraction(0) for each in found), Fraction(0))
        persons = sum((each.denominator or Fraction(0) for each in found), Fraction(0))
        span, (level, key) = bands[0][0].span, place
        value = None if left is None else (1 - left) * indicator.per
        known = bool(found)
        made.append(
            Value(
                indicator.id,
                indicator.version,
                span,
                level,
                key,
                dead if known else None,
                persons if known else None,
                value,
            )
        )
    return made


def _made(indicator: Indicator, above: Value, below: Fraction | None) -> Value:
    a = above.value
    if indicator.form is Form.CHANGE and a is not None:
        a = None if below is None else a - below
    value = a * indicator.per / below if a is not None and below else None
    return Value(indicator.id, indicator.version, above.span, above.level, above.key, a, below, value)


def _values(
    indicator: Indicator, span: Span, found: Mapping[tuple[Part, Span], Sums], region: str
) -> Iterable[Value]:
    above = _sum(indicator.numerator, span, found)
    below = _sum(indicator.denominator, span, found)
    if indicator.form is Form.GROWTH:
        before = _sum(indicator.numerator, span.before(), found)
        above, below = _difference(above, before), before
    for level, key in sorted({*(above or {}), *(below or {}), (Level.REGION, region)}):
        a, b = _amount(above, level, key), _amount(below, level, key)
        yield Value(indicator.id, indicator.version, span, level, key, a, b, _value(indicator, a, b))


def _sum(parts: Iterable[Part], span: Span, found: Mapping[tuple[Part, Span], Sums]) -> Sums | None:
    """The parts added; ``None`` as soon as one of them has no data at all."""
    total: dict[Place, Fraction | int] = defaultdict(int)
    for part in parts:
        if (part, span) not in found:
            return None
        for place, amount in found[part, span].items():
            total[place] += amount
    return total


def _difference(after: Sums | None, before: Sums | None) -> Sums | None:
    if after is None or before is None:
        return None
    return {place: after.get(place, 0) - before.get(place, 0) for place in {*after, *before}}


def _amount(sums: Sums | None, level: Level, key: str) -> Fraction | None:
    return None if sums is None else Fraction(sums.get((level, key), 0))


def _value(indicator: Indicator, above: Fraction | None, below: Fraction | None) -> Fraction | None:
    """The value from its parts; without a denominator there is none."""
    if above is None:
        return None
    match indicator.form:
        case Form.NUMBER:
            return above
        case Form.MEDIAN:
            return above if below else None
        case Form.REQUIRED:
            return above / -(-below // indicator.per) if below else None
        case _:
            return above * indicator.per / below if below else None
