"""An indicator whose definition changed, both ways side by side, on a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tiercare.engines.measures.comparing import Compared
from tiercare.engines.measures.evaluate import Value
from tiercare.engines.measures.rounding import plain, shown


def show_both(console: Console, compared: Compared) -> None:
    """Every place with its value by each definition."""
    headings = [f"第 {way.versions} 版 version {way.versions}" for way in compared.ways]
    table = Table(
        "层级 level",
        "编号 key",
        *headings,
        title=f"{compared.span}：口径有变，同样的数据各按两种口径算 one period by both definitions",
    )
    for level, key in compared.places:
        values = [
            _shown(way.at(level, key), escape(way.definition.unit.zh), counted=not way.made_of)
            for way in compared.ways
        ]
        table.add_row(level, escape(key), *values)
    console.print(table)


def both_as_json(compared: Compared) -> Mapping[str, Any]:
    """The same for other programs."""
    return {
        "indicator": compared.indicator,
        "period": str(compared.span),
        "ways": [
            {
                "version": way.definition.version,
                "made_of": {each.id: each.version for each in way.made_of},
                "since": way.since.isoformat(),
                "text": way.definition.text,
                "values": [_value(each) for each in way.values],
            }
            for way in compared.ways
        ],
    }


def _shown(value: Value | None, unit: str, *, counted: bool) -> str:
    if value is None or value.numerator is None:
        return "—"
    number = "—" if value.value is None else shown(value.value, unit)
    counts = f"（{plain(value.numerator)} / {plain(value.denominator)}）" if counted else ""
    return f"{number}{counts}"


def _value(value: Value) -> Mapping[str, Any]:
    return {
        "level": value.level.value,
        "key": value.key,
        "numerator": None if value.numerator is None else str(value.numerator),
        "denominator": None if value.denominator is None else str(value.denominator),
        "value": None if value.value is None else float(value.value),
    }
