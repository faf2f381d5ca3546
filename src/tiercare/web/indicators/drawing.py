"""Trend and funnel as plain numbers that a template draws: nothing is scripted, and each point says its value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import Any

WIDTH, HEIGHT = 720, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 16, 30
_NAMED = 8  # names along the axis, so that they do not touch


@dataclass(frozen=True, slots=True)
class Point:
    """A value at a period or a place, with its words."""

    name: str
    value: Fraction
    words: str


@dataclass(frozen=True, slots=True)
class Limit:
    """A line across: what a clause asks."""

    value: Fraction
    words: str


def trend(
    points: Sequence[Point],
    limits: Sequence[Limit],
    shown: Callable[[Fraction], str],
    *,
    share: bool = False,
) -> dict[str, Any] | None:
    """A line through the periods, with the clauses' lines across; nothing for less than two points."""
    if len(points) < 2:
        return None
    y, ticks = _scale([each.value for each in points], [each.value for each in limits], share=share)
    step = (WIDTH - _LEFT - _RIGHT) / (len(points) - 1)
    every = -(-len(points) // _NAMED)
    dots = [
        {
            "x": _tenth(_LEFT + step * at),
            "y": _tenth(y(each.value)),
            "words": each.words,
            "name": each.name if at % every == 0 else "",
            "minor": at // every % 2 == 1,
        }
        for at, each in enumerate(points)
    ]
    return {
        "dots": dots,
        "line": " ".join(f"{dot['x']},{dot['y']}" for dot in dots),
        "limits": [{"y": _tenth(y(each.value)), "words": each.words} for each in limits],
        "ticks": [{"y": _tenth(y(each)), "words": shown(each)} for each in ticks],
        **_frame(),
    }


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a funnel: how many cases it rests on, its value and what is ordinary there."""

    name: str
    of: Fraction
    value: Fraction
    low: Fraction
    high: Fraction
    ordinary: bool
    words: str


def funnel(
    spots: Sequence[Spot],
    centre: Fraction,
    shown: Callable[[Fraction], str],
    count: Callable[[Fraction], str],
    *,
    share: bool = False,
) -> dict[str, Any] | None:
    """Places against what chance alone gives at their size; nothing for less than three."""
    if len(spots) < 3:
        return None
    placed = sorted(spots, key=lambda each: (each.of, each.name))
    y, ticks = _scale(
        [v for each in placed for v in (each.value, each.low, each.high)], [centre], share=share
    )
    most = sqrt(float(placed[-1].of)) or 1.0
    wide = WIDTH - _LEFT - _RIGHT

    def x(of: Fraction) -> float:
        return _tenth(_LEFT + wide * sqrt(float(of)) / most)

    return {
        "dots": [
            {
                "x": x(each.of),
                "y": _tenth(y(each.value)),
                "words": each.words,
                "out": not each.ordinary,
                "name": each.name if not each.ordinary else "",
                "end": x(each.of) > WIDTH * 0.7,
            }
            for each in placed
        ],
        "low": " ".join(f"{x(each.of)},{_tenth(y(each.low))}" for each in placed),
        "high": " ".join(f"{x(each.of)},{_tenth(y(each.high))}" for each in placed),
        "centre": {"y": _tenth(y(centre)), "words": shown(centre)},
        "ticks": [{"y": _tenth(y(each)), "words": shown(each)} for each in ticks],
        "sizes": [
            {"x": x(each), "words": count(each)}
            for each in dict.fromkeys((Fraction(placed[-1].of // 4), placed[-1].of))
        ],
        **_frame(),
    }


def curve(
    knots: Sequence[tuple[Fraction, Fraction]], at: Fraction | None, share: Fraction | None
) -> dict[str, Any]:
    """A score's curve in a small drawing of 120 by 36: level, straight lines between knots, level; and where the value lies."""
    first, last = knots[0][0], knots[-1][0]
    low = min(first, at) if at is not None else first
    high = max(last, at) if at is not None else last
    margin = (high - low) / 12 or Fraction(1)

    def x(value: Fraction) -> float:
        return _tenth(float(4 + 112 * (value - low + margin) / (high - low + 2 * margin)))

    def y(of: Fraction) -> float:
        return _tenth(float(32 - 28 * of))

    line = [(4.0, y(knots[0][1])), *((x(v), y(s)) for v, s in knots), (116.0, y(knots[-1][1]))]
    dot = None if at is None or share is None else {"x": x(at), "y": y(share)}
    return {"line": " ".join(f"{a},{b}" for a, b in line), "dot": dot}


def _frame() -> dict[str, Any]:
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": _LEFT,
        "right": WIDTH - _RIGHT,
        "top": _TOP,
        "bottom": HEIGHT - _BOTTOM,
        "under": HEIGHT - 10,
    }


def _scale(
    values: Sequence[Fraction], others: Sequence[Fraction], *, share: bool
) -> tuple[Callable[[Fraction], float], list[Fraction]]:
    """Where a value stands, and three values to name along the side; a ``share`` never has more than all above it."""
    low, high = min((*values, *others)), max((*values, *others))
    room = (high - low) / 10 or abs(high) / 10 or Fraction(1)
    bottom = low - room if low < 0 or low - room > 0 else Fraction(0)
    top = min(high + room, Fraction(1)) if share and high <= 1 else high + room

    def y(value: Fraction) -> float:
        return float(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * (value - bottom) / (top - bottom))

    return y, [bottom, (bottom + top) / 2, top]


def _tenth(value: float) -> float:
    return round(value, 1)
