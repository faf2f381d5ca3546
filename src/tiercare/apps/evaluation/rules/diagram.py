"""The table of matters as a diagram and as rows, for ``docs/generated/matters.md``."""

from __future__ import annotations

from collections.abc import Mapping

from tiercare.kernel.text import Text

from ..workflow import ACT_NAMES, STATE_NAMES, TRANSITIONS, WITH_WORDS, Leg, Side, State, Transition
from .kinds import LEGS, NAMES

_SIDE: Mapping[Side | None, Text] = {
    Side.OWNER: Text("承办方", "owner"),
    Side.ISSUER: Text("下达方", "issuer"),
    None: Text("—", "—"),
}
_LEG: Mapping[Leg, Text] = {
    Leg.EVERY: Text("所有", "every kind"),
    Leg.DONE: Text("办结的", "those that are done"),
    Leg.SEALED: Text("锁定的", "those that are sealed"),
}


def render_diagram() -> str:
    """The whole document."""
    moves = [f"    {row.source} --> {row.target} : {ACT_NAMES[row.act].zh} {row.act}" for row in TRANSITIONS]
    ends = [state for state in State if all(row.source is not state for row in TRANSITIONS)]
    return "\n".join(
        [
            "# 督导和考核事项的流转 · How a matter of evaluation moves",
            "",
            "由 `tiercare/apps/evaluation/workflow.py` 生成，请勿手改。 Generated from the table of transitions; do not edit.",
            "",
            "检查、整改、目标、报告、预警、考核、通报只有这一张表；逾期不改变状态，只逐次上报。",
            "One table for every kind. What is overdue keeps its state and goes up the line, again after each pause of the pack.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            *(f"    {state} : {STATE_NAMES[state].zh} {state}" for state in State),
            f"    [*] --> {State.OPEN}",
            *moves,
            *(f"    {state} --> [*]" for state in ends),
            "```",
            "",
            "| 从 From | 操作 Act | 谁 By | 哪类 Kinds | 到 To | 之后轮到谁 Turn after | 须写理由 Words |",
            "|---|---|---|---|---|---|---|",
            *(_row(row) for row in TRANSITIONS),
            "",
            "| 类别 Kind | 走法 Way |",
            "|---|---|",
            *(
                f"| {name.zh} {name.en} `{kind}` | {_both(_LEG[LEGS[kind]])} |"
                for kind, name in NAMES.items()
            ),
            "",
        ]
    )


def _row(row: Transition) -> str:
    act = ACT_NAMES[row.act]
    cells = [
        _state(row.source),
        f"{act.zh} {act.en} `{row.act}`",
        _both(_SIDE[row.by]),
        _both(_LEG[row.leg]),
        _state(row.target),
        _both(_SIDE[row.then]),
        "✓" if row.act in WITH_WORDS else "",
    ]
    return f"| {' | '.join(cells)} |"


def _state(state: State) -> str:
    return f"{STATE_NAMES[state].zh} `{state}`"


def _both(text: Text) -> str:
    return text.zh if text.zh == text.en else f"{text.zh} {text.en}"
