"""What the packs say of planning: what plans weigh, no text sets it and the packs carry it as ours, and how far care may be."""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache
from pathlib import Path

from tiercare.apps.mandates import queries as mandates
from tiercare.engines.planning.regions import Wishes
from tiercare.engines.planning.standards import Book, Counted, load_planning, standards_of
from tiercare.engines.policy import ParameterProblem, Value, carries, parameter
from tiercare.kernel.refusal import Refused


def pack_of(region: str, *, on: date) -> str | None:
    """The pack that holds in a region on a day; ``region`` is a division code, or a pack's own name. ``None``: none is in force."""
    if not region.isdigit():
        return region
    try:
        return mandates.pack_in_force(region, on=on)
    except Refused:
        return None


def said_in(region: str, key: str, *, on: date) -> Value:
    """What the region's pack says under ``key`` on that day; ``None`` where no text in force does."""
    known, pack = mandates.packs(), pack_of(region, on=on)
    if pack is None or not carries(known, key, pack):
        return None
    try:
        return parameter(known, key, pack, on=on).value
    except ParameterProblem:
        return None


def number_in(region: str, key: str, *, on: date) -> float | None:
    """The number under ``key``; ``None`` where no text in force gives one."""
    value = said_in(region, key, on=on)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def wishes_for(region: str, *, on: date) -> Wishes:
    """What a good plan of the region is, in minutes of travel for each person; what its pack does not weigh weighs nothing.

    Args:
        region: a division code, or a pack's name.
    """

    def minutes(key: str, silent: float) -> float:
        said = number_in(region, key, on=on)
        return silent if said is None else said

    return Wishes(
        uneven=minutes("plan_uneven_minutes", 0.0),
        change=minutes("plan_change_minutes", 0.0),
        border=minutes("plan_border_minutes", 0.0),
        farthest=minutes("plan_lead_minutes", math.inf),
        far=minutes("plan_beyond_minutes", math.inf),
    )


def primary_minutes(region: str, *, on: date) -> float | None:
    """Minutes from primary care that nobody should be farther; ``None`` where nothing says so."""
    return number_in(region, "plan_primary_minutes", on=on)


def book_of(pack: str) -> Book:
    """What a pack and those it extends say of planning.

    Raises:
        PackErrors: if a planning file is wrong.
    """
    return _book(tuple((each.folder, each.digest) for each in mandates.packs().chain(pack)))


@lru_cache(maxsize=16)
def _book(chain: tuple[tuple[str, str], ...]) -> Book:
    return load_planning(Path(folder) for folder, _ in chain)


def standards_in(region: str, *, on: date) -> list[Counted]:
    """Means for people that hold in a region on a day; none where no pack is in force.

    Raises:
        PackErrors: if a planning file is wrong.
    """
    pack = pack_of(region, on=on)
    return [] if pack is None else standards_of(book_of(pack), mandates.packs(), pack, on=on)
