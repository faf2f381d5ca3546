"""Capacity with many slots: where is the first free place among a million, and does booking notice many millions."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

import psycopg
from capacity_copy import copied, working_in
from capacity_ground import SEED, Ground
from capacity_http import Bench, Places, requests, show
from capacity_load import Generator
from django.conf import settings
from django.db import connections
from web_server import postmaster, serving

from tiercare.apps.capacity import queries
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.ledger import queries as ledger
from tiercare.cli import bootstrap
from tiercare.kernel.clock import ZONE

DAYS, A_DAY, SLOTS = 14, 2, 20  # sessions of each pool, slots of each session
SPECIALTIES = 40
OPEN_SLOTS = 1_000_000
CLIENTS = 8

# Pools over all hospitals of the region in turn.
_POOLS = """
WITH places AS (
    SELECT v.institution_id, row_number() OVER (ORDER BY v.institution_id) - 1 AS at, count(*) OVER () AS all_of_them
    FROM network_institutionversion v WHERE v.level >= 1 AND upper_inf(v.period)
)
INSERT INTO capacity_pool (id, institution_id, code, name, kind, grade, specialty_code, slot_minutes, period)
SELECT gen_random_uuid(), p.institution_id, 'mass-' || n, '示例门诊 ' || n, 'CLINIC', 'ORDINARY',
       '20.' || lpad((n %% %(specialties)s)::text, 2, '0'), 12, daterange(current_date, NULL)
FROM generate_series(0, %(pools)s - 1) n JOIN places p ON p.at = n %% p.all_of_them
"""
_SESSIONS = """
INSERT INTO capacity_session (id, pool_id, institution_id, kind, grade, specialty_code, day, during, capacity, state)
SELECT gen_random_uuid(), p.id, p.institution_id, p.kind, p.grade, p.specialty_code,
       (%(opens)s::timestamptz AT TIME ZONE 'Asia/Shanghai')::date + d,
       tstzrange(t.starts, t.starts + interval '4 hours'), %(slots)s, 'PUBLISHED'
FROM capacity_pool p, generate_series(0, %(days)s - 1) d, generate_series(0, %(a_day)s - 1) h,
     LATERAL (SELECT %(opens)s::timestamptz + d * interval '1 day' + h * interval '5 hours' AS starts) t
WHERE p.code LIKE 'mass-%%'
"""
# A fifth of the places is kept for family doctors.
_QUOTAS = """
INSERT INTO capacity_quota (session_id, channel, holder_id, cap, release_at)
SELECT s.id, q.channel, '00000000-0000-0000-0000-000000000000', q.cap,
       CASE WHEN q.channel <> 'OPEN' THEN lower(s.during) - interval '1 day' END
FROM capacity_session s JOIN capacity_pool p ON p.id = s.pool_id AND p.code LIKE 'mass-%%',
     (VALUES ('FAMILY_DOCTOR', %(slots)s / 5), ('OPEN', %(slots)s - %(slots)s / 5)) q (channel, cap)
WHERE s.day >= (%(opens)s::timestamptz AT TIME ZONE 'Asia/Shanghai')::date
  AND s.day < (%(opens)s::timestamptz AT TIME ZONE 'Asia/Shanghai')::date + %(days)s
"""
_SLOTS = """
INSERT INTO capacity_slot (id, session_id, during, capacity)
SELECT gen_random_uuid(), s.id, tstzrange(lower(s.during) + n * interval '12 minutes',
                                          lower(s.during) + (n + 1) * interval '12 minutes'), 1
FROM capacity_session s JOIN capacity_pool p ON p.id = s.pool_id AND p.code LIKE 'mass-%%',
     generate_series(0, %(slots)s - 1) n
WHERE s.day >= (%(opens)s::timestamptz AT TIME ZONE 'Asia/Shanghai')::date
  AND s.day < (%(opens)s::timestamptz AT TIME ZONE 'Asia/Shanghai')::date + %(days)s
"""
_SAMPLE = """
SELECT l.id FROM capacity_slot l JOIN capacity_session s ON s.id = l.session_id
JOIN capacity_pool p ON p.id = s.pool_id AND p.code LIKE 'mass-%%'
WHERE s.day = (%(opens)s::timestamptz AT TIME ZONE 'Asia/Shanghai')::date LIMIT 4000
"""


def grown(ground: Ground, generator: Generator, slots: int, seconds: float) -> dict[str, Any]:
    """Cell 7: the search among a million open slots, then booking in a copy with few slots and beside many, turn about."""
    places = Places(ground, "growth")
    log = settings.HOME / "web.log"
    with serving(log) as (port, _):
        ground.signed_in(port, CLIENTS)  # sessions are copied with the rest
    with copied("capacity_few") as few, ExitStack() as servers:
        with working_in(few):
            sides = {"few": Bench(ground, generator, *servers.enter_context(serving(log)), 0, seconds)}
        coming = min(OPEN_SLOTS, slots // 2)
        laid = grow(coming)
        found: dict[str, Any] = {"search": searched(ground, laid["opens"], 100)}
        for back in range(1, -(-(slots - coming) // coming) + 1):  # what was: fortnights of the past
            laid = grow(coming, back=DAYS * back + 2)
        sides["many"] = Bench(ground, generator, *servers.enter_context(serving(log)), 0, seconds)
        for bench in sides.values():
            bench.database = postmaster()
        told = turn_about(sides, places)
    for what in ("p95", "cpu"):
        middle = {name: statistics.median(each[what] for each in rounds) for name, rounds in told.items()}
        found[what] = middle | {"change": round(middle["many"] / middle["few"] - 1, 3)}
    print(f"booking beside {laid['slots']:,} slots: p95 {found['p95']}, cpu {found['cpu']}", flush=True)
    return {**found, "slots": laid["slots"], "rounds": told}


def turn_about(sides: dict[str, Bench], places: Places) -> dict[str, list[dict[str, Any]]]:
    """The same bookings on either side, first one, then the other, three times; what comes first is not counted."""
    told: dict[str, list[dict[str, Any]]] = {name: [] for name in sides}
    for turn in range(4):
        groups = requests(places.pairs(6_000))
        for name, bench in sides.items():
            measured = bench.measured(CLIENTS, groups, seconds=bench.seconds).told()
            if turn:
                told[name].append(measured)
                show(f"book, spread, 8 clients, {name}", measured)
    return told


def grow(rows: int, *, days: int = DAYS, back: int = 0) -> dict[str, Any]:
    """``rows`` more slots from the day after tomorrow on, or in the past: ``back`` days before."""
    first = (ledger.now() + timedelta(days=2 - back)).astimezone(ZONE)
    opens = first.replace(hour=8, minute=0, second=0, microsecond=0)
    pools = max(1, rows // (DAYS * A_DAY * SLOTS))
    values = {
        "pools": pools,
        "specialties": SPECIALTIES,
        "opens": opens,
        "days": days,
        "a_day": A_DAY,
        "slots": SLOTS,
    }
    began = time.monotonic()
    with connections["owner"].cursor() as cursor:
        # Sessions are whole by construction; a look at each would take longer than laying them.
        cursor.execute("ALTER TABLE capacity_quota DISABLE TRIGGER quotas_are_whole")
        if not back:
            cursor.execute(_POOLS, values)
        for statement in (_SESSIONS, _QUOTAS, _SLOTS):
            cursor.execute(statement, values)
        laid = cursor.rowcount
        cursor.execute("ALTER TABLE capacity_quota ENABLE TRIGGER quotas_are_whole")
        cursor.execute("VACUUM ANALYZE capacity_session, capacity_slot, capacity_quota")
        cursor.execute("SELECT count(*) FROM capacity_slot")
        (slots,) = cursor.fetchone()
    with psycopg.connect(bootstrap.private_cluster().maintenance_url(), autocommit=True) as root:
        root.execute("CHECKPOINT")  # what was laid is not to be written out while bookings are timed
    print(f"{laid:,} slots more in {time.monotonic() - began:.0f} s; now {slots:,}", flush=True)
    return {"slots": slots, "seconds": round(time.monotonic() - began, 1), "opens": opens}


def searched(ground: Ground, opens: datetime, runs: int) -> dict[str, Any]:
    """Cell 7: first places of a specialty within 30 km in 14 days through the resident's own channel; the nearest free
    places to a lost one, for the family doctors' channel and for all. Milliseconds."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(_SAMPLE, {"opens": opens})
        slots = [row[0] for row in cursor.fetchall()]
    actor = ground.doctor()
    dice = random.Random(SEED)

    def first() -> object:
        return queries.first_places(
            actor,
            resident_id=dice.choice(ground.residents),
            specialty=f"20.{dice.randrange(SPECIALTIES):02d}",
            first=opens.date(),
        )

    def others(channel: Channel) -> object:
        return queries.others(actor, slot_id=dice.choice(slots), channel=channel)

    found = {
        "first places": _spread(runs, first),
        "nearest others, family doctor": _spread(runs, lambda: others(Channel.FAMILY_DOCTOR)),
        "nearest others, open": _spread(runs, lambda: others(Channel.OPEN)),
    }
    print("search among the open slots, ms:", found, flush=True)
    return found


def _spread(runs: int, work: Callable[[], object]) -> dict[str, float]:
    times, found = [], 0
    for at in range(runs + 10):
        began = time.perf_counter()
        found += bool(work())
        if at >= 10:
            times.append((time.perf_counter() - began) * 1000)
    times.sort()
    return {
        "p50": round(times[runs // 2], 1),
        "p95": round(times[int(runs * 0.95)], 1),
        "found": round(found / (runs + 10), 2),
    }
