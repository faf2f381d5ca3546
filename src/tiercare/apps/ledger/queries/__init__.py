"""What can be asked of the ledger."""

from __future__ import annotations

from ..chain import ChainReport, Fault
from .months import Month, month_of
from .reading import (
    LedgerState,
    dead_letters,
    events,
    exported,
    installation,
    now,
    state,
    today,
)
from .readings import readings
from .verification import verify_chain

__all__ = [
    "ChainReport",
    "Fault",
    "LedgerState",
    "Month",
    "dead_letters",
    "events",
    "exported",
    "installation",
    "month_of",
    "now",
    "readings",
    "state",
    "today",
    "verify_chain",
]
