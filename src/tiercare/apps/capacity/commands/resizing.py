"""Having a session offer more or fewer places than it was published with; who loses a place by it is moved and told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import Session
from ..queries.places import others
from ..queries.promises import bound, offers
from ..rules.planning import MOST_UNITS
from ..rules.resizing import Room, resized
from ..rules.shares import promised, resources_of
from ..rules.vocabulary import Channel, Grade, Kind
from ..workflow import State
from . import stopping_sql as sql
from .publishing import NOBODY, lock_schedule, promises_short
from .stopping import free, host_of, own_session, slots_near, told_reason
from .turning import lock

SUBJECT = "capacity.session"
_MOVABLE = frozenset({State.HELD.value, State.BOOKED.value})
_ROOMS = """
SELECT q.channel, q.cap, q.used FROM capacity_quota q
WHERE q.session_id = %(session)s AND q.holder_id = %(nobody)s AND q.channel NOT IN ('WALK_IN', 'OVERBOOK')
"""
_SLOTS = "SELECT count(*)::integer AS slots, sum(capacity)::integer AS room FROM capacity_slot WHERE session_id = %(session)s"
# Of a session by number: its one slot holds what the session offers.
_SET_SLOT = "UPDATE capacity_slot SET capacity = %(units)s WHERE session_id = %(session)s RETURNING id"
_SET_QUOTA = """
INSERT INTO capacity_quota (session_id, channel, holder_id, cap, release_at)
VALUES (%(session)s, %(channel)s, %(nobody)s, %(units)s, %(release)s)
ON CONFLICT (session_id, channel, holder_id) DO UPDATE SET cap = excluded.cap
RETURNING cap
"""


@dataclass(frozen=True, slots=True)
class Changed:
    """How many were moved to another place, and how many lost theirs with the nearest named."""

    moved: int
    freed: int


def resize(actor: Actor, *, session_id: UUID, capacity: int, reason: str = "", move: bool = False) -> Changed:
    """Have a session offer ``capacity`` places. Places that are free go first; below what is booked only with ``move``:
    then those who booked last, and openly first, are moved to the nearest place of the same kind and told.

    Raises:
        Refused: if the actor does not keep the session, it is stopped or over, the number is absurd or more than its
            slots hold; if more are booked and nobody is to be moved, or no reason is given for it; if the day would
            keep less than policy promises.
    """
    if not 1 <= capacity <= MOST_UNITS:
        raise Refused(_ABSURD)
    with transaction.atomic():
        lock_schedule(host_of(session_id))
        session = own_session(actor, session_id)
        if session.during.upper <= ledger_queries.now():
            raise Refused(_OVER)
        (slots,) = rows(_SLOTS, session=session_id)
        if slots["slots"] > 1 and capacity > slots["room"]:
            raise Refused(_slots_hold(slots["room"], capacity))
        with scoped(actor):
            done = _resize(actor, session, capacity, reason, move, by_number=slots["slots"] == 1)
        refuse(*promises_short(session.institution_id, session.day))
    return done


def _resize(
    actor: Actor, session: Session, capacity: int, reason: str, move: bool, *, by_number: bool
) -> Changed:
    rooms = {
        Channel(row["channel"]): Room(row["cap"], row["used"])
        for row in rows(_ROOMS, session=session.id, nobody=NOBODY)
    }
    plan = resized(rooms, capacity, _floors(session, capacity, rooms))
    losing = sum(plan.losing.values())
    if losing and not move:
        raise Refused(_booked(sum(room.used for room in rooms.values()), capacity))
    gone = _last_booked(session, plan.losing) if losing else []
    moved = _move(actor, session, gone, told_reason(reason)) if losing else []
    if by_number:
        rows(_SET_SLOT, session=session.id, units=capacity)
    for channel, units in sorted(plan.caps.items()):
        if channel not in rooms or units != rooms[channel].cap:
            rows(
                _SET_QUOTA,
                session=session.id,
                channel=channel.value,
                nobody=NOBODY,
                units=units,
                release=None if channel is Channel.OPEN else session.during.lower,
            )
    before, session.capacity = session.capacity, capacity
    session.version += 1
    session.save(update_fields=["capacity", "version"])
    ledger.append(
        actor,
        events.SessionResized(
            was=before, now=capacity, reason=reason.strip(), bookings=tuple(row["id"] for row in gone)
        ),
        subject_type=SUBJECT,
        subject_id=session.id,
        institution_id=session.institution_id,
        division_code=actor.division_code,
    )
    return Changed(sum(moved), len(moved) - sum(moved))


def _floors(session: Session, capacity: int, rooms: Mapping[Channel, Room]) -> dict[Channel, int]:
    """What the day's promises want of this session, once it offers so many: what the other sessions do not keep."""
    binding = bound(session.institution_id, on=session.day)
    if binding is None:
        return {}
    own = resources_of(Kind(session.kind), Grade(session.grade))
    floors: dict[Channel, int] = {}
    for offer in offers([session.institution_id], session.day, session.day).get(session.day, ()):
        for promise in binding.promises:
            if offer.resource in promise.resources & own:
                here = rooms.get(promise.channel, Room(0, 0)).cap
                needed = promised(offer.offered - session.capacity + capacity, promise.share)
                elsewhere = offer.kept_for([promise.channel]) - here
                floors[promise.channel] = max(floors.get(promise.channel, 0), needed - elsewhere)
    return floors


def _last_booked(session: Session, losing: Mapping[Channel, int]) -> list[dict[str, Any]]:
    """The bookings that lose their place: of each channel those that were made last.

    Raises:
        Refused: if too many of them have come already.
    """
    booked = [row for row in rows(sql.BOOKED, session=session.id) if row["state"] in _MOVABLE]
    found: list[dict[str, Any]] = []
    for channel, units in losing.items():
        of_channel = [row for row in booked if row["quota_channel"] == channel.value][-units:]
        if len(of_channel) < units:
            raise Refused(_HERE_ALREADY)
        found += of_channel
    return found


def _move(actor: Actor, session: Session, gone: Sequence[dict[str, Any]], reason: str) -> list[bool]:
    """Move each to the nearest place, not of this session; answers for each whether there was one."""
    near = slots_near(actor, gone)
    lock([row["id"] for row in gone], sorted(near))
    found = []
    for row in gone:
        places = others(actor, slot_id=row["slot_id"], channel=Channel(row["channel"]))
        elsewhere = [place for place in places if place.session_id != session.id]
        found.append(free(actor, session, row, reason, near, elsewhere))
    return found


def _booked(booked: int, capacity: int) -> Refusal:
    return Refusal(
        code="capacity.below_booked",
        message=Text(
            "已约 {booked} 个，不能直接减到 {capacity} 个。",
            "{booked} are booked: the session cannot just go down to {capacity}.",
        ),
        instead=Text(
            "请选择“改约多出来的居民”并写明原因，或填不少于 {booked} 的号数。",
            "Choose to move those who are too many and give the reason, or keep at least {booked} places.",
        ),
        fields={"booked": booked, "capacity": capacity},
        at="capacity",
    )


def _slots_hold(room: int, capacity: int) -> Refusal:
    return Refusal(
        code="capacity.slots_too_few_here",
        message=Text(
            "这一场各时段合计只有 {room} 个号，不够 {capacity} 个。",
            "The slots of this session have {room} places, fewer than {capacity}.",
        ),
        instead=Text("请另放一场，或设加号。", "Publish another session, or allow places beyond the offer."),
        fields={"room": room, "capacity": capacity},
        at="capacity",
        status=422,
    )


_ABSURD = Refusal(
    code="capacity.wrong_capacity_here",
    message=Text("号数须在 1 至 {most} 之间。", "A session has 1 to {most} places."),
    instead=Text("请更正；全部不看了请用停诊。", "Correct it; to offer none, stop the session."),
    fields={"most": MOST_UNITS},
    at="capacity",
    status=422,
)
_OVER = Refusal(
    code="capacity.session_over",
    message=Text("这一场已经结束，号数不再更改。", "The session is over; its places do not change any more."),
    instead=Text("请到每周排班里改以后的号数。", "Change the week for the days to come."),
    at="capacity",
)
_HERE_ALREADY = Refusal(
    code="capacity.too_many_here",
    message=Text(
        "要改约的居民中有人已到院签到，减不到这么少。", "Some of those who would be moved have come already."
    ),
    instead=Text("请填大一些的号数。", "Keep more places."),
    at="capacity",
)
