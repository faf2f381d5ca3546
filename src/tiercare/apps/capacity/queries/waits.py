"""How long people waited to be seen: signed residents against the others (YN-49)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, refuse
from tiercare.kernel.text import Text

from .places import NOBODY

# Ours: whose doctor answers for them is asked booking by booking.
LONGEST = timedelta(days=31)

# From checking in to being seen, of those who did both; whether a family doctor answered for them is asked for that day.
_WAITS = """
SELECT g.signed_at IS NOT NULL AS signed, count(*)::integer AS people,
       avg(b.changed_at - CASE WHEN b.quota_channel = 'WALK_IN' THEN b.made_at ELSE b.arrived_at END) AS mean
FROM capacity_session s JOIN capacity_booking b ON b.session_id = s.id
CROSS JOIN LATERAL residents_ground_to_book(b.resident_id, b.booked_by, b.institution_id, b.source_id, s.day) g
WHERE s.institution_id = %(institution)s AND s.day BETWEEN %(first)s::date AND %(last)s::date
  AND (%(session)s::uuid IS NULL OR s.id = %(session)s::uuid) AND b.state = 'ATTENDED'
  AND (b.arrived_at IS NOT NULL OR b.quota_channel = 'WALK_IN')
GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Mean:
    """Of so many people; ``None`` of nobody."""

    people: int
    wait: timedelta | None


@dataclass(frozen=True, slots=True)
class Waits:
    """The mean time from checking in to being seen: residents for whom a family doctor answers, and the others."""

    signed: Mean
    others: Mean


def waits(actor: Actor, *, first: date, last: date, session_id: UUID | None = None) -> Waits:
    """The waits at the actor's institution on these days, the last included, or in one of its sessions. Numbers only.

    Raises:
        Refused: if the actor handles no bookings, or the days make no sense or are more than ``LONGEST``.
    """
    wrong = not timedelta(0) <= last - first < LONGEST
    refuse(
        access.may(actor, Right.CAPACITY_BOOK, institution_id=actor.institution_id or NOBODY),
        _WRONG_DAYS if wrong else None,
    )
    with scoped(actor):
        found = {
            row["signed"]: Mean(row["people"], row["mean"])
            for row in rows(
                _WAITS, institution=actor.institution_id, first=first, last=last, session=session_id
            )
        }
    nobody = Mean(0, None)
    return Waits(found.get(True, nobody), found.get(False, nobody))


_WRONG_DAYS = Refusal(
    code="capacity.waits_wrong_days",
    message=Text("起止日期不对，或超过 {days} 天。", "The days make no sense, or are more than {days}."),
    instead=Text("请选 {days} 天以内的一段日期。", "Choose at most {days} days."),
    fields={"days": LONGEST.days},
    at="first",
    status=422,
)
