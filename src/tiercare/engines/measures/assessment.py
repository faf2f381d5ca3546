"""A book held against facts: every value, and how every demand of the clauses stands."""

from __future__ import annotations

import json
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256

from .cells import Kept, Tables
from .evaluate import Value, evaluate
from .indicators import Indicator
from .load import Book
from .periods import Span
from .schema import Level
from .targets import Standing, Target, judge


@dataclass(frozen=True)
class Assessment:
    """What an evaluation found.

    Attributes:
        region: code of the region, which is the key of its own values.
        spans: the periods that were asked for, and those that targets name.
        values: of these periods, and of the period before each.
        standings: of every target that has a period of its own; of every other one for each period that was asked for.
    """

    region: str
    book: Book
    spans: tuple[Span, ...]
    values: tuple[Value, ...]
    standings: tuple[Standing, ...]

    def regional(self, indicator: str, span: Span) -> Value | None:
        """The value of the region as a whole."""
        return self._regional.get((indicator, span))

    def of(self, indicator: str) -> tuple[Value, ...]:
        """All values of an indicator: the region first, then counties, consortia, institutions."""
        return self._by_indicator.get(indicator, ())

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all definitions and all numerators and denominators: the same facts and book give the same."""
        said = [
            [
                [each.id, each.version, each.text, each.of, each.per, each.form]
                for each in _definitions(self.book)
            ],
            [
                [v.indicator, v.version, str(v.span), v.level, v.key, str(v.numerator), str(v.denominator)]
                for v in self.values
                if v.span in self.spans
            ],
            [[each.target.id, each.met] for each in self.standings],
        ]
        return sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()

    @cached_property
    def _regional(self) -> Mapping[tuple[str, Span], Value]:
        return {
            (value.indicator, value.span): value
            for value in self.values
            if value.level is Level.REGION and value.key == self.region
        }

    @cached_property
    def _by_indicator(self) -> Mapping[str, tuple[Value, ...]]:
        found: dict[str, list[Value]] = {}
        for value in self.values:
            if value.span in self.spans:
                found.setdefault(value.indicator, []).append(value)
        return {key: tuple(values) for key, values in found.items()}


def assess(
    tables: Tables, book: Book, spans: Sequence[Span], *, region: str, kept: Kept | None = None
) -> Assessment:
    """Evaluate a book over periods, and over those that its targets name: each with the definitions of its time.

    The period before is computed as the period itself is, so that a rise is one of things and not of words.

    Args:
        region: code of the division whose facts they are, as ``evaluate``.
    """
    own = [target.span for target in book.targets if target.span is not None]
    asked = list(dict.fromkeys([*spans, *own]))
    values: dict[tuple[str, Span], list[Value]] = {}
    standings: dict[tuple[str, Span], Standing] = {}
    for definitions, mine in by_definitions(book, asked):
        whole = list(dict.fromkeys([*mine, *(each.before() for each in mine)]))
        found = _by_span(evaluate(tables, definitions, whole, region=region, kept=kept))
        values |= {key: each for key, each in found.items() if key[1] in mine or key not in values}
        regional = {key: _regional_of(each, region) for key, each in found.items()}
        standings |= {
            (target.id, each): _standing(target, each, regional)
            for target in book.targets
            for each in mine
            if each in ([target.span] if target.span else spans)
        }
    return Assessment(
        region,
        book,
        tuple(asked),
        tuple(value for key in _in_order(book, asked, values) for value in values[key]),
        tuple(
            standings[target.id, each]
            for target in book.targets
            for each in ([target.span] if target.span else spans)
        ),
    )


def in_force(book: Book, day: date) -> tuple[Indicator, ...]:
    """Of every indicator the definition of a day; before the first of them that one, after the last the last."""
    return tuple(_version(versions, day) for versions in book.indicators.values())


def _version(versions: Sequence[Indicator], day: date) -> Indicator:
    begun = [each for each in versions if each.period.start <= day]
    return next((each for each in reversed(begun) if day in each.period), (begun or versions[:1])[-1])


def by_definitions(book: Book, spans: Sequence[Span]) -> Iterable[tuple[tuple[Indicator, ...], list[Span]]]:
    """Periods at whose ends the same definitions are in force are evaluated together."""
    groups: dict[tuple[Indicator, ...], list[Span]] = {}
    for each in spans:
        groups.setdefault(in_force(book, last_day(each)), []).append(each)
    return groups.items()


def last_day(span: Span) -> date:
    """The day by which the definitions of a period go: its last."""
    year, month = divmod(span.last, 100)
    return date(year, month, monthrange(year, month)[1])


def _by_span(values: Iterable[Value]) -> dict[tuple[str, Span], list[Value]]:
    found: dict[tuple[str, Span], list[Value]] = {}
    for each in values:
        found.setdefault((each.indicator, each.span), []).append(each)
    return found


def _in_order(
    book: Book, asked: Sequence[Span], values: Mapping[tuple[str, Span], object]
) -> list[tuple[str, Span]]:
    """By indicator, then the periods as they were asked for, then those before them."""
    whole = dict.fromkeys([*asked, *(each.before() for each in asked)])
    return [(key, each) for key in book.indicators for each in whole if (key, each) in values]


def _regional_of(values: Iterable[Value], region: str) -> Value | None:
    return next((v for v in values if v.level is Level.REGION and v.key == region), None)


def _definitions(book: Book) -> list[Indicator]:
    return [version for versions in book.indicators.values() for version in versions]


def _standing(target: Target, span: Span, regional: Mapping[tuple[str, Span], Value | None]) -> Standing:
    now = regional.get((target.indicator, span))
    return judge(target, now, regional.get((target.indicator, span.before())))
