"""The first places for a specialty within reach: for this resident, through the channel that the evidence gives."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.apps.network.rules.facts import PRIMARY
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse

from ..rules.channels import Evidence, channel_of, draws
from ..rules.vocabulary import Channel, Grade, Kind
from .places import NOBODY, Place

FAR = 30.0
AHEAD = timedelta(days=14)

# Sessions of these institutions by day and time, each with its first free slot; what an institution is to whoever
# books decides which quotas count there (``kin``: draws by institution).
_SEARCH = """
WITH kin AS (
    SELECT * FROM unnest(%(institutions)s::uuid[], %(channels)s::text[]) AS k (institution_id, channel)
), offered AS (
    SELECT s.*, k.channel FROM capacity_session s JOIN kin k USING (institution_id)
    WHERE s.kind = %(kind)s AND s.specialty_code = %(specialty)s AND s.state = 'PUBLISHED'
      AND s.day BETWEEN %(first)s::date AND %(last)s::date
      AND (%(grades)s::text[] = '{}' OR s.grade = ANY (%(grades)s::text[])) AND upper(s.during) > (SELECT tiercare_now())
    ORDER BY s.day, lower(s.during)
)
SELECT l.id AS slot_id, o.id AS session_id, o.pool_id, o.institution_id, p.name AS pool, o.kind, o.grade,
       o.clinician_name AS physician, o.place, lower(l.during) AS starts_at, upper(l.during) AS ends_at,
       least(l.capacity - l.used, room.units) AS free, l.capacity, o.channel
FROM offered o JOIN capacity_pool p ON p.id = o.pool_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(q.cap - q.used), 0)::integer AS units FROM capacity_quota q
    WHERE q.session_id = o.id AND (
        q.channel = ANY (CASE o.channel WHEN 'FAMILY_DOCTOR' THEN %(family)s::text[]
                                        WHEN 'REFERRAL' THEN %(referral)s::text[]
                                        WHEN 'MEMBER' THEN %(member)s::text[] ELSE '{OPEN}' END)
        AND q.holder_id IN (%(nobody)s, %(booker)s)
        OR q.channel NOT IN ('WALK_IN', 'OVERBOOK') AND q.release_at <= (SELECT tiercare_now()))
) room
CROSS JOIN LATERAL (
    SELECT * FROM capacity_slot e
    WHERE e.session_id = o.id AND e.used < e.capacity AND lower(e.during) > (SELECT tiercare_now())
    ORDER BY lower(e.during) LIMIT 1
) l
WHERE room.units > 0 AND (%(item)s::text = '' OR p.item = %(item)s::text)
ORDER BY o.institution_id = ANY (%(before)s::uuid[]) DESC, o.day, lower(l.during), l.id
LIMIT %(limit)s
"""
# Who is within reach of a point, by the great circle; the flat box first, since it needs no trigonometry.
_NEAR = """
WITH here AS (
    SELECT v.lng, v.lat FROM network_institutionversion v
    WHERE v.institution_id = %(from)s AND v.period @> %(on)s::date
)
SELECT v.institution_id, v.name, v.level, v.category,
       6371.0 * 2 * asin(sqrt(power(sin(radians(v.lat - h.lat) / 2), 2)
           + cos(radians(h.lat)) * cos(radians(v.lat)) * power(sin(radians(v.lng - h.lng) / 2), 2))) AS km
FROM network_institutionversion v, here h
WHERE v.period @> %(on)s::date AND v.lat BETWEEN h.lat - %(far)s / 111.0 AND h.lat + %(far)s / 111.0
  AND v.lng BETWEEN h.lng - %(far)s / (111.0 * cos(radians(h.lat)))
                AND h.lng + %(far)s / (111.0 * cos(radians(h.lat)))
  AND EXISTS (SELECT FROM capacity_pool p WHERE p.institution_id = v.institution_id
              AND p.specialty_code = %(specialty)s AND p.kind = %(kind)s)
"""
_POOLS = """
SELECT p.id, p.name, p.grade, p.institution_id FROM capacity_pool p
WHERE p.institution_id = ANY (%(institutions)s::uuid[]) AND p.kind = %(kind)s AND p.specialty_code = %(specialty)s
  AND p.period @> %(on)s::date AND (%(grades)s::text[] = '{}' OR p.grade = ANY (%(grades)s::text[]))
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """The first free place of a session: where, how far from whoever asks, through which channel; ``primary``: in primary
    care."""

    place: Place
    institution: str
    level: int
    km: float
    channel: Channel
    primary: bool


@dataclass(frozen=True, slots=True)
class PoolNear:
    """A pool, and how far it is from whoever asks (km)."""

    pool_id: UUID
    pool: str
    grade: Grade
    institution: str
    km: float


def first_places(
    actor: Actor,
    *,
    resident_id: UUID,
    specialty: str,
    kind: Kind = Kind.CLINIC,
    grades: Collection[Grade] = (),
    first: date | None = None,
    far: float = FAR,
    limit: int = 20,
    near_to: UUID | None = None,
    item: str = "",
    before: Collection[UUID] = (),
) -> list[Hit]:
    """The first place of each session of the specialty within ``far`` km, for 14 days from ``first`` on, by time; with
    ``item`` only of that examination; those of the institutions ``before`` stand before all others.

    Distance is from the actor's institution; a resident at home is measured from the institution of their doctor, or
    without one from ``near_to``, which keeps their file.

    Raises:
        Refused: if the actor may not see places.
    """
    refuse(access.may(actor, Right.CAPACITY_READ))
    today = ledger.today()
    ground = residents.ground_to_book(resident_id, booker=actor.institution_id, on=today)
    start = actor.institution_id or ground.signed_at or near_to
    near = _within(start, far, specialty, kind)
    if not near:
        return []
    fellows = network.fellows_of(actor.institution_id) if actor.institution_id else frozenset()
    evidence = {
        key: Evidence(
            own=actor.resident_id is not None and actor.resident_id in ground.person,
            known=ground.known,
            signed_at=ground.signed_at,
            fellows=key in fellows,
        )
        for key in near
    }
    channels = {
        key: channel_of(each, role=actor.role, institution_id=actor.institution_id, host_id=key)
        for key, each in evidence.items()
    }
    found = rows(
        _SEARCH,
        institutions=list(near),
        channels=[channels[key].value for key in near],
        kind=kind.value,
        specialty=specialty,
        grades=[grade.value for grade in grades],
        item=item,
        first=max(first or today, today),
        last=max(first or today, today) + AHEAD,
        family=[each.value for each in draws(Channel.FAMILY_DOCTOR)],
        referral=[each.value for each in draws(Channel.REFERRAL)],
        member=[each.value for each in draws(Channel.MEMBER)],
        nobody=NOBODY,
        booker=actor.institution_id or NOBODY,
        limit=limit,
        before=list(before),
    )
    return [_hit(row, near[row["institution_id"]]) for row in found]


def pools_near(
    actor: Actor,
    *,
    resident_id: UUID,
    specialty: str,
    kind: Kind = Kind.CLINIC,
    grades: Collection[Grade] = (),
    far: float = FAR,
    limit: int = 10,
    near_to: UUID | None = None,
) -> list[PoolNear]:
    """The pools of the specialty within ``far`` km (as ``first_places`` measures), the nearest first: where one can
    wait if nothing is free.

    Raises:
        Refused: if the actor may not see places.
    """
    refuse(access.may(actor, Right.CAPACITY_READ))
    today = ledger.today()
    ground = residents.ground_to_book(resident_id, booker=actor.institution_id, on=today)
    near = _within(actor.institution_id or ground.signed_at or near_to, far, specialty, kind)
    found = rows(
        _POOLS,
        institutions=list(near),
        kind=kind.value,
        specialty=specialty,
        grades=[grade.value for grade in grades],
        on=today,
    )
    pools = [
        PoolNear(
            row["id"],
            row["name"],
            Grade(row["grade"]),
            near[row["institution_id"]]["name"],
            round(near[row["institution_id"]]["km"], 1),
        )
        for row in found
    ]
    return sorted(pools, key=lambda each: (each.km, each.pool, str(each.pool_id)))[:limit]


def _within(start: UUID | None, far: float, specialty: str, kind: Kind) -> dict[UUID, dict[str, Any]]:
    """The institutions with such pools within ``far`` km of ``start``; none from nowhere."""
    if start is None:
        return {}
    found = rows(_NEAR, **{"from": start}, on=ledger.today(), far=far, specialty=specialty, kind=kind.value)
    return {row["institution_id"]: row for row in found if row["km"] <= far}


def _hit(row: dict[str, Any], where: dict[str, Any]) -> Hit:
    channel = Channel(row.pop("channel"))
    place = Place(**{**row, "kind": Kind(row["kind"]), "grade": Grade(row["grade"])})
    primary = where["category"] in PRIMARY
    return Hit(place, where["name"], where["level"], round(where["km"], 1), channel, primary)
