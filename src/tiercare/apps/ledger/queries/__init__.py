"""What can be asked of the ledger."""

from __future__ import annotations

from .reading import (
    LedgerState,
    dead_letters,
    events,
    installation,
    now,
    state,
    today,
)
from .verification import verify_chain

__all__ = ["LedgerState", "dead_letters", "events", "installation", "now", "state", "today", "verify_chain"]
