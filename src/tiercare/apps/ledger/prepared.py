"""A cursor for the statements that nearly every request runs: planned once a connection, not once a call.

Django sends parameters inside the statement, so the server plans it anew each time; under row security planning
costs more than running. Here they are bound on the server and the plan is kept (psycopg's prepared statements).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Self
from weakref import WeakKeyDictionary

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.backends.utils import CursorWrapper
from django.db.models.expressions import DatabaseDefault
from psycopg._queries import PostgresQuery
from psycopg.rows import dict_row, tuple_row
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


# Making a cursor costs as much as sending a small statement: those that lie idle are kept with their connection. Several
# stand open at a time only where one question is asked while another is read.
_idle: WeakKeyDictionary[psycopg.Connection[Any], list[_Prepared]] = WeakKeyDictionary()


@contextmanager
def prepared() -> Iterator[CursorWrapper]:
    """``connection.cursor()`` with kept plans. Statements name the types of their parameters where the columns do
    not (``%s::text[]``): the server sees them before the values.

    Guards, the log of statements and the translation of errors are Django's, as with any cursor.
    """
    line = connections[DEFAULT_DB_ALIAS]
    line.validate_thread_sharing()
    line.ensure_connection()
    kept = _idle.setdefault(line.connection, [])
    cursor = kept.pop() if kept else _Prepared(line.connection)
    # One that ends in an error is left to the collector.
    yield line.make_debug_cursor(cursor) if line.queries_logged else line.make_cursor(cursor)
    cursor.row_factory = tuple_row
    kept.append(cursor)


_ONE_COMMAND = "tiercare_one_command"


@contextmanager
def one_command() -> Iterator[None]:
    """A transaction around exactly one command: what fails in it fails as a whole."""
    before = in_one_command()
    setattr(connection, _ONE_COMMAND, True)
    try:
        yield
    finally:
        setattr(connection, _ONE_COMMAND, before)


def in_one_command() -> bool:
    """Whether a savepoint of the command would serve nobody."""
    return connection.in_atomic_block and getattr(connection, _ONE_COMMAND, False)


def insert(row: models.Model) -> None:
    """Write a new row of a model with a kept plan, as ``save(force_insert=True)`` would without its signals; columns that
    are left to the database are read back."""
    fields = row._meta.concrete_fields
    given = [each for each in fields if not isinstance(getattr(row, each.attname), DatabaseDefault)]
    told = [each for each in fields if each not in given]
    statement = _insertion(
        row._meta.db_table, tuple(each.column for each in given), tuple(each.column for each in told)
    )
    values = [each.get_db_prep_save(getattr(row, each.attname), connection) for each in given]
    with prepared() as cursor:
        cursor.execute(statement, values)
        if told:
            for each, value in zip(told, cursor.fetchone(), strict=True):
                setattr(row, each.attname, value)
    row._state.adding = False


@lru_cache(maxsize=256)
def _insertion(table: str, given: tuple[str, ...], told: tuple[str, ...]) -> str:
    names, marks = ", ".join(given), ", ".join(["%s"] * len(given))
    back = f"RETURNING {', '.join(told)}" if told else ""
    return " ".join(("INSERT INTO", table, "(", names, ") VALUES (", marks, ")", back))


def rows(statement: str, **values: Any) -> list[dict[str, Any]]:
    """What a named statement of the hot path answers, a mapping a row."""
    with prepared() as cursor:
        cursor.cursor.row_factory = dict_row
        cursor.execute(statement, values)
        return cursor.fetchall()
