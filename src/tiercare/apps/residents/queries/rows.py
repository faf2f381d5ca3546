"""Rows of a named statement, by column."""

from __future__ import annotations

from typing import Any

from django.db import connection


def rows(statement: str, **values: Any) -> list[dict[str, Any]]:
    """What ``statement`` answers, a mapping a row. The caller is inside ``scoped`` where the wall stands."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
