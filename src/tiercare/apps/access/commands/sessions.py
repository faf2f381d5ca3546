"""Ending sessions on the server, whoever holds their keys."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from .. import queries
from ..models import Rate, Session

# No window of a rate is longer than a day; one that began before that is over, and its count of no use.
_RATES_KEPT = timedelta(days=1)


def end_sessions(account_id: UUID, *, except_key: str | None = None) -> int:
    """End all sessions of an account at once, but for the one under ``except_key``; returns how many.

    Called by the commands after which nobody may go on as before: they have checked that the actor may.
    """
    theirs = Session.objects.filter(account_id=account_id)
    if except_key is not None:
        theirs = theirs.exclude(session_key=except_key)
    ended, _by_table = theirs.delete()
    return ended


def clear_expired() -> int:
    """Delete the sessions that have run out, and counts of attempts that are long past; returns how many sessions."""
    ended, _by_table = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    Rate.objects.filter(window__lt=queries.wall_clock() - _RATES_KEPT).delete()
    return ended
