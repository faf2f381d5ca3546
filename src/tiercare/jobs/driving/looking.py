"""How the requests and bookings of a drive stand: read past the walls, as the platform's own work is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.capacity.workflow import State as PlaceState
from tiercare.apps.exchange.workflow import OPEN, State
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE

from .lives import Booked, Seen

_SYSTEM = Actor.system("cli")
# People do not come earlier than that, and nobody is marked as missed later.
_BEFORE, _AFTER = timedelta(hours=30), timedelta(hours=24)

_REQUESTS = """
SELECT r.id, r.kind, r.state, r.urgency, r.resident_id, r.problem_code, r.problem, r.from_institution AS sender,
       r.to_institution AS receiver, r.planned_at, r.booking_id, r.due_at, r.owner_level, r.received_at IS NOT NULL AS received,
       r.version, r.made_at, coalesce(s.since, r.made_at) AS since, coalesce(s.steps, 0) AS steps
FROM exchange_request r
LEFT JOIN LATERAL (SELECT count(*) AS steps, max(at) AS since FROM exchange_step WHERE request_id = r.id) s ON true
WHERE r.state = ANY (%(open)s::text[]) AND r.from_account = ANY (%(accounts)s::uuid[])
"""
_BOOKINGS = """
SELECT b.id, b.resident_id, b.institution_id AS host, b.state, b.number, p.code AS pool, lower(l.during) AS starts_at,
       b.arrived_at
FROM capacity_slot l JOIN capacity_booking b ON b.slot_id = l.id
JOIN capacity_session s ON s.id = l.session_id JOIN capacity_pool p ON p.id = s.pool_id
WHERE s.institution_id = ANY (%(hosts)s::uuid[]) AND s.day BETWEEN %(first)s AND %(last)s
  AND b.source_id IS NULL AND b.made_at >= %(since)s AND b.state IN ('BOOKED', 'ARRIVED')
"""
_STAYS = """
SELECT id FROM capacity_stay
WHERE resident_id = %(resident)s AND institution_id = %(host)s AND state = %(state)s ORDER BY id LIMIT 1
"""
_APPEALS = """
SELECT a.id, a.booking_id, a.institution_id AS host, a.made_at FROM capacity_appeal a
WHERE a.institution_id = ANY (%(hosts)s::uuid[]) AND a.state = 'OPEN' AND a.made_at BETWEEN %(since)s AND %(until)s
ORDER BY a.made_at, a.booking_id
"""


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection to a recorded absence that nobody has answered; ``since`` it was made."""

    id: UUID
    host: UUID
    since: datetime


def open_requests(accounts: Collection[UUID]) -> list[Seen]:
    """Open requests that these accounts began."""
    with scoped(_SYSTEM, area=EVERYWHERE):
        found = rows(_REQUESTS, open=sorted(OPEN), accounts=list(accounts))
    return [_seen(row) for row in found]


def bookings_near(hosts: Collection[UUID], now: datetime, *, since: datetime) -> list[Booked]:
    """Bookings without a request, of the day before to the day after, that were made since then."""
    with scoped(_SYSTEM, area=EVERYWHERE):
        found = rows(
            _BOOKINGS,
            hosts=list(hosts),
            first=(now - _AFTER).date(),
            last=(now + _BEFORE).date(),
            since=since,
        )
    return [
        Booked(
            **{
                **row,
                "state": PlaceState(row["state"]),
                "starts_at": _local(row["starts_at"]),
                "arrived_at": _local(row["arrived_at"]),
            }
        )
        for row in found
    ]


def objections(hosts: Collection[UUID], *, since: datetime, until: datetime) -> list[Objection]:
    """Objections made between two moments that are open."""
    with scoped(_SYSTEM, area=EVERYWHERE):
        found = rows(_APPEALS, hosts=list(hosts), since=since, until=until)
    return [Objection(row["id"], row["host"], row["made_at"].astimezone(ZONE)) for row in found]


def stay_of(resident: UUID, host: UUID, state: str) -> UUID | None:
    """Where the resident lies, or is to lie, at this hospital."""
    with scoped(_SYSTEM, area=EVERYWHERE):
        found = rows(_STAYS, resident=resident, host=host, state=state)
    return found[0]["id"] if found else None


def _seen(row: dict[str, Any]) -> Seen:
    times = {key: _local(row[key]) for key in ("planned_at", "due_at", "made_at", "since")}
    return Seen(**{**row, **times, "state": State(row["state"])})


def _local(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(ZONE)
