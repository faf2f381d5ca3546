"""One register of an area: every place that an institution booked in another, and every referral, with how it stands (XH-17,
XH-44). Where from and where to, not whose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy import PackSet, ParameterProblem, carries, parameter
from tiercare.kernel.refusal import Refused

from .statistics import Scope

APPOINTMENT, REFERRAL = "appointment", "two_way_referral"
FUNCTIONS = "XH-17.functions"
_CLAUSES = ("XH-17", "XH-44")
_LIST = """
WITH booked AS MATERIALIZED (
    SELECT * FROM capacity_booked_between(%(institutions)s::uuid[], %(since)s, %(until)s)
), entries AS (
    SELECT f.id, f.number, f.kind, f.sender, f.receiver, f.state, f.sent AS at, f.placed, '' AS pool,
           (SELECT min(b.starts) FROM booked b WHERE b.request = f.id) AS starts
    FROM exchange_counted(%(institutions)s::uuid[], %(since)s, %(until)s) f
    WHERE %(referrals)s AND f.kind = ANY (%(kinds)s::text[])
    UNION ALL
    SELECT b.id, '', %(booking)s, b.booker, b.host, b.state, b.made, true, b.pool, b.starts
    FROM booked b WHERE %(bookings)s AND b.request IS NULL
)
SELECT e.*, coalesce(a.name, '') AS sender_name, coalesce(h.name, '') AS receiver_name,
       count(*) OVER ()::integer AS found
FROM entries e
LEFT JOIN network_institutionversion a ON a.institution_id = e.sender
    AND a.period @> (e.at AT TIME ZONE 'Asia/Shanghai')::date
LEFT JOIN network_institutionversion h ON h.institution_id = e.receiver
    AND h.period @> (e.at AT TIME ZONE 'Asia/Shanghai')::date
ORDER BY e.at DESC, e.id LIMIT %(limit)s OFFSET %(skip)s
"""
BOOKING = "booking"
_KINDS = ["up", "down", "lateral"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A referral (``kind`` up, down, lateral) or a place booked without one (``booking``): from whom to whom, when, how it
    stands. ``placed``: it was sent with a place in hand; ``starts`` is that of the place."""

    id: UUID
    number: str
    kind: str
    sender: str
    receiver: str
    state: str
    at: datetime
    placed: bool
    pool: str
    starts: datetime | None


@dataclass(frozen=True, slots=True)
class Register:
    """A page of the register, the latest first; ``found`` in all. ``clauses`` ask for it, ``functions`` are those that it
    lists."""

    scope: Scope
    entries: tuple[Entry, ...]
    found: int
    functions: tuple[str, ...]
    clauses: tuple[str, ...]


def register(
    scope: Scope, *, only: str = "", page: int = 1, per_page: int = 50, packs: PackSet | None = None
) -> Register:
    """What was booked and referred between institutions in the period; ``only`` one function. Where no text says what the
    register holds, it holds both."""
    functions, clauses = _asked(scope.area, packs or mandates.packs())
    shown = {each for each in functions if only in {"", each}}
    found = rows(
        _LIST,
        **{key: scope.values[key] for key in ("institutions", "since", "until")},
        referrals=REFERRAL in shown,
        bookings=APPOINTMENT in shown,
        kinds=_KINDS,
        booking=BOOKING,
        limit=per_page,
        skip=(page - 1) * per_page,
    )
    entries = tuple(_entry(row) for row in found)
    return Register(scope, entries, found[0]["found"] if found else 0, functions, clauses)


def _entry(row: Mapping[str, Any]) -> Entry:
    plain = ("id", "number", "kind", "state", "at", "placed", "pool", "starts")
    return Entry(
        **{name: row[name] for name in plain}, sender=row["sender_name"], receiver=row["receiver_name"]
    )


def _asked(area: str, packs: PackSet) -> tuple[tuple[str, ...], tuple[str, ...]]:
    both, on = (APPOINTMENT, REFERRAL), ledger.today()
    try:
        pack = mandates.pack_in_force(area, on=on)
        value = parameter(packs, FUNCTIONS, pack, on=on).value if carries(packs, FUNCTIONS, pack) else None
    except (Refused, ParameterProblem):
        return both, ()
    here = {clause.id for each in packs.chain(pack) for clause in each.clauses}
    named = tuple(str(each) for each in value) if isinstance(value, tuple) else both
    return named, tuple(each for each in _CLAUSES if each in here)
