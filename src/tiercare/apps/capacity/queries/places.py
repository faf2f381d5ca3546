"""What can be had: the slots of a day, and the nearest others where a place was just lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from time import monotonic
from typing import Any
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse

from ..rules.channels import draws
from ..rules.vocabulary import Channel, Grade, Kind

NOBODY = UUID(int=0)
_FEW = 5
# What was answered lately, by this process (``others_lately``): seconds for which it is told again, and of how many.
_SHARED, _MOST_SHARED = 1.0, 1_000
_lately: dict[tuple[UUID, Channel, UUID | None], tuple[float, list[Place]]] = {}

# The room that a channel has in a session: the quotas that it may draw on, with what was released by now.
_ROOM = """
CROSS JOIN LATERAL (
    SELECT coalesce(sum(q.cap - q.used), 0)::integer AS units FROM capacity_quota q
    WHERE q.session_id = s.id AND (
        q.channel = ANY (%(draws)s::text[]) AND q.holder_id IN (%(nobody)s, %(booker)s)
        OR q.channel NOT IN ('WALK_IN', 'OVERBOOK') AND q.release_at <= (SELECT tiercare_now()))
) room
"""
_COLUMNS = """
SELECT l.id AS slot_id, s.id AS session_id, s.pool_id, s.institution_id, p.name AS pool, s.kind, s.grade,
       s.clinician_name AS physician, s.place, lower(l.during) AS starts_at, upper(l.during) AS ends_at,
       CASE WHEN lower(l.during) > (SELECT tiercare_now()) THEN greatest(0, least(l.capacity - l.used, room.units))
            ELSE 0 END AS free, l.capacity
"""
# Where the counters still hold what a hold has left whose time ran out: places of a slot, and of a quota.
GONE_OF_SLOT = """
coalesce((SELECT sum(g.units) FROM gone g WHERE g.slot = l.id AND g.channel NOT IN ('WALK_IN', 'OVERBOOK')), 0)"""
GONE_OF_QUOTA = """
coalesce((SELECT sum(g.units) FROM gone g
          WHERE g.session = q.session_id AND g.channel = q.channel AND g.holder = q.holder_id), 0)"""
_OF_DAY = "".join(
    (
        """
WITH gone AS MATERIALIZED (SELECT * FROM capacity_lapsed(ARRAY(
    SELECT s.id FROM capacity_session s
    WHERE s.institution_id = %(institution)s AND s.day = %(day)s::date AND s.state = 'PUBLISHED'
      AND (%(pool)s::uuid IS NULL OR s.pool_id = %(pool)s::uuid))))
""",
        _COLUMNS.replace("l.capacity - l.used", f"(l.capacity - l.used + {GONE_OF_SLOT})::integer"),
        """
FROM capacity_session s JOIN capacity_pool p ON p.id = s.pool_id JOIN capacity_slot l ON l.session_id = s.id""",
        _ROOM.replace("q.cap - q.used", f"q.cap - q.used + {GONE_OF_QUOTA}"),
        """
WHERE s.institution_id = %(institution)s AND s.day = %(day)s::date AND s.state = 'PUBLISHED'
  AND (%(pool)s::uuid IS NULL OR s.pool_id = %(pool)s::uuid)
ORDER BY starts_at, p.name, l.id
LIMIT %(limit)s
""",
    )
)
# The same pool first, then the same institution, then elsewhere; by time. One after the other: where the first gives
# enough, the others are not looked at. Sessions come in the order of their index, day by day, until there are enough;
# the slots of each only until the one nearest in time.
_NEAR = "".join(
    (
        """
(""",
        _COLUMNS,
        """
FROM capacity_session s JOIN capacity_pool p ON p.id = s.pool_id""",
        _ROOM,
        """
CROSS JOIN LATERAL (
    SELECT * FROM capacity_slot e
    WHERE e.session_id = s.id AND e.used < e.capacity AND lower(e.during) > (SELECT tiercare_now())
    ORDER BY abs(extract(epoch FROM lower(e.during) - (SELECT starts FROM lost))) LIMIT 1
) l
WHERE s.specialty_code = (SELECT specialty_code FROM lost) AND s.kind = (SELECT kind FROM lost)
  AND s.state = 'PUBLISHED' AND s.day BETWEEN (SELECT day FROM lost) AND (SELECT day FROM lost) + 14
  AND room.units > 0 AND {where}
ORDER BY {order} LIMIT %(limit)s)""",
    )
)
_OTHERS = "".join(
    (
        """
WITH lost AS (
    SELECT s.pool_id, s.institution_id, s.specialty_code, s.kind, s.day, lower(l.during) AS starts
    FROM capacity_slot l JOIN capacity_session s ON s.id = l.session_id WHERE l.id = %(slot)s
)""",
        " UNION ALL".join(
            _NEAR.format(where=where, order=order)
            for where, order in (
                # The second condition says nothing new; the index of a pool's sessions is by their time.
                (
                    "s.pool_id = (SELECT pool_id FROM lost)"
                    " AND s.during > tstzrange((SELECT starts FROM lost) - interval '1 day', NULL)",
                    "s.during",
                ),
                (
                    "s.institution_id = (SELECT institution_id FROM lost)"
                    " AND s.pool_id <> (SELECT pool_id FROM lost)",
                    "s.day, lower(l.during), l.id",
                ),
                (
                    "s.institution_id <> (SELECT institution_id FROM lost)",
                    "s.day, lower(l.during), l.id",
                ),
            )
        ),
        """
LIMIT %(limit)s
""",
    )
)


@dataclass(frozen=True, slots=True)
class Place:
    """A slot as somebody sees it who may book it: ``free`` places for their channel."""

    slot_id: UUID
    session_id: UUID
    pool_id: UUID
    institution_id: UUID
    pool: str
    kind: Kind
    grade: Grade
    physician: str
    place: str
    starts_at: datetime
    ends_at: datetime
    free: int
    capacity: int


def of_day(
    actor: Actor,
    *,
    institution_id: UUID,
    day: date,
    pool_id: UUID | None = None,
    channel: Channel,
    limit: int = 200,
) -> list[Place]:
    """The slots of an institution's day in order, with the places that are free for ``channel``.

    Raises:
        Refused: if the actor may not see places.
    """
    refuse(access.may(actor, Right.CAPACITY_READ))
    found = rows(
        _OF_DAY, institution=institution_id, day=day, pool=pool_id, limit=limit, **_for(actor, channel)
    )
    return [_place(row) for row in found]


def others(actor: Actor, *, slot_id: UUID, channel: Channel, limit: int = _FEW) -> list[Place]:
    """The nearest free places to one that was lost: same pool, same institution, same specialty elsewhere; 14 days."""
    return [_place(row) for row in rows(_OTHERS, slot=slot_id, limit=limit, **_for(actor, channel))]


def others_lately(actor: Actor, *, slot_id: UUID, channel: Channel) -> list[Place]:
    """As ``others``, but up to a second old: in a rush thousands lose the same place within moments and are told the
    same. It names places to try; whether one is still there, trying decides, as it does for whatever a page shows."""
    asked = (slot_id, channel, actor.institution_id)
    now = monotonic()
    kept = _lately.get(asked)
    if kept is not None and now - kept[0] < _SHARED:
        return kept[1]
    found = others(actor, slot_id=slot_id, channel=channel)
    if len(_lately) >= _MOST_SHARED:
        _lately.clear()
    _lately[asked] = (now, found)
    return found


@dataclass(frozen=True, slots=True)
class SlotTime:
    """When a slot is, and of what; ``by_time`` is false where its session goes by number."""

    slot_id: UUID
    session_id: UUID
    institution_id: UUID
    pool: str
    kind: Kind
    by_time: bool
    starts_at: datetime
    ends_at: datetime


_TIMES = """
SELECT l.id AS slot_id, s.id AS session_id, s.institution_id, p.name AS pool, s.kind,
       p.slot_minutes IS NOT NULL AS by_time, lower(l.during) AS starts_at, upper(l.during) AS ends_at
FROM capacity_slot l JOIN capacity_session s ON s.id = l.session_id JOIN capacity_pool p ON p.id = s.pool_id
WHERE l.id = ANY (%(slots)s::uuid[])
ORDER BY starts_at, l.id
"""


def times_of(slots: Sequence[UUID]) -> list[SlotTime]:
    """When these slots are, in order; unknown ones are left out."""
    return [SlotTime(**{**row, "kind": Kind(row["kind"])}) for row in rows(_TIMES, slots=list(slots))]


def _for(actor: Actor, channel: Channel) -> dict[str, Any]:
    return {
        "draws": [each.value for each in draws(channel)],
        "nobody": NOBODY,
        "booker": actor.institution_id or NOBODY,
    }


def _place(row: dict[str, Any]) -> Place:
    return Place(**{**row, "kind": Kind(row["kind"]), "grade": Grade(row["grade"])})
