"""当日候诊: the sessions of a hospital's day with what has become of their patients so far, and who was seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from ..rules import refusals
from ..rules.vocabulary import Channel, Grade, Kind, SessionState
from ..workflow import State
from .places import NOBODY

# Counted from the bookings, not from the counters: a hold that ran out is nobody who is expected.
_COLUMNS = """
SELECT s.id, s.institution_id, p.name AS pool, coalesce(d.name, '') AS department, s.kind, s.grade,
       s.clinician_name AS physician, s.place, s.day, lower(s.during) AS starts_at, upper(s.during) AS ends_at, s.state,
       s.stopped_reason, p.slot_minutes IS NOT NULL AS by_time, people.expected, people.arrived, people.seen,
       people.missed, people.walk_ins, people.beyond, people.since, extra.walk_ins_left, extra.beyond_left
FROM capacity_session s JOIN capacity_pool p ON p.id = s.pool_id
LEFT JOIN network_department d ON d.id = p.department_id
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE b.state = 'BOOKED')::integer AS expected,
           count(*) FILTER (WHERE b.state = 'ARRIVED')::integer AS arrived,
           count(*) FILTER (WHERE b.state = 'ATTENDED')::integer AS seen,
           count(*) FILTER (WHERE b.state = 'NO_SHOW')::integer AS missed,
           count(*) FILTER (WHERE b.quota_channel = 'WALK_IN')::integer AS walk_ins,
           count(*) FILTER (WHERE b.quota_channel = 'OVERBOOK')::integer AS beyond,
           min(CASE WHEN b.quota_channel = 'WALK_IN' THEN b.made_at ELSE b.arrived_at END)
               FILTER (WHERE b.state = 'ARRIVED') AS since
    FROM capacity_booking b
    WHERE b.session_id = s.id AND b.state IN ('BOOKED', 'ARRIVED', 'ATTENDED', 'NO_SHOW')
) people
CROSS JOIN LATERAL (
    SELECT coalesce(sum(q.cap - q.used) FILTER (WHERE q.channel = 'WALK_IN'), 0)::integer AS walk_ins_left,
           coalesce(sum(q.cap - q.used) FILTER (WHERE q.channel = 'OVERBOOK'), 0)::integer AS beyond_left
    FROM capacity_quota q WHERE q.session_id = s.id
) extra
"""
_OF_DAY = " ".join(
    (
        _COLUMNS,
        """WHERE s.institution_id = %(institution)s AND s.day = %(day)s::date AND s.state <> 'DRAFT'
ORDER BY s.kind, d.name NULLS LAST, lower(s.during), p.name, s.id""",
    )
)
_ONE = " ".join((_COLUMNS, "WHERE s.id = %(session)s"))
# Changes with every booking of the session that somebody on the day list would see differently.
_MARK = """
SELECT coalesce(left(encode(sha256(string_agg(
           b.id::text || b.state || coalesce(b.called_at::text, ''), ',' ORDER BY b.id)::bytea), 'hex'), 32), '') AS mark
FROM capacity_booking b
WHERE b.session_id = %(session)s AND b.state IN ('BOOKED', 'ARRIVED', 'ATTENDED', 'NO_SHOW')
"""
_DONE = """
SELECT b.id, b.resident_id, b.number, b.state, b.quota_channel, lower(l.during) AS starts_at, b.changed_at AS at,
       CASE WHEN b.quota_channel = 'WALK_IN' THEN b.made_at ELSE b.arrived_at END AS arrived_at
FROM capacity_booking b JOIN capacity_slot l ON l.id = b.slot_id
WHERE b.session_id = %(session)s AND b.state IN ('ATTENDED', 'NO_SHOW')
ORDER BY b.changed_at DESC, b.id
LIMIT %(limit)s
"""
_SLOTS_AHEAD = """
SELECT l.id, lower(l.during) AS starts_at FROM capacity_slot l
WHERE l.session_id = %(session)s AND lower(l.during) > tiercare_now() ORDER BY lower(l.during), l.id
"""
_MOST = 500


@dataclass(frozen=True, slots=True)
class DaySession:
    """A session and how its day goes: still expected, waiting, seen, missed; of these so many walked in or were taken
    beyond the offer. ``since``: when the one who waits longest came; ``…_left``: places beside the offer."""

    id: UUID
    institution_id: UUID
    pool: str
    department: str
    kind: Kind
    grade: Grade
    physician: str
    place: str
    day: date
    starts_at: datetime
    ends_at: datetime
    state: SessionState
    stopped_reason: str
    by_time: bool
    expected: int
    arrived: int
    seen: int
    missed: int
    walk_ins: int
    beyond: int
    since: datetime | None
    walk_ins_left: int
    beyond_left: int


@dataclass(frozen=True, slots=True)
class Done:
    """Somebody who was seen, or did not come; ``at`` is when that was recorded."""

    id: UUID
    resident_id: UUID
    number: int
    state: State
    drawn: Channel
    starts_at: datetime
    arrived_at: datetime | None
    at: datetime


def day_sessions(actor: Actor, *, day: date) -> list[DaySession]:
    """The sessions of the actor's institution on a day, stopped ones too; numbers only, so nobody's record is read.

    Raises:
        Refused: if the actor handles no bookings.
    """
    refuse(access.may(actor, Right.CAPACITY_BOOK, institution_id=actor.institution_id or NOBODY))
    with scoped(actor):
        return [_session(row) for row in rows(_OF_DAY, institution=actor.institution_id, day=day)]


def day_session(actor: Actor, session_id: UUID) -> DaySession:
    """One of them.

    Raises:
        Refused: if there is no such session, or the actor's institution does not offer it.
    """
    with scoped(actor):
        found = rows(_ONE, session=session_id)
    if not found:
        raise Refused(refusals.NO_SUCH_SESSION)
    refuse(access.may(actor, Right.CAPACITY_BOOK, institution_id=found[0]["institution_id"]))
    return _session(found[0])


def day_mark(actor: Actor, session_id: UUID) -> str:
    """A word that is another one as soon as the session's list is; the caller has asked for ``day_session``."""
    with scoped(actor):
        return str(rows(_MARK, session=session_id)[0]["mark"])


def done_of(actor: Actor, session_id: UUID) -> list[Done]:
    """Who was seen or missed in a session of the actor's institution, the last first; the reading is recorded.

    Raises:
        Refused: as ``day_session``.
    """
    day_session(actor, session_id)
    with scoped(actor):
        found = rows(_DONE, session=session_id, limit=_MOST)
        residents.record_listed(actor, "bookings", [row["resident_id"] for row in found])
    return [_done(row) for row in found]


def slots_ahead(session_id: UUID) -> list[tuple[UUID, datetime]]:
    """The slots of a session that have not begun: those in which somebody can be taken beyond the offer."""
    return [(row["id"], row["starts_at"]) for row in rows(_SLOTS_AHEAD, session=session_id)]


def _session(row: dict[str, Any]) -> DaySession:
    return DaySession(
        **{
            **row,
            "kind": Kind(row["kind"]),
            "grade": Grade(row["grade"]),
            "state": SessionState(row["state"]),
        }
    )


def _done(row: dict[str, Any]) -> Done:
    drawn = Channel(row.pop("quota_channel"))
    return Done(**{**row, "state": State(row["state"]), "drawn": drawn})
