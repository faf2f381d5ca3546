"""Waiting for a place: how urgent, in which state, and how long an offer stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum

from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text


class Urgency(IntEnum):
    """Clinical priority; the lower goes first."""

    EMERGENCY = 0
    URGENT = 1
    SOON = 2
    ROUTINE = 3


class WaitingState(StrEnum):
    """Where somebody who waits stands: in line, asked, and from then on over."""

    WAITING = "WAITING"
    OFFERED = "OFFERED"
    TAKEN = "TAKEN"
    LAPSED = "LAPSED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"


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
    WaitingState.DECLINED: Text("已放弃这个号", "offer declined"),
    WaitingState.WITHDRAWN: Text("已退出候补", "withdrawn"),
    WaitingState.EXPIRED: Text("日期已过", "days have passed"),
}


def offer_stands(until_start: timedelta, longest: timedelta | None) -> timedelta:
    """How long an offer is held: the pack's time to read a message and decide, or half of what is left before the place
    begins."""
    return until_start / 2 if longest is None else min(longest, until_start / 2)


def wrong_days(first: date, last: date, *, today: date, longest: timedelta | None) -> Refusal | None:
    """Whether the days somebody waits for make sense; nobody waits further ahead than ``longest``."""
    if today <= first <= last and (longest is None or last <= today + longest):
        return None
    return Refusal(
        code="capacity.waiting_wrong_days",
        message=Text(
            "候补日期须从今天起、先后有序{within}。", "The days begin today or later, in order{within}."
        ),
        instead=Text("请重新选择日期。", "Choose the days again."),
        fields={
            "within": _NO_LIMIT
            if longest is None
            else Text(f"，且在 {longest.days} 天以内", f", within {longest.days} days")
        },
        at="last",
        status=422,
    )


def why_there(urgency: Urgency, since: datetime, language: str = "zh") -> str:
    """Why somebody stands where they stand in the line, in a sentence that can be shown to them.

    Who is in danger comes first, as in the queue of the day (XH-48); otherwise whoever has waited longer.
    """
    words = _ROUTINE_THERE if urgency is Urgency.ROUTINE else _URGENT_THERE
    since = since.astimezone(ZONE)
    return words.fill({"urgency": URGENCY_NAMES[urgency], "since": since}, language)


_NO_LIMIT = Text("", "")
_URGENT_THERE = Text(
    "医生评估为“{urgency}”，先于病情较轻的；同级按候补先后，{since:%m-%d %H:%M} 起候补。",
    "Judged “{urgency}” by a doctor, before those less urgent; among them by time, waiting since {since:%m-%d %H:%M}.",
)
_ROUTINE_THERE = Text(
    "常规，按候补先后，{since:%m-%d %H:%M} 起候补。", "Routine, by time: waiting since {since:%m-%d %H:%M}."
)
NOT_WAITING = Refusal(
    code="capacity.not_waiting",
    message=Text("没有这条候补，或它已结束。", "There is no such entry, or it is over."),
    instead=Text("请刷新候补列表。", "Reload the waiting list."),
    at="waiting",
    status=404,
)
