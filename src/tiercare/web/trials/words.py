"""Levers and their values in the reader's words. A share is shown and typed as a percentage, and kept as the engine has it, 0 to 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tiercare.apps.trials.rules.asked import Value
from tiercare.engines.twin.levers import LEVERS, Destination, Lever, PaymentMode
from tiercare.kernel.text import Text
from tiercare.web.pages import said

YES, NO = "true", "false"
_YES, _NO = Text("是", "yes"), Text("否", "no")
_PERCENT = 100
WORDS: Mapping[str, Text] = {
    PaymentMode.ITEM.value: Text("按项目付费", "by item"),
    PaymentMode.DRG.value: Text("按疾病诊断相关分组（DRG）", "by diagnosis-related group (DRG)"),
    PaymentMode.DIP.value: Text("按病种分值（DIP）", "by points for each disease (DIP)"),
    PaymentMode.GLOBAL_BUDGET.value: Text("总额付费", "global budget"),
    PaymentMode.CAPITATION_PACKAGE.value: Text("按人头总额打包", "capitation package"),
    Destination.FREE.value: Text("可去任何有能力的医院", "any able hospital"),
    Destination.STRICT.value: Text("只到本医联体牵头医院", "the consortium's own lead only"),
}


@dataclass(frozen=True, slots=True)
class _Scale:
    """How a number is typed: times ``by``, with ``unit`` behind it, in steps."""

    unit: Text
    by: float
    step: float


_SCALES: Mapping[str, _Scale] = {
    "share": _Scale(Text("%", "%"), _PERCENT, 1),
    "points": _Scale(Text("个百分点", "points"), 1, 1),
    "hours": _Scale(Text("小时", "hours"), 1, 1),
    "weeks": _Scale(Text("周", "weeks"), 1, 1),
    "doctors": _Scale(Text("人", "doctors"), 1, 0.5),
}


@dataclass(frozen=True, slots=True)
class Range:
    """The field of a lever that takes a number, as its form writes it."""

    low: str
    high: str
    step: str
    unit: str


def range_of(lever: Lever) -> Range | None:
    """Within what a number may lie; none for words and for yes or no."""
    scale = _SCALES.get(lever.unit)
    if scale is None:
        return None
    return Range(_n(lever.low * scale.by), _n(lever.high * scale.by), _n(scale.step), said(scale.unit))


def typed(name: str, value: Value) -> str:
    """A value as a field of the form holds it."""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, str):
        return value
    return _n(value * _SCALES[LEVERS[name].unit].by)


def shown(name: str, value: Value) -> str:
    """A value with its unit."""
    if isinstance(value, bool):
        return said(_YES if value else _NO)
    if isinstance(value, str):
        return said(WORDS[value]) if value in WORDS else value
    unit = said(_SCALES[LEVERS[name].unit].unit)
    return f"{typed(name, value)}{'' if unit == '%' else ' '}{unit}"


def choices(name: str) -> list[tuple[str, str]]:
    """What a list offers; none for a number."""
    lever = LEVERS[name]
    if lever.unit == "flag":
        return [(YES, said(_YES)), (NO, said(_NO))]
    return [(word, said(WORDS[word]) if word in WORDS else word) for word in lever.words]


def scale_of(name: str) -> float:
    """By how much a number that is typed is more than the engine's."""
    return _SCALES[LEVERS[name].unit].by


def _n(number: float) -> str:
    return f"{round(number, 6):g}"
