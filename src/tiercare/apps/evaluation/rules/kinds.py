"""What kinds of matter there are. Each adds a payload, guards and effects to the one table; none has a workflow of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from ..workflow import Act, Leg
from .standing import Said, Standing

# What is wrong with what was said for an act: ``guard(standing, said)``; nothing where all is well.
Guard = Callable[[Standing, Said], list[Refusal]]
# What else happens with an act, in its transaction, after the step: ``effect(actor, standing, said)``.
Effect = Callable[..., None]


class KindId(StrEnum):
    """The kinds."""

    ASSESSMENT = "ASSESSMENT"
    SELF_REPORT = "SELF_REPORT"
    INSPECTION = "INSPECTION"
    RECTIFICATION = "RECTIFICATION"
    GOAL = "GOAL"
    REPORT = "REPORT"
    ALERT = "ALERT"
    BULLETIN = "BULLETIN"
    ADJUSTMENT = "ADJUSTMENT"
    RESULT_USE = "RESULT_USE"
    PAY_RUN = "PAY_RUN"
    PLAN = "PLAN"
    OPINION = "OPINION"
    PROJECT = "PROJECT"


NAMES: Mapping[KindId, Text] = {
    KindId.ASSESSMENT: Text("年度考核", "assessment"),
    KindId.SELF_REPORT: Text("自评上报", "self-report"),
    KindId.INSPECTION: Text("督导检查", "inspection"),
    KindId.RECTIFICATION: Text("整改", "rectification"),
    KindId.GOAL: Text("年度目标", "yearly goal"),
    KindId.REPORT: Text("报告报送", "report"),
    KindId.ALERT: Text("预警核实", "alert"),
    KindId.BULLETIN: Text("指标通报", "bulletin"),
    KindId.ADJUSTMENT: Text("调整建议", "proposal to adjust"),
    KindId.RESULT_USE: Text("结果运用", "use of a result"),
    KindId.PAY_RUN: Text("绩效兑现", "pay run"),
    KindId.PLAN: Text("网格方案", "plan of grids"),
    KindId.OPINION: Text("方案意见", "opinion on a plan"),
    KindId.PROJECT: Text("重点项目", "project"),
}
_SEALED = frozenset({KindId.ASSESSMENT, KindId.BULLETIN, KindId.ADJUSTMENT, KindId.PAY_RUN, KindId.PLAN})
# Those that are approved and then sealed; the others end when they are done.
LEGS: Mapping[KindId, Leg] = {kind: Leg.SEALED if kind in _SEALED else Leg.DONE for kind in KindId}


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind adds: what an act asks for beyond its words, and what else happens with it."""

    id: KindId
    guards: Mapping[Act, Guard] = field(default_factory=dict)
    effects: Mapping[Act, Effect] = field(default_factory=dict)

    @property
    def name(self) -> Text:
        """What people call it."""
        return NAMES[self.id]

    @property
    def leg(self) -> Leg:
        """Which way it goes through the table."""
        return LEGS[self.id]


_KINDS: dict[KindId, Kind] = {}


def register(kind: Kind) -> None:
    """Say what a kind adds; called while the app is set up. A kind that nobody registered adds nothing.

    Raises:
        ValueError: if another one was registered for the same id.
    """
    if _KINDS.setdefault(kind.id, kind) is not kind:
        raise ValueError(f"there are two kinds {kind.id!r}")


def kind_of(id_: str) -> Kind:
    """The kind of that id.

    Raises:
        ValueError: if there is none.
    """
    key = KindId(id_)
    return _KINDS.get(key) or Kind(key)


def payload_text(payload: Mapping[str, Any], name: str) -> str:
    """A text of a payload; empty if it is missing."""
    value = payload.get(name, "")
    return value if isinstance(value, str) else ""
