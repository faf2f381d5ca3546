"""Writing one session as it is to stand: its slots, its quotas, and what of it was sold elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.types.range import TimestamptzRange

from tiercare.kernel.clock import ZONE
from tiercare.kernel.ids import uuid7

from ..models import Feed, FeedSession, Session
from ..rules.conflicts import ConflictKind
from ..rules.feeds import Room, Time, fit
from ..rules.vocabulary import OFFERED, Channel, SessionState
from . import feeding_sql as sql
from . import publishing_sql
from .feed_day import NOBODY, Found, Here, Piece

_TAKEN_OFF = "由医院系统撤下"


def offer(feed: Feed, piece: Piece, *, release: timedelta, now: datetime) -> UUID:
    """Put the piece on offer as a new session; answers its id. ``release``: how long before it what is kept opens."""
    pool, key = piece.pool, uuid7()
    assert pool is not None
    room = sum(each.left for each in piece.rooms.values())
    piece.caps = fit(piece.units, {}, room)
    session = {
        "id": key,
        "institution": feed.institution_id,
        "pool": pool.id,
        "day": piece.told.day,
        "starts": piece.starts,
        "ends": piece.ends,
        "capacity": room,
        "clinician": piece.clinician_id,
        "place": piece.told.place,
        "now": now,
    }
    slots = [
        {"id": uuid7(), "session": key, "starts": start, "ends": end, "capacity": each.left}
        for (start, end), each in piece.rooms.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(publishing_sql.SESSION, session)
        cursor.executemany(publishing_sql.SLOT, slots)
        cursor.executemany(publishing_sql.QUOTA, [*_quotas(key, piece, release).values()])
    piece.told.session_id = key
    FeedSession.objects.filter(id=piece.told.id).update(session_id=key)
    return key


def adjust(piece: Piece, rooms: Mapping[Time, Room], *, release: timedelta, now: datetime) -> None:
    """Bring our session into line with ``rooms``; a slot that has more people than room left keeps them, and is told."""
    here = piece.here
    assert here is not None
    standing = _slots(piece, here, rooms, now)
    room = sum(standing.values())
    piece.caps = fit(piece.units, here.used, room)
    session = here.session
    moved = piece.starts - session.during.lower
    changed = (session.capacity, here.time, session.place) != (room, piece.time, piece.told.place)
    quotas = [
        quota
        for at, quota in _quotas(session.id, piece, release).items()
        if at not in here.quotas or here.quotas[at].cap != quota["cap"]
    ]
    with connection.cursor() as cursor:
        if changed:
            Session.objects.filter(id=session.id).update(
                capacity=room,
                during=TimestamptzRange(*piece.time),
                place=piece.told.place,
                version=session.version + 1,
            )
        _write_slots(cursor, here, standing)
        cursor.executemany(sql.SET_QUOTA, quotas)
        if moved:
            cursor.execute(sql.SHIFT_RELEASE, {"session": session.id, "by": moved})


def shrink(piece: Piece) -> None:
    """Our session gives up the time in which nobody has a place, so that another may take it."""
    here = piece.here
    assert here is not None
    if here.time != here.needed:
        Session.objects.filter(id=here.session.id).update(during=TimestamptzRange(*here.needed))


def close(piece: Piece, *, now: datetime) -> None:
    """Our session goes. If somebody has a place in it, it stays with those places only."""
    here = piece.here
    assert here is not None
    if here.booked:
        piece.starts, piece.ends = here.needed
        piece.units = {}
        before = list(piece.found)
        adjust(piece, {}, release=timedelta(0), now=now)
        piece.found = before
        return
    Session.objects.filter(id=here.session.id).update(
        state=SessionState.STOPPED.value,
        stopped_reason=piece.told.reason or _TAKEN_OFF,
        version=here.session.version + 1,
    )
    FeedSession.objects.filter(id=piece.told.id).update(session=None)
    piece.told.session_id = piece.here = None


def _slots(piece: Piece, here: Here, rooms: Mapping[Time, Room], now: datetime) -> dict[Time, int]:
    """Places of each slot as it is to stand, by its time: what is left, and never less than is booked."""
    keys = {(slot.starts, slot.ends): slot.key for slot in piece.slots}
    standing = {}
    for time in sorted({*rooms, *here.slots}):
        left = rooms[time].left if time in rooms else 0
        used = here.slots[time].used if time in here.slots else 0
        standing[time] = max(left, used)
        if used > left and time[1] > now:
            key = keys.get(time, f"{time[0].astimezone(ZONE):%H:%M}")
            slot = here.slots[time].id
            piece.found.append(Found(ConflictKind.OVERSOLD, left, used, slot_key=key, slot_id=slot))
    return standing


def _write_slots(cursor: Any, here: Here, standing: Mapping[Time, int]) -> None:
    known = [
        {"id": here.slots[time].id, "capacity": places}
        for time, places in standing.items()
        if time in here.slots and here.slots[time].capacity != places
    ]
    fresh = [
        {"id": uuid7(), "session": here.session.id, "starts": time[0], "ends": time[1], "capacity": places}
        for time, places in standing.items()
        if time not in here.slots
    ]
    cursor.executemany(sql.SET_SLOT, known)
    cursor.executemany(publishing_sql.SLOT, fresh)


def _quotas(session: UUID, piece: Piece, release: timedelta) -> dict[tuple[str, UUID], dict[str, Any]]:
    """The quotas as they are to stand. Those kept for one institution alone keep what is used of them."""
    held = piece.here.quotas if piece.here is not None else {}
    single = {at: quota.used for at, quota in held.items() if at[1] != NOBODY and at[0] in set(OFFERED)}
    caps: dict[tuple[str, UUID], int] = dict(single)
    for channel in OFFERED:
        own = sum(units for (name, _), units in single.items() if name == channel)
        caps[channel.value, NOBODY] = piece.caps[channel] - own
    return {
        at: {
            "session": session,
            "channel": at[0],
            "holder": at[1],
            "cap": cap,
            "release": None if at[0] == Channel.OPEN else piece.starts - release,
        }
        for at, cap in sorted(caps.items())
        if cap or at in held or at[0] == Channel.OPEN
    }
