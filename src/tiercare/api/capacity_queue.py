"""``/api/capacity/sessions``: a hospital's day, the queue of a session with its reasons, and who is called or walks in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from tiercare.apps.capacity import commands, queries
from tiercare.apps.capacity.queries.waits import Mean

from .capacity import REFUSALS, WRITES, NoPlaceProblem, TakenOut, taken_out, with_alternatives
from .writes import Body, once

router = Router(tags=["capacity"])


class CallIn(Body):
    """Nothing but the wish: whom follows from the address."""


class WalkInIn(Body):
    """Who stands at the desk."""

    resident: UUID


class BeyondIn(Body):
    """Who is taken beyond the offer, in which slot."""

    resident: UUID
    slot: UUID


class DaySessionOut(Schema):
    """A session and how its day goes; numbers of patients only."""

    id: UUID
    pool: str
    department: str
    kind: str
    grade: str
    physician: str
    place: str
    day: date
    starts_at: datetime
    ends_at: datetime
    state: str
    expected: int
    arrived: int
    seen: int
    missed: int
    walk_ins: int
    beyond: int
    walk_ins_left: int
    beyond_left: int


class DayOut(Schema):
    """The sessions of a day."""

    items: list[DaySessionOut]


class QueuedOut(Schema):
    """A place in the queue: whose booking, why there, since when they are there and when they were called.

    ``precedence`` is the class that put them there (``other``: by time and number), ``clause`` the one whose text names
    it (empty: none does), ``reason`` says it in a sentence.
    """

    position: int
    booking: UUID
    resident: UUID
    number: int
    starts_at: datetime
    precedence: str
    clause: str
    reason: str
    drawn: str
    present: bool
    arrived_at: datetime | None
    called_at: datetime | None


class QueueOut(Schema):
    """A session's queue; ``clause`` is the one that orders it, ``order`` its classes (empty: time alone)."""

    session: UUID
    day: date
    clause: str
    order: list[str]
    items: list[QueuedOut]


class CalledOut(Schema):
    """Who was called."""

    booking: UUID


class MeanOut(Schema):
    """Of so many people; seconds, ``null`` of nobody."""

    people: int
    seconds: float | None


class WaitsOut(Schema):
    """From checking in to being seen."""

    signed: MeanOut
    others: MeanOut


@router.get("/sessions", response={200: DayOut, **REFUSALS}, summary="The institution's sessions of a day")
def sessions(request: HttpRequest, day: date) -> DayOut:
    """How many are expected, there, seen and missed in each session of the caller's institution."""
    found = queries.day_sessions(request.actor, day=day)
    return DayOut(items=[DaySessionOut(**_fields(each)) for each in found])


@router.get("/sessions/{uuid:key}/queue", response={200: QueueOut, **REFUSALS}, summary="A session's queue")
def queue(request: HttpRequest, key: UUID) -> QueueOut:
    """The patients still to be seen, in their order, each with the reason; the reading is recorded."""
    found = queries.queue(request.actor, session_id=key)
    value = found.by.value if found.by is not None else ()
    return QueueOut(
        session=found.session_id,
        day=found.day,
        clause=found.by.clause.id if found.by is not None else "",
        order=[str(each) for each in value] if isinstance(value, tuple) else [],
        items=[
            QueuedOut(
                position=each.position,
                booking=each.waiting.booking_id,
                resident=entry.resident_id,
                number=each.waiting.number,
                starts_at=each.waiting.starts_at,
                precedence=each.precedence.value,
                clause=found.clause_of(each.precedence),
                reason=each.reason(),
                drawn=entry.drawn.value,
                present=each.waiting.present,
                arrived_at=entry.arrived_at,
                called_at=entry.called_at,
            )
            for each in found.placed
            for entry in (found.entries[each.waiting.booking_id],)
        ],
    )


@router.get("/waits", response={200: WaitsOut, **REFUSALS}, summary="How long people waited to be seen")
def waits(request: HttpRequest, first: date, last: date, session: UUID | None = None) -> WaitsOut:
    """The mean wait of residents with a family doctor, and of the others, at the caller's institution."""
    found = queries.waits(request.actor, first=first, last=last, session_id=session)
    return WaitsOut(signed=_mean(found.signed), others=_mean(found.others))


@router.post(
    "/sessions/{uuid:key}/call", response={200: CalledOut, **WRITES}, summary="Call the next patient in"
)
def call_next(request: HttpRequest, key: UUID, body: CallIn) -> HttpResponse:
    """Call whoever is next in the queue and was not called yet."""
    return once(request, 200, lambda: CalledOut(booking=commands.call_next(request.actor, session_id=key)))


@router.post("/queue/{uuid:key}/call", response={200: CalledOut, **WRITES}, summary="Call one patient in")
def call(request: HttpRequest, key: UUID, body: CallIn) -> HttpResponse:
    """Call the patient of this booking, out of turn or again."""

    def work() -> CalledOut:
        commands.call(request.actor, booking_id=key)
        return CalledOut(booking=key)

    return once(request, 200, work)


@router.post(
    "/sessions/{uuid:key}/walk-ins",
    response={201: TakenOut, **WRITES, 409: NoPlaceProblem},
    summary="Register somebody who walked in",
)
def walk_in(request: HttpRequest, key: UUID, body: WalkInIn) -> HttpResponse:
    """A place kept for those who just come, checked in at once."""

    def work() -> TakenOut:
        done = commands.walk_in(request.actor, session_id=key, resident_id=body.resident)
        return TakenOut(**taken_out(done))

    return with_alternatives(request, lambda: once(request, 201, work))


@router.post(
    "/overbookings",
    response={201: TakenOut, **WRITES, 409: NoPlaceProblem},
    summary="Take somebody beyond the offer",
)
def beyond(request: HttpRequest, body: BeyondIn) -> HttpResponse:
    """A place beyond what is on offer, where the hospital has allowed some."""

    def work() -> TakenOut:
        done = commands.overbook(request.actor, slot_id=body.slot, resident_id=body.resident)
        return TakenOut(**taken_out(done))

    return with_alternatives(request, lambda: once(request, 201, work))


def _fields(of: queries.DaySession) -> dict[str, Any]:
    return {name: getattr(of, name) for name in DaySessionOut.model_fields}


def _mean(of: Mean) -> MeanOut:
    return MeanOut(people=of.people, seconds=None if of.wait is None else of.wait.total_seconds())
