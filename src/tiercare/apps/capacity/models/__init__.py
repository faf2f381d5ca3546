"""Tables of capacity."""

from __future__ import annotations

from .absence import Appeal
from .beds import Bed, Stay
from .bookings import Booking
from .cases import CareUnit, Case, CaseStep, DayProcedure
from .pools import Pool, Template
from .schedule import Lending, Quota, Session, Slot, TurnedAway
from .waiting import Waiting

__all__ = [
    "Appeal",
    "Bed",
    "Booking",
    "CareUnit",
    "Case",
    "CaseStep",
    "DayProcedure",
    "Lending",
    "Pool",
    "Quota",
    "Session",
    "Slot",
    "Stay",
    "Template",
    "TurnedAway",
    "Waiting",
]
