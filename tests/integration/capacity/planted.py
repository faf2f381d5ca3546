"""Places that no command made: what the proof must find."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from django.db import connection

from tiercare.apps.capacity.models import Pool
from tiercare.kernel.ids import uuid7


def plant(pool: Pool, day: date, places: int) -> UUID:
    """A session with nothing kept, written past the command by SQL."""
    key = uuid7()
    at = {"key": key, "pool": pool.id, "day": day, "places": places, "slot": uuid4(), "nobody": UUID(int=0)}
    during = f"tstzrange('{day} 14:00+08', '{day} 17:00+08')"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO capacity_session (id, pool_id, institution_id, kind, grade, day, during, capacity, state)"
            f" SELECT %(key)s, id, institution_id, kind, grade, %(day)s, {during}, %(places)s, 'PUBLISHED'"
            " FROM capacity_pool WHERE id = %(pool)s",
            at,
        )
        cursor.execute(
            "INSERT INTO capacity_slot (id, session_id, during, capacity)"
            f" VALUES (%(slot)s, %(key)s, {during}, %(places)s)",
            at,
        )
        cursor.execute(
            "INSERT INTO capacity_quota (session_id, channel, holder_id, cap) VALUES (%(key)s, 'OPEN', %(nobody)s, %(places)s)",
            at,
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return key
