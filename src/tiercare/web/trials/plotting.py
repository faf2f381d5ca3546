"""Dot and whisker of one outcome: the average difference, its interval, and the band in which one year of one draw lies.

Each picture has its own scale, with zero in its middle: what it shows is on which side of zero a difference lies and how surely; how large it is, the
numbers beside it say. On one scale for all, what changes by a third leaves nothing to see of what changes by a hundredth.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WIDTH, HEIGHT = 200.0, 24.0
_EDGE = 7.0  # units kept free at both ends, so that a dot is whole


def drawn(raw: Mapping[str, Any]) -> dict[str, str] | None:
    """Where dot, whisker and band lie; none where there is nothing to draw, or nothing differs in any pair."""
    given = {name: raw[name] for name in ("mean", "low", "high")}
    given |= {"band_low": raw["band"]["low"], "band_high": raw["band"]["high"]}
    if any(each is None for each in given.values()):
        return None
    reach = max(map(abs, given.values()))
    if reach == 0:
        return None
    at = {name: _n(WIDTH / 2 + each / reach * (WIDTH / 2 - _EDGE)) for name, each in given.items()}
    return at | {
        "width": _n(WIDTH),
        "height": _n(HEIGHT),
        "zero": _n(WIDTH / 2),
        "middle": _n(HEIGHT / 2),
    }


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
