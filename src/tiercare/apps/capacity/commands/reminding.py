"""Reminding residents of their places, each booking once for its time, however often and wherever this runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.messages import commands as messages
from tiercare.apps.messages.commands import Word
from tiercare.apps.network import queries as network
from tiercare.kernel.actor import Actor

from ..queries.ours import number
from ..queries.session import SessionShown, sessions_shown
from ..rules.wording import reminder
from .turning import SUBJECT

HOURS = "reminder_hours"
# Bookings in one transaction: what is lost when the process dies is done again, and nobody waits long for its locks.
BATCH = 100
# A message holds no more.
_LONGEST_TEXT = 500

_HOSTS = """
SELECT p.institution_id FROM (SELECT DISTINCT institution_id FROM capacity_pool) p
WHERE EXISTS (SELECT FROM capacity_session s WHERE s.institution_id = p.institution_id AND s.day >= %(today)s::date)
"""
# The UPDATE decides: whoever comes second finds the booking locked or reminded, and goes on to the next.
_CLAIM = """
UPDATE capacity_booking b SET reminded_for = due.starts_at FROM (
    SELECT d.id, lower(l.during) AS starts_at
    FROM capacity_session s JOIN capacity_booking d ON d.session_id = s.id JOIN capacity_slot l ON l.id = d.slot_id
    WHERE s.institution_id = %(host)s AND s.day BETWEEN %(today)s::date AND %(last)s::date AND s.state = 'PUBLISHED'
      AND d.state = 'BOOKED' AND d.reminded_for IS DISTINCT FROM lower(l.during)
      AND lower(l.during) > tiercare_now() AND lower(l.during) <= tiercare_now() + %(ahead)s::interval
    ORDER BY d.id LIMIT %(batch)s FOR NO KEY UPDATE OF d SKIP LOCKED
) due
WHERE b.id = due.id
RETURNING b.id, b.session_id, b.resident_id, b.number, due.starts_at
"""


def remind(*, batch: int = BATCH) -> int:
    """Remind everybody whose place begins within the hours that the pack names (``reminder_hours``); how many were.

    The platform's own work. A booking that was moved is another one, and is reminded of anew; what was cancelled,
    stopped or has begun is not. Each batch is a transaction: message and mark stand together, or neither does.
    """
    today = ledger_queries.today()
    return sum(_remind_at(row["institution_id"], today, batch) for row in rows(_HOSTS, today=today))


def _remind_at(host_id: UUID, today: date, batch: int) -> int:
    hours = number(HOURS, host_id, on=today)
    if not hours:
        return 0
    ahead = timedelta(hours=hours)
    last = today + ahead + timedelta(days=1)
    host, total = replace(Actor.system("job"), institution_id=host_id), 0
    name = network.names_of_institutions([host_id], on=today).get(host_id, "")
    while True:
        with scoped(host):
            due = rows(_CLAIM, host=host_id, today=today, last=last, ahead=ahead, batch=batch)
            shown = sessions_shown({row["session_id"] for row in due})
            words = [_word(row, shown[row["session_id"]], name) for row in due]
            messages.tell(host, words, institution_id=host_id)
        total += len(due)
        if len(due) < batch:
            return total


def _word(row: dict[str, Any], shown: SessionShown, institution: str) -> Word:
    text = reminder(
        starts_at=row["starts_at"],
        number=row["number"],
        institution=institution,
        pool=shown.pool,
        physician=shown.physician,
        place=shown.place,
        details=shown.details,
    )
    return Word(row["resident_id"], f"【分级诊疗】{text}"[:_LONGEST_TEXT], SUBJECT, row["id"])
