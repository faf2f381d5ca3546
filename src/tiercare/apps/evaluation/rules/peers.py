"""The band of peers: from the lower to the upper quartile, widened by a factor of the distance between them (Tukey 1977)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Outlier:
    """Somebody above the band, with the band and how many peers made it."""

    key: str
    value: Decimal
    low: Decimal
    high: Decimal
    peers: int


def outside(values: Mapping[str, Decimal], *, width: Decimal, least: int) -> list[Outlier]:
    """Those above the upper end of the band, by key; nobody with fewer than ``least`` peers."""
    if len(values) < least:
        return []
    ordered = sorted(values.values())
    lower, upper = _quantile(ordered, Decimal("0.25")), _quantile(ordered, Decimal("0.75"))
    high = upper + width * (upper - lower)
    return [
        Outlier(key, value, lower, high, len(values)) for key, value in sorted(values.items()) if value > high
    ]


def _quantile(ordered: list[Decimal], at: Decimal) -> Decimal:
    """Between the two values beside it, in proportion (type 7 of Hyndman and Fan 1996)."""
    place = (len(ordered) - 1) * at
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
