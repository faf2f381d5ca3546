"""The dot-and-whisker plot: for each outcome the change in per cent of what it was, with the interval of the mean and the band of one draw.

Drawn as small pictures of one row each, so that it fits a phone; the table beside it says the same in numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH, HEIGHT = 400.0, 24.0
_EDGE = 8.0  # units kept free at both ends, so that a dot is whole
_MOST, _LEAST = 100.0, 0.1  # per cent at the ends of the scale
_NICE = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_MIDDLE = HEIGHT / 2


def plot(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The rows that have a place on the scale, and the scale; none where nothing differs."""
    found = [(row, _relative(row["raw"])) for row in rows]
    drawn = [(row, part) for row, part in found if part is not None]
    reach = max((abs(each) for _row, part in drawn for each in (part["low"], part["high"])), default=0.0)
    if reach == 0:
        return None
    end = _end(reach)
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "zero": WIDTH / 2,
        "scale": [_percent(-end), _percent(-end / 2), "0", _percent(end / 2), _percent(end)],
        "rows": [_row(row, part, end) for row, part in drawn],
    }


def _row(row: Mapping[str, Any], part: Mapping[str, float], end: float) -> dict[str, Any]:
    at = {name: _x(each, end) for name, each in part.items()}
    beyond = max(abs(part["low"]), abs(part["high"])) > end
    return {
        **{name: row[name] for name in ("name", "word", "tag", "icon", "verdict")},
        "percent": _change(part["mean"]),
        "beyond": beyond,
        "low": at["low"],
        "high": at["high"],
        "mean": at["mean"],
        "band_low": at["band_low"],
        "band_high": at["band_high"],
        "middle": _n(_MIDDLE),
    }


def _relative(raw: Mapping[str, Any]) -> dict[str, float] | None:
    """Mean, interval and band in per cent of the first policy's mean; none where that is 0 or nothing is known."""
    base = raw["a"]["mean"]
    given = {"mean": raw["mean"], "low": raw["low"], "high": raw["high"]}
    given |= {"band_low": raw["band"]["low"], "band_high": raw["band"]["high"]}
    if not base or any(each is None for each in given.values()):
        return None
    return {name: 100.0 * each / abs(base) for name, each in given.items()}


def _end(reach: float) -> float:
    """The next round number, up to the most that is drawn."""
    kept = min(max(reach, _LEAST), _MOST)
    power = 10.0 ** math.floor(math.log10(kept))
    return min(_MOST, next(each * power for each in _NICE if each * power >= kept * (1 - 1e-9)))


def _x(percent: float, end: float) -> str:
    held = min(max(percent, -end), end)
    return _n(WIDTH / 2 + held / end * (WIDTH / 2 - _EDGE))


def _change(number: float) -> str:
    shown = round(number, 1)
    return f"{shown:+.1f} %" if shown else "0 %"


def _percent(number: float) -> str:
    return f"{number:+.3g} %"


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
