"""Delivery is acknowledged by the receiver, or raises an alarm (B12 of the reliability catalogue)."""

from __future__ import annotations

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor

from .. import events, sql
from .drafting import SUBJECT
from .telling import tell_of_time

_BATCH = 500


def raise_unheard(*, limit: int = _BATCH) -> int:
    """Tell both sides of every request that was sent and that nobody at the receiver's has seen in the time its urgency
    allows; returns how many there were. The platform's own work, run every minute; each is told of once."""
    host = Actor.system("job")
    with scoped(host, area="*"):
        late = rows(sql.UNHEARD, limit=limit)
        for row in late:
            houses = ((row["from_institution"], row["from_account"]), (row["to_institution"], None))
            tell_of_time(row["id"], houses, unheard=True)
            ledger.append(
                host,
                events.RequestUnheard(sent_at=row["sent_at"], receiver=row["to_institution"]),
                subject_type=SUBJECT,
                subject_id=row["id"],
                institution_id=row["to_institution"],
                division_code=row["area"],
            )
    return len(late)
