"""The dispatcher: hands events to their handlers as soon as they are committed.

Any number may run at once; each delivery is taken by one of them (see ``ledger.commands.deliver_next``).
"""

from __future__ import annotations

from functools import partial
from threading import Event

import psycopg
from procrastinate.contrib.django.utils import connector_params

from tiercare.apps.ledger import commands

from .loops import repeat

# How long a retry that has come due, or a notification that was lost, may wait.
POLL_SECONDS = 1.0


def run(stop: Event) -> None:
    """Deliver until ``stop`` is set; the delivery under way is finished first."""
    repeat(partial(_listen_and_deliver, stop), every=POLL_SECONDS, stop=stop)


def deliver_due(stop: Event | None = None) -> int:
    """Deliver everything that is due now; returns the number of attempts made."""
    attempts = 0
    while not (stop and stop.is_set()) and commands.deliver_next():
        attempts += 1
    commands.bury_exhausted()
    return attempts


def _listen_and_deliver(stop: Event) -> None:
    """Listen on a connection of its own, from before the first look, so that no event falls between."""
    with psycopg.connect(**connector_params("default"), autocommit=True) as listener:
        listener.execute("LISTEN ledger_delivery")
        while not stop.is_set():
            deliver_due(stop)
            for _ in listener.notifies(timeout=POLL_SECONDS, stop_after=1):
                pass
