"""The rows behind a side of an indicator: those its own definition counts, for somebody over some time, without who they are about.

The count is the definition's: what ``evaluate`` adds up is what is listed here. People are left out, and so are the last digits of
where they live; of a row's key no more is shown than its end, by which whoever sent it can find it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256
from typing import Any

from .cells import Tables, aggregated, by_of, rows_of
from .derived import names
from .evaluate import months_of
from .expressions import COUNTY
from .indicators import Indicator, Part
from .on_ibis import on_ibis
from .periods import Span
from .schema import Fact, Level, Type, facts

# What tells a case apart for whoever looks, where a table has it; what the definition asks about comes on top.
_TELLING = ("institution", "sender", "receiver", "diagnosis", "procedure", "cost", "direction", "state")
_PEOPLE = frozenset({"person"})
_END = 6  # characters of a key


class Side(StrEnum):
    """Above or below the line."""

    NUMERATOR = "numerator"
    DENOMINATOR = "denominator"


class NothingBehind(ValueError):
    """The indicator has no rows of its own there: it is made of others, or its tables are not given to such places."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The rows of one part of a side.

    Attributes:
        amount: what the definition makes of them: their number, a sum, people counted once, the middle.
        total: how many rows there are; ``rows`` are the first of them, newest first.
        columns: their columns, in the order of the table.
        words: the part as it was written.
    """

    fact: Fact
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]
    total: int
    amount: Fraction
    words: str


def cases(
    tables: Tables,
    indicator: Indicator,
    side: Side,
    span: Span,
    *,
    level: Level,
    key: str,
    region: str,
    most: int,
) -> list[Listed]:
    """The rows of each part of a side, at most ``most`` of each; a part without data has none.

    Raises:
        NothingBehind: for a quotient or a change, an indicator without this side, or a level its rows are not given to.
    """
    parts = indicator.numerator if side is Side.NUMERATOR else indicator.denominator
    if not parts:
        raise NothingBehind(indicator.id)
    if any(level is not Level.REGION and level not in by_of(part) for part in parts):
        raise NothingBehind(f"{indicator.id}: {level}")
    words = indicator.text[side.value]
    return [
        _listed(tables, part, text, span, level, key, region, most)
        for part, text in zip(parts, words, strict=True)
    ]


def _listed(
    tables: Tables, part: Part, words: str, span: Span, level: Level, key: str, region: str, most: int
) -> Listed:
    fact = facts()[part.fact]
    shown = _shown(part, fact)
    months = months_of(part, span, tables.months(part.fact))
    if not months:
        return Listed(fact, shown, (), 0, Fraction(0), words)
    rows = _of(rows_of(tables, [part], months, region), part, level, key)
    (sums,) = tables.run(rows.aggregate(n=rows.count(), a=aggregated(part.aggregate, rows)))
    if part.aggregate.where is not None:
        rows = rows.filter(on_ibis(part.aggregate.where, rows).fill_null(False))
    (count,) = tables.run(rows.aggregate(n=rows.count()))
    newest = fact.dated or "month"
    first = rows.order_by([rows[newest].desc(), *(rows[each] for each in fact.key if each != newest)]).limit(
        most
    )
    taken = dict.fromkeys((*fact.key, *shown, "month"))
    found = tuple(_row(fact, row, shown) for row in tables.run(first.select(*taken)))
    return Listed(fact, shown, found, int(count["n"]), Fraction(sums["a"] or 0), words)


def _of(rows: Any, part: Part, level: Level, key: str) -> Any:
    """The rows that belong to somebody, as ``evaluate`` gives them."""
    if level is Level.REGION:
        return rows
    column = rows[by_of(part)[level]]
    return rows.filter((column.left(COUNTY) if level is Level.DIVISION else column) == key)


def _shown(part: Part, fact: Fact) -> tuple[str, ...]:
    """The columns that are shown: the day, where, what tells a case apart, and what the definition looks at."""
    asked = {*names(part.aggregate.what), *names(part.aggregate.where)}
    places = {*fact.by[part.attribution].values()}
    wanted = {*asked, *places, *_TELLING, fact.dated} - _PEOPLE
    return tuple(name for name in fact.columns if name in wanted and not _reveals(fact, name))


def _reveals(fact: Fact, name: str) -> bool:
    """Whether a column is a key that only a row or a person has."""
    return name in fact.key and fact.columns[name].type is Type.KEY and name not in _TELLING


def _row(fact: Fact, row: Mapping[str, Any], shown: Sequence[str]) -> Mapping[str, Any]:
    cells = {
        name: row[name][:COUNTY] if fact.columns[name].type is Type.DIVISION and row[name] else row[name]
        for name in shown
    }
    return {"mark": mark_of(fact, row), "month": row["month"], **cells}


def mark_of(fact: Fact, row: Mapping[str, Any]) -> str:
    """The end of a row's key; where a person is part of the key, a digest that tells rows apart and nobody who it is."""
    whole = "|".join(str(row[each]) for each in fact.key)
    if _PEOPLE & set(fact.key):
        return sha256(f"{fact.name}|{row['month']}|{whole}".encode()).hexdigest()[:_END].upper()
    return f"…{whole[-_END:]}" if len(whole) > _END else whole
