"""``/api/capacity``: free places, bookings, and what becomes of them.

The semantics are those of IHE Scheduling: ``slots`` is ``$find``, ``bookings`` with ``hold`` is ``$hold``, without (or
confirmed) ``$book``. Whoever loses a race gets the nearest ``alternatives`` with the problem. The channel, the owner
and the institution are the server's to know: a body that names them is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import AwareDatetime

from tiercare.apps.capacity import commands, queries
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.workflow import Act
from tiercare.apps.ledger import commands as ledger
from tiercare.kernel.refusal import Refused

from .etags import as_bytes
from .problems import Problem, answer
from .writes import HEADER, KEY_MISSING, Body, once

router = Router(tags=["capacity"])

REFUSALS = {403: Problem, 404: Problem, 422: Problem}
WRITES = {**REFUSALS, 409: Problem, 428: Problem}
_JSON = "application/json"
_PAGE = 20


class BookingIn(Body):
    """A place for a resident; ``hold`` keeps it for some minutes until it is confirmed. ``source`` is the open request
    that brings the resident, where there is one."""

    slot: UUID
    resident: UUID
    hold: bool = False
    source: UUID | None = None


class MoveIn(Body):
    """Where a booking is to go."""

    slot: UUID


class ActIn(Body):
    """Why, where there is something to say."""

    reason: str = ""


class PlaceOut(Schema):
    """A slot with the places that are free for whoever asks."""

    slot_id: UUID
    session_id: UUID
    pool_id: UUID
    institution_id: UUID
    pool: str
    kind: str
    grade: str
    physician: str
    place: str
    starts_at: datetime
    ends_at: datetime
    free: int
    capacity: int


class PlacesOut(Schema):
    """The slots of a day."""

    items: list[PlaceOut]


class TakenOut(Schema):
    """The place that was taken; ``drawn`` is the channel whose place it is."""

    id: UUID
    slot: UUID
    session: UUID
    institution: UUID
    starts_at: datetime
    ends_at: datetime
    drawn: str
    number: int
    held_until: datetime | None


class BookingOut(Schema):
    """A booking as it stands."""

    id: UUID
    slot: UUID
    session: UUID
    institution: UUID
    resident: UUID
    state: str
    channel: str
    drawn: str
    number: int
    starts_at: datetime
    ends_at: datetime
    held_until: datetime | None
    made_at: datetime


class BookingsOut(Schema):
    """A page of bookings; ``next`` is to be sent as ``before`` and ``last``."""

    items: list[BookingOut]
    next: tuple[datetime, UUID] | None


class NoPlaceProblem(Problem):
    """No place; the nearest others."""

    alternatives: list[PlaceOut]


@router.get("/slots", response={200: PlacesOut, **REFUSALS}, summary="Free places of a day ($find)")
def slots(request: HttpRequest, institution: UUID, day: date, pool: UUID | None = None) -> HttpResponse:
    """The slots of an institution's day, with what is free for everybody; a booking may find more by its channel."""
    found = queries.of_day(
        request.actor, institution_id=institution, day=day, pool_id=pool, channel=Channel.OPEN
    )
    return _json({"items": found})


@router.post(
    "/bookings",
    response={201: TakenOut, **WRITES, 409: NoPlaceProblem},
    summary="Take a place ($hold, $book)",
)
def book(request: HttpRequest, body: BookingIn) -> HttpResponse:
    """Take a place, once per ``Idempotency-Key``, in one round trip to the database."""
    key = request.headers.get(HEADER)
    if key is None:
        raise Refused(KEY_MISSING)
    call = ledger.keyed(
        request.actor, key=key, route=f"{request.method} {request.get_full_path()}", body=request.body
    )

    def work() -> HttpResponse:
        taken = commands.book(
            request.actor,
            slot_id=body.slot,
            resident_id=body.resident,
            hold=body.hold,
            source_id=body.source,
            call=call,
        )
        response = _json(taken_out(taken), status=201)
        if taken.again:
            response["Idempotency-Replayed"] = "true"
        return response

    return with_alternatives(request, work)


@router.get("/bookings", response={200: BookingsOut, **REFUSALS}, summary="The institution's bookings")
def bookings(
    request: HttpRequest, before: AwareDatetime | None = None, last: UUID | None = None
) -> HttpResponse:
    """The bookings that the institution made, the latest first, 20 at a time."""
    found = queries.made_by(request.actor, before=before, last=last, limit=_PAGE + 1)
    shown = found[:_PAGE]
    after = (shown[-1].made_at, shown[-1].id) if len(found) > _PAGE else None
    return _json({"items": [_booking(each) for each in shown], "next": after})


@router.post(
    "/bookings/{uuid:key}/move",
    response={200: TakenOut, **WRITES, 409: NoPlaceProblem},
    summary="Move a booking",
)
def move(request: HttpRequest, key: UUID, body: MoveIn) -> HttpResponse:
    """Take another place and give this one back, both or neither."""

    def work() -> TakenOut:
        return TakenOut(**taken_out(commands.move(request.actor, booking_id=key, slot_id=body.slot)))

    return with_alternatives(request, lambda: once(request, 200, work))


@router.post(
    "/bookings/{uuid:key}/{act}",
    response={200: BookingOut, **WRITES},
    summary="Confirm, cancel, arrive, attend, miss",
)
def turn(
    request: HttpRequest,
    key: UUID,
    act: Literal["confirm", "cancel", "arrive", "attend", "miss"],
    body: ActIn,
) -> HttpResponse:
    """Take a booking on by one act of its table of transitions."""

    def work() -> BookingOut:
        done = commands.turn(request.actor, booking_id=key, act=Act(act), reason=body.reason)
        return BookingOut(**_booking(done))

    return once(request, 200, work)


def with_alternatives(request: HttpRequest, work: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of ``work``, or the problem with the nearest places that are still free."""
    try:
        return work()
    except commands.NoPlace as lost:
        near = queries.others_lately(request.actor, slot_id=lost.slot_id, channel=lost.channel)
        return answer(request, lost.refusals[0], lost.refusals, alternatives=near)


def taken_out(taken: commands.Taken) -> dict[str, Any]:
    """A place that was taken, as ``TakenOut`` has it."""
    return {
        "id": taken.booking_id,
        "slot": taken.slot_id,
        "session": taken.session_id,
        "institution": taken.institution_id,
        "starts_at": taken.starts_at,
        "ends_at": taken.ends_at,
        "drawn": taken.drawn.value,
        "number": taken.number,
        "held_until": taken.held_until,
    }


def _booking(row: queries.BookingRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "slot": row.slot_id,
        "session": row.session_id,
        "institution": row.institution_id,
        "resident": row.resident_id,
        "state": row.state.value,
        "channel": row.channel.value,
        "drawn": row.quota_channel.value,
        "number": row.number,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "held_until": row.held_until,
        "made_at": row.made_at,
    }


def _json(content: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return HttpResponse(as_bytes(content), status=status, content_type=_JSON)
