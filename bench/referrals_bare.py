"""The loop as bare SQL: the rows of a request, its steps and its place, in as many transactions, without anything around them."""

from __future__ import annotations

import threading
import time
from typing import Any
from uuid import UUID

import psycopg
from capacity_ground import OPEN, Ground, sessions
from django.db import connections

from tiercare.kernel.ids import uuid7

_LINES = 8
_REQUEST = """
INSERT INTO exchange_request (id, number, kind, state, urgency, resident_id, problem_code, problem, from_institution,
    from_account, area, to_institution, specialty, parties, owner_level, owner_institution, owner_account, owner_area,
    due_at, payload, basis)
VALUES (%(id)s, %(number)s, 'up', 'DRAFT', 1, %(resident)s, 'I10', '原发性高血压', %(sender)s, %(sender)s, '340223',
    %(receiver)s, '', ARRAY[%(sender)s]::uuid[], 'PERSON', %(sender)s, %(sender)s, '', now() + interval '1 day', '{}', '{}')
"""
_BOOKING = """
INSERT INTO capacity_booking (id, session_id, slot_id, resident_id, institution_id, booked_by, channel, quota_channel,
    holder_id, state, number, source_id)
SELECT %(booking)s, l.session_id, l.id, %(resident)s, %(receiver)s, %(sender)s, 'OPEN', 'OPEN',
    '00000000-0000-0000-0000-000000000000', 'CANCELLED', 1, %(id)s
FROM capacity_slot l WHERE l.id = %(slot)s
"""
_TURN = """
UPDATE exchange_request SET state = %(state)s, version = version + 1, owner_level = %(level)s::text,
    owner_institution = %(owner)s::uuid, owner_account = NULL, due_at = CASE WHEN %(level)s::text IS NULL THEN NULL
    ELSE now() + interval '1 day' END, sent_at = coalesce(sent_at, now()), parties = %(parties)s::uuid[],
    over_at = CASE WHEN %(level)s::text IS NULL THEN now() END, changed_at = now()
WHERE id = %(id)s
"""
_STEP = """
INSERT INTO exchange_step (id, request_id, resident_id, act, source, target, institution_id, content)
VALUES (%(step)s, %(id)s, %(resident)s, %(act)s, %(was)s, %(state)s, %(owner)s::uuid, '{}')
"""
_WAY = (
    ("submit", "DRAFT", "SUBMITTED"),
    ("accept", "SUBMITTED", "ACCEPTED"),
    ("schedule", "ACCEPTED", "SCHEDULED"),
    ("arrive", "SCHEDULED", "ARRIVED"),
    ("report", "ARRIVED", "REPORTED"),
    ("acknowledge", "REPORTED", "CLOSED"),
)


def bare(ground: Ground, seconds: float) -> dict[str, Any]:
    """So many seconds of loops over eight lines as the tables' owner."""
    (slot,) = sessions(ground, "bare", [{OPEN: 10}], specialty="09")
    settings = connections["owner"].settings_dict
    target = {
        "host": settings["HOST"],
        "port": settings["PORT"] or None,
        "user": settings["USER"],
        "password": settings["PASSWORD"] or None,
        "dbname": settings["NAME"],
    }
    done = [0] * _LINES
    until = time.monotonic() + seconds

    def work(number: int) -> None:
        with psycopg.connect(**target, autocommit=True) as line:
            while time.monotonic() < until:
                _loop(line, ground, slot, done[number] * _LINES + number)
                done[number] += 1

    began = time.monotonic()
    threads = [threading.Thread(target=work, args=(each,)) for each in range(_LINES)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert all(done), "a line failed"
    told = {"loops": sum(done), "loops_per_s": round(sum(done) / (time.monotonic() - began), 1)}
    print("the same loop as bare SQL, 8 lines", told, flush=True)
    return told


def _loop(line: psycopg.Connection[Any], ground: Ground, slot: UUID, turn: int) -> None:
    key = uuid7()
    values: dict[str, Any] = {
        "id": key,
        "number": key.hex[-14:],
        "resident": ground.residents[turn % len(ground.residents)],
        "sender": ground.township,
        "receiver": ground.hospital,
        "parties": [ground.township, ground.hospital],
        "booking": uuid7(),
        "slot": slot,
    }
    line.execute(_REQUEST, values)
    line.execute(_BOOKING, values)
    for act, was, state in _WAY:
        over = state == "CLOSED"
        step = {
            **values,
            "act": act,
            "was": was,
            "state": state,
            "step": uuid7(),
            "level": None if over else "OFFICE",
            "owner": None if over else ground.hospital,
        }
        with line.transaction():
            line.execute(_TURN, step)
            line.execute(_STEP, step)
