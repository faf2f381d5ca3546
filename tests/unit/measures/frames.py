"""Facts in memory, for tests: rows as dictionaries, and the same rows as Ibis tables on DuckDB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

import ibis
import pyarrow as pa
from hypothesis import strategies as st

from tiercare.engines.measures.schema import Column, Fact, Type, facts

Row = dict[str, Any]
REGION = "3402"
DIVISIONS = ("340202", "340202001", "340203", "340221102", "110101", "340221")


@cache
def connection() -> Any:
    """One DuckDB for all tests of a process."""
    return ibis.duckdb.connect()


class Frames:
    """The ``Tables`` of ``evaluate`` over rows in memory."""

    def __init__(self, everything: Mapping[str, Sequence[Row]]) -> None:
        self.rows = everything
        self._made: dict[str, Any] = {}

    def table(self, fact: str) -> Any:
        if fact not in self._made:
            schema = facts()[fact].arrow.append(pa.field("month", pa.int64()))
            rows = [{name: row.get(name) for name in schema.names} for row in self.rows.get(fact, ())]
            frame = pa.Table.from_pylist(rows, schema=schema)
            self._made[fact] = ibis.memtable(frame)
        return self._made[fact]

    def months(self, fact: str) -> Sequence[int]:
        return sorted({row["month"] for row in self.rows.get(fact, ())})

    def run(self, expression: Any) -> Iterable[Mapping[str, Any]]:
        return connection().to_pyarrow(expression).to_pylist()


def filled(fact: str, **given: Any) -> Row:
    """A row of a fact with what is given, and something plain in every other column that may not be empty."""
    table = facts()[fact]
    row = {name: given.get(name, _plain(column)) for name, column in table.columns.items()}
    assert not given.keys() - row.keys() - {"month"}, "no such column"
    if "month" not in given:
        day = row[table.dated]
        return {**row, "month": day.year * 100 + day.month}
    return {**row, "month": given["month"]}


def _plain(column: Column) -> Any:
    if column.optional:
        return None
    if column.type.is_number:
        return 0
    return {
        Type.FLAG: False,
        Type.WORD: column.words[0] if column.words else "",
        Type.DIVISION: "340202",
    }.get(column.type, "x")


def rows_of(fact: Fact, months: Sequence[int]) -> st.SearchStrategy[Row]:
    """Random rows: few keys, so that they meet; empty where they may be."""
    first = date(months[0] // 100, months[0] % 100, 1)
    values = {
        Type.KEY: st.sampled_from("abcd"),
        Type.CODE: st.sampled_from(["I10", "I10.x05", "E11.9", "J44", "C34", ""]),
        Type.CODES: st.sampled_from(["", "elderly", "elderly|diabetes"]),
        Type.DIVISION: st.sampled_from(DIVISIONS),
        Type.FLAG: st.booleans(),
        Type.COUNT: st.integers(0, 40),
        Type.YUAN: st.integers(-5, 10**9),
        Type.MINUTES: st.integers(0, 10_000),
        Type.DATE: st.integers(0, 31 * len(months) - 1).map(lambda days: first + timedelta(days)),
    }

    def column(each: Column) -> st.SearchStrategy[Any]:
        value = st.sampled_from(each.words) if each.words else values[each.type]
        return st.none() | value if each.optional else value

    whole = st.fixed_dictionaries({name: column(each) for name, each in fact.columns.items()})
    if fact.dated:
        return whole.map(lambda row: {**row, "month": row[fact.dated].year * 100 + row[fact.dated].month})
    return st.tuples(whole, st.sampled_from(months)).map(lambda pair: {**pair[0], "month": pair[1]})
