"""What a clause asks of an indicator, and whether it is met: the operator as it was written, the number where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from tiercare.kernel.text import Text

from .evaluate import Value
from .indicators import Direction
from .periods import Span


class Met(StrEnum):
    """How a target stands."""

    MET = "met"
    NOT_MET = "not_met"
    NO_DATA = "no_data"
    NOT_COMPUTABLE = "not_computable"


@dataclass(frozen=True, slots=True)
class Target:
    """A clause's demand.

    Attributes:
        indicator: empty where nothing here computes it; ``reason`` says why.
        op: as in the clause: >= <= = < > ~= (左右, 基本) or ``in`` (a range); ``up`` and ``down`` where only a direction is
            asked for; empty where the text names a limit without a number.
        limit: the number asked for, of a range the lower one; ``None`` for a direction or where the text gives none.
        upper: the upper end of a range.
        direction: which way is better: a number written without 以上 or 以下 is reached from there.
        tolerance: by how much ``~=`` may be missed, in points of the same number.
        span: the months it is judged over: the year it is for, or those up to its deadline; ``None`` for every period.
    """

    id: str
    clause: str
    indicator: str
    op: str
    limit: Fraction | None
    upper: Fraction | None
    direction: Direction
    tolerance: Fraction
    span: Span | None
    reason: Text | None
    note: Text | None
    pack: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A target held against a value."""

    target: Target
    met: Met
    value: Value | None
    reason: Text | None = None


NO_ROWS = Text("还没有这一项的数据。", "There are no data for it yet.")
NO_DENOMINATOR = Text("分母为零，没有值。", "The denominator is zero: there is no value.")
NO_BEFORE = Text("上一期没有数，无法比较。", "There is nothing to compare with in the period before.")
NO_NUMBER = Text("原文没有给出数值。", "The text gives no number.")


def judge(target: Target, value: Value | None, before: Value | None = None) -> Standing:
    """Hold a target against the value of its indicator, and of the period before where a direction is asked for."""
    reason = _why_not(target, value, before)
    if reason is not None:
        unknown = reason in {NO_ROWS, NO_DENOMINATOR, NO_BEFORE}
        return Standing(target, Met.NO_DATA if unknown else Met.NOT_COMPUTABLE, value, reason)
    assert value is not None and value.value is not None
    if target.op in {"up", "down"}:
        assert before is not None and before.value is not None
        holds = value.value > before.value if target.op == "up" else value.value < before.value
    else:
        assert target.limit is not None
        holds = _holds(target, value.value, target.limit)
    return Standing(target, Met.MET if holds else Met.NOT_MET, value)


def _why_not(target: Target, value: Value | None, before: Value | None) -> Text | None:
    """Why a target cannot be judged; ``None`` if it can."""
    if target.reason is not None:
        return target.reason
    if value is None or value.numerator is None:
        return NO_ROWS
    if value.value is None:
        return NO_DENOMINATOR
    if target.op in {"up", "down"}:
        return NO_BEFORE if before is None or before.value is None else None
    return NO_NUMBER if target.limit is None else None


def _holds(target: Target, value: Fraction, limit: Fraction) -> bool:
    """Whether a value does what is asked. ``~=`` is reached from below: 左右 and 基本 forgive falling short, never exceeding."""
    match target.op:
        case ">=":
            holds = value >= limit
        case "<=":
            holds = value <= limit
        case ">":
            holds = value > limit
        case "<":
            holds = value < limit
        case "=":
            # “6 张”, “98%” are met by more, unless less is better.
            better = {
                Direction.UP: value >= limit,
                Direction.DOWN: value <= limit,
                Direction.NONE: value == limit,
            }
            holds = better[target.direction]
        case "in":
            holds = target.upper is not None and limit <= value <= target.upper
        case "~=":
            holds = value >= limit - target.tolerance
        case _:
            raise ValueError(target.op)
    return holds
