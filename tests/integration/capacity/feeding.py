"""What the tests of feeds share: messages of a hospital's own system, and what stands on offer after them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from tiercare.apps.capacity.models import Conflict, FeedSession, Quota, Slot
from tiercare.apps.capacity.rules.conflicts import ConflictState
from tiercare.apps.capacity.rules.feeds import Message, ToldSession, ToldSlot
from tiercare.apps.capacity.rules.vocabulary import SessionState
from tiercare.kernel.clock import ZONE

SOURCE = "his-1"


def moment(day: date, hour: float) -> datetime:
    """So many hours into the day in China."""
    return datetime.combine(day, time(0), ZONE) + timedelta(hours=hour)


def told(
    key: str,
    day: date,
    places: Iterable[tuple[int, int]] = ((4, 0), (4, 0)),
    *,
    pool: str = "zj",
    hour: int = 8,
    **more: Any,
) -> ToldSession:
    """A session from ``hour`` on, a slot of an hour for each of ``places`` (capacity, sold elsewhere)."""
    slots = tuple(
        ToldSlot(f"{key}-{n}", moment(day, hour + n), moment(day, hour + n + 1), capacity, sold)
        for n, (capacity, sold) in enumerate(places)
    )
    ends = moment(day, hour + max(1, len(slots)))
    return ToldSession(key, pool, moment(day, hour), ends, slots=slots, **more)


def delta(sequence: int, *sessions: ToldSession) -> Message:
    """Only what changed."""
    return Message(SOURCE, sequence, False, (), sessions)


def full(sequence: int, days: Iterable[date], *sessions: ToldSession) -> Message:
    """Everything about these days."""
    return Message(SOURCE, sequence, True, tuple(days), sessions)


def offered() -> dict[str, Any]:
    """By the system's key: what is on offer for it."""
    found = {}
    for each in FeedSession.objects.filter(session__isnull=False).select_related("session__pool"):
        session = each.session
        if session.state == SessionState.PUBLISHED:
            slots = Slot.objects.filter(session=session).order_by("during")
            quotas = Quota.objects.filter(session=session).order_by("channel")
            found[each.key] = (
                session.pool.code,
                session.clinician_id,
                session.during.lower,
                session.during.upper,
                session.capacity,
                [(slot.during.lower, slot.capacity, slot.used) for slot in slots if slot.capacity],
                {quota.channel: (quota.cap, quota.used) for quota in quotas if quota.cap},
            )
    return found


def caps(key: str) -> dict[str, int]:
    """The quotas of the session that stands for it."""
    return {channel: cap for channel, (cap, _) in offered()[key][6].items()}


def standing() -> set[tuple[str, str, str, int, int]]:
    """The conflicts that stand: session, kind, slot, said, kept."""
    found = Conflict.objects.filter(state=ConflictState.OPEN.value).select_related("told")
    return {(each.told.key, each.kind, each.slot_key, each.said, each.kept) for each in found}
