"""Days that a demonstration plays, in many transactions: begun and played stand in the ledger, so that one broken off is gone on with."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from tiercare.kernel.actor import Actor

from ..events import MonthBegun, MonthPlayed
from .installation import INSTALLATION_ID
from .recording import append


def begin_month(actor: Actor, *, region: str, first: date, days: int, acts: int, seed: int) -> None:
    """Note what is going to be played."""
    _note(actor, MonthBegun(region, first, days, acts, seed))


def end_month(actor: Actor, *, region: str, first: date) -> None:
    """Note that all of it was played."""
    _note(actor, MonthPlayed(region, first))


def _note(actor: Actor, payload: MonthBegun | MonthPlayed) -> None:
    with transaction.atomic():
        append(actor, payload, subject_type="ledger.installation", subject_id=INSTALLATION_ID)
