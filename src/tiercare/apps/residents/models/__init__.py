"""Tables of the index of residents."""

from __future__ import annotations

from .cards import Arrival, Card, CardUse
from .care import CareRequest
from .cover import Cover
from .duplicates import Duplicate, Merge, RecordMove
from .family import Guardianship, Household, HouseholdMember, KeyGroupMember, ResponsibleDoctor
from .index import Identifier, Resident, Token
from .territory import ChosenProvider

__all__ = [
    "Arrival",
    "Card",
    "CardUse",
    "CareRequest",
    "ChosenProvider",
    "Cover",
    "Duplicate",
    "Guardianship",
    "Household",
    "HouseholdMember",
    "Identifier",
    "KeyGroupMember",
    "Merge",
    "RecordMove",
    "Resident",
    "ResponsibleDoctor",
    "Token",
]
