"""What of a request says what to take along: its kind and what travels with it, by title."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.capacity.queries.bookings import BookingRow, own_booking
from tiercare.apps.exchange.queries.public import Public
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.records.queries import withdrawn_among
from tiercare.apps.records.rules.delicate import is_special
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of

from ..rules.bringing import Along

_KNOWN = """
SELECT r.kind, r.problem_code, r.resident_id, coalesce((r.payload ->> 'needs_admission')::boolean, false) AS admission,
       (SELECT p.content FROM referrals_package p WHERE p.request_id = r.id ORDER BY p.made_at DESC, p.id DESC LIMIT 1) AS content
FROM exchange_request r WHERE r.id = %(request)s
"""


def along(actor: Actor, request_id: UUID, *, resident_id: UUID) -> Along:
    """What the sheet and the resident's own page say to take along. The caller has opened the request, which recorded
    the reading."""
    with scoped(actor, persons=residents.person_of(resident_id)):
        return _along(request_id)


def along_public(found: Public) -> tuple[Along, BookingRow | None]:
    """The same for whoever opened the sheet by its number and the last four, with the place that is booked: kind and
    titles, no name, no result."""
    with scoped(Actor.system("web"), area="*"):
        booking = own_booking(found.booking_id) if found.booking_id else None
        return _along(found.id), booking


def _along(request_id: UUID) -> Along:
    found = rows(_KNOWN, request=request_id)
    if not found:
        return Along(kind="")
    (row,) = found
    kept = row["content"]
    content: Mapping[str, Sequence[Mapping[str, Any]]] = (
        json.loads(kept) if isinstance(kept, str) else kept or {}
    )
    papers, drugs = content.get("documents") or (), content.get("drugs") or ()
    gone = withdrawn_among([UUID(str(each["id"])) for each in (*papers, *drugs) if each.get("id")])
    stands = [each for each in papers if UUID(str(each["id"])) not in gone]
    codes = [row["problem_code"], *(str(each.get("code", "")) for each in content.get("problems") or ())]
    return Along(
        kind=row["kind"],
        papers=tuple((str(each.get("title", "")), _day(each.get("dated_at"))) for each in stands),
        drugs=sum(UUID(str(each["id"])) not in gone for each in drugs),
        admission=row["admission"],
        discreet=is_special(codes),
    )


def _day(kept: object) -> str:
    """The day in China of a moment as JSON keeps it."""
    return day_of(datetime.fromisoformat(str(kept))).isoformat() if kept else ""
