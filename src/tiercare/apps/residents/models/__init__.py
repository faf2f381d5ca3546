"""Tables of the index of residents."""

from __future__ import annotations

from .cards import Arrival, Card, CardUse
from .duplicates import Duplicate, Merge, RecordMove
from .family import Guardianship, Household, HouseholdMember, KeyGroupMember, ResponsibleDoctor
from .index import Identifier, Resident, Token

__all__ = [
    "Arrival",
    "Card",
    "CardUse",
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
