"""What one visit or report says, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from .vocabulary import ConditionRole, ConditionStatus, Flag


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A condition: ICD-10 code and name."""

    code: str
    name: str
    role: ConditionRole = ConditionRole.MAIN
    status: ConditionStatus = ConditionStatus.ACTIVE
    onset_on: date | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A value of an item: a number with its unit, or words. A flag of the guidelines is the word ``yes`` or ``no``.

    ``low`` and ``high`` are the reference range as the laboratory gives it; ``taken_at`` where it differs from the visit.
    """

    item: str
    value: Decimal | None = None
    words: str = ""
    unit: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    flag: Flag = Flag.NONE
    name: str = ""
    taken_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Drug:
    """A medicine with its dose in words."""

    name: str
    code: str = ""
    dose: str = ""
    since: date | None = None
    until: date | None = None
    long_term: bool = False


YES, NO = "yes", "no"


def as_reading(item: str, value: float | bool | str) -> Reading:
    """A fact as it stands in the record."""
    if isinstance(value, bool):
        return Reading(item, words=YES if value else NO)
    return Reading(item, words=value) if isinstance(value, str) else Reading(item, Decimal(str(value)))


def flag_of(reading: Reading) -> Flag:
    """How a number stands to its range, where the sender did not say it."""
    if reading.flag is not Flag.NONE or reading.value is None:
        return reading.flag
    if reading.low is not None and reading.value < reading.low:
        return Flag.LOW
    if reading.high is not None and reading.value > reading.high:
        return Flag.HIGH
    return Flag.NONE if reading.low is None and reading.high is None else Flag.NORMAL
