"""``/api/care``: primary care beside a hospital before one books, and the services that residents ask the station for (XH-23).

A guardian does for a ward what residents do for themselves; where the resident is not named, it is the one who is signed
in. Amounts are yuan with two decimals, estimates of a usual visit; none where the packs say nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import AwareDatetime

from tiercare.apps.capacity import queries as capacity
from tiercare.apps.capacity.queries.comparison import Lever, Option, comparison
from tiercare.apps.capacity.queries.patient import patient
from tiercare.apps.capacity.queries.search import FAR
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.queries import CareRow

from .etags import as_bytes
from .problems import Problem
from .writes import Body, once

router = Router(tags=["care"])
_FARTHEST = 300  # km: what lies farther away is not near
_SPECIALTY: str = Query(..., pattern=r"^[0-9A-Za-z.]{1,20}$")
_WITHIN: float = Query(FAR, gt=0, le=_FARTHEST)

REFUSALS = {403: Problem, 404: Problem, 422: Problem}
WRITES = {**REFUSALS, 409: Problem, 428: Problem}


class AskIn(Body):
    """Which service (``home``, ``door_to_door``, ``medical_elderly``, ``health_management``) and what for, in a sentence
    or two; without ``resident`` for oneself."""

    service: str
    words: str
    resident: UUID | None = None


class AgreeIn(Body):
    """When somebody comes, with zone, and what the resident should know."""

    visit_at: AwareDatetime
    words: str = ""


class DeclineIn(Body):
    """Why not, and what the resident can do instead; both are told them."""

    words: str
    instead: str


class FinishIn(Body):
    """What came of it."""

    words: str = ""


class NothingIn(Body):
    """Nothing is to be said."""


class MadeOut(Schema):
    """The id of the request."""

    id: UUID


class CareOut(Schema):
    """A request. ``due_at`` is when the institution answers, or enters what came of it; none once it is closed."""

    id: UUID
    resident: UUID
    institution: UUID
    service: str
    state: str
    asked_words: str
    words: str
    instead: str
    visit_at: datetime | None
    due_at: datetime | None
    asked_at: datetime
    overdue: bool


class CaresOut(Schema):
    """Requests; for residents also what can be asked for now, and of whom."""

    items: list[CareOut]
    services: list[str]
    station: UUID | None


class OptionOut(Schema):
    """One side; what the region's text does not name as a lever is left empty."""

    institution: UUID
    name: str
    level: int
    km: float
    session: UUID
    specialty: str
    starts_at: datetime
    price: str | None
    fund_pays: str | None
    out_of_pocket: str | None
    clinics: list[str]


class ComparedOut(Schema):
    """Primary care and a hospital; both empty where no text in force asks for it, or there is nothing to compare."""

    clause: str | None
    levers: list[str]
    primary: OptionOut | None
    hospital: OptionOut | None
    caveat_zh: str
    caveat_en: str


@router.get("", response={200: CaresOut, **REFUSALS}, summary="What was asked for")
def asked(request: HttpRequest, resident: UUID | None = None) -> HttpResponse:
    """What was asked of one's own institution, the first due first; for residents what they, or their ward
    (``resident``), asked for."""
    actor = request.actor
    if actor.resident_id is None:
        return _json(
            {"items": [_shown(each) for each in queries.care_asked(actor)], "services": [], "station": None}
        )
    found = queries.my_care(actor, resident or actor.resident_id)
    return _json(
        {
            "items": [_shown(each) for each in found.requests],
            "services": [each.value for each in found.said.services] if found.said else [],
            "station": found.station.institution_id if found.station else None,
        }
    )


@router.post("", response={201: MadeOut, **WRITES}, summary="Ask for a service")
def ask(request: HttpRequest, body: AskIn) -> HttpResponse:
    """A resident, or their guardian, asks the station that answers for them."""

    def work() -> MadeOut:
        whose = body.resident or request.actor.resident_id or UUID(int=0)
        return MadeOut(
            id=commands.ask_care(request.actor, resident_id=whose, service=body.service, words=body.words)
        )

    return once(request, 201, work)


@router.get("/compared", response={200: ComparedOut, **REFUSALS}, summary="Primary care beside a hospital")
def compared(
    request: HttpRequest, specialty: str = _SPECIALTY, resident: UUID | None = None, far: float = _WITHIN
) -> HttpResponse:
    """The nearest primary care beside the first hospital with a place of the specialty within ``far`` km."""
    actor = request.actor
    who = patient(actor, resident or actor.resident_id or UUID(int=0))
    today = ledger.today()
    hits = capacity.first_places(actor, resident_id=who.id, specialty=specialty, far=far, near_to=who.keeper)
    found = comparison(
        actor, resident_id=who.id, specialty=specialty, hits=hits, first=today, far=far, near_to=who.keeper
    )
    if found is None:
        return _json(
            dict.fromkeys(("clause", "primary", "hospital"), None)
            | {"levers": [], "caveat_zh": "", "caveat_en": ""}
        )
    caveat = found.primary.estimate.caveat
    return _json(
        {
            "clause": found.clause,
            "levers": sorted(each.value for each in found.levers),
            "primary": _option(found.primary, found.levers),
            "hospital": _option(found.hospital, found.levers),
            "caveat_zh": caveat.zh,
            "caveat_en": caveat.en,
        }
    )


@router.post("/{uuid:key}/agree", response={200: MadeOut, **WRITES}, summary="Agree a time")
def agree(request: HttpRequest, key: UUID, body: AgreeIn) -> HttpResponse:
    """The institution comes then; asked again it agrees another time. The resident is told."""

    def work() -> MadeOut:
        commands.agree_care(request.actor, request_id=key, visit_at=body.visit_at, words=body.words)
        return MadeOut(id=key)

    return once(request, 200, work)


@router.post("/{uuid:key}/decline", response={200: MadeOut, **WRITES}, summary="Decline")
def decline(request: HttpRequest, key: UUID, body: DeclineIn) -> HttpResponse:
    """The institution cannot: why, and what else. The resident is told."""

    def work() -> MadeOut:
        commands.decline_care(request.actor, request_id=key, words=body.words, instead=body.instead)
        return MadeOut(id=key)

    return once(request, 200, work)


@router.post("/{uuid:key}/finish", response={200: MadeOut, **WRITES}, summary="Record as done")
def finish(request: HttpRequest, key: UUID, body: FinishIn) -> HttpResponse:
    """What was agreed was done, and the ground to read the record ends. The resident is told."""

    def work() -> MadeOut:
        commands.finish_care(request.actor, request_id=key, words=body.words)
        return MadeOut(id=key)

    return once(request, 200, work)


@router.post("/{uuid:key}/withdraw", response={200: MadeOut, **WRITES}, summary="Take a request back")
def withdraw(request: HttpRequest, key: UUID, body: NothingIn) -> HttpResponse:
    """The resident, or their guardian, needs it no longer."""

    def work() -> MadeOut:
        commands.withdraw_care(request.actor, request_id=key)
        return MadeOut(id=key)

    return once(request, 200, work)


def _shown(row: CareRow) -> dict[str, Any]:
    return CareOut(
        id=row.id,
        resident=row.resident_id,
        institution=row.institution_id,
        service=row.service.value,
        state=row.state.value,
        asked_words=row.asked_words,
        words=row.words,
        instead=row.instead,
        visit_at=row.visit_at,
        due_at=row.due_at,
        asked_at=row.asked_at,
        overdue=row.overdue,
    ).model_dump()


def _option(option: Option, levers: frozenset[Lever]) -> dict[str, Any]:
    price = option.price if Lever.PRICE in levers else None
    known = option.estimate if Lever.INSURANCE in levers else None
    return OptionOut(
        institution=option.institution_id,
        name=option.name,
        level=option.level,
        km=option.km,
        session=option.session_id,
        specialty=option.specialty,
        starts_at=option.starts_at,
        price=None if price is None else str(price),
        fund_pays=None if known is None or known.fund_pays is None else str(known.fund_pays),
        out_of_pocket=None if known is None or known.out_of_pocket is None else str(known.out_of_pocket),
        clinics=list(option.clinics) if Lever.CAPACITY in levers else [],
    ).model_dump()


def _json(body: dict[str, Any]) -> HttpResponse:
    return HttpResponse(as_bytes(body), content_type="application/json")
