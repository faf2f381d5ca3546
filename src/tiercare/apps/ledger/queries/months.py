"""What a demonstration began to play, and whether it came to the end of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ..events import MonthBegun, MonthPlayed
from .reading import events


@dataclass(frozen=True, slots=True)
class Month:
    """Days of a region."""

    region: str
    first: date
    days: int
    acts: int
    seed: int
    played: bool


def month_of(region: str) -> Month | None:
    """What was begun last there, if anything was."""
    begun = next(
        (each.payload for each in events(kind=MonthBegun.KIND) if each.payload["region"] == region), None
    )
    if begun is None:
        return None
    ended = [(each.payload["region"], each.payload["first"]) for each in events(kind=MonthPlayed.KIND)]
    return Month(
        region,
        date.fromisoformat(begun["first"]),
        begun["days"],
        begun["acts"],
        begun["seed"],
        (region, begun["first"]) in ended,
    )
