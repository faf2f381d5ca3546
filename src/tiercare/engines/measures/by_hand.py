"""A whole evaluation by the slow and obvious engine: for every value, the rows that count, one after the other.

It shares nothing with ``evaluate`` but the definitions: no cells, no roll-up, no SQL. Property tests hold the two against each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from statistics import median
from typing import Any

from .derived import derived
from .evaluate import Value
from .indicators import Form, How, Indicator, Part
from .periods import Span
from .reference import holds, value
from .schema import Level, facts

Row = Mapping[str, Any]
Everything = Mapping[str, Sequence[Row]]


def evaluate_by_hand(
    everything: Everything, indicators: Sequence[Indicator], spans: Sequence[Span], *, region: str
) -> list[Value]:
    """As ``evaluate.evaluate``; every row holds ``month`` besides its columns."""
    whole = {fact: _with_derived(fact, rows) for fact, rows in everything.items()}
    plain = {
        (each.id, span): list(_values(whole, each, span, region))
        for each in indicators
        if not each.of
        for span in {*spans, *(span.before() for span in spans)}
    }
    return [
        found
        for each in indicators
        for span in spans
        for found in (_made(each, span, plain) if each.of else plain[each.id, span])
    ]


def _made(indicator: Indicator, span: Span, plain: Mapping[tuple[str, Span], Sequence[Value]]) -> list[Value]:
    """A quotient, a change against the period before, or a probability over bands of age, of values."""
    if indicator.form is Form.PROBABILITY:
        return _probability(indicator, span, plain)
    change = indicator.form is Form.CHANGE
    others = {(v.level, v.key): v.value for v in plain[indicator.of[-1], span.before() if change else span]}
    made = []
    for v in plain[indicator.of[0], span]:
        other = others.get((v.level, v.key))
        above = v.value
        if change:
            above = above - other if above is not None and other is not None else None
        value = above * indicator.per / other if above is not None and other else None
        made.append(Value(indicator.id, indicator.version, span, v.level, v.key, above, other, value))
    return made


def _probability(
    indicator: Indicator, span: Span, plain: Mapping[tuple[str, Span], Sequence[Value]]
) -> list[Value]:
    """A hundred thousand people walk through the bands; who is missing at the end has died."""
    places = sorted({(v.level, v.key) for each in indicator.of for v in plain[each, span]})
    made = []
    for level, key in places:
        alive, dead, persons, whole, some = Fraction(100_000), Fraction(0), Fraction(0), True, False
        for each in indicator.of:
            band = [
                v
                for v in plain[each, span]
                if (v.level, v.key) == (level, key) and v.numerator is not None and v.denominator
            ]
            if not band:
                whole = False
                continue
            some = True
            deaths, living = band[0].numerator, band[0].denominator
            assert deaths is not None and living is not None
            dead, persons = dead + deaths, persons + living
            alive -= alive * (5 * deaths) / (living + deaths * 5 / 2)
        value = (Fraction(100_000) - alive) * indicator.per / 100_000 if whole else None
        deaths_known, persons_known = (dead, persons) if some else (None, None)
        made.append(
            Value(indicator.id, indicator.version, span, level, key, deaths_known, persons_known, value)
        )
    return made


def _with_derived(fact: str, rows: Sequence[Row]) -> list[Row]:
    return [
        {**row, **{name: since.by_hand(rows, row) for name, since in derived(fact).items()}} for row in rows
    ]


def _values(everything: Everything, indicator: Indicator, span: Span, region: str) -> Iterator[Value]:
    if indicator.form is Form.GROWTH:
        sides = [(indicator.numerator, span.before())]
        if all(_months(everything, part, span.before()) for part in indicator.numerator):
            sides.append((indicator.numerator, span))
    else:
        sides = [(indicator.numerator, span), (indicator.denominator, span)]
    places = {(Level.REGION, region)}
    for side, over in sides:
        if all(_months(everything, part, over) for part in side):
            places |= {place for part in side for place in _places(everything, part, over, region)}
    for level, key in sorted(places):
        above = _side(everything, indicator.numerator, span, level, key, region)
        below = _side(everything, indicator.denominator, span, level, key, region)
        if indicator.form is Form.GROWTH:
            below = _side(everything, indicator.numerator, span.before(), level, key, region)
            above = None if above is None or below is None else above - below
        yield Value(
            indicator.id, indicator.version, span, level, key, above, below, _value(indicator, above, below)
        )


def _value(indicator: Indicator, above: Fraction | None, below: Fraction | None) -> Fraction | None:
    if above is None or (indicator.form is not Form.NUMBER and not below):
        return None
    if indicator.form in {Form.NUMBER, Form.MEDIAN}:
        return above
    assert below is not None
    if indicator.form is Form.REQUIRED:
        whole, rest = divmod(below, indicator.per)
        return above / (whole + (1 if rest else 0))
    return above * indicator.per / below


def _months(everything: Everything, part: Part, span: Span) -> set[int]:
    months = {row["month"] for row in everything.get(part.fact, ()) if row["month"] in span}
    return {max(months)} if months and facts()[part.fact].stock and not part.through else months


def _rows(everything: Everything, part: Part, span: Span, region: str) -> list[Row]:
    by = facts()[part.fact].by[part.attribution]
    months = _months(everything, part, span)
    return [
        row
        for row in everything.get(part.fact, ())
        if row["month"] in months
        and (Level.DIVISION not in by or (row[by[Level.DIVISION]] or "").startswith(region))
    ]


def _places(everything: Everything, part: Part, span: Span, region: str) -> set[tuple[Level, str]]:
    by = facts()[part.fact].by[part.attribution]
    return {
        (level, row[column][:6] if level is Level.DIVISION else row[column])
        for row in _rows(everything, part, span, region)
        for level, column in by.items()
        if row[column] is not None
    }


def _side(
    everything: Everything, side: Sequence[Part], span: Span, level: Level, key: str, region: str
) -> Fraction | None:
    """The parts added; ``None`` if one of them has no month with rows, or if there is no part."""
    if any(not _months(everything, part, span) for part in side):
        return None
    return sum((_amount(everything, part, span, level, key, region) for part in side), Fraction(0))


def _amount(everything: Everything, part: Part, span: Span, level: Level, key: str, region: str) -> Fraction:
    column = facts()[part.fact].by[part.attribution].get(level)
    counted = [
        row
        for row in _rows(everything, part, span, region)
        if holds(part.aggregate.where, row)
        and (
            level is Level.REGION
            or (column is not None and (row[column] or "")[: 6 if level is Level.DIVISION else None] == key)
        )
    ]
    what = part.aggregate.what
    found = [each for each in (value(what, row) for row in counted) if each is not None] if what else []
    match part.aggregate.how:
        case How.COUNT:
            return Fraction(len(counted))
        case How.SUM:
            return Fraction(sum(found))
        case How.DISTINCT:
            return Fraction(len(set(found)))
        case How.MEDIAN:
            return Fraction(median(found)) if found else Fraction(0)
