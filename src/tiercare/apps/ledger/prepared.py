"""A cursor for the statements that nearly every request runs: planned once a connection, not once a call.

Django sends parameters inside the statement, so the server plans it anew each time; under row security planning
costs more than running. Here they are bound on the server and the plan is kept (psycopg's prepared statements).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg._queries import PostgresQuery
from psycopg.rows import dict_row
from psycopg.types.datetime import TimestamptzLoader


class _Prepared(psycopg.Cursor[Any]):
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        super().__init__(connection)
        # Django's reader of times sets the zone in Python, which costs a list more than its statement; the driver's own
        # does the same in C: the zone of the connection is UTC.
        self.adapters.register_loader("timestamptz", TimestamptzLoader)

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        return super().execute(query, params, **{"prepare": True, **options})

    def _convert_query(self, query: Any, params: Any = None) -> PostgresQuery:
        self._query = super()._convert_query(query, params)  # where Django's log of statements looks for it
        return self._query


@contextmanager
def prepared() -> Iterator[CursorWrapper]:
    """``connection.cursor()`` with kept plans. Statements name the types of their parameters where the columns do
    not (``%s::text[]``): the server sees them before the values.

    Guards, the log of statements and the translation of errors are Django's, as with any cursor.
    """
    with connection.cursor() as cursor:
        cursor.cursor = _Prepared(connection.connection)
        yield cursor


def rows(statement: str, **values: Any) -> list[dict[str, Any]]:
    """What a named statement of the hot path answers, a mapping a row."""
    with prepared() as cursor:
        cursor.cursor.row_factory = dict_row
        cursor.execute(statement, values)
        return cursor.fetchall()
