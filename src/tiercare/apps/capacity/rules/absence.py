"""Who did not come (爽约): how often that may happen before booking for oneself pauses, and how it is put right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from tiercare.kernel.clock import day_of
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text


class AppealState(StrEnum):
    """Where an objection to a recorded absence stands."""

    OPEN = "OPEN"
    EXCUSED = "EXCUSED"
    UPHELD = "UPHELD"


APPEAL_NAMES: Mapping[AppealState, Text] = {
    AppealState.OPEN: Text("等待答复", "waiting for an answer"),
    AppealState.EXCUSED: Text("已谅解，不计入", "excused, not counted"),
    AppealState.UPHELD: Text("维持登记", "stands as recorded"),
}
LONGEST_WORDS = 250  # ours: a sentence or two


@dataclass(frozen=True, slots=True)
class Limits:
    """From ``most`` absences ``within`` so long, booking for oneself pauses for ``pause``; numbers of the packs, ours.

    Staff always book for whoever needs it: the pause is of booking for oneself, or for one's ward.
    """

    most: int
    within: timedelta
    pause: timedelta


@dataclass(frozen=True, slots=True)
class Missed:
    """An absence: when the place was, and whether it has been excused."""

    at: datetime
    excused: bool


def pause_until(missed: Iterable[Missed], limits: Limits, *, now: datetime) -> date | None:
    """The day from which the resident may book for themself again; ``None`` if they may now.

    Counted are absences of the last ``limits.within`` that nobody excused; the pause begins with the last of them.
    """
    counted = sorted(each.at for each in missed if not each.excused and now - limits.within < each.at <= now)
    if len(counted) < limits.most or counted[-1] + limits.pause <= now:
        return None
    return day_of(counted[-1] + limits.pause)


PAUSED = "capacity.paused_for_absence"


def paused(until: date, limits: Limits) -> Refusal:
    """Booking for oneself pauses until that day."""
    return Refusal(
        code=PAUSED,
        message=Text(
            "近 {days} 天内有 {most} 次预约未到，自助预约暂停到{until}。",
            "{most} bookings in {days} days were missed; booking for yourself pauses until {until}.",
        ),
        instead=Text(
            "急需就诊请到窗口或请家庭医生预约；有特殊原因可在“我的预约”中申诉。",
            "If you need to be seen, a desk or your doctor books for you; if there was a reason, object in “My bookings”.",
        ),
        fields={"days": limits.within.days, "most": limits.most, "until": until},
        status=403,
    )
