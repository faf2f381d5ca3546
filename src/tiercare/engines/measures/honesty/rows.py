"""What the checks have in common: the rows of some months, whose they are, and their keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis

from ..evaluate import Tables
from ..periods import Span
from ..schema import Fact, Level, facts

MOST_KEYS = 20
BAR = "|"
Row = Mapping[str, Any]


def within(tables: Tables, fact: str, span: Span) -> Any:
    """The rows of a fact in a span."""
    rows = tables.table(fact)
    return rows.filter(rows.month.between(span.first, span.last))


def institution_of(fact: Fact) -> str | None:
    """The column that says which institution answers for a row."""
    return next((by[Level.INSTITUTION] for by in fact.by.values() if Level.INSTITUTION in by), None)


def key_of(fact: str, row: Row) -> str:
    """A row's key as text."""
    return BAR.join(str(row[column]) for column in facts()[fact].unique)


def sample(tables: Tables, fact: str, rows: Any, most: int = MOST_KEYS) -> tuple[str, ...]:
    """The first keys of some rows, in order."""
    columns: Sequence[str] = facts()[fact].unique
    chosen = rows.select(*columns).order_by([ibis.asc(column) for column in columns]).limit(most)
    return tuple(key_of(fact, row) for row in tables.run(chosen))
