"""``/api/capacity/beds``, ``stays`` and ``day-use``: the bed board, who has which bed, and the use of day beds.

The institution is the actor's own; times carry their zone. A bed that is taken answers 409 and says from when until
when.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import AwareDatetime

from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries.beds import BedOnBoard, StayRow, bed_board, day_use, row_of
from tiercare.apps.capacity.queries.keeping import own_place
from tiercare.apps.capacity.rules.beds import BedSex
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .problems import Problem
from .writes import Body, once

router = Router(tags=["capacity"])

REFUSALS = {403: Problem, 404: Problem, 422: Problem}
WRITES = {**REFUSALS, 409: Problem, 428: Problem}


class BedIn(Body):
    """What a bed is; ward and number name it. ``out_of_use`` says why it cannot be used; empty: it can."""

    ward: str
    number: str
    sex: BedSex = BedSex.ANY
    isolation: bool = False
    day: bool = False
    out_of_use: str = ""


class StayIn(Body):
    """A bed for a resident; ``until`` is left out where nobody knows yet, but not of a day bed. ``case`` is the admission
    or operation that it is for."""

    bed: UUID
    resident: UUID
    starts: AwareDatetime
    until: AwareDatetime | None = None
    isolation: bool = False
    case: UUID | None = None


class ActIn(Body):
    """Where to (``change``), or when (``retime``: an ``until`` that is left out opens the end)."""

    bed: UUID | None = None
    starts: AwareDatetime | None = None
    until: AwareDatetime | None = None


class StayOut(Schema):
    """A stay as it stands; ``resident`` is empty for those who count beds, but do not deal with patients."""

    id: UUID
    bed: UUID
    resident: UUID | None
    state: str
    starts_at: datetime
    ends_at: datetime | None
    isolation: bool
    case: UUID | None


class BedOut(Schema):
    """A bed, who lies in it now, who is planned next, and how many are planned."""

    id: UUID
    ward: str
    number: str
    sex: str
    isolation: bool
    day: bool
    out_of_use: str
    free: bool
    now: StayOut | None
    next: StayOut | None
    planned: int


class BedKeptOut(Schema):
    """The bed that was entered or changed."""

    id: UUID
    ward: str
    number: str


class BedsOut(Schema):
    """The beds of the institution."""

    items: list[BedOut]


class DayUseOut(Schema):
    """A day of the day beds; ``per_bed`` is empty on a day without one."""

    day: date
    beds: int
    patients: int
    per_bed: float | None


class DayUsesOut(Schema):
    """The days of a period."""

    items: list[DayUseOut]


@router.get("/beds", response={200: BedsOut, **REFUSALS}, summary="The bed board")
def beds(
    request: HttpRequest, ward: Annotated[str, Query(max_length=40)] = "", free: bool = False
) -> BedsOut:
    """The beds of the actor's institution with who has them; reading it is recorded."""
    return BedsOut(items=[_bed(each) for each in bed_board(request.actor, ward=ward, free=free)])


@router.put("/beds", response={200: BedKeptOut, **WRITES}, summary="Enter or change a bed")
def keep(request: HttpRequest, body: BedIn) -> HttpResponse:
    """Enter the bed of this ward and number, or say anew what it is."""

    def work() -> BedKeptOut:
        bed = commands.keep_bed(
            request.actor,
            institution_id=own_place(request.actor),
            ward=body.ward,
            number=body.number,
            sex=body.sex,
            isolation=body.isolation,
            day=body.day,
            out_of_use=body.out_of_use,
        )
        return BedKeptOut(id=bed.id, ward=bed.ward, number=bed.number)

    return once(request, 200, work)


@router.post("/stays", response={201: StayOut, **WRITES}, summary="Keep a bed for a resident")
def plan(request: HttpRequest, body: StayIn) -> HttpResponse:
    """Keep a bed for a resident, who is told."""

    def work() -> StayOut:
        stay = commands.plan_stay(
            request.actor,
            bed_id=body.bed,
            resident_id=body.resident,
            starts=body.starts,
            until=body.until,
            isolation=body.isolation,
            case_id=body.case,
        )
        return _stay(row_of(stay))

    return once(request, 201, work)


@router.post(
    "/stays/{uuid:key}/{act}",
    response={200: StayOut, **WRITES},
    summary="Admit, discharge, cancel, change, retime",
)
def turn(
    request: HttpRequest,
    key: UUID,
    act: Literal["admit", "discharge", "cancel", "change", "retime"],
    body: ActIn,
) -> HttpResponse:
    """Take a stay on. ``change`` of who lies in a bed answers the new stay in the other one."""
    return once(request, 200, lambda: _stay(_ACTS[act](request, key, body)))


@router.get("/day-use", response={200: DayUsesOut, **REFUSALS}, summary="Patients a day bed a day")
def uses(request: HttpRequest, first: date, last: date) -> DayUsesOut:
    """How the day beds of the actor's institution were used (NHC-50)."""
    found = day_use(request.actor, first=first, last=last)
    return DayUsesOut(
        items=[
            DayUseOut(day=each.day, beds=each.beds, patients=each.patients, per_bed=each.per_bed)
            for each in found
        ]
    )


def _admit(request: HttpRequest, key: UUID, body: ActIn) -> StayRow:
    return row_of(commands.admit(request.actor, stay_id=key))


def _discharge(request: HttpRequest, key: UUID, body: ActIn) -> StayRow:
    return row_of(commands.discharge(request.actor, stay_id=key))


def _cancel(request: HttpRequest, key: UUID, body: ActIn) -> StayRow:
    return row_of(commands.cancel_stay(request.actor, stay_id=key))


def _change(request: HttpRequest, key: UUID, body: ActIn) -> StayRow:
    if body.bed is None:
        raise Refused(_NO_BED)
    return row_of(commands.change_bed(request.actor, stay_id=key, bed_id=body.bed))


def _retime(request: HttpRequest, key: UUID, body: ActIn) -> StayRow:
    return row_of(commands.retime(request.actor, stay_id=key, starts=body.starts, until=body.until))


_ACTS: Mapping[str, Callable[[HttpRequest, UUID, ActIn], StayRow]] = {
    "admit": _admit,
    "discharge": _discharge,
    "cancel": _cancel,
    "change": _change,
    "retime": _retime,
}


def _bed(bed: BedOnBoard) -> BedOut:
    return BedOut(
        id=bed.id,
        ward=bed.ward,
        number=bed.number,
        sex=bed.sex.value,
        isolation=bed.isolation,
        day=bed.day,
        out_of_use=bed.out_of_use,
        free=bed.free,
        now=_stay(bed.now) if bed.now else None,
        next=_stay(bed.next) if bed.next else None,
        planned=bed.planned,
    )


def _stay(stay: StayRow) -> StayOut:
    return StayOut(
        id=stay.id,
        bed=stay.bed_id,
        resident=stay.resident_id,
        state=stay.state.value,
        starts_at=stay.starts_at,
        ends_at=stay.ends_at,
        isolation=stay.isolation,
        case=stay.case_id,
    )


_NO_BED = Refusal(
    code="capacity.no_bed_chosen",
    message=Text("没有选择换到哪张床。", "No bed was chosen to change to."),
    instead=Text("请在 bed 中写明床位的编号。", "Name the bed in “bed”."),
    at="bed",
    status=422,
)
