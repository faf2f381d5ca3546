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
    """Where an application stands. ``APPLIED``: done by whoever may decide, where nobody else has to."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    RETURNED = "RETURNED"
    WITHDRAWN = "WITHDRAWN"
    APPLIED = "APPLIED"


class Act(StrEnum):
    """What somebody does to it."""

    SUBMIT = "submit"
    APPLY = "apply"
    DISCARD = "discard"
    APPROVE = "approve"
    RETURN = "return"
    RESUBMIT = "resubmit"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Transition:
    """From a state, by an act that needs a right, to a state. ``by_applicant``: only the one who applied;
    ``by_another``: anybody but that one, so that every approval is a second pair of eyes."""

    source: State
    act: Act
    right: str
    target: State
    by_applicant: bool = False
    by_another: bool = False


TRANSITIONS: tuple[Transition, ...] = (
    Transition(State.DRAFT, Act.SUBMIT, "network.apply", State.SUBMITTED, by_applicant=True),
    Transition(State.DRAFT, Act.APPLY, "network.decide", State.APPLIED, by_applicant=True),
    Transition(State.DRAFT, Act.DISCARD, "network.apply", State.WITHDRAWN, by_applicant=True),
    Transition(State.SUBMITTED, Act.APPROVE, "network.decide", State.APPROVED, by_another=True),
    Transition(State.SUBMITTED, Act.RETURN, "network.decide", State.RETURNED, by_another=True),
    Transition(State.SUBMITTED, Act.WITHDRAW, "network.apply", State.WITHDRAWN, by_applicant=True),
    Transition(State.RETURNED, Act.RESUBMIT, "network.apply", State.SUBMITTED, by_applicant=True),
    Transition(State.RETURNED, Act.WITHDRAW, "network.apply", State.WITHDRAWN, by_applicant=True),
)


def transition(source: State, act: Act) -> Transition | None:
    """The row of the table, or ``None`` where the act is not possible."""
    return next((row for row in TRANSITIONS if row.source is source and row.act is act), None)


STATE_NAMES: Mapping[State, Text] = {
    State.DRAFT: Text("草稿", "draft"),
    State.SUBMITTED: Text("待审批", "waiting for a decision"),
    State.APPROVED: Text("已批准", "approved"),
    State.RETURNED: Text("已退回", "returned"),
    State.WITHDRAWN: Text("已撤回", "withdrawn"),
    State.APPLIED: Text("已生效", "in effect"),
}
DRAFT = "draft"  # not a row of the table: it comes from nowhere
CHANGE, UNDO = "change", "undo"  # no rows either: what is drafted is rewritten, what took effect drafted anew
ACT_NAMES: Mapping[str, Text] = {
    DRAFT: Text("起草", "Draft"),
    CHANGE: Text("修改草稿", "Change the draft"),
    UNDO: Text("撤销", "Undo"),
    Act.SUBMIT: Text("提交审批", "Submit"),
    Act.APPLY: Text("直接生效", "Put into effect"),
    Act.DISCARD: Text("放弃", "Discard"),
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
    # What somebody proposed is theirs, even if a wider area's commission decides about it.
    proposing = right is Right.NETWORK_APPLY
    forbidden = forbidden or may(
        actor,
        right,
        division=area_proposing(actor, division) if proposing else division,
        institution_id=institution_id or _NO_INSTITUTION,
    )
    if forbidden is None and row.by_another and applicant_id == actor.account_id:
        return _own()
    return forbidden


def area_proposing(actor: Actor, region: str) -> str:
    """The area for which ``actor`` proposes changes in ``region``: its own, if that is a part of it."""
    own = actor.division_code or ""
    return own if own.startswith("" if region == "00" else region) and own else region


def not_yours(applicant_name: str) -> Refusal:
    """Only the one who applied may do this."""
    return Refusal(
        code="application_not_yours",
        message=Text("这份申请由{name}提交。", "This application is {name}'s."),
        instead=Text("请由申请人处理。", "Ask the applicant to do it."),
        fields={"name": applicant_name},
        status=403,
    )


def _own() -> Refusal:
    """Nobody decides about what he himself proposed."""
    return Refusal(
        code="application_own",
        message=Text("自己提交的申请不能由自己审批。", "Nobody decides about an application of their own."),
        instead=Text(
            "请由本级或上级卫生健康行政部门的另一位人员审批；也可以撤回。",
            "Somebody else at this health commission, or the one above, decides; or withdraw it.",
        ),
        status=403,
    )


def render_diagram() -> str:
    """The table as a Mermaid diagram and as rows, for ``docs/generated/applications.md``."""
    moves = [f"    {row.source} --> {row.target} : {ACT_NAMES[row.act].zh} {row.act}" for row in TRANSITIONS]
    ends = [state for state in State if all(row.source is not state for row in TRANSITIONS)]
    rows = [
        f"| {_named(row.source)} | {ACT_NAMES[row.act].zh} {ACT_NAMES[row.act].en} `{row.act}` "
        f"| {RIGHT_NAMES[Right(row.right)].zh} `{row.right}`{_who(row)} "
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
            f"    [*] --> {State.DRAFT} : {ACT_NAMES[DRAFT].zh} {DRAFT}",
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


def _who(row: Transition) -> str:
    if row.by_applicant:
        return "；仅申请人 applicant only"
    return "；申请人以外 anybody but the applicant" if row.by_another else ""


def _named(state: State) -> str:
    return f"{STATE_NAMES[state].zh} {STATE_NAMES[state].en} `{state}`"
