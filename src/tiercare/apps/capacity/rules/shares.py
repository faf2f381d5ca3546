"""How many places are kept, and that the promise is held: shares of a day, rounded in favour of the promise."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from tiercare.kernel.text import Text

from .vocabulary import Channel, Grade, Kind

# What the texts call the resources that are reserved (TY-91, TY-92), by what a pool offers.
EXPERT_SLOT, OUTPATIENT_SLOT, INPATIENT_BED, EXAM_BOOKING = (
    "expert_slot",
    "outpatient_slot",
    "inpatient_bed",
    "exam_booking",
)
RESOURCE_NAMES: Mapping[str, Text] = {
    EXPERT_SLOT: Text("专家号源", "expert slots"),
    OUTPATIENT_SLOT: Text("门诊号源", "outpatient slots"),
    INPATIENT_BED: Text("住院床位", "inpatient beds"),
    EXAM_BOOKING: Text("预约检查", "booked examinations"),
}


def resources_of(kind: Kind, grade: Grade) -> frozenset[str]:
    """Under which names of the texts a pool's places count. Every clinic visit is an outpatient slot (XH-41); an
    expert's or a named physician's is an expert slot as well (TY-91)."""
    if kind is Kind.CLINIC:
        expert = grade in {Grade.EXPERT, Grade.NAMED}
        return frozenset({OUTPATIENT_SLOT, EXPERT_SLOT}) if expert else frozenset({OUTPATIENT_SLOT})
    return frozenset({INPATIENT_BED if kind is Kind.BED else EXAM_BOOKING})


@dataclass(frozen=True, slots=True)
class Offer:
    """What one institution offers of one resource on one day: units offered, and units kept for each channel."""

    institution_id: UUID
    resource: str
    offered: int
    kept: Mapping[Channel, int]

    def kept_for(self, channels: Iterable[Channel]) -> int:
        """Units kept for these channels together."""
        return sum(self.kept.get(channel, 0) for channel in channels)


def promised(offered: int, share: float) -> int:
    """The units that a share of ``offered`` promises: rounded up, since “20 % or more” is not met by less."""
    return math.ceil(Fraction(str(share)) * offered)


def keeps(offered: int, kept: int, share: float) -> bool:
    """Whether ``kept`` of ``offered`` units hold the promise; of nothing nothing has to be kept."""
    return kept >= promised(offered, share)


def spread(units: int, capacities: Sequence[int]) -> list[int]:
    """``units`` over sessions in proportion to their capacities, by largest remainder, none above its capacity.

    Earlier sessions win ties, so that the same schedule always gives the same reserve.

    Raises:
        ValueError: if there are more units than places, or a capacity is negative.
    """
    total = sum(capacities)
    if units < 0 or units > total or any(each < 0 for each in capacities):
        raise ValueError(f"{units} units do not fit into {list(capacities)}")
    if total == 0:
        return [0 for _ in capacities]
    exact = [Fraction(units * each, total) for each in capacities]
    parts = [math.floor(each) for each in exact]
    by_remainder = sorted(range(len(parts)), key=lambda at: (parts[at] - exact[at], at))
    for at in by_remainder[: units - sum(parts)]:
        parts[at] += 1
    return parts


# A share that the text wants to be some share, however few came: of a hundred places one is kept.
LEAST_PROPOSED = Fraction(1, 100)


def proposed(referred: int, booked: int) -> float | None:
    """The share of places that ``referred`` of ``booked`` bookings speak for (XH-41: 依据转诊预约情况), in whole per cent, rounded
    up in favour of the promise; ``None`` where nothing was booked.

    Raises:
        ValueError: if more were referred than booked, or fewer than none.
    """
    if not 0 <= referred <= booked:
        raise ValueError(f"{referred} of {booked} bookings")
    if booked == 0:
        return None
    return float(max(LEAST_PROPOSED, Fraction(math.ceil(Fraction(100 * referred, booked)), 100)))
