"""Who did not come (爽约): how often that may happen before booking for oneself pauses, and how it is put right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from tiercare.kernel.clock import day_of
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

# Ours; no document sets them. Staff always book for whoever needs it: the pause is of booking for oneself.
MOST_MISSED = 3
WITHIN = timedelta(days=90)
PAUSE = timedelta(days=30)


class AppealState(StrEnum):
    """Where an objection to a recorded absence stands."""

    OPEN = "OPEN"
    EXCUSED = "EXCUSED"
    UPHELD = "UPHELD"


@dataclass(frozen=True, slots=True)
class Missed:
    """An absence: when the place was, and whether it has been excused."""

    at: datetime
    excused: bool


def pause_until(missed: Iterable[Missed], *, now: datetime) -> date | None:
    """The day from which the resident may book for themself again; ``None`` if they may now.

    Counted are absences of the last ``WITHIN`` that nobody excused; the pause begins with the last of them.
    """
    counted = sorted(each.at for each in missed if not each.excused and now - WITHIN < each.at <= now)
    if len(counted) < MOST_MISSED or counted[-1] + PAUSE <= now:
        return None
    return day_of(counted[-1] + PAUSE)


def paused(until: date) -> Refusal:
    """Booking for oneself pauses until that day."""
    return Refusal(
        code="capacity.paused_for_absence",
        message=Text(
            "近 {days} 天内有 {most} 次预约未到，自助预约暂停到{until}。",
            "{most} bookings in {days} days were missed; booking for yourself pauses until {until}.",
        ),
        instead=Text(
            "急需就诊请到窗口或请家庭医生预约；有特殊原因可在“我的预约”中申诉。",
            "If you need to be seen, a desk or your doctor books for you; if there was a reason, object in “My bookings”.",
        ),
        fields={"days": WITHIN.days, "most": MOST_MISSED, "until": until},
        status=403,
    )
