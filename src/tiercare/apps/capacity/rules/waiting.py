"""Waiting for a place: how urgent, in which state, and how long an offer stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import IntEnum, StrEnum

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text


class Urgency(IntEnum):
    """Clinical priority; the lower goes first."""

    EMERGENCY = 0
    URGENT = 1
    SOON = 2
    ROUTINE = 3


class WaitingState(StrEnum):
    """Where somebody who waits stands."""

    WAITING = "WAITING"
    OFFERED = "OFFERED"
    TAKEN = "TAKEN"
    LAPSED = "LAPSED"
    WITHDRAWN = "WITHDRAWN"


OPEN: tuple[WaitingState, ...] = (WaitingState.WAITING, WaitingState.OFFERED)
URGENCY_NAMES: Mapping[Urgency, Text] = {
    Urgency.EMERGENCY: Text("急危重", "emergency"),
    Urgency.URGENT: Text("紧急", "urgent"),
    Urgency.SOON: Text("尽快", "soon"),
    Urgency.ROUTINE: Text("常规", "routine"),
}
WAITING_NAMES: Mapping[WaitingState, Text] = {
    WaitingState.WAITING: Text("候补中", "waiting"),
    WaitingState.OFFERED: Text("已通知，待确认", "offered"),
    WaitingState.TAKEN: Text("已确认", "taken"),
    WaitingState.LAPSED: Text("逾期未确认", "offer lapsed"),
    WaitingState.WITHDRAWN: Text("已退出候补", "withdrawn"),
}
# Ours; no document sets them: time to read a message and decide, shorter the nearer the place; nobody waits longer
# than a quarter.
OFFER = timedelta(hours=2)
LONGEST = timedelta(days=92)


def offer_stands(until_start: timedelta) -> timedelta:
    """How long an offer is held: two hours, or half of what is left before the place begins."""
    return min(OFFER, until_start / 2)


def wrong_days(first: date, last: date, *, today: date) -> Refusal | None:
    """Whether the days somebody waits for make sense."""
    if today <= first <= last <= today + LONGEST:
        return None
    return Refusal(
        code="capacity.waiting_wrong_days",
        message=Text(
            "候补日期须从今天起、先后有序，且在三个月以内。",
            "The days begin today or later, in order, within three months.",
        ),
        instead=Text("请重新选择日期。", "Choose the days again."),
        at="last",
        status=422,
    )
