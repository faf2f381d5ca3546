"""The outbox of a drive: messages that come again, as they do where an acknowledgement was lost, and the end of a day, when nothing
is under way any more."""

from __future__ import annotations

import time
from datetime import datetime

from django.db import connection

from tiercare.engines.population.draws import Chance
from tiercare.jobs.dispatcher import deliver_due

_AT_ONCE = 5
_SECONDS, _PAUSE = 20.0, 0.05
_OPEN = "SELECT 1 FROM ledger_delivery WHERE state = 'PENDING' LIMIT 1"
# Of the last of the drive's own that were delivered; of one subject and handler the later ones stay where they are, as they would.
_LATELY = """
SELECT d.id FROM ledger_delivery d JOIN ledger_event e ON e.id = d.event_id
WHERE d.state = 'DONE' AND e.at >= %s ORDER BY d.id DESC LIMIT 40
"""
_AGAIN = """
UPDATE ledger_delivery SET state = 'PENDING', attempts = 0, next_at = clock_timestamp(), done_at = NULL WHERE id = ANY (%s)
"""


def deliver_again(seed: int, window: int, *, since: datetime) -> int:
    """Deliver some of the last messages once more, of those that tell of something since then, through the dispatcher itself; returns
    how many."""
    with connection.cursor() as cursor:
        cursor.execute(_LATELY, [since])
        lately = [row[0] for row in cursor.fetchall()]
        draws = Chance(f"again:{seed}:{window}")
        chosen = draws.sample(lately, min(_AT_ONCE, len(lately)))
        cursor.execute(_AGAIN, [chosen])
    deliver_due()
    return len(chosen)


def settle() -> int:
    """Deliver until nothing waits any more, and answer how much that was. Other processes may be at work on the same outbox, and
    what failed is tried again after a moment; what still waits after some seconds is left for whoever looks."""
    until, count = time.monotonic() + _SECONDS, 0
    while True:
        count += deliver_due()
        with connection.cursor() as cursor:
            cursor.execute(_OPEN)
            if cursor.fetchone() is None or time.monotonic() > until:
                return count
        time.sleep(_PAUSE)
