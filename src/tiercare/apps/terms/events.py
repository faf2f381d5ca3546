"""What happened to the register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from tiercare.apps.ledger.events import EventPayload


@dataclass(frozen=True, slots=True)
class DivisionPut(EventPayload):
    """A division was entered or put right from a day on."""

    KIND: ClassVar[str] = "terms.division_put"
    VERSION: ClassVar[int] = 1
    code: str
    name: str
    valid_from: date


@dataclass(frozen=True, slots=True)
class DivisionsLoaded(EventPayload):
    """A province of the published divisions was loaded; ``digest`` is that of the files, counts are of rows."""

    KIND: ClassVar[str] = "terms.divisions_loaded"
    VERSION: ClassVar[int] = 1
    province: str
    edition: str
    digest: str
    added: int
    kept: int
    left_out: int


@dataclass(frozen=True, slots=True)
class DayEntered(EventPayload):
    """A day was said to be worked, or not, other than the published calendar has it."""

    KIND: ClassVar[str] = "terms.day_entered"
    day: date
    workday: bool
    name: str
