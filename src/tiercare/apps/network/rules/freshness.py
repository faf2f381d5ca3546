"""How old what an institution said about itself may be before it counts as stale (field A9)."""

from __future__ import annotations

from datetime import date, timedelta

# 本平台的默认值: no text says how often an institution must confirm its registers, so this number is ours.
STALE_AFTER = timedelta(days=180)


def age(last: date | None, on: date) -> int | None:
    """Days since ``last`` on the day ``on``; what was said later counts as of the day. ``None``: never said."""
    return None if last is None else max(0, (on - last).days)


def stale(last: date | None, on: date) -> bool:
    """True where nothing was said for longer than ``STALE_AFTER``, or ever."""
    days = age(last, on)
    return days is None or days > STALE_AFTER.days
