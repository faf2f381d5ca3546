"""Who waits for a place, and where in the line: for residents, for those who put them there, and for the host."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
from ..rules.vocabulary import Channel, Grade, Kind
from ..rules.waiting import NOT_WAITING, Urgency, WaitingState

# An entry as it stands now: the booking of an offer, and the clock, decide before any job has written it down.
_COLUMNS = """
SELECT w.id, w.pool_id, p.name AS pool, p.kind, p.grade, w.resident_id, w.institution_id, w.booked_by, w.channel,
       w.urgency, w.first, w.last, w.made_at, w.changed_at, w.booking_id, b.held_until,
       lower(l.during) AS starts_at, upper(l.during) AS ends_at,
       CASE WHEN w.state = 'WAITING' AND w.last < (tiercare_now() AT TIME ZONE 'Asia/Shanghai')::date THEN 'EXPIRED'
            WHEN w.state <> 'OFFERED' THEN w.state
            WHEN b.state = 'HELD' AND b.held_until > tiercare_now() THEN 'OFFERED'
            WHEN b.state IN ('HELD', 'LAPSED') THEN 'LAPSED'
            WHEN b.state = 'CANCELLED' THEN 'DECLINED'
            WHEN b.state = 'STOPPED' THEN 'WAITING'
            ELSE 'TAKEN' END AS state
FROM capacity_waiting w JOIN capacity_pool p ON p.id = w.pool_id
LEFT JOIN capacity_booking b ON b.id = w.booking_id LEFT JOIN capacity_slot l ON l.id = b.slot_id"""
_ONE = " ".join((_COLUMNS, "WHERE w.id = %(waiting)s"))
_OF_PERSON = " ".join(
    (
        _COLUMNS,
        "WHERE w.resident_id = ANY (%(persons)s::uuid[]) ORDER BY w.made_at DESC, w.id DESC LIMIT %(limit)s",
    )
)
_PUT_BY = " ".join(
    (
        _COLUMNS,
        """WHERE w.booked_by = %(institution)s
ORDER BY w.state IN ('WAITING', 'OFFERED') DESC, w.made_at DESC, w.id DESC LIMIT %(limit)s""",
    )
)
# Who is asked already before who is still in line, and what ended lately after them.
_LINE = " ".join(
    (
        _COLUMNS,
        """WHERE w.pool_id = %(pool)s
  AND (w.state IN ('WAITING', 'OFFERED') OR w.changed_at > tiercare_now() - interval '7 days')
ORDER BY w.state NOT IN ('WAITING', 'OFFERED'), w.state = 'WAITING', w.urgency, w.made_at, w.id LIMIT %(limit)s""",
    )
)
_POOLS = """
SELECT p.id AS pool_id, p.name AS pool, p.kind, p.grade,
       count(*) FILTER (WHERE w.state = 'WAITING')::integer AS waiting,
       count(*) FILTER (WHERE w.state = 'OFFERED')::integer AS offered, min(w.made_at) AS since
FROM capacity_waiting w JOIN capacity_pool p ON p.id = w.pool_id
WHERE w.institution_id = %(institution)s AND w.state IN ('WAITING', 'OFFERED')
  AND w.last >= (tiercare_now() AT TIME ZONE 'Asia/Shanghai')::date
GROUP BY p.id ORDER BY waiting DESC, p.name, p.id
"""
_POOL = "SELECT p.id AS pool_id, p.name AS pool, p.kind, p.grade, p.institution_id FROM capacity_pool p WHERE p.id = %(pool)s"
_AHEAD = "SELECT entry, ahead FROM capacity_ahead(%(entries)s::uuid[])"
_MOST = 200


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """An entry as it stands now; ``starts_at``, ``ends_at`` and ``held_until`` are of the place that was offered.

    ``ahead`` is how many stand before it and want one of the same days; ``None`` where nobody asked, or it is not in
    line. ``booked_by`` is the institution that put the resident there; empty for residents themselves.
    """

    id: UUID
    pool_id: UUID
    pool: str
    kind: Kind
    grade: Grade
    resident_id: UUID
    institution_id: UUID
    booked_by: UUID | None
    channel: Channel
    urgency: Urgency
    first: date
    last: date
    made_at: datetime
    changed_at: datetime
    booking_id: UUID | None
    held_until: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    state: WaitingState
    ahead: int | None = None


@dataclass(frozen=True, slots=True)
class PoolWaitedFor:
    """A pool with how many wait for it and how many have been offered something; ``since`` the longest waiting."""

    pool_id: UUID
    pool: str
    kind: Kind
    grade: Grade
    waiting: int
    offered: int
    since: datetime


@dataclass(frozen=True, slots=True)
class PoolNamed:
    """A pool by which somebody is put on its list."""

    pool_id: UUID
    pool: str
    kind: Kind
    grade: Grade
    institution_id: UUID


def entry(waiting_id: UUID) -> WaitingRow | None:
    """The entry if the wall shows it; the caller stands in ``scoped``."""
    found = rows(_ONE, waiting=waiting_id)
    return _row(found[0]) if found else None


@contextmanager
def seen_entry(actor: Actor, waiting_id: UUID) -> Iterator[tuple[WaitingRow, tuple[UUID, ...]]]:
    """The entry and, for residents, the person whose it is, where the wall shows it (as ``bookings.seen``).

    Raises:
        Refused: if the actor does not see it.
    """
    for persons in residents.acts_for(actor):
        with scoped(actor, persons=persons):
            found = entry(waiting_id)
            if found is not None:
                yield found, persons
                return
    raise Refused(NOT_WAITING)


def my_waiting(actor: Actor, resident_id: UUID, *, limit: int = 20) -> list[WaitingRow]:
    """Where the resident, or a ward of theirs, waits or waited, the latest first; recorded as their reading.

    Raises:
        Refused: if it is neither the person nor their guardian.
    """
    refuse(access.may(actor, Right.READS_OF_MINE, resident_id=actor.resident_id))
    with residents.opened(actor, resident_id, what="waiting") as ground:
        return _with_place(rows(_OF_PERSON, persons=list(ground.persons), limit=limit))


def put_on_lists(actor: Actor, *, limit: int = _MOST) -> list[WaitingRow]:
    """Whom the actor's institution put on lists, those still waiting first; the reading is recorded.

    Raises:
        Refused: if the actor does not book.
    """
    refuse(access.may(actor, Right.CAPACITY_BOOK, institution_id=actor.institution_id))
    with scoped(actor):
        found = _with_place(rows(_PUT_BY, institution=actor.institution_id, limit=limit))
        residents.record_listed(actor, "waiting", [each.resident_id for each in found])
    return found


def pools_waited_for(actor: Actor) -> list[PoolWaitedFor]:
    """The pools of the actor's institution for which somebody waits; counts, nobody is named.

    Raises:
        Refused: if the actor does not book.
    """
    refuse(access.may(actor, Right.CAPACITY_BOOK, institution_id=actor.institution_id))
    with scoped(actor):
        found = rows(_POOLS, institution=actor.institution_id)
    return [
        PoolWaitedFor(**{**row, "kind": Kind(row["kind"]), "grade": Grade(row["grade"])}) for row in found
    ]


def line_of(actor: Actor, pool_id: UUID, *, limit: int = _MOST) -> list[WaitingRow]:
    """The line of a pool in its order: who was asked, who is next, and what ended in the last week; recorded.

    Raises:
        Refused: if there is no such pool, or it is not the actor's institution's.
    """
    refuse(access.may(actor, Right.CAPACITY_BOOK, institution_id=actor.institution_id))
    if pool_named(pool_id).institution_id != actor.institution_id:
        raise Refused(refusals.NO_SUCH_POOL)
    with scoped(actor):
        found = [_row(row) for row in rows(_LINE, pool=pool_id, limit=limit)]
        residents.record_listed(actor, "waiting", [each.resident_id for each in found])
    return found


def pool_named(pool_id: UUID) -> PoolNamed:
    """A pool; nothing of a resident stands in it.

    Raises:
        Refused: if there is none.
    """
    found = rows(_POOL, pool=pool_id)
    if not found:
        raise Refused(refusals.NO_SUCH_POOL)
    return PoolNamed(**{**found[0], "kind": Kind(found[0]["kind"]), "grade": Grade(found[0]["grade"])})


def waiting_person(found: Sequence[WaitingRow]) -> dict[UUID, residents.Least]:
    """How lists show the residents of these entries, past the wall; the caller has recorded the reading."""
    return {each.id: each for each in residents.least_of({each.resident_id for each in found})}


def _with_place(found: list[dict[str, Any]]) -> list[WaitingRow]:
    """The entries with how many stand before each; numbers only of the others."""
    inline = [row["id"] for row in found if row["state"] == WaitingState.WAITING]
    ahead = {row["entry"]: row["ahead"] for row in rows(_AHEAD, entries=inline)} if inline else {}
    return [_row(row, ahead.get(row["id"])) for row in found]


def _row(row: dict[str, Any], ahead: int | None = None) -> WaitingRow:
    return WaitingRow(
        **{
            **row,
            "kind": Kind(row["kind"]),
            "grade": Grade(row["grade"]),
            "channel": Channel(row["channel"]),
            "urgency": Urgency(row["urgency"]),
            "state": WaitingState(row["state"]),
            "ahead": ahead,
        }
    )
