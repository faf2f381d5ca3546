"""``/api/localities``: planned medical centres with their versions (NHC-24), and what institutions of primary care serve (XH-89)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import StringConstraints

from tiercare.apps.evaluation.queries.indicator import newest_run
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.planning.commands import CentreDraft, change_centre, lay_service_area, plan_centre
from tiercare.apps.planning.queries import centres as queries
from tiercare.apps.planning.queries.centres import CentreVersion
from tiercare.apps.planning.queries.serving import serving
from tiercare.apps.planning.rules.centres import State

from .paging import known_only
from .problems import Problem
from .writes import Body, once

router = Router(tags=["planning"])
REFUSALS = {403: Problem, 404: Problem, 422: Problem}
WRITES = {**REFUSALS, 409: Problem, 428: Problem}
_REGION: str = Query(..., pattern=r"^[0-9]{2}([0-9]{2}([0-9]{2})?)?$")
_Code = Annotated[str, StringConstraints(max_length=12, pattern=r"^[0-9]+$")]


class PlannedCentreIn(Body):
    """A centre as it is to be; ``version`` is the one that is changed, none for a new centre."""

    kind: Annotated[str, StringConstraints(max_length=40)]
    specialty: Annotated[str, StringConstraints(max_length=11)]
    institution: UUID
    area: list[_Code]
    state: State = State.PLANNED
    words: Annotated[str, StringConstraints(max_length=2000)] = ""


class NewCentreIn(PlannedCentreIn):
    """A new one of a region."""

    region: _Code


class ChangedCentreIn(PlannedCentreIn):
    """A new version after ``version``."""

    version: int


class PlannedCentreOut(Schema):
    """A version; ``outside`` and ``all`` are visits when it was planned, none where it rests on no proposal."""

    series: UUID
    version: int
    region: str
    kind: str
    specialty: str
    institution: UUID
    area: list[str]
    state: State
    words: str
    outside: int | None
    all: int | None
    made_at: datetime


class PlannedCentresOut(Schema):
    """The newest version of each, or all versions of one."""

    items: list[PlannedCentreOut]


class SpecialtyProposalOut(Schema):
    """A specialty for which a centre is proposed; ``hospital`` is null where nobody is licensed."""

    specialty: str
    kind: str
    outside: int
    all: int
    specialists: int
    hospital: UUID | None


class ProposalsOut(Schema):
    """By the newest run of the pack; ``span`` is empty without one."""

    span: str
    items: list[SpecialtyProposalOut]


class PlannedOut(Schema):
    """The centre and its version."""

    series: UUID
    version: int


class AreaIn(Body):
    """What it serves, in which form, from a day on (today)."""

    form: Annotated[str, StringConstraints(max_length=40)]
    places: list[_Code]
    contract: Annotated[str, StringConstraints(max_length=200)] = ""
    on: date | None = None


class ServedOut(Schema):
    """One institution; ``recorded``: its area was laid down, otherwise it is the township a centre stands in."""

    institution: UUID
    name: str
    form: str
    counts: bool
    places: list[str]
    people: int
    recorded: bool


class LeftOut(Schema):
    """A township with people whom nobody serves; ``villages`` where only some are left out."""

    township: str
    people: int
    villages: list[str]


class ServingOut(Schema):
    """``forms`` are those of the text in force, null where none names any."""

    forms: list[str] | None
    people: int
    people_left: int
    items: list[ServedOut]
    left: list[LeftOut]


class AreaDoneOut(Schema):
    """The institution."""

    institution: UUID


@router.get(
    "/centres", response={200: PlannedCentresOut, **REFUSALS}, summary="已规划的医学中心 · Planned centres"
)
def centres(request: HttpRequest, region: str = _REGION, dropped: bool = False) -> PlannedCentresOut:
    """Those that concern the region (a division code), each in its newest version."""
    known_only(request, "region", "dropped")
    return PlannedCentresOut(
        items=[_out(each) for each in queries.centres(request.actor, region, dropped=dropped)]
    )


@router.get("/centres/proposed", response={200: ProposalsOut, **REFUSALS}, summary="建议的专科 · Proposed")
def proposed(request: HttpRequest, pack: str) -> ProposalsOut:
    """The specialties for which people leave the province, against what the register has, by the newest run of the pack."""
    known_only(request, "pack")
    run = newest_run(request.actor, pack[:40])
    if run is None:
        return ProposalsOut(span="", items=[])
    found = queries.proposed(request.actor, run, on=ledger.today())
    items = [
        SpecialtyProposalOut(
            specialty=each.specialty,
            kind=each.kind,
            outside=each.demand.outside,
            all=each.demand.all,
            specialists=each.specialists,
            hospital=UUID(each.hospital.id) if each.hospital else None,
        )
        for each in found.proposals
    ]
    return ProposalsOut(span=found.span, items=items)


@router.get("/centres/{uuid:key}", response={200: PlannedCentresOut, **REFUSALS}, summary="各版 · Versions")
def versions(request: HttpRequest, key: UUID) -> PlannedCentresOut:
    """All versions of a centre, the newest first."""
    return PlannedCentresOut(items=[_out(each) for each in queries.centre(request.actor, key)])


@router.post("/centres", response={201: PlannedOut, **WRITES}, summary="规划 · Plan a centre")
def plan(request: HttpRequest, body: NewCentreIn) -> object:
    """Its first version."""

    def work() -> PlannedOut:
        return PlannedOut(series=plan_centre(request.actor, body.region, _draft(body)), version=1)

    return once(request, 201, work)


@router.post("/centres/{uuid:key}", response={200: PlannedOut, **WRITES}, summary="改版 · Change a centre")
def change(request: HttpRequest, key: UUID, body: ChangedCentreIn) -> object:
    """A new version after the one that is named."""

    def work() -> PlannedOut:
        number = change_centre(request.actor, key, _draft(body), version=body.version)
        return PlannedOut(series=key, version=number)

    return once(request, 200, work)


@router.get("/serving", response={200: ServingOut, **REFUSALS}, summary="基层服务区域 · Service areas")
def served(request: HttpRequest, region: str = _REGION, on: date | None = None) -> ServingOut:
    """Every institution of primary care with its form and area on a day (today), and who is left out."""
    known_only(request, "region", "on")
    found = serving(request.actor, region, on=on or ledger.today())
    items = [
        ServedOut(
            institution=UUID(each.id),
            name=each.name,
            form=each.form,
            counts=each.counts(found.forms),
            places=list(each.places),
            people=found.people_of(each),
            recorded=each.recorded,
        )
        for each in found.served
    ]
    left = [
        LeftOut(township=each.town.code, people=each.people, villages=list(each.villages))
        for each in found.left
    ]
    return ServingOut(
        forms=None if found.forms is None else list(found.forms),
        people=found.people,
        people_left=found.people_left,
        items=items,
        left=left,
    )


@router.post("/serving/{uuid:key}", response={200: AreaDoneOut, **WRITES}, summary="划定 · Lay down an area")
def lay(request: HttpRequest, key: UUID, body: AreaIn) -> object:
    """What held before ends that day."""

    def work() -> AreaDoneOut:
        lay_service_area(
            request.actor,
            institution_id=key,
            form=body.form,
            places=tuple(body.places),
            contract=body.contract,
            on=body.on,
        )
        return AreaDoneOut(institution=key)

    return once(request, 200, work)


def _draft(body: PlannedCentreIn) -> CentreDraft:
    return CentreDraft(body.kind, body.specialty, body.institution, tuple(body.area), body.state, body.words)


def _out(each: CentreVersion) -> PlannedCentreOut:
    return PlannedCentreOut(
        series=each.series,
        version=each.version,
        region=each.region,
        kind=each.kind,
        specialty=each.specialty,
        institution=each.institution_id,
        area=list(each.area),
        state=each.state,
        words=each.words,
        outside=each.demand.get("outside"),
        all=each.demand.get("all"),
        made_at=each.made_at,
    )
