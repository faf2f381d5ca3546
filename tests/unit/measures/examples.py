"""Hand-checked examples of indicators: a few rows, small enough to work out on paper, and what must come out.

A file of ``examples/`` maps an indicator to its examples::

    primary_visit_share:
      - say: 三次门诊，两次在基层；住院不计
        rows: {visits: [{tier: primary, times: 2}, {tier: tertiary}, {kind: inpatient, tier: tertiary}]}
        numerator: 2
        denominator: 3
        value: 2/3

A row names only the columns that matter. What it leaves out is filled in: a key nobody else has, the first word of a list, no,
zero, the county 340202, a day in the middle of 2025; of a stock the month 202506; what may be empty is empty. ``times`` repeats it.
``span`` (2025), ``region`` (3402) and ``at`` (of what level and key the value is; the region) may be given. A side that is
``null`` has no data at all; one that is left out is zero, as the denominator of a number is. A value that is ``null`` has a
zero denominator or no data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from tiercare.engines.measures.by_hand import evaluate_by_hand
from tiercare.engines.measures.evaluate import Value, evaluate
from tiercare.engines.measures.indicators import Indicator
from tiercare.engines.measures.load import Book, load_book
from tiercare.engines.measures.periods import Span, span
from tiercare.engines.measures.schema import Level, Type, facts
from tiercare.engines.policy import PackSet, load_packs

from .frames import REGION, Frames, Row, filled

FOLDER = Path(__file__).with_name("examples")
DAY = date(2025, 6, 15)
APART = 4  # years between two examples in one set of tables: further than any looks back
KEYS = {"say", "rows", "span", "region", "at", "numerator", "denominator", "value"}


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One of an indicator; ``place`` is the level and key its value is of."""

    file: str
    indicator: str
    say: str
    rows: Mapping[str, Sequence[Row]]
    span: Span
    region: str
    place: tuple[Level, str]
    expected: tuple[Fraction | None, Fraction | None, Fraction | None]

    def __str__(self) -> str:
        return f"{self.indicator}: {self.say}"


@cache
def packs() -> PackSet:
    """The packs that come with Tiercare."""
    return load_packs()


@cache
def book(pack: str) -> Book:
    """The book of a pack."""
    return load_book(packs(), pack)


@cache
def every_indicator() -> Mapping[str, Indicator]:
    """The newest version of every indicator of every pack by id; where packs differ, that of the nation."""
    found: dict[str, Indicator] = {}
    for pack in packs().packs:
        for key, versions in book(pack).indicators.items():
            found.setdefault(key, versions[-1])
    return {**found, **{key: versions[-1] for key, versions in book("cn").indicators.items()}}


def read_examples(*names: str) -> list[Example]:
    """The examples of some files of the folder, or of all."""
    return [
        each for name in names or sorted(path.name for path in FOLDER.glob("*.yaml")) for each in _read(name)
    ]


@cache
def _read(name: str) -> tuple[Example, ...]:
    said = yaml.load((FOLDER / name).read_text("utf-8"), yaml.CSafeLoader)
    return tuple(_example(name, indicator, each) for indicator, several in said.items() for each in several)


def check(example: Example, indicator: Indicator | None = None) -> None:
    """Both engines give what the example says, to the digit; ``indicator`` stands in for the one of the packs."""
    asked = indicator or every_indicator()[example.indicator]
    slow = _at(by_hand(example, asked), asked, example.span, example.place)
    fast = (
        _on_duckdb(example.file)[example]
        if indicator is None
        else on_duckdb([example], {asked.id: asked})[example]
    )
    for engine, value in (("by hand", slow), ("DuckDB", fast)):
        assert value is not None, f"{example}: no such place"
        assert (value.numerator, value.denominator, value.value) == example.expected, f"{example} ({engine})"


def by_hand(example: Example, indicator: Indicator) -> list[Value]:
    """All values of the example by the slow engine."""
    asked = [*(every_indicator()[each] for each in indicator.of), indicator]
    return evaluate_by_hand(example.rows, asked, [example.span], region=example.region)


@cache
def _on_duckdb(file: str) -> Mapping[Example, Value | None]:
    return on_duckdb(read_examples(file), every_indicator())


def on_duckdb(
    examples: Sequence[Example], book_of: Mapping[str, Indicator]
) -> Mapping[Example, Value | None]:
    """The values that the examples ask for on DuckDB, ``None`` where there is no such place.

    They are laid side by side in one set of tables, each some years after the one before and with keys of its own: a scan for all
    instead of one for each. What does not add up is asked anew for each span, so such an indicator has tables of its own.
    """
    together: dict[tuple[str, str], list[Example]] = {}
    for each in examples:
        plain = all(part.aggregate.additive for part in book_of[each.indicator].parts)
        together.setdefault((each.region, "" if plain else each.indicator), []).append(each)
    answers: dict[Example, Value | None] = {}
    for (region, _), mine in together.items():
        moved = [_moved(example, at) for at, example in enumerate(mine)]
        rows: dict[str, list[Row]] = {}
        for example in moved:
            for fact, more in example.rows.items():
                rows.setdefault(fact, []).extend(more)
        ids = dict.fromkeys(i for each in mine for i in (*book_of[each.indicator].of, each.indicator))
        asked = [book_of[each] for each in ids]
        levels = {Level.REGION, *(each.place[0] for each in mine)}
        values = evaluate(Frames(rows), asked, [each.span for each in moved], region=region, levels=levels)
        found = {(each.indicator, each.span, each.level, each.key): each for each in values}
        for example, there in zip(mine, moved, strict=True):
            answers[example] = found.get((example.indicator, there.span, *there.place))
    return answers


def _at(values: Sequence[Value], indicator: Indicator, over: Span, place: tuple[Level, str]) -> Value | None:
    mine = [each for each in values if each.indicator == indicator.id and each.span == over]
    return next((each for each in mine if (each.level, each.key) == place), None)


def _moved(example: Example, at: int) -> Example:
    """The same example ``at`` times four years later, with keys of its own."""
    years = APART * at

    def cell(fact: str, name: str, value: Any) -> Any:
        if name == "month":
            return value + 100 * years
        if isinstance(value, date):
            return value.replace(year=value.year + years)
        is_key = facts()[fact].columns[name].type is Type.KEY
        return f"{at}/{value}" if is_key and value is not None else value

    level, key = example.place
    own = level in {Level.CONSORTIUM, Level.INSTITUTION}
    return replace(
        example,
        rows={
            fact: [{name: cell(fact, name, value) for name, value in row.items()} for row in rows]
            for fact, rows in example.rows.items()
        },
        span=example.span.moved(12 * years),
        place=(level, f"{at}/{key}" if own else key),
    )


def _example(file: str, indicator: str, said: Mapping[str, Any]) -> Example:
    assert not said.keys() - KEYS, f"{indicator}: {sorted(said.keys() - KEYS)}"
    region = str(said.get("region", REGION))
    ((level, key),) = said.get("at", {"region": region}).items()
    return Example(
        file=file,
        indicator=indicator,
        say=said["say"],
        rows=rows_of(said["rows"]),
        span=span(str(said.get("span", "2025"))),
        region=region,
        place=(Level(level), str(key)),
        expected=(_number(said["numerator"]), _number(said.get("denominator", 0)), _number(said["value"])),
    )


def _number(said: Any) -> Fraction | None:
    return None if said is None else Fraction(str(said))


def rows_of(said: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[Row]]:
    """Whole rows from rows that name only the columns that matter."""
    fresh = count(1)
    return {fact: list(_rows(fact, rows, fresh)) for fact, rows in said.items()}


def _rows(fact: str, rows: Sequence[Mapping[str, Any]], fresh: Iterator[int]) -> Iterator[Row]:
    for said in rows:
        given = {name: value for name, value in said.items() if name != "times"}
        for _ in range(said.get("times", 1)):
            yield filled(fact, **{**_plain(fact, fresh), **given})


def _plain(fact: str, fresh: Iterator[int]) -> dict[str, Any]:
    """What a row that leaves it out has: keys of its own, days; what may be empty is left to ``filled``."""
    table = facts()[fact]
    plain: dict[str, Any] = {} if table.dated else {"month": DAY.year * 100 + DAY.month}
    for column in table.columns.values():
        if not column.optional and column.type is Type.KEY:
            plain[column.name] = f"k{next(fresh)}"
        if not column.optional and column.type is Type.DATE:
            plain[column.name] = DAY
    return plain
