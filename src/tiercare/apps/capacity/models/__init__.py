"""Tables of capacity."""

from __future__ import annotations

from .absence import Appeal
from .beds import Bed, DayBedSpan, Stay
from .bookings import Booking
from .cases import CareUnit, Case, CaseStep, Criteria, DayProcedure
from .feeds import Conflict, Feed, FeedDay, FeedMessage, FeedSession, FeedSlot
from .files import PlaceFile
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
    "Conflict",
    "Criteria",
    "DayBedSpan",
    "DayProcedure",
    "Feed",
    "FeedDay",
    "FeedMessage",
    "FeedSession",
    "FeedSlot",
    "Lending",
    "PlaceFile",
    "Pool",
    "Quota",
    "Session",
    "Slot",
    "Stay",
    "Template",
    "TurnedAway",
    "Waiting",
]
