"""How an application moves: one table, from which guard, buttons, audit and diagram come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from tiercare.apps.access.rules import RIGHT_NAMES, Right, may
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text


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


STATE_NAMES: Mapping[State, Text] = {
    State.SUBMITTED: Text("待审批", "waiting for a decision"),
    State.APPROVED: Text("已批准", "approved"),
    State.RETURNED: Text("已退回", "returned"),
    State.WITHDRAWN: Text("已撤回", "withdrawn"),
}
SUBMIT = "submit"  # not a row of the table: it comes from nowhere
ACT_NAMES: Mapping[str, Text] = {
    SUBMIT: Text("提交", "Submit"),
    Act.APPROVE: Text("批准", "Approve"),
    Act.RETURN: Text("退回", "Return"),
    Act.RESUBMIT: Text("修改后再次提交", "Mend and resubmit"),
    Act.WITHDRAW: Text("撤回", "Withdraw"),
}

_NO_INSTITUTION = UUID(int=0)


def refusal(
    row: Transition,
    actor: Actor,
    *,
    division: str,
    institution_id: UUID | None,
    applicant_id: UUID,
    applicant_name: str,
) -> Refusal | None:
    """Why ``actor`` may not take this row with the application of ``applicant_id``; ``None`` if they may.

    ``division`` is the area that decides; ``institution_id`` the institution that applied, ``None`` where an
    area's commission did: then it belongs to no institution, which no office's own institution equals.
    """
    right = Right(row.right)
    forbidden = may(actor, right)
    if forbidden is None and row.by_applicant and applicant_id != actor.account_id:
        return not_yours(applicant_name)
    return forbidden or may(actor, right, division=division, institution_id=institution_id or _NO_INSTITUTION)


def not_yours(applicant_name: str) -> Refusal:
    """Only the one who applied may do this."""
    return Refusal(
        code="application_not_yours",
        message=Text("这份申请由{name}提交。", "This application is {name}'s."),
        instead=Text("请由申请人处理。", "Ask the applicant to do it."),
        fields={"name": applicant_name},
        status=403,
    )


def render_diagram() -> str:
    """The table as a Mermaid diagram and as rows, for ``docs/generated/applications.md``."""
    moves = [f"    {row.source} --> {row.target} : {ACT_NAMES[row.act].zh} {row.act}" for row in TRANSITIONS]
    ends = [state for state in State if all(row.source is not state for row in TRANSITIONS)]
    rows = [
        f"| {_named(row.source)} | {ACT_NAMES[row.act].zh} {ACT_NAMES[row.act].en} `{row.act}` "
        f"| {RIGHT_NAMES[Right(row.right)].zh} `{row.right}`{'；仅申请人 applicant only' if row.by_applicant else ''} "
        f"| {_named(row.target)} |"
        for row in TRANSITIONS
    ]
    return "\n".join(
        [
            "# 变更申请的流转 · How an application moves",
            "",
            "由 `tiercare/apps/network/workflow.py` 生成，请勿手改。 Generated from the table of transitions; do not edit.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            *(f"    {state} : {STATE_NAMES[state].zh} {state}" for state in State),
            f"    [*] --> {State.SUBMITTED} : {ACT_NAMES[SUBMIT].zh} {SUBMIT}",
            *moves,
            *(f"    {state} --> [*]" for state in ends),
            "```",
            "",
            "| 从 From | 操作 Act | 须有 Needs | 到 To |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _named(state: State) -> str:
    return f"{STATE_NAMES[state].zh} {STATE_NAMES[state].en} `{state}`"
