"""How messages to residents say things."""

from __future__ import annotations

from datetime import datetime

from tiercare.kernel.clock import ZONE


def spoken(moment: datetime) -> str:
    """A moment as a clerk would say it: 12月3日08:30."""
    local = moment.astimezone(ZONE)
    return f"{local.month}月{local.day}日{local:%H:%M}"
