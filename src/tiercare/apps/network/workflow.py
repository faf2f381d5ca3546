"""How an application moves: one table, from which guard, buttons, audit and diagram come."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where an application stands."""

    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    RETURNED = "RETURNED"
    WITHDRAWN = "WITHDRAWN"


class Act(StrEnum):
    """What somebody does to it."""

    APPROVE = "approve"
    RETURN = "return"
    RESUBMIT = "resubmit"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Transition:
    """From a state, by an act that needs a right, to a state. ``by_applicant``: only the one who applied."""

    source: State
    act: Act
    right: str
    target: State
    by_applicant: bool = False


TRANSITIONS: tuple[Transition, ...] = (
    Transition(State.SUBMITTED, Act.APPROVE, "network.decide", State.APPROVED),
    Transition(State.SUBMITTED, Act.RETURN, "network.decide", State.RETURNED),
    Transition(State.SUBMITTED, Act.WITHDRAW, "network.apply", State.WITHDRAWN, by_applicant=True),
    Transition(State.RETURNED, Act.RESUBMIT, "network.apply", State.SUBMITTED, by_applicant=True),
    Transition(State.RETURNED, Act.WITHDRAW, "network.apply", State.WITHDRAWN, by_applicant=True),
)


def transition(source: State, act: Act) -> Transition | None:
    """The row of the table, or ``None`` where the act is not possible."""
    return next((row for row in TRANSITIONS if row.source is source and row.act is act), None)
