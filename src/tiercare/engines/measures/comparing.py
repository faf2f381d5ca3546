"""An indicator whose definition changed, computed both ways: how much of a rise is one of things, and how much one of words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from .assessment import in_force, last_day
from .cells import Kept, Place, Tables
from .evaluate import ALL, Value, evaluate
from .indicators import Indicator
from .load import Book
from .periods import Span
from .schema import Level


@dataclass(frozen=True)
class Way:
    """One way to compute an indicator: its definition, with those of what it is made of, and what comes of it."""

    since: date
    definition: Indicator
    made_of: tuple[Indicator, ...]
    values: tuple[Value, ...]

    @property
    def versions(self) -> str:
        """As people call it: ``2``, or ``1 (1, 2)`` of what is made of others."""
        of = ", ".join(str(each.version) for each in self.made_of)
        return f"{self.definition.version}" + (f" ({of})" if of else "")

    def at(self, level: Level, key: str) -> Value | None:
        """The value of a place."""
        return self._values.get((level, key))

    @cached_property
    def _values(self) -> Mapping[Place, Value]:
        return {(each.level, each.key): each for each in self.values}


@dataclass(frozen=True, slots=True)
class Compared:
    """An indicator over a period in every way that was in force then or in the period before, the oldest first."""

    indicator: str
    span: Span
    ways: tuple[Way, ...]

    @property
    def differ(self) -> bool:
        """Whether there is more than one way."""
        return len(self.ways) > 1

    @property
    def places(self) -> tuple[Place, ...]:
        """For whom there is a value in one way or another: the region, then counties, consortia, institutions."""
        every = {(value.level, value.key) for way in self.ways for value in way.values}
        return tuple(sorted(every, key=lambda place: (list(Level).index(place[0]), place[1])))


def changed(book: Book, indicator: str, span: Span) -> bool:
    """Whether the definition of an indicator, or of what it is made of, changed in a period or against the one before."""
    return len(_ways(book, indicator, span)) > 1


def compared(
    tables: Tables,
    book: Book,
    indicator: str,
    span: Span,
    *,
    region: str,
    levels: Collection[Level] = ALL,
    kept: Kept | None = None,
) -> Compared:
    """The same rows by the definitions of the period and by those of the period before it.

    Raises:
        KeyError: there is no such indicator.
    """
    if indicator not in book.indicators:
        raise KeyError(indicator)
    ways = []
    for since, definition, made_of in _ways(book, indicator, span):
        found = evaluate(tables, [*made_of, definition], [span], region=region, levels=levels, kept=kept)
        values = tuple(each for each in found if each.indicator == indicator)
        ways.append(Way(since, definition, made_of, values))
    return Compared(indicator, span, tuple(ways))


def _ways(book: Book, indicator: str, span: Span) -> Sequence[tuple[date, Indicator, tuple[Indicator, ...]]]:
    """Every set of definitions with the day from which on it held."""
    begin = date(span.before().first // 100, span.before().first % 100, 1)
    end = last_day(span)
    involved = {indicator, *(name for each in book.indicators[indicator] for name in each.of)}
    changes = {v.period.start for name in involved for v in book.indicators[name]}
    found: dict[tuple[Indicator, ...], date] = {}
    for day in (begin, *sorted(day for day in changes if begin < day <= end)):
        now = {each.id: each for each in in_force(book, day)}
        one = now[indicator]
        found.setdefault((one, *(now[name] for name in one.of)), day)
    return [(day, one, tuple(made_of)) for (one, *made_of), day in found.items()]
