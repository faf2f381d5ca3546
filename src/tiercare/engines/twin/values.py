"""What a lever can be set to: one check for scenario files, pages and packs, so that all refuse the same in the same words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches

from tiercare.kernel.text import Text

from .levers import LEVERS, ROUTINE_WEEKS, Destination, Lever, Levers, PaymentMode

Value = bool | int | float | str
Setting = bool | int | float | PaymentMode | Destination
_WHOLE = frozenset({"hours", "weeks"})
_WRITE = {
    "share": Text("请写 0 到 1 之间的数，两成写作 0.2。", "Write a number from 0 to 1; a fifth is 0.2."),
    "points": Text("请写百分点，五个百分点写作 5。", "Write points of a hundred; five points are 5."),
    "hours": Text("请写整小时数，如 24。", "Write whole hours, such as 24."),
    "weeks": Text(
        f"请写整周数，如 8；慢性病患者本来就每 {ROUTINE_WEEKS} 周来一次，再短不起作用。",
        f"Write whole weeks, such as 8; chronic patients come every {ROUTINE_WEEKS} weeks as it is, fewer change nothing.",
    ),
    "doctors": Text("请写人数，如 2 或 0.5。", "Write a number of doctors, such as 2 or 0.5."),
    "flag": Text("请写 true 或 false。", "Write true or false."),
}


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a value does not fit: ``kind`` is ``type``, ``range`` or ``word``; and what to write instead."""

    kind: str
    message: Text
    instead: Text


def setting(name: str, value: object) -> Setting | Misfit:
    """``value`` as the lever takes it, or why it does not.

    Raises:
        KeyError: there is no such lever.
    """
    lever = LEVERS[name]
    if lever.unit == "word":
        return _word(name, lever, value)
    if lever.unit == "flag":
        return value if isinstance(value, bool) else _wrong_type(name, lever, value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return _wrong_type(name, lever, value)
    if lever.unit in _WHOLE and value != int(value):
        return _wrong_type(name, lever, value)
    if not lever.low <= value <= lever.high:
        return _out_of_range(name, lever, value)
    return int(value) if lever.unit in _WHOLE else float(value)


def changed(levers: Levers, settings: Mapping[str, Setting]) -> Levers:
    """The same with some others."""
    held = {each.name: getattr(levers, each.name) for each in fields(levers)}
    return Levers(**{**held, **settings})


def plain(value: Setting) -> Value:
    """As a file and JSON write it."""
    return value.value if isinstance(value, PaymentMode | Destination) else value


def nearest(name: str, known: Mapping[str, object]) -> tuple[str, ...]:
    """The names that are most like it, at most three."""
    return tuple(get_close_matches(name, list(known), n=3, cutoff=0.5))


def write(lever: Lever) -> Text:
    """How a value of this lever is written, with its range."""
    if lever.unit == "word":
        words = ", ".join(lever.words)
        return Text(f"请写其中之一：{words}。", f"Write one of: {words}.")
    how = _WRITE[lever.unit]
    if lever.unit == "flag":
        return how
    return Text(
        f"{how.zh}范围 {lever.low:g}–{lever.high:g}。", f"{how.en} It lies in {lever.low:g}–{lever.high:g}."
    )


def _word(name: str, lever: Lever, value: object) -> Setting | Misfit:
    if isinstance(value, str) and value in lever.words:
        return PaymentMode(value) if name == "payment_mode" else Destination(value)
    near = nearest(value, dict.fromkeys(lever.words)) if isinstance(value, str) else ()
    hint = (f"是否想写 {'、'.join(near)}？", f" Did you mean {', '.join(near)}?") if near else ("", "")
    message = Text(
        f"{lever.name.zh}（{name}）没有“{value}”这种选择。{hint[0]}",
        f"{lever.name.en} ({name}) has no choice “{value}”.{hint[1]}",
    )
    return Misfit("word", message, write(lever))


def _wrong_type(name: str, lever: Lever, value: object) -> Misfit:
    message = Text(
        f"{lever.name.zh}（{name}）的值“{value}”写法不对。",
        f"{lever.name.en} ({name}) cannot be “{value}”.",
    )
    return Misfit("type", message, write(lever))


def _out_of_range(name: str, lever: Lever, value: float) -> Misfit:
    message = Text(
        f"{lever.name.zh}（{name}）是 {value:g}，超出范围 {lever.low:g}–{lever.high:g}。",
        f"{lever.name.en} ({name}) is {value:g}, outside {lever.low:g}–{lever.high:g}.",
    )
    return Misfit("range", message, write(lever))
