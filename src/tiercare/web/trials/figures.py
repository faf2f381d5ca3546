"""Figures of a trial with their units: as many digits as mean something, a sign where it is a change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

_PERCENT = 100
_UNITS = {
    "days": gettext_noop("天"),
    "yuan": gettext_noop("元"),
    "points": gettext_noop("个百分点"),
}
_FEW, _SOME = 10, 100  # values from which on fewer digits are shown
_FINEST = 6  # decimals at most


def digits_of(unit: str, *numbers: float | None, change: float | None = None) -> int:
    """Decimals for a row with these values: two for shares and days; money and counts fewer, the larger they are. As many more as a ``change``
    that is one needs so as not to be told as 0."""
    digits = _usual(unit, max((abs(each) for each in numbers if each is not None), default=0.0))
    while change and digits < _FINEST and not round(change * (_PERCENT if unit == "share" else 1), digits):
        digits += 1
    return digits


def _usual(unit: str, largest: float) -> int:
    if unit in {"share", "days"}:
        return 2
    if unit == "yuan":
        return 0 if largest >= _SOME else 2
    return 1 if largest >= _FEW else 3


def value(
    number: float | None, unit: str, *, digits: int | None = None, change: bool = False, bare: bool = False
) -> str:
    """A value with its unit (or ``bare``); a change with its sign, of shares in percentage points."""
    if number is None:
        return "—"
    decimals = digits_of(unit, number) if digits is None else digits
    told = f"{number * (_PERCENT if unit == 'share' else 1):{'+' if change else ''},.{decimals}f}"
    if not any(digit in told for digit in "123456789"):
        told = told.lstrip("+-")  # nothing is neither more nor less
    if bare:
        return told
    if unit == "share":
        return f"{told} {_(_UNITS['points'])}" if change else f"{told} %"
    return f"{told} {_(_UNITS[unit])}" if unit in _UNITS else told


def by_part(before: float | None, after: float | None) -> str:
    """By how much, of what it was; nothing where that cannot be said."""
    if not before or after is None:
        return ""
    return f"{_PERCENT * (after - before) / abs(before):+.1f} %"


def interval(raw: Mapping[str, Any], digits: int) -> str:
    """Where the average difference lies, with 95 %, without its unit."""
    low, high = _ends(raw, digits)
    return f"{low} … {high}" if low else ""


def within(raw: Mapping[str, Any], digits: int) -> str:
    """The same for a sentence, with the unit."""
    low, high = _ends(raw, digits)
    unit = value(raw["high"], raw["unit"], digits=digits, change=True).removeprefix(high).strip()
    return _("{low} 至 {high}").format(low=low, high=high) + (f" {unit}" if unit else "") if low else ""


def _ends(raw: Mapping[str, Any], digits: int) -> tuple[str, str]:
    if raw["low"] is None or raw["high"] is None:
        return "", ""
    low, high = (
        value(raw[end], raw["unit"], digits=digits, change=True, bare=True) for end in ("low", "high")
    )
    return low, high
