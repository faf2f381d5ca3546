"""How a booking moves: one table, from which guard, buttons, counters and diagram come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tiercare.kernel.clock import day_of
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text


class State(StrEnum):
    """Where a booking stands."""

    HELD = "HELD"
    BOOKED = "BOOKED"
    ARRIVED = "ARRIVED"
    ATTENDED = "ATTENDED"
    NO_SHOW = "NO_SHOW"
    CANCELLED = "CANCELLED"
    MOVED = "MOVED"
    STOPPED = "STOPPED"
    LAPSED = "LAPSED"


class Act(StrEnum):
    """What is done to it. ``LAPSE`` is done by time alone."""

    CONFIRM = "confirm"
    CANCEL = "cancel"
    MOVE = "move"
    STOP = "stop"
    ARRIVE = "arrive"
    ATTEND = "attend"
    MISS = "miss"
    LAPSE = "lapse"


# The place counts as used in these; in the others it has gone back.
COUNTED: tuple[State, ...] = (State.HELD, State.BOOKED, State.ARRIVED, State.ATTENDED, State.NO_SHOW)
# Still to come: what a resident looks forward to, and what a second booking for the same session runs into.
OPEN: tuple[State, ...] = (State.HELD, State.BOOKED, State.ARRIVED)


class By(StrEnum):
    """Who may: whoever booked, the resident or the institution that offers the place; only whoever holds it (the
    institution that does, or the resident); the institution that offers the place; or time."""

    EITHER = "either"
    MAKER = "maker"
    HOST = "host"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Transition:
    """From a state, by an act, to a state."""

    source: State
    act: Act
    target: State
    by: By

    @property
    def frees(self) -> bool:
        """Whether the place goes back."""
        return self.target not in COUNTED


TRANSITIONS: tuple[Transition, ...] = (
    Transition(State.HELD, Act.CONFIRM, State.BOOKED, By.MAKER),
    Transition(State.HELD, Act.CANCEL, State.CANCELLED, By.EITHER),
    Transition(State.HELD, Act.STOP, State.STOPPED, By.HOST),
    Transition(State.HELD, Act.LAPSE, State.LAPSED, By.TIME),
    Transition(State.BOOKED, Act.CANCEL, State.CANCELLED, By.EITHER),
    Transition(State.BOOKED, Act.MOVE, State.MOVED, By.EITHER),
    Transition(State.BOOKED, Act.STOP, State.STOPPED, By.HOST),
    Transition(State.BOOKED, Act.ARRIVE, State.ARRIVED, By.HOST),
    Transition(State.BOOKED, Act.ATTEND, State.ATTENDED, By.HOST),
    Transition(State.BOOKED, Act.MISS, State.NO_SHOW, By.HOST),
    Transition(State.ARRIVED, Act.ATTEND, State.ATTENDED, By.HOST),
    Transition(State.ARRIVED, Act.CANCEL, State.CANCELLED, By.HOST),
    Transition(State.ARRIVED, Act.STOP, State.STOPPED, By.HOST),
)


def transition(source: State, act: Act) -> Transition | None:
    """The row of the table, or ``None`` where the act is not possible."""
    return next((row for row in TRANSITIONS if row.source is source and row.act is act), None)


def sources(act: Act) -> tuple[State, ...]:
    """The states from which the act leads on."""
    return tuple(row.source for row in TRANSITIONS if row.act is act)


def target(act: Act) -> State:
    """Where the act leads: the same from every state it leads on from."""
    return next(row.target for row in TRANSITIONS if row.act is act)


STATE_NAMES: Mapping[State, Text] = {
    State.HELD: Text("占号中", "held"),
    State.BOOKED: Text("已预约", "booked"),
    State.ARRIVED: Text("已到院", "arrived"),
    State.ATTENDED: Text("已就诊", "attended"),
    State.NO_SHOW: Text("爽约", "did not come"),
    State.CANCELLED: Text("已取消", "cancelled"),
    State.MOVED: Text("已改约", "moved"),
    State.STOPPED: Text("因停诊取消", "stopped by the hospital"),
    State.LAPSED: Text("占号过期", "hold lapsed"),
}
ACT_NAMES: Mapping[Act, Text] = {
    Act.CONFIRM: Text("确认预约", "Confirm"),
    Act.CANCEL: Text("取消预约", "Cancel"),
    Act.MOVE: Text("改约", "Move"),
    Act.STOP: Text("停诊", "Stop"),
    Act.ARRIVE: Text("签到", "Check in"),
    Act.ATTEND: Text("就诊", "Attend"),
    Act.MISS: Text("登记爽约", "Record as not come"),
    Act.LAPSE: Text("过期", "Lapse"),
}


def not_now(act: Act, state: State) -> Refusal:
    """The booking stands where the act does not lead on."""
    return Refusal(
        code="capacity.not_in_this_state",
        message=Text(
            "这条预约现在是“{state}”，不能{act}。", "The booking is “{state}”: {act} is not possible."
        ),
        instead=Text("请刷新后按页面上可用的按钮办理。", "Reload the page and use what it offers."),
        fields={"state": STATE_NAMES[state], "act": ACT_NAMES[act]},
        at="booking",
    )


def untimely(act: Act, state: State, *, starts_at: datetime, now: datetime) -> Refusal | None:
    """Whether the clock speaks against what the hospital does to a booking.

    People check in on the day of their place, early or late; nobody is seen before that day, and whoever never checked
    in only on it; nobody has missed what has not begun.
    """
    day, today = day_of(starts_at), day_of(now)
    if act is Act.MISS:
        return NOT_MISSED_YET if now < starts_at else None
    off = today != day if act is Act.ARRIVE or state is State.BOOKED else today < day
    if act in {Act.ARRIVE, Act.ATTEND} and off:
        return replace(NOT_ITS_DAY, fields={"day": day, "act": ACT_NAMES[act]})
    return None


def may_confirm(*, booked_by: UUID | None, institution_id: UUID | None) -> bool:
    """Whether a hold is one's own: that of the institution that took it, or, for a resident who acts, any that they
    see. The hospital that offers the place does not decide for others whether they come."""
    return institution_id is None or institution_id == booked_by


NOT_MISSED_YET = Refusal(
    code="capacity.not_missed_yet",
    message=Text("还没到就诊时间，不能登记爽约。", "The time has not come: nobody has missed it yet."),
    instead=Text("请在开诊后仍未到时登记。", "Record it once the time has come and they are not there."),
    at="booking",
)
NOT_ITS_DAY = Refusal(
    code="capacity.not_its_day",
    message=Text(
        "这条预约在 {day}，不是今天，不能{act}。",
        "The booking is for {day}, not today: {act} is not possible.",
    ),
    instead=Text(
        "没到日子的请当天再办，或改约到今天；过了日子的登记爽约，或另约。",
        "Come back on the day or move the booking to today; what is past is recorded as missed, or booked anew.",
    ),
    at="booking",
)
