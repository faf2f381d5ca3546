"""``/api/capacity/feeds`` and ``registers``: slots of a hospital's own system (HIS), and how fresh its registers are.

The institution is the actor's own. A message counts once, by its ``sequence``; messages may come in any order and more
than once. What is told and cannot be true beside what is booked stands as a conflict until it is dealt with.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema
from pydantic import AwareDatetime

from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries import freshness
from tiercare.apps.capacity.queries.feeds import ConflictShown, FeedShown, conflicts_of, feeds_of
from tiercare.apps.capacity.rules.conflicts import CONFLICTS, ConflictState, Way
from tiercare.apps.capacity.rules.feeds import Message, ToldSession, ToldSlot

from .problems import Problem
from .writes import Body, once

router = Router(tags=["capacity"])

REFUSALS = {403: Problem, 404: Problem, 422: Problem}
WRITES = {**REFUSALS, 409: Problem, 428: Problem}


class SlotIn(Body):
    """A slot: places in all, and how many of them the system has sold itself. ``key`` is the system's own."""

    key: str
    starts: AwareDatetime
    ends: AwareDatetime
    capacity: int
    sold_elsewhere: int = 0


class SessionIn(Body):
    """A session. ``pool`` and ``physician`` are codes of the platform's registers; a delta lists the slots that changed,
    a full message all of them."""

    key: str
    pool: str
    starts: AwareDatetime
    ends: AwareDatetime
    physician: str = ""
    place: str = ""
    state: Literal["open", "stopped"] = "open"
    reason: str = ""
    slots: list[SlotIn] = Field(default_factory=list)


class MessageIn(Body):
    """One message; ``full`` says everything about ``days``, ``delta`` what changed since."""

    sequence: int
    kind: Literal["full", "delta"]
    days: list[date] = Field(default_factory=list)
    sessions: list[SessionIn] = Field(default_factory=list)


class ReceivedOut(Schema):
    """What was taken: sessions that were news, keys that were older than what is known, conflicts that stand on the days
    of the message, and sequences that never came."""

    sequence: int
    news: int
    old: list[str]
    conflicts: int
    missing: list[int]
    again: bool


class FeedOut(Schema):
    """A system as it stands here."""

    source: str
    heard_at: datetime
    sequence: int | None
    full_sequence: int | None
    full_at: datetime | None
    sessions: int
    on_offer: int
    conflicts: int
    missing: list[int]


class FeedsOut(Schema):
    """The systems of the institution."""

    items: list[FeedOut]


class ConflictOut(Schema):
    """A conflict: what the system ``said``, what is ``kept`` here, in words, and the ways that mend it."""

    id: UUID
    kind: str
    session: str
    slot: str
    day: date
    said: int
    kept: int
    message: dict[str, str]
    instead: dict[str, str]
    ways: list[str]
    state: str
    way: str | None
    found_at: datetime
    answered_at: datetime | None
    settled_at: datetime | None


class ConflictsOut(Schema):
    """Conflicts with one system."""

    items: list[ConflictOut]


class WayIn(Body):
    """How to mend it, and the reason that residents read."""

    way: Literal["move", "extra", "stop", "substitute", "answer", "recheck"]
    reason: str = ""


class SettledOut(Schema):
    """Whether the conflict still stands."""

    id: UUID
    stands: bool


class KeptOut(Schema):
    """One base register."""

    kind: str
    rows: int
    last: date | None
    by: str | None
    who: str
    stale: bool


class RegistersOut(Schema):
    """The six base registers of an institution; ``limit`` in days, from its pack."""

    institution: UUID
    name: str
    limit: int | None
    registers: list[KeptOut]


class AllRegistersOut(Schema):
    """Of all institutions that the actor watches over."""

    items: list[RegistersOut]


@router.post("/feeds/{source}", response={200: ReceivedOut, **WRITES}, summary="Slots of a hospital's system")
def receive(request: HttpRequest, source: str, body: MessageIn) -> HttpResponse:
    """Take one message of the institution's own system; sent again it is answered as before."""
    message = Message(
        source, body.sequence, body.kind == "full", tuple(body.days), tuple(map(_session, body.sessions))
    )

    def work() -> ReceivedOut:
        done = commands.receive(request.actor, message=message)
        return ReceivedOut(
            sequence=done.sequence,
            news=done.news,
            old=list(done.old),
            conflicts=done.conflicts,
            missing=list(done.missing),
            again=done.again,
        )

    return once(request, 200, work)


@router.get("/feeds", response={200: FeedsOut, **REFUSALS}, summary="Systems that have sent slots")
def feeds(request: HttpRequest) -> FeedsOut:
    """Each with what is missing of it and how many conflicts stand."""
    return FeedsOut(items=[_feed(each) for each in feeds_of(request.actor)])


@router.get(
    "/feeds/{source}/conflicts",
    response={200: ConflictsOut, **REFUSALS},
    summary="Where a system and the platform do not agree",
)
def conflicts(request: HttpRequest, source: str, state: Literal["open", "settled"] = "open") -> ConflictsOut:
    """Open ones by their day, settled ones the latest first; none of them names a resident."""
    found = conflicts_of(request.actor, source=source, state=ConflictState(state.upper()))
    return ConflictsOut(items=[_conflict(each) for each in found])


@router.post(
    "/feeds/{source}/conflicts/{uuid:key}",
    response={200: SettledOut, **WRITES},
    summary="Mend a conflict",
)
def settle(request: HttpRequest, source: str, key: UUID, body: WayIn) -> HttpResponse:
    """Mend it in one of its ways; the day is then looked at anew."""
    del source  # a conflict has one id wherever it comes from

    def work() -> SettledOut:
        done = commands.settle_conflict(request.actor, conflict_id=key, way=Way(body.way), reason=body.reason)
        return SettledOut(id=done.conflict_id, stands=done.stands)

    return once(request, 200, work)


@router.get(
    "/registers", response={200: AllRegistersOut, **REFUSALS}, summary="The six base registers (XH-16)"
)
def registers(request: HttpRequest) -> AllRegistersOut:
    """Of the actor's institution, or of the hospitals of the area: how much, and when and how it was last kept."""
    return AllRegistersOut(
        items=[
            RegistersOut(
                institution=each.institution_id,
                name=each.institution,
                limit=each.limit,
                registers=[
                    KeptOut(
                        kind=one.register.value,
                        rows=one.rows,
                        last=one.last,
                        by=one.by.value if one.by is not None else None,
                        who=one.who,
                        stale=one.stale,
                    )
                    for one in each.kept
                ],
            )
            for each in freshness.registers(request.actor)
        ]
    )


def _session(each: SessionIn) -> ToldSession:
    return ToldSession(
        key=each.key,
        pool=each.pool,
        starts=each.starts,
        ends=each.ends,
        physician=each.physician,
        place=each.place[:80],
        on_offer=each.state == "open",
        reason=each.reason[:200],
        slots=tuple(
            ToldSlot(slot.key, slot.starts, slot.ends, slot.capacity, slot.sold_elsewhere)
            for slot in each.slots
        ),
    )


def _feed(each: FeedShown) -> FeedOut:
    return FeedOut(
        source=each.source,
        heard_at=each.heard_at,
        sequence=each.sequence,
        full_sequence=each.full_sequence,
        full_at=each.full_at,
        sessions=each.sessions,
        on_offer=each.standing,
        conflicts=each.conflicts,
        missing=list(each.missing),
    )


def _conflict(each: ConflictShown) -> ConflictOut:
    kind, meaning = CONFLICTS[each.kind], each.meaning
    return ConflictOut(
        id=each.id,
        kind=each.kind.value,
        session=each.session_key,
        slot=each.slot_key,
        day=each.day,
        said=each.said,
        kept=each.kept,
        message={"zh": meaning.zh, "en": meaning.en},
        instead={"zh": kind.instead.zh, "en": kind.instead.en},
        ways=[way.value for way in kind.ways],
        state=each.state.value,
        way=each.way.value if each.way is not None else None,
        found_at=each.found_at,
        answered_at=each.answered_at,
        settled_at=each.settled_at,
    )
