"""Loops of the background process: they run until told to stop, and no error ends them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event

from django.db import connection

log = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS = 30.0


def repeat(step: Callable[[], object], *, every: float, stop: Event) -> None:
    """Run ``step`` at once and then ``every`` so many seconds, until ``stop`` is set.

    An error is logged and the step tried again, after twice the pause each time up to
    ``LONGEST_PAUSE_SECONDS``; the connection is given up, since it may be what is broken.
    """
    pause = every
    while not stop.is_set():
        try:
            step()
            pause = every
        except Exception:
            log.exception("%s failed; next try in at most %.0f s", step, LONGEST_PAUSE_SECONDS)
            connection.close()
            pause = min(max(pause, 0.5) * 2, LONGEST_PAUSE_SECONDS)
        stop.wait(pause)
    connection.close()
