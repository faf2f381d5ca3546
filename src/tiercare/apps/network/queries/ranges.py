"""An area as a range of codes, which an index of any collation serves, and statements that answer in JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection

NATION = "00"


def inside(column: str, area: str, low: str = "low", high: str = "high") -> str:
    """A condition: the division code in ``column`` lies in ``area``, whose ``bounds`` are values of these names.

    A township is no part of a county by its digits: ask for its ``township_code`` instead.
    """
    return "TRUE" if area == NATION else f"{column} >= %({low})s AND {column} < %({high})s"


def bounds(area: str) -> dict[str, str]:
    """``low`` and ``high`` of an area's codes: from its own up to, not including, the next of its length.

    Raises:
        ValueError: for what is no code.
    """
    if not (area.isascii() and area.isdigit()):
        raise ValueError(f"not a division code: {area!r}")
    return {"low": area, "high": str(int(area) + 1).zfill(len(area))}


def parts(statement: str, values: Mapping[str, object]) -> Sequence[Any]:
    """The one row that a statement of JSON parts answers; a part without rows is ``None``."""
    with connection.cursor() as cursor:
        cursor.execute(statement, dict(values))
        row: Sequence[Any] = cursor.fetchone()
    return row


def day(value: str | None) -> date | None:
    """A day as JSON brings it."""
    return date.fromisoformat(value) if value else None
