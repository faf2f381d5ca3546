"""How a request between institutions moves: one table for every kind, from which guard, owner, buttons and diagram come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tiercare.kernel.text import Text


class State(StrEnum):
    """Where a request stands."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    RETURNED = "RETURNED"
    ACCEPTED = "ACCEPTED"
    SCHEDULED = "SCHEDULED"
    NO_SHOW = "NO_SHOW"
    ARRIVED = "ARRIVED"
    IN_CARE = "IN_CARE"
    REPORTED = "REPORTED"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"
    CANCELLED = "CANCELLED"
    DIED = "DIED"


class Act(StrEnum):
    """What is done to it."""

    SUBMIT = "submit"
    ACCEPT = "accept"
    RETURN = "return"
    REDIRECT = "redirect"
    SCHEDULE = "schedule"
    ARRIVE = "arrive"
    MISS = "miss"
    LEAVE = "leave"
    TAKE_IN = "take_in"
    REPORT = "report"
    ACKNOWLEDGE = "acknowledge"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"
    DIE = "die"
    # The place of the request went away: its clinic was stopped, or the resident gave it back.
    LOSE_PLACE = "lose_place"
    # No step of the table: the sender adds to what was sent, and the history tells of it.
    SUPPLEMENT = "supplement"


class Side(StrEnum):
    """A side of the request: who sends the resident, who is to receive them."""

    SENDER = "sender"
    RECEIVER = "receiver"


class By(StrEnum):
    """Who may do it."""

    SENDER = "sender"
    RECEIVER = "receiver"
    EITHER = "either"
    # The receiver, or whoever a request has been escalated to: the lead hospital, the commission.
    RECEIVER_OR_ABOVE = "receiver_or_above"
    # Nobody: what happened at the counter or to the place is taken over. The platform may take every other step too.
    PLATFORM = "platform"


class Leg(StrEnum):
    """Which kinds go this way: all, those that the resident travels for, those that are answered from afar."""

    EVERY = "every"
    VISIT = "visit"
    REMOTE = "remote"


@dataclass(frozen=True, slots=True)
class Transition:
    """From a state, by an act, to a state; ``owner`` is the side that must see to it from then on."""

    source: State
    act: Act
    target: State
    by: By
    owner: Side | None
    leg: Leg = Leg.EVERY


_S, _R = Side.SENDER, Side.RECEIVER

TRANSITIONS: tuple[Transition, ...] = (
    Transition(State.DRAFT, Act.SUBMIT, State.SUBMITTED, By.SENDER, _R),
    Transition(State.DRAFT, Act.WITHDRAW, State.WITHDRAWN, By.SENDER, None),
    Transition(State.SUBMITTED, Act.ACCEPT, State.ACCEPTED, By.RECEIVER, _R),
    Transition(State.SUBMITTED, Act.RETURN, State.RETURNED, By.RECEIVER, _S),
    Transition(State.SUBMITTED, Act.REDIRECT, State.SUBMITTED, By.RECEIVER_OR_ABOVE, _R),
    Transition(State.SUBMITTED, Act.WITHDRAW, State.WITHDRAWN, By.SENDER, None),
    # An emergency does not wait for anybody's acceptance (XH-48).
    Transition(State.SUBMITTED, Act.ARRIVE, State.ARRIVED, By.RECEIVER, _R, Leg.VISIT),
    Transition(State.SUBMITTED, Act.LOSE_PLACE, State.SUBMITTED, By.PLATFORM, _R, Leg.VISIT),
    Transition(State.RETURNED, Act.SUBMIT, State.SUBMITTED, By.SENDER, _R),
    Transition(State.RETURNED, Act.WITHDRAW, State.WITHDRAWN, By.SENDER, None),
    Transition(State.ACCEPTED, Act.SCHEDULE, State.SCHEDULED, By.EITHER, _R, Leg.VISIT),
    Transition(State.ACCEPTED, Act.RETURN, State.RETURNED, By.RECEIVER, _S),
    Transition(State.ACCEPTED, Act.CANCEL, State.CANCELLED, By.SENDER, None),
    Transition(State.ACCEPTED, Act.ARRIVE, State.ARRIVED, By.RECEIVER, _R, Leg.VISIT),
    Transition(State.ACCEPTED, Act.LOSE_PLACE, State.ACCEPTED, By.PLATFORM, _R, Leg.VISIT),
    Transition(State.ACCEPTED, Act.REPORT, State.REPORTED, By.RECEIVER, _S, Leg.REMOTE),
    Transition(State.SCHEDULED, Act.SCHEDULE, State.SCHEDULED, By.EITHER, _R, Leg.VISIT),
    Transition(State.SCHEDULED, Act.RETURN, State.RETURNED, By.RECEIVER, _S, Leg.VISIT),
    Transition(State.SCHEDULED, Act.CANCEL, State.CANCELLED, By.SENDER, None, Leg.VISIT),
    Transition(State.SCHEDULED, Act.ARRIVE, State.ARRIVED, By.RECEIVER, _R, Leg.VISIT),
    Transition(State.SCHEDULED, Act.LOSE_PLACE, State.ACCEPTED, By.PLATFORM, _R, Leg.VISIT),
    Transition(State.SCHEDULED, Act.MISS, State.NO_SHOW, By.RECEIVER, _S, Leg.VISIT),
    # Who did not come is not lost: the sender finds out why, and books again or gives up by name.
    Transition(State.NO_SHOW, Act.SCHEDULE, State.SCHEDULED, By.EITHER, _R, Leg.VISIT),
    Transition(State.NO_SHOW, Act.ARRIVE, State.ARRIVED, By.RECEIVER, _R, Leg.VISIT),
    Transition(State.NO_SHOW, Act.CANCEL, State.CANCELLED, By.SENDER, None, Leg.VISIT),
    Transition(State.ARRIVED, Act.TAKE_IN, State.IN_CARE, By.RECEIVER, _R, Leg.VISIT),
    Transition(State.ARRIVED, Act.LEAVE, State.NO_SHOW, By.RECEIVER, _S, Leg.VISIT),
    Transition(State.ARRIVED, Act.REPORT, State.REPORTED, By.RECEIVER, _S, Leg.VISIT),
    Transition(State.IN_CARE, Act.REPORT, State.REPORTED, By.RECEIVER, _S, Leg.VISIT),
    Transition(State.REPORTED, Act.REPORT, State.REPORTED, By.RECEIVER, _S),
    Transition(State.REPORTED, Act.ACKNOWLEDGE, State.CLOSED, By.SENDER, None),
    *(
        Transition(state, Act.DIE, State.DIED, By.EITHER, None)
        for state in (
            State.SUBMITTED,
            State.RETURNED,
            State.ACCEPTED,
            State.SCHEDULED,
            State.NO_SHOW,
            State.ARRIVED,
            State.IN_CARE,
            State.REPORTED,
        )
    ),
)
OVER: frozenset[State] = frozenset({State.CLOSED, State.WITHDRAWN, State.CANCELLED, State.DIED})
OPEN: frozenset[State] = frozenset(State) - OVER
# With these the place goes back; with the others it stays what it is, or follows (``commands/placing.py``).
FREES: frozenset[Act] = frozenset(
    {
        *(Act.RETURN, Act.REDIRECT, Act.WITHDRAW, Act.CANCEL, Act.LEAVE, Act.MISS, Act.DIE),
        Act.LOSE_PLACE,
    }
)
# Who wrote the request may still change what stands in it.
WRITTEN: frozenset[State] = frozenset({State.DRAFT, State.RETURNED})


def ways(legs: Iterable[Leg]) -> tuple[Transition, ...]:
    """The rows that a kind with these legs goes by."""
    taken = {Leg.EVERY, *legs}
    return tuple(row for row in TRANSITIONS if row.leg in taken)


def transition(source: State, act: Act, legs: Iterable[Leg]) -> Transition | None:
    """The row of the table, or ``None`` where the act is not possible for such a kind."""
    return next((row for row in ways(legs) if row.source is source and row.act is act), None)


STATE_NAMES: Mapping[State, Text] = {
    State.DRAFT: Text("草稿", "draft"),
    State.SUBMITTED: Text("待接收", "sent, not yet accepted"),
    State.RETURNED: Text("已退回", "returned"),
    State.ACCEPTED: Text("已接收，待安排", "accepted, to be scheduled"),
    State.SCHEDULED: Text("已预约", "scheduled"),
    State.NO_SHOW: Text("未到诊", "did not come"),
    State.ARRIVED: Text("已到院", "arrived"),
    State.IN_CARE: Text("诊治中", "in care"),
    State.REPORTED: Text("已回复，待确认", "reported, to be acknowledged"),
    State.CLOSED: Text("已办结", "closed"),
    State.WITHDRAWN: Text("已撤回", "withdrawn"),
    State.CANCELLED: Text("已取消", "cancelled"),
    State.DIED: Text("患者去世", "the patient died"),
}
ACT_NAMES: Mapping[Act, Text] = {
    Act.SUBMIT: Text("提交", "Send"),
    Act.ACCEPT: Text("接收", "Accept"),
    Act.RETURN: Text("退回", "Return"),
    Act.REDIRECT: Text("转交", "Redirect"),
    Act.SCHEDULE: Text("安排时间", "Schedule"),
    Act.ARRIVE: Text("登记到院", "Record arrival"),
    Act.MISS: Text("登记未到", "Record as not come"),
    Act.LEAVE: Text("登记离院未诊", "Record as left unseen"),
    Act.TAKE_IN: Text("开始诊治", "Take into care"),
    Act.REPORT: Text("回复结果", "Report"),
    Act.ACKNOWLEDGE: Text("确认收到", "Acknowledge"),
    Act.WITHDRAW: Text("撤回", "Withdraw"),
    Act.CANCEL: Text("取消", "Cancel"),
    Act.DIE: Text("登记去世", "Record death"),
    Act.LOSE_PLACE: Text("预约失效", "The place went away"),
    Act.SUPPLEMENT: Text("补充资料", "Add to it"),
}
