"""Periods for which reports are owed: 2026, 2026H1, 2026Q3; ``once`` is written as a year."""

from __future__ import annotations

import re
from datetime import date, timedelta

_MONTHS = {"year": 12, "once": 12, "half": 6, "quarter": 3}
_SHAPES = {
    "year": re.compile(r"(\d{4})()"),
    "once": re.compile(r"(\d{4})()"),
    "half": re.compile(r"(\d{4})H([12])"),
    "quarter": re.compile(r"(\d{4})Q([1-4])"),
}


def last_day(per: str, period: str) -> date | None:
    """The last day of a period; ``None`` if it is not written as its sort is."""
    found = _SHAPES[per].fullmatch(period) if per in _SHAPES else None
    if found is None or not 1950 <= int(found[1]) <= 2199:
        return None
    year, month = int(found[1]), _MONTHS[per] * int(found[2] or 1)
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def current(per: str, on: date) -> str:
    """The period that a day stands in."""
    if per == "half":
        return f"{on.year}H{(on.month + 5) // 6}"
    if per == "quarter":
        return f"{on.year}Q{(on.month + 2) // 3}"
    if per == "unasked":
        return f"{on:%Y-%m}"
    return str(on.year)


def like(per: str, on: date) -> str:
    """A period as people write it, for a hint."""
    return current(per, on)
