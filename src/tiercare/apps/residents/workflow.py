"""How a resident's request for a service of primary care moves: one table, from which guard, buttons and tests come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text


class CareState(StrEnum):
    """Where a request stands."""

    ASKED = "ASKED"
    AGREED = "AGREED"
    DECLINED = "DECLINED"
    DONE = "DONE"
    WITHDRAWN = "WITHDRAWN"


class CareAct(StrEnum):
    """What is done with it."""

    AGREE = "agree"
    DECLINE = "decline"
    FINISH = "finish"
    WITHDRAW = "withdraw"


class CareSide(StrEnum):
    """Who does it: the institution that owns the request, or the resident and their guardian."""

    STATION = "station"
    RESIDENT = "resident"


@dataclass(frozen=True, slots=True)
class CareStep:
    """From a state, by an act of one side, to a state."""

    source: CareState
    act: CareAct
    target: CareState
    by: CareSide


# An institution that cannot come after all declines what it agreed to: with a reason and another way, as at first.
STEPS: tuple[CareStep, ...] = (
    CareStep(CareState.ASKED, CareAct.AGREE, CareState.AGREED, CareSide.STATION),
    CareStep(CareState.ASKED, CareAct.DECLINE, CareState.DECLINED, CareSide.STATION),
    CareStep(CareState.ASKED, CareAct.WITHDRAW, CareState.WITHDRAWN, CareSide.RESIDENT),
    CareStep(CareState.AGREED, CareAct.AGREE, CareState.AGREED, CareSide.STATION),
    CareStep(CareState.AGREED, CareAct.DECLINE, CareState.DECLINED, CareSide.STATION),
    CareStep(CareState.AGREED, CareAct.FINISH, CareState.DONE, CareSide.STATION),
    CareStep(CareState.AGREED, CareAct.WITHDRAW, CareState.WITHDRAWN, CareSide.RESIDENT),
)
# Somebody still waits for something: these have an owner and a due time.
OPEN: tuple[CareState, ...] = (CareState.ASKED, CareState.AGREED)

STATE_NAMES: Mapping[CareState, Text] = {
    CareState.ASKED: Text("等答复", "waiting for an answer"),
    CareState.AGREED: Text("已约好", "agreed"),
    CareState.DECLINED: Text("未接受", "declined"),
    CareState.DONE: Text("已完成", "done"),
    CareState.WITHDRAWN: Text("已撤回", "withdrawn"),
}
ACT_NAMES: Mapping[CareAct, Text] = {
    CareAct.AGREE: Text("约定时间", "Agree a time"),
    CareAct.DECLINE: Text("不能提供", "Decline"),
    CareAct.FINISH: Text("登记完成", "Record as done"),
    CareAct.WITHDRAW: Text("撤回", "Withdraw"),
}


def care_step(source: CareState, act: CareAct) -> CareStep | None:
    """The row of the table, or ``None`` where the act is not possible."""
    return next((row for row in STEPS if row.source is source and row.act is act), None)


def acts_from(source: CareState, by: CareSide) -> tuple[CareAct, ...]:
    """What one side can do with a request in this state, in the order of the table."""
    return tuple(row.act for row in STEPS if row.source is source and row.by is by)


def not_now(act: CareAct, state: CareState) -> Refusal:
    """The request stands where the act does not lead on."""
    return Refusal(
        code="residents.care_not_in_this_state",
        message=Text(
            "这条申请现在是“{state}”，不能再{act}。", "The request is “{state}”: {act} is not possible."
        ),
        instead=Text("请刷新后按页面上可用的按钮办理。", "Reload the page and use what it offers."),
        fields={"state": STATE_NAMES[state], "act": ACT_NAMES[act]},
    )
