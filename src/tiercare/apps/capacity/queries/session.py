"""A session as whoever books sees it: what it is, the days of its pool, what is free for a channel, and which channel."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from ..rules import refusals
from ..rules.channels import draws
from ..rules.vocabulary import Channel, Grade, Kind, SessionState
from .ground import channel_by, ground_at
from .places import GONE_OF_QUOTA, GONE_OF_SLOT, NOBODY

_SESSIONS = """
SELECT s.id, s.pool_id, s.institution_id, p.name AS pool, s.kind, s.grade, s.specialty_code,
       s.clinician_name AS physician, s.place, s.day, lower(s.during) AS starts_at, upper(s.during) AS ends_at,
       s.state, s.stopped_reason, p.item, p.details
FROM capacity_session s JOIN capacity_pool p ON p.id = s.pool_id
WHERE s.id = ANY (%(sessions)s::uuid[])
"""
# What is left of each quota that the channel may draw on; what was released counts as open to all.
_LEFT = """
WITH gone AS MATERIALIZED (SELECT * FROM capacity_lapsed(%(sessions)s::uuid[])),
left_of AS (
    SELECT q.session_id, CASE WHEN q.release_at <= tiercare_now() THEN 'OPEN' ELSE q.channel END AS channel,
           q.cap - q.used + /*quota*/ AS units
    FROM capacity_quota q
    WHERE q.session_id = ANY (%(sessions)s::uuid[]) AND q.channel NOT IN ('WALK_IN', 'OVERBOOK')
      AND (q.channel = ANY (%(draws)s::text[]) AND q.holder_id IN (%(nobody)s, %(booker)s)
           OR q.release_at <= tiercare_now())
)
SELECT session_id, channel, sum(units)::integer AS units FROM left_of WHERE units > 0 GROUP BY 1, 2
""".replace("/*quota*/", GONE_OF_QUOTA)
_DAYS = """
WITH gone AS MATERIALIZED (SELECT * FROM capacity_lapsed(ARRAY(
    SELECT s.id FROM capacity_session s
    WHERE s.pool_id = %(pool)s AND s.state = 'PUBLISHED' AND s.day >= %(first)s::date
      AND upper(s.during) > tiercare_now()
    ORDER BY s.day, lower(s.during), s.id LIMIT %(limit)s)))
SELECT s.id AS session_id, s.day, lower(s.during) AS starts_at, s.clinician_name AS physician,
       least(room.units, free.units) AS free
FROM capacity_session s
CROSS JOIN LATERAL (
    SELECT coalesce(sum(q.cap - q.used + /*quota*/), 0)::integer AS units FROM capacity_quota q
    WHERE q.session_id = s.id AND (
        q.channel = ANY (%(draws)s::text[]) AND q.holder_id IN (%(nobody)s, %(booker)s)
        OR q.channel NOT IN ('WALK_IN', 'OVERBOOK') AND q.release_at <= tiercare_now())
) room
CROSS JOIN LATERAL (
    SELECT coalesce(sum(l.capacity - l.used + /*slot*/), 0)::integer AS units FROM capacity_slot l
    WHERE l.session_id = s.id AND lower(l.during) > tiercare_now()
) free
WHERE s.pool_id = %(pool)s AND s.state = 'PUBLISHED' AND s.day >= %(first)s::date AND upper(s.during) > tiercare_now()
ORDER BY s.day, starts_at, s.id
LIMIT %(limit)s
""".replace("/*quota*/", GONE_OF_QUOTA).replace("/*slot*/", GONE_OF_SLOT)
_FORTNIGHT = 14


@dataclass(frozen=True, slots=True)
class SessionShown:
    """A session and what its pool says of it."""

    id: UUID
    pool_id: UUID
    institution_id: UUID
    pool: str
    kind: Kind
    grade: Grade
    specialty_code: str
    physician: str
    place: str
    day: date
    starts_at: datetime
    ends_at: datetime
    state: SessionState
    stopped_reason: str
    item: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PoolDay:
    """A session of a pool with the places that are free for a channel."""

    session_id: UUID
    day: date
    starts_at: datetime
    physician: str
    free: int


def sessions_shown(sessions: Collection[UUID]) -> dict[UUID, SessionShown]:
    """These sessions by id, whatever has become of them; nothing of a resident stands in them."""
    return {row["id"]: _shown(row) for row in rows(_SESSIONS, sessions=list(sessions))}


def session_shown(actor: Actor, session_id: UUID) -> SessionShown:
    """One session.

    Raises:
        Refused: if the actor may not see places, or there is no such session.
    """
    refuse(access.may(actor, Right.CAPACITY_READ))
    found = sessions_shown([session_id])
    if session_id not in found:
        raise Refused(refusals.NOT_TAKEN["unknown"])
    return found[session_id]


def channel_at(
    actor: Actor, resident_id: UUID, institution_id: UUID, *, source_id: UUID | None = None
) -> Channel:
    """Through which channel the actor would book at an institution for a resident, as booking itself judges it;
    ``source_id`` is the open request that brings the resident there, where one does.

    Raises:
        Refused: if there is no such resident, or no ground to book for them.
    """
    ground = ground_at(institution_id, resident_id, booker=actor.institution_id, source=source_id)
    if not ground.person:
        raise Refused(refusals.NOBODY)
    return channel_by(actor, ground, own=residents.decides_for(actor, ground.person))


def days_of(
    actor: Actor, *, pool_id: UUID, channel: Channel, first: date, limit: int = _FORTNIGHT
) -> list[PoolDay]:
    """The next sessions of a pool from ``first`` on, full ones too."""
    found = rows(
        _DAYS,
        pool=pool_id,
        first=first,
        limit=limit,
        draws=[each.value for each in draws(channel)],
        nobody=NOBODY,
        booker=actor.institution_id or NOBODY,
    )
    return [PoolDay(**row) for row in found]


def left_of(actor: Actor, sessions: Collection[UUID], *, channel: Channel) -> dict[UUID, dict[Channel, int]]:
    """What is left in each session for ``channel``, by the channel for which it is kept; sessions without are left out."""
    found: dict[UUID, dict[Channel, int]] = {}
    for row in rows(
        _LEFT,
        sessions=list(sessions),
        draws=[each.value for each in draws(channel)],
        nobody=NOBODY,
        booker=actor.institution_id or NOBODY,
    ):
        found.setdefault(row["session_id"], {})[Channel(row["channel"])] = row["units"]
    return found


def _shown(row: dict[str, Any]) -> SessionShown:
    return SessionShown(
        **{
            **row,
            "kind": Kind(row["kind"]),
            "grade": Grade(row["grade"]),
            "state": SessionState(row["state"]),
            "details": json.loads(row["details"]),
        }
    )
