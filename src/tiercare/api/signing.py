"""``/api/signing``: registered poor residents by village, signed with a family doctor and not (YN-47)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from tiercare.apps.residents import queries
from tiercare.apps.residents.queries.signing import Signing

from .etags import as_bytes
from .paging import Day
from .problems import Problem

router = Router(tags=["residents"])
REFUSALS = {403: Problem, 422: Problem}
_CODE: str = Query("", pattern=r"^\d{0,12}$")
_AREA: str = Query("", pattern=r"^(\d{2,12})?$")


class VillageOut(Schema):
    """One village, or the smallest area that addresses name; ``names`` from the county down."""

    code: str
    names: list[str]
    poor: int
    signed: int
    unsigned: int


class AimOut(Schema):
    """What the text in force asks for: a share (1.00 is everybody), by when, and the clause."""

    share: str
    by: date | None
    clause: str


class SigningOut(Schema):
    """Counts as of a day. ``aim`` and ``met`` are empty where no text in force sets a target."""

    on: date
    poor: int
    signed: int
    unsigned: int
    aim: AimOut | None
    met: bool | None
    villages: list[VillageOut]


class UnsignedOut(Schema):
    """A resident of the institution's own list whom nobody answers for."""

    id: UUID
    name: str
    sex: str
    birth_date: date | None
    village: str
    synthetic: bool


@router.get("/poor", response={200: SigningOut, **REFUSALS}, summary="Registered poor signed, of an area")
def area(request: HttpRequest, division: str = _AREA, on: Day | None = None) -> HttpResponse:
    """Counts by village of the area that the actor answers for, or one within it; nobody's name."""
    code = division or request.actor.division_code or ""
    return _answered(queries.poor_signing(request.actor, division_code=code, on=on))


@router.get("/own", response={200: SigningOut, **REFUSALS}, summary="Registered poor signed, of the own list")
def own(request: HttpRequest, on: Day | None = None) -> HttpResponse:
    """The same of the residents whom the actor's institution knows."""
    return _answered(queries.own_poor_signing(request.actor, on=on))


@router.get(
    "/own/unsigned",
    response={200: list[UnsignedOut], **REFUSALS},
    summary="Who signed with nobody, by village",
)
def unsigned(request: HttpRequest, village: str = _CODE, on: Day | None = None) -> HttpResponse:
    """By name, of one village or of all; the reading is recorded for each of them."""
    listed = queries.unsigned_poor(request.actor, village=village, on=on)
    return HttpResponse(as_bytes([asdict(each) for each in listed]), content_type="application/json")


def _answered(found: Signing) -> HttpResponse:
    aim = found.aim
    body = {
        "on": found.on,
        "poor": found.poor,
        "signed": found.signed,
        "unsigned": found.unsigned,
        "aim": {"share": str(aim.share), "by": aim.by, "clause": aim.clause} if aim else None,
        "met": found.met,
        "villages": [
            {
                "code": each.code,
                "names": list(each.names),
                "poor": each.poor,
                "signed": each.signed,
                "unsigned": each.unsigned,
            }
            for each in found.villages
        ],
    }
    return HttpResponse(as_bytes(body), content_type="application/json")
