"""By when an open request must be seen to: written in packs as “15m”, “4h”, “2d” by urgency; days are working days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from tiercare.kernel.clock import ZONE


class Unit(StrEnum):
    """Minutes and hours run through nights and holidays; days are those that are worked."""

    MINUTES = "m"
    HOURS = "h"
    WORKDAYS = "d"


@dataclass(frozen=True, slots=True)
class Allowed:
    """How long something may take."""

    amount: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


_MOST = {Unit.MINUTES: 7 * 24 * 60, Unit.HOURS: 31 * 24, Unit.WORKDAYS: 366}


def read(text: str) -> Allowed:
    """``"15m"`` as a value.

    Raises:
        ValueError: for anything else, nought, or absurdly much.
    """
    amount, unit = text[:-1], text[-1:]
    if not amount.isascii() or not amount.isdigit() or unit not in set(Unit):
        raise ValueError(f"{text!r} is no span of time such as 15m, 4h or 2d")
    allowed = Allowed(int(amount), Unit(unit))
    if not 0 < allowed.amount <= _MOST[allowed.unit]:
        raise ValueError(f"{text!r} is out of bounds")
    return allowed


def due(allowed: Allowed, since: datetime, *, worked: Callable[[date], bool]) -> datetime:
    """The moment by which it must be done; of working days the same hour on the last of them.

    What begins on a free day begins to count with the next working one.
    """
    match allowed.unit:
        case Unit.MINUTES:
            return since + timedelta(minutes=allowed.amount)
        case Unit.HOURS:
            return since + timedelta(hours=allowed.amount)
        case Unit.WORKDAYS:
            local = since.astimezone(ZONE)
            left = allowed.amount
            while left:
                local += timedelta(days=1)
                left -= worked(local.date())
            return local
