"""The table of transitions as a diagram and as rows, for ``docs/generated/requests.md``."""

from __future__ import annotations

from collections.abc import Mapping

from tiercare.kernel.text import Text

from ..workflow import ACT_NAMES, FREES, STATE_NAMES, TRANSITIONS, Act, By, Leg, Side, State, Transition

_BY: Mapping[By, Text] = {
    By.SENDER: Text("申请方", "sender"),
    By.RECEIVER: Text("接收方", "receiver"),
    By.EITHER: Text("双方", "either side"),
    By.RECEIVER_OR_ABOVE: Text("接收方或上级", "receiver, or whoever it was escalated to"),
    By.PLATFORM: Text("平台", "the platform"),
}
_OWNER: Mapping[Side | None, Text] = {
    Side.SENDER: Text("申请方", "sender"),
    Side.RECEIVER: Text("接收方", "receiver"),
    None: Text("—", "—"),
}
_LEG: Mapping[Leg, Text] = {
    Leg.EVERY: Text("所有", "every kind"),
    Leg.VISIT: Text("患者到院的", "for which the patient travels"),
    Leg.REMOTE: Text("远程的", "answered from afar"),
}


def render_diagram() -> str:
    """The whole document. A death is possible from every state that was sent; it stands in the rows alone."""
    moves = [
        f"    {row.source} --> {row.target} : {ACT_NAMES[row.act].zh} {row.act}"
        for row in TRANSITIONS
        if row.act is not Act.DIE
    ]
    ends = [state for state in State if all(row.source is not state for row in TRANSITIONS)]
    return "\n".join(
        [
            "# 机构间申请的流转 · How a request moves between institutions",
            "",
            "由 `tiercare/apps/exchange/workflow.py` 生成，请勿手改。 Generated from the table of transitions; do not edit.",
            "",
            "各类申请（上转、下转、平级转诊、咨询……）只有这一张表。图中没有画“登记去世”：凡已提交而未办结的都可以。",
            "One table for every kind. Not drawn: the record of a death, possible in every open state after sending.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            *(f"    {state} : {STATE_NAMES[state].zh} {state}" for state in State),
            f"    [*] --> {State.DRAFT}",
            *moves,
            *(f"    {state} --> [*]" for state in ends),
            "```",
            "",
            "“之后由谁负责”：到期未办逐级上升：经办人、转诊办公室、牵头医院、卫生健康委。“号源”：✕ 表示退回号源。",
            "“Owner after”: what is overdue goes up from person to office, lead hospital and commission. “Place”: ✕ gives it back.",
            "",
            "| 从 From | 操作 Act | 谁 By | 哪类 Kinds | 到 To | 之后由谁负责 Owner after | 号源 Place |",
            "|---|---|---|---|---|---|---|",
            *(_row(row) for row in TRANSITIONS),
            "",
        ]
    )


def _row(row: Transition) -> str:
    act = ACT_NAMES[row.act]
    cells = [
        _state(row.source),
        f"{act.zh} {act.en} `{row.act}`",
        _both(_BY[row.by]),
        _both(_LEG[row.leg]),
        _state(row.target),
        _both(_OWNER[row.owner]),
        "✕" if row.act in FREES else "",
    ]
    return "| " + " | ".join(cells) + " |"


def _state(state: State) -> str:
    return f"{_both(STATE_NAMES[state])} `{state}`"


def _both(text: Text) -> str:
    return text.zh if text.zh == text.en else f"{text.zh} {text.en}"
