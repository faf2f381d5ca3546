"""What was observed, checked against what can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .expressions import Value
from .model import Fact, Guidelines, Kind

# By the fact's id. What is not named was not observed.
Observed = Mapping[str, float | bool | str]


def misread(book: Guidelines, observed: Observed) -> list[Refusal]:
    """Everything that cannot be: an unknown fact, a value of another kind, an unknown code, a number out of bounds."""
    found = []
    for name, value in observed.items():
        fact = book.facts.get(name)
        if fact is None:
            found.append(replace(_UNKNOWN, fields={"fact": name}, at=name))
        elif not _fits(fact, value):
            found.append(replace(_OTHER_KIND, fields={"fact": fact.name}, at=name))
        elif fact.kind is Kind.NUMBER and not _plausible(fact, float(value)):
            said = {
                "fact": fact.name,
                "value": f"{value:g}",
                "unit": fact.unit,
                "low": fact.low,
                "high": fact.high,
            }
            found.append(replace(_IMPLAUSIBLE, fields=said, at=name))
    return found


def values(observed: Observed) -> dict[str, Value]:
    """The same as values of expressions: a measured number is an interval of one."""
    return {
        name: value if isinstance(value, bool | str) else (float(value), float(value))
        for name, value in observed.items()
    }


def _fits(fact: Fact, value: float | bool | str) -> bool:
    match fact.kind:
        case Kind.FLAG:
            return isinstance(value, bool)
        case Kind.CHOICE:
            return isinstance(value, str) and value in (fact.choices or {})
        case Kind.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)


def _plausible(fact: Fact, value: float) -> bool:
    """NaN compares false and so is implausible."""
    low = fact.low if fact.low is not None else float("-inf")
    high = fact.high if fact.high is not None else float("inf")
    return low <= value <= high


_UNKNOWN = Refusal(
    code="guidelines.unknown_fact",
    message=Text("没有“{fact}”这项指标。", "There is no observation {fact}."),
    instead=Text("请从指标目录中选择。", "Choose one from the list of observations."),
    status=422,
)
_OTHER_KIND = Refusal(
    code="guidelines.other_kind",
    message=Text("“{fact}”的值不是这一类。", "The value of {fact} is of another kind."),
    instead=Text(
        "数值请填数字，有无请勾选，分类请从列表中选。", "Give a number, tick it, or choose from its list."
    ),
    status=422,
)
_IMPLAUSIBLE = Refusal(
    code="guidelines.implausible",
    message=Text(
        "{fact} {value} {unit} 超出可能范围（{low}–{high}）。",
        "{fact} of {value} {unit} is outside what is possible ({low}–{high}).",
    ),
    instead=Text("请核对数值和单位。", "Check the number and its unit."),
    status=422,
)
