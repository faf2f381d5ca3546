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
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from ..rules import refusals
from ..rules.channels import Evidence, channel_of, draws, may_book_for
from ..rules.vocabulary import Channel, Grade, Kind, SessionState
from .places import NOBODY

_SESSIONS = """
SELECT s.id, s.pool_id, s.institution_id, p.name AS pool, s.kind, s.grade, s.specialty_code,
       s.clinician_name AS physician, s.place, s.day, lower(s.during) AS starts_at, upper(s.during) AS ends_at,
       s.state, s.stopped_reason, p.item, p.details
FROM capacity_session s JOIN capacity_pool p ON p.id = s.pool_id
WHERE s.id = ANY (%(sessions)s::uuid[])
"""
# What is left of each quota that the channel may draw on; what was released counts as open to all.
_LEFT = """
SELECT q.session_id, CASE WHEN q.release_at <= tiercare_now() THEN 'OPEN' ELSE q.channel END AS channel,
       sum(q.cap - q.used)::integer AS units
FROM capacity_quota q
WHERE q.session_id = ANY (%(sessions)s::uuid[]) AND q.used < q.cap AND q.channel NOT IN ('WALK_IN', 'OVERBOOK')
  AND (q.channel = ANY (%(draws)s::text[]) AND q.holder_id IN (%(nobody)s, %(booker)s)
       OR q.release_at <= tiercare_now())
GROUP BY 1, 2
"""
_DAYS = """
SELECT s.id AS session_id, s.day, lower(s.during) AS starts_at, s.clinician_name AS physician,
       least(room.units, free.units) AS free
FROM capacity_session s
CROSS JOIN LATERAL (
    SELECT coalesce(sum(q.cap - q.used), 0)::integer AS units FROM capacity_quota q
    WHERE q.session_id = s.id AND (
        q.channel = ANY (%(draws)s::text[]) AND q.holder_id IN (%(nobody)s, %(booker)s)
        OR q.channel NOT IN ('WALK_IN', 'OVERBOOK') AND q.release_at <= tiercare_now())
) room
CROSS JOIN LATERAL (
    SELECT coalesce(sum(l.capacity - l.used), 0)::integer AS units FROM capacity_slot l
    WHERE l.session_id = s.id AND lower(l.during) > tiercare_now()
) free
WHERE s.pool_id = %(pool)s AND s.state = 'PUBLISHED' AND s.day >= %(first)s::date AND upper(s.during) > tiercare_now()
ORDER BY s.day, starts_at, s.id
LIMIT %(limit)s
"""
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


def channel_at(actor: Actor, resident_id: UUID, institution_id: UUID) -> Channel:
    """Through which channel the actor would book at an institution for a resident, as booking itself judges it.

    Raises:
        Refused: if there is no such resident, or no ground to book for them.
    """
    ground = residents.ground_to_book(resident_id, booker=actor.institution_id, on=ledger.today())
    if not ground.person:
        raise Refused(refusals.NOBODY)
    own = actor.institution_id
    evidence = Evidence(
        own=actor.resident_id is not None and actor.resident_id in ground.person,
        known=ground.known,
        signed_at=ground.signed_at,
        fellows=own is not None and own != institution_id and network.share_a_consortium(own, institution_id),
    )
    refuse(may_book_for(evidence))
    return channel_of(evidence, role=actor.role, institution_id=own, host_id=institution_id)


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
