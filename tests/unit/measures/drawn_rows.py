"""Many random rows at once, for comparing whole tables: few keys, so that they meet, and gaps wherever the schema allows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from tiercare.engines.measures.schema import Column, Type, facts

from .frames import DIVISIONS, Row


def drawn(seed: int, rows: int, months: Sequence[int], names: Sequence[str]) -> dict[str, list[Row]]:
    """So many rows of each of some fact tables."""
    draw = Random(seed)
    return {name: [_row(draw, name, months) for _ in range(rows)] for name in names}


def _row(draw: Random, name: str, months: Sequence[int]) -> Row:
    fact = facts()[name]
    row = {column.name: _cell(draw, column, months) for column in fact.columns.values()}
    day = row.get(fact.dated)
    return {**row, "month": day.year * 100 + day.month if day else draw.choice(months)}


def _cell(draw: Random, column: Column, months: Sequence[int]) -> Any:
    if column.optional and draw.random() < 0.15:
        return None
    if column.words:
        return draw.choice(column.words)
    if column.type.is_number:
        return draw.randrange(40)
    first = date(months[0] // 100, months[0] % 100, 1)
    return {
        Type.FLAG: draw.random() < 0.5,
        Type.DATE: first + timedelta(draw.randrange(28 * len(months))),
        Type.DIVISION: draw.choice(DIVISIONS),
        Type.CODE: draw.choice(["I10", "I10.x05", "E11.9", "J44", "C34"]),
        Type.CODES: draw.choice(["", "elderly", "diabetes|elderly"]),
    }.get(column.type, draw.choice("abc"))
