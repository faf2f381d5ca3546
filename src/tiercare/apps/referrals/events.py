"""What happened to referrals beside the steps of their requests. Ids and codes only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from tiercare.apps.ledger.events import EventPayload


@dataclass(frozen=True, slots=True)
class FilingTurned(EventPayload):
    """A filing with the insurer went on; ``was`` is empty where it began. What was answered stands in its row."""

    KIND: ClassVar[str] = "referrals.filing_turned"
    filing: UUID
    act: str
    was: str
    state: str
    tries: int
