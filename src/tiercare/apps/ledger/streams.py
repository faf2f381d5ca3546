"""Long answers a piece at a time, without ever holding all of their rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection

_PIECE = 5_000


def streamed(statement: str, **values: Any) -> Iterator[list[dict[str, Any]]]:
    """What a named statement answers, in lists of a few thousand mappings. The caller stands in a transaction, which stays
    open until the last piece, and may ask other things between two of them."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, values)
        while found := cursor.fetchmany(_PIECE):
            names = [column.name for column in cursor.description]
            yield [dict(zip(names, row, strict=True)) for row in found]
