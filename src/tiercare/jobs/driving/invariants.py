"""What holds at the end of every day of a drive, read past the commands: from the tables themselves.

Beside the platform's own checks (the reconciler, the proof of what was promised, the chain) each is asked of the rows a second
way, so that a check that errs with what it checks is found out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.capacity import queries as capacity
from tiercare.apps.capacity.workflow import COUNTED
from tiercare.apps.exchange.workflow import OPEN
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.jobs.sealer import seal_all
from tiercare.kernel.actor import Actor

_SYSTEM = Actor.system("cli")
_OFFERED = timedelta(days=14)  # so far ahead of a day promises are looked at
_SHOWN = 5  # of each sort; more of the same tell nothing more
Caps = Mapping[tuple[UUID, str, UUID], int]
Found = tuple[str, str]

# Counted anew from the bookings; walk-ins and places beyond the offer are counted apart.
_OVERSOLD = """
SELECT l.id::text || ': ' || count(b.id) || ' of ' || l.capacity AS seen
FROM capacity_slot l JOIN capacity_booking b ON b.slot_id = l.id
WHERE b.state = ANY (%(counted)s::text[]) AND b.quota_channel NOT IN ('WALK_IN', 'OVERBOOK')
  AND (b.state <> 'HELD' OR b.held_until > tiercare_now())
GROUP BY l.id, l.capacity HAVING count(b.id) > l.capacity
"""
_TWICE = """
SELECT session_id::text || ': ' || count(*) || ' of one resident' AS seen FROM capacity_booking
WHERE state IN ('HELD', 'BOOKED', 'ARRIVED') AND (state <> 'HELD' OR held_until > tiercare_now())
GROUP BY session_id, resident_id HAVING count(*) > 1
"""
_UNOWNED = """
SELECT number || ' ' || state || ' ' || coalesce(owner_level, '-') || ' ' || coalesce(due_at::text, '-') AS seen
FROM exchange_request
WHERE CASE WHEN state = ANY (%(open)s::text[])
           THEN due_at IS NULL OR num_nonnulls(owner_institution, nullif(owner_area, '')) <> 1 OR owner_level IS NULL
           ELSE num_nonnulls(owner_level, owner_institution, owner_account, due_at) > 0 OR owner_area <> '' END
"""
_OVERDUE = """
SELECT number || ' ' || state || ' since ' || due_at::text AS seen FROM exchange_request
WHERE state = ANY (%(open)s::text[]) AND due_at <= tiercare_now()
"""
_REQUEST_PLACES = """
WITH live AS (
    SELECT source_id, count(*) AS places, array_agg(id) AS bookings, array_agg(resident_id) AS residents FROM capacity_booking
    WHERE source_id IS NOT NULL AND (state = 'BOOKED' OR state = 'HELD' AND held_until > tiercare_now()) GROUP BY source_id
)
SELECT r.number || ' ' || r.state || ' has ' || coalesce(live.places, 0) || ' places' AS seen
FROM exchange_request r LEFT JOIN live ON live.source_id = r.id
WHERE coalesce(live.places, 0) > 1
   OR live.places > 0 AND (r.state <> ALL (%(open)s::text[]) OR r.booking_id IS DISTINCT FROM live.bookings[1]
                           OR r.resident_id <> live.residents[1])
   OR r.state = 'SCHEDULED' AND r.booking_id IS NOT NULL AND coalesce(live.places, 0) = 0
"""
_PLACES_OF_NOBODY = """
SELECT b.id::text || ' of ' || b.source_id::text AS seen FROM capacity_booking b
WHERE b.source_id IS NOT NULL AND NOT EXISTS (SELECT FROM exchange_request r WHERE r.id = b.source_id)
"""
# Every change of state leaves one step, and the last one says where the request stands.
_STEPS = """
SELECT r.number || ' stands at ' || r.state || ', its last step led to ' || s.target AS seen
FROM exchange_request r
JOIN LATERAL (SELECT target FROM exchange_step WHERE request_id = r.id ORDER BY id DESC LIMIT 1) s ON true
WHERE s.target <> r.state
"""
_SAME_REQUEST = """
SELECT count(*) || ' of ' || resident_id::text || ' for ' || problem_code AS seen FROM exchange_request
WHERE state = ANY (%(open)s::text[]) AND kind = 'up'
GROUP BY resident_id, from_institution, problem_code, made_at HAVING count(*) > 1
"""
_UNDELIVERED = """
SELECT handler || ' ' || state || ' ' || attempts || ' ' || left(last_error, 200) AS seen FROM ledger_delivery
WHERE state <> 'DONE' ORDER BY id
"""
_BEDS = """
SELECT bed_id::text || ': ' || count(*) || ' lie in it' AS seen FROM capacity_stay WHERE state = 'IN'
GROUP BY bed_id HAVING count(*) > 1
"""
_CAPS = """
SELECT q.session_id, q.channel, q.holder_id, q.cap FROM capacity_quota q JOIN capacity_session s ON s.id = q.session_id
WHERE q.release_at > tiercare_now() AND s.state = 'PUBLISHED' AND s.institution_id = ANY (%(hosts)s::uuid[])
"""
_LOST = """
SELECT given::text || ' was acknowledged and is not there' AS seen FROM unnest(%(given)s::uuid[]) AS given
WHERE NOT EXISTS (SELECT FROM {table} WHERE id = given)
"""


def reserves(hosts: Collection[UUID]) -> Caps:
    """What is kept at these hospitals and has not been released yet, by session, channel and holder."""
    found = rows(_CAPS, hosts=list(hosts))
    return {(row["session_id"], row["channel"], row["holder_id"]): row["cap"] for row in found}


def findings(
    *,
    hosts: Collection[UUID],
    area: str,
    day: date,
    promised: Caps,
    requests: Collection[UUID] = (),
    bookings: Collection[UUID] = (),
    chain: bool = True,
) -> Iterator[Found]:
    """What does not hold at the end of a day, as the invariant's name and what was seen; nothing where all is well.

    Everything that is due was done before: holds swept, messages delivered, overdue requests handed on.

    Args:
        hosts: the hospitals whose reserves are looked at; ``promised`` what they kept when the day began.
        area: a division code; of its hospitals the proof is asked.
        requests: acknowledged to those who began them, as ``bookings`` are.
        chain: whether the whole chain is read again; sealed it is in any case.
    """
    opened = {"open": sorted(OPEN)}
    yield from (("places counted", f"{each}") for each in capacity.drift())
    yield from _asked("places not oversold", _OVERSOLD, counted=[each.value for each in COUNTED])
    yield from _asked("one place a session", _TWICE)
    yield from _asked("one owner, one time", _UNOWNED, **opened)
    yield from _asked("overdue goes up the line", _OVERDUE, **opened)
    yield from _asked("places and requests agree", _REQUEST_PLACES, **opened)
    yield from _asked("places and requests agree", _PLACES_OF_NOBODY)
    yield from _asked("steps and state agree", _STEPS)
    yield from _asked("done once", _SAME_REQUEST, **opened)
    yield from _asked("one in a bed", _BEDS)
    yield from _asked("told", _UNDELIVERED)
    yield from _asked("nothing lost", _LOST.format(table="exchange_request"), given=list(requests))
    yield from _asked("nothing lost", _LOST.format(table="capacity_booking"), given=list(bookings))
    yield from _kept(hosts, area, day, promised)
    yield from _sealed(whole=chain)


def _asked(name: str, statement: str, **values: Any) -> Iterator[Found]:
    with scoped(_SYSTEM, area=EVERYWHERE):
        found = rows(statement, **values)
    yield from ((name, row["seen"]) for row in found[:_SHOWN])


def _kept(hosts: Collection[UUID], area: str, day: date, promised: Caps) -> Iterator[Found]:
    """No reserve shrinks before its release, and the proof of the day and the days ahead finds no promise broken."""
    now = reserves(hosts)
    shrunk = [key for key, cap in now.items() if cap < promised.get(key, 0)]
    yield from (("reserves kept", f"{key}: {promised[key]}, now {now[key]}") for key in shrunk[:_SHOWN])
    proof = capacity.proof(_SYSTEM, first=day, last=day + _OFFERED, area=area)
    yield from (
        ("promises kept", f"{each.day} {each.institution}: {each.said.en}")
        for each in proof.breaches[:_SHOWN]
    )


def _sealed(*, whole: bool) -> Iterator[Found]:
    seal_all()
    ledger.checkpoint(every=timedelta(0))
    if whole:
        report = ledger_queries.verify_chain()
        yield from (("chain", f"{each}") for each in report.faults[:_SHOWN])
        if report.unsealed:
            yield "chain", f"{report.unsealed} events are not sealed"
