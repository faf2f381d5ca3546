"""How a matter of evaluation moves: one table for every kind, from which owner, buttons and diagram come.

A matter is what somebody owes by a day: an assessment, a self-report in it, an inspection, the rectification of what it
found, a goal of the year, a report, an alert, a bulletin. Whoever issued it says in the end whether it is done.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tiercare.kernel.text import Text


class State(StrEnum):
    """Where a matter stands."""

    OPEN = "OPEN"
    SUBMITTED = "SUBMITTED"
    RETURNED = "RETURNED"
    APPROVED = "APPROVED"
    CLOSED = "CLOSED"
    LOCKED = "LOCKED"
    WITHDRAWN = "WITHDRAWN"


class Act(StrEnum):
    """What is done to it."""

    NOTE = "note"
    SUBMIT = "submit"
    RETURN = "return"
    CLOSE = "close"
    APPROVE = "approve"
    REOPEN = "reopen"
    LOCK = "lock"
    EXTEND = "extend"
    WITHDRAW = "withdraw"
    # No step of the table: nobody did it in time, and the next on the line hears of it.
    ESCALATE = "escalate"
    # No step of the table either: how it began.
    ISSUE = "issue"


class Side(StrEnum):
    """Who must see to it: whoever owes it, or whoever issued it."""

    OWNER = "owner"
    ISSUER = "issuer"


class Leg(StrEnum):
    """Which kinds go this way: all, those that end when they are done, those that are approved and then sealed."""

    EVERY = "every"
    DONE = "done"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class Transition:
    """From a state, by an act, to a state; ``by`` may do it, ``then`` must see to it from then on."""

    source: State
    act: Act
    target: State
    by: Side
    then: Side | None
    leg: Leg = Leg.EVERY


_O, _I = Side.OWNER, Side.ISSUER

TRANSITIONS: tuple[Transition, ...] = (
    Transition(State.OPEN, Act.NOTE, State.OPEN, _O, _O),
    Transition(State.OPEN, Act.SUBMIT, State.SUBMITTED, _O, _I),
    Transition(State.OPEN, Act.EXTEND, State.OPEN, _I, _O),
    Transition(State.OPEN, Act.WITHDRAW, State.WITHDRAWN, _I, None),
    Transition(State.RETURNED, Act.NOTE, State.RETURNED, _O, _O),
    Transition(State.RETURNED, Act.SUBMIT, State.SUBMITTED, _O, _I),
    Transition(State.RETURNED, Act.EXTEND, State.RETURNED, _I, _O),
    Transition(State.RETURNED, Act.WITHDRAW, State.WITHDRAWN, _I, None),
    Transition(State.SUBMITTED, Act.RETURN, State.RETURNED, _I, _O),
    Transition(State.SUBMITTED, Act.WITHDRAW, State.WITHDRAWN, _I, None),
    Transition(State.SUBMITTED, Act.CLOSE, State.CLOSED, _I, None, Leg.DONE),
    Transition(State.SUBMITTED, Act.APPROVE, State.APPROVED, _I, _I, Leg.SEALED),
    Transition(State.APPROVED, Act.REOPEN, State.SUBMITTED, _I, _I, Leg.SEALED),
    Transition(State.APPROVED, Act.LOCK, State.LOCKED, _I, None, Leg.SEALED),
)
OVER: frozenset[State] = frozenset({State.CLOSED, State.LOCKED, State.WITHDRAWN})
OPEN: frozenset[State] = frozenset(State) - OVER
# Without a reason these are not taken: whoever reads the history asks for it.
WITH_WORDS: frozenset[Act] = frozenset(
    {Act.NOTE, Act.SUBMIT, Act.RETURN, Act.REOPEN, Act.EXTEND, Act.WITHDRAW}
)

STATE_NAMES = {
    State.OPEN: Text("办理中", "under way"),
    State.SUBMITTED: Text("待审核", "to be reviewed"),
    State.RETURNED: Text("退回修改", "returned"),
    State.APPROVED: Text("已审定", "approved"),
    State.CLOSED: Text("已办结", "closed"),
    State.LOCKED: Text("已锁定", "locked"),
    State.WITHDRAWN: Text("已撤销", "withdrawn"),
}
ACT_NAMES = {
    Act.NOTE: Text("登记进展", "enter progress"),
    Act.SUBMIT: Text("报送", "submit"),
    Act.RETURN: Text("退回", "return"),
    Act.CLOSE: Text("办结", "close"),
    Act.APPROVE: Text("审定", "approve"),
    Act.REOPEN: Text("重新审核", "review again"),
    Act.LOCK: Text("锁定", "lock"),
    Act.EXTEND: Text("延期", "extend"),
    Act.WITHDRAW: Text("撤销", "withdraw"),
    Act.ESCALATE: Text("逾期上报", "escalated"),
    Act.ISSUE: Text("下达", "issued"),
}


def step(state: State, act: Act, leg: Leg) -> Transition | None:
    """The row of the table, or ``None`` where the act does not lead on."""
    return next(
        (
            row
            for row in TRANSITIONS
            if row.source is state and row.act is act and row.leg in (Leg.EVERY, leg)
        ),
        None,
    )


def steps(state: State, leg: Leg, sides: Iterable[Side]) -> tuple[Transition, ...]:
    """What may be done to a matter in ``state`` by whoever stands on ``sides``: buttons, API and tests ask this."""
    may = frozenset(sides)
    return tuple(
        row for row in TRANSITIONS if row.source is state and row.leg in (Leg.EVERY, leg) and row.by in may
    )
