"""What is left of a session, and for whom."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.text import Text

from ..rules.vocabulary import CHANNEL_NAMES, Channel

_KEPT = """
SELECT q.channel, q.release_at FROM capacity_quota q
WHERE q.session_id = %(session)s AND q.used < q.cap AND q.channel NOT IN ('WALK_IN', 'OVERBOOK')
  AND q.release_at > tiercare_now()
ORDER BY q.release_at
"""


def kept_for_others(session_id: UUID) -> tuple[Text, datetime] | None:
    """For whom the places are kept that somebody was refused, and when the first of them opens to all; ``None`` where
    nothing is kept: then the session is full, though a slot of it has room."""
    found = rows(_KEPT, session=session_id)
    if not found:
        return None
    names = [CHANNEL_NAMES[Channel(row["channel"])] for row in found]
    unique = list(dict.fromkeys(names))
    return (
        Text("、".join(each.zh for each in unique), ", ".join(each.en for each in unique)),
        found[0]["release_at"],
    )
