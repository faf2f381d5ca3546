"""``/api/capacity/waiting`` and ``/appeals``: who waits for a place, and what is said against a recorded absence.

An offer is a held booking: it is confirmed, or declined, at ``/bookings/{id}/confirm`` or ``/cancel``. A guardian does
for a ward what residents do for themselves; where the resident is not named, it is the one who is signed in.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries import absences
from tiercare.apps.capacity.queries import waiting as lines
from tiercare.apps.capacity.rules.waiting import Urgency

from .etags import as_bytes
from .problems import Problem
from .writes import Body, once

router = Router(tags=["capacity"])

REFUSALS = {403: Problem, 404: Problem, 422: Problem}
WRITES = {**REFUSALS, 409: Problem, 428: Problem}


class WaitIn(Body):
    """For which pool a resident waits, and on which days a place is wanted, the last included. ``urgency`` is a
    clinician's to say; from others it is routine."""

    pool: UUID
    resident: UUID
    first: date
    last: date
    urgency: Literal["EMERGENCY", "URGENT", "SOON", "ROUTINE"] = "ROUTINE"


class PoolIn(Body):
    """A pool."""

    pool: UUID


class AppealIn(Body):
    """Which missed booking, and why the resident did not come."""

    booking: UUID
    words: str


class DecisionIn(Body):
    """Whether the absence is excused, and what the resident is told."""

    excused: bool
    answer: str


class NothingIn(Body):
    """Nothing is to be said."""


class MadeOut(Schema):
    """The id of what was entered."""

    id: UUID


class OfferedOut(Schema):
    """How many were offered a place."""

    offered: int


class DoneOut(Schema):
    """It is done."""

    id: UUID
    state: str


class WaitingOut(Schema):
    """An entry as it stands; ``ahead`` how many stand before it where that was asked for, ``booking`` the offer, which
    is held until ``held_until``."""

    id: UUID
    pool: UUID
    resident: UUID
    institution: UUID
    state: str
    urgency: str
    first: date
    last: date
    made_at: datetime
    ahead: int | None
    booking: UUID | None
    held_until: datetime | None
    starts_at: datetime | None


class LineOut(Schema):
    """A list of them."""

    items: list[WaitingOut]


class AppealOut(Schema):
    """An objection; ``missed`` are the times at which the person did not come, and whether each was excused."""

    id: UUID
    booking: UUID
    resident: UUID
    words: str
    made_at: datetime
    missed: list[tuple[datetime, bool]]


class AppealsOut(Schema):
    """The open ones."""

    items: list[AppealOut]


@router.post("/waiting", response={201: MadeOut, **WRITES}, summary="Wait for a place")
def wait(request: HttpRequest, body: WaitIn) -> HttpResponse:
    """Put a resident on the waiting list of a pool."""

    def work() -> MadeOut:
        made = commands.wait(
            request.actor,
            pool_id=body.pool,
            resident_id=body.resident,
            first=body.first,
            last=body.last,
            urgency=Urgency[body.urgency],
        )
        return MadeOut(id=made)

    return once(request, 201, work)


@router.get("/waiting", response={200: LineOut, **REFUSALS}, summary="Who waits")
def waiting(request: HttpRequest, pool: UUID | None = None, resident: UUID | None = None) -> HttpResponse:
    """The line of a pool of one's own institution; without one, whom the institution put on lists; for residents where
    they wait, or their ward (``resident``)."""
    actor = request.actor
    if actor.resident_id is not None:
        found = lines.my_waiting(actor, resident or actor.resident_id)
    elif pool is not None:
        found = lines.line_of(actor, pool)
    else:
        found = lines.put_on_lists(actor)
    items = [_shown(each).model_dump() for each in found]
    return HttpResponse(as_bytes({"items": items}), content_type="application/json")


@router.post("/waiting/offer", response={200: OfferedOut, **WRITES}, summary="Offer what is free")
def offer(request: HttpRequest, body: PoolIn) -> HttpResponse:
    """Offer what is free in a pool of one's own institution to those who wait, in their order."""
    return once(
        request, 200, lambda: OfferedOut(offered=commands.offer_by_hand(request.actor, pool_id=body.pool))
    )


@router.post(
    "/waiting/{uuid:key}/withdraw", response={200: DoneOut, **WRITES}, summary="Leave a waiting list"
)
def withdraw(request: HttpRequest, key: UUID, body: NothingIn) -> HttpResponse:
    """Leave the list; an offer that stands goes to the next."""

    def work() -> DoneOut:
        commands.withdraw(request.actor, waiting_id=key)
        return DoneOut(id=key, state="WITHDRAWN")

    return once(request, 200, work)


@router.post("/appeals", response={201: MadeOut, **WRITES}, summary="Object to a recorded absence")
def appeal(request: HttpRequest, body: AppealIn) -> HttpResponse:
    """A resident, or their guardian, says why they did not come."""
    return once(
        request,
        201,
        lambda: MadeOut(id=commands.appeal(request.actor, booking_id=body.booking, words=body.words)),
    )


@router.get("/appeals", response={200: AppealsOut, **REFUSALS}, summary="Objections to be answered")
def appeals(request: HttpRequest) -> HttpResponse:
    """The open objections at one's own institution, the longest waiting first."""
    items = [
        AppealOut(
            id=each.appeal.id,
            booking=each.booking.id,
            resident=each.booking.resident_id,
            words=each.appeal.words,
            made_at=each.appeal.made_at,
            missed=[(one.at, one.excused) for one in each.missed],
        ).model_dump()
        for each in absences.appeals_here(request.actor)
    ]
    return HttpResponse(as_bytes({"items": items}), content_type="application/json")


@router.post("/appeals/{uuid:key}/decide", response={200: DoneOut, **WRITES}, summary="Answer an objection")
def decide(request: HttpRequest, key: UUID, body: DecisionIn) -> HttpResponse:
    """Excuse the absence, or let it stand; the resident is told."""

    def work() -> DoneOut:
        commands.decide_appeal(request.actor, appeal_id=key, excused=body.excused, answer=body.answer)
        return DoneOut(id=key, state="EXCUSED" if body.excused else "UPHELD")

    return once(request, 200, work)


def _shown(row: lines.WaitingRow) -> WaitingOut:
    return WaitingOut(
        id=row.id,
        pool=row.pool_id,
        resident=row.resident_id,
        institution=row.institution_id,
        state=row.state.value,
        urgency=row.urgency.name,
        first=row.first,
        last=row.last,
        made_at=row.made_at,
        ahead=row.ahead,
        booking=row.booking_id,
        held_until=row.held_until,
        starts_at=row.starts_at,
    )
