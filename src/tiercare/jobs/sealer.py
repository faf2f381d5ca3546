"""The sealer: puts committed events into the hash chain within seconds and signs its head."""

from __future__ import annotations

import logging
from datetime import timedelta
from threading import Event

from django.db import connection

from tiercare.apps.ledger import commands

from .loops import repeat

log = logging.getLogger(__name__)

SEAL_SECONDS = 2.0


def run(stop: Event) -> None:
    """Seal until ``stop`` is set, then once more, so that a clean end leaves nothing unsealed or unsigned."""
    repeat(_seal_and_sign, every=SEAL_SECONDS, stop=stop)
    try:
        seal_all()
        commands.checkpoint(every=timedelta(0))
    except Exception:
        log.exception("the last events were not sealed; the next start seals them")
    finally:
        connection.close()


def seal_all() -> int:
    """Seal everything that waits, batch by batch; returns the number of events."""
    total = 0
    while sealed := commands.seal():
        total += sealed
    return total


def _seal_and_sign() -> None:
    seal_all()
    commands.checkpoint()
