"""``/api/assessments``: assessments of the year and what is done to them; ``/api/public/results``: what residents read."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict, Field, StringConstraints

from tiercare.apps.evaluation.commands import act as take
from tiercare.apps.evaluation.commands import assessing as commands
from tiercare.apps.evaluation.queries import assessing
from tiercare.apps.evaluation.queries.matters import Listed, matter
from tiercare.apps.evaluation.queries.publishing import Audience, Shown, for_residents, publications
from tiercare.apps.evaluation.rules.kinds import KindId
from tiercare.apps.evaluation.rules.standing import NO_SUCH_MATTER, Said
from tiercare.apps.evaluation.workflow import Act, State
from tiercare.apps.mandates import queries as mandates
from tiercare.kernel.refusal import Refused

from .paging import known_only
from .problems import Problem
from .writes import Body, once

router = Router(tags=["assessments"])
public = Router(tags=["assessments"], auth=None)
REFUSALS = {401: Problem, 403: Problem, 404: Problem, 422: Problem}
WRITES = {**REFUSALS, 409: Problem, 412: Problem, 428: Problem}
_Words = Annotated[str, StringConstraints(max_length=4000)]
_Number = Annotated[str, StringConstraints(max_length=18)]
_Key = Annotated[str, StringConstraints(max_length=80)]


class AssessmentOut(Schema):
    """An assessment. ``steps`` are the acts that you may do to it now."""

    id: UUID
    title: str
    period: str
    area: str
    card: str
    version: int
    level: str
    state: State
    due_on: date | None
    units: int
    run: UUID
    run_digest: str
    synthetic: bool
    steps: list[Act]


class AssessmentsOut(Schema):
    """The open ones first, by their day; fifty a page."""

    items: list[AssessmentOut]


class UnitOut(Schema):
    """One who is assessed. ``total`` is exact to twelve decimals; ``digest`` is of everything that it rests on."""

    id: UUID
    key: str
    name: str
    report: UUID | None
    report_state: str
    total: str | None
    place: int | None
    digest: str


class AssessmentWithUnitsOut(AssessmentOut):
    """With everybody whom you may see of it, by rank."""

    assessed: list[UnitOut]


class ActIn(Body):
    """An act, with the words that some ask for."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"act": "approve"}]})

    act: Act
    words: _Words = ""


class OwnIn(Body):
    """A unit's own number of a line, as it would be typed; both empty where the platform's is right."""

    numerator: _Number = ""
    denominator: _Number = ""
    remark: Annotated[str, StringConstraints(max_length=500)] = ""


class ReportIn(Body):
    """A self-report, by indicator."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "lines": {"chronic_control_rate": {"numerator": "144", "denominator": "240"}},
                    "words": "已核对",
                }
            ]
        }
    )

    lines: dict[_Key, OwnIn] = Field(default_factory=dict)
    words: _Words


class StateOut(Schema):
    """Where it stands now."""

    state: State


class PublishedOut(Schema):
    """What was published; ``content`` is all that is shown, small numbers already taken out."""

    id: UUID
    region: str
    period: str
    audience: Audience
    published_at: datetime
    content: dict[str, Any]


class ManyPublishedOut(Schema):
    """The newest first."""

    items: list[PublishedOut]


@router.get("", response={200: AssessmentsOut, **REFUSALS}, summary="年度考核 · Assessments")
def assessments(request: HttpRequest, period: str = "", page: int = 1) -> AssessmentsOut:
    """Of your area; of an institution none, only self-reports."""
    known_only(request, "period", "page")
    found = assessing.assessments(request.actor, period=period[:10], page=max(1, page))
    return AssessmentsOut(items=[AssessmentOut(**_told(each)) for each in found])


@router.get(
    "/published", response={200: ManyPublishedOut, **REFUSALS}, summary="公布的结果 · What was published"
)
def published(request: HttpRequest) -> ManyPublishedOut:
    """Where you work; to the sector with scores and ranks."""
    known_only(request)
    found = [each for each in publications(request.actor) if each.withdrawn_at is None]
    return ManyPublishedOut(items=[_published(each) for each in found])


@router.get(
    "/{uuid:key}", response={200: AssessmentWithUnitsOut, **REFUSALS}, summary="一次考核 · One assessment"
)
def assessment(request: HttpRequest, key: UUID) -> AssessmentWithUnitsOut:
    """With the results once it is approved."""
    known_only(request)
    return _one(request, key)


@router.post(
    "/{uuid:key}/acts", response={200: AssessmentWithUnitsOut, **WRITES}, summary="办理 · Take it on"
)
def act(request: HttpRequest, key: UUID, body: ActIn) -> HttpResponse:
    """Submit, approve, lock, review again, withdraw: what ``steps`` lists."""

    def work() -> AssessmentWithUnitsOut:
        take(request.actor, matter_id=key, act=body.act, said=Said(words=body.words))
        return _one(request, key)

    return once(request, 200, work)


@router.post(
    "/reports/{uuid:key}", response={200: StateOut, **WRITES}, summary="报送自评 · Send a self-report"
)
def report(request: HttpRequest, key: UUID, body: ReportIn) -> HttpResponse:
    """By whoever owes it; evidence is attached on the page."""

    def work() -> StateOut:
        lines = {name: each.model_dump() for name, each in body.lines.items()}
        return StateOut(state=commands.report(request.actor, matter_id=key, lines=lines, words=body.words))

    return once(request, 200, work)


@public.get(
    "/results/{region}",
    response={200: ManyPublishedOut, 404: Problem, 422: Problem},
    summary="向居民公布的结果 · Results for residents",
)
def results(request: HttpRequest, region: str, period: str = "") -> ManyPublishedOut:
    """What stands for residents of a region (its pack's id); needs no sign-in."""
    known_only(request, "period")
    pack = mandates.packs().packs.get(region)
    if pack is None or not pack.region:
        raise Refused(mandates.region_without_pack(region[:40]))
    return ManyPublishedOut(
        items=[_published(each) for each in for_residents(pack.region, period=period[:10])]
    )


def _one(request: HttpRequest, key: UUID) -> AssessmentWithUnitsOut:
    shown = matter(request.actor, matter_id=key)
    if shown.standing.kind != KindId.ASSESSMENT:
        raise Refused(NO_SUCH_MATTER)
    told = _told(shown.line) | {"steps": [row.act for row in shown.steps]}
    units = [
        UnitOut(
            id=each.id,
            key=each.key,
            name=each.name,
            report=each.report_id,
            report_state=each.report_state,
            total=None if each.total is None else str(each.total),
            place=each.place,
            digest=each.result_digest,
        )
        for each in assessing.units_of(request.actor, key)
    ]
    return AssessmentWithUnitsOut(**told, assessed=units)


def _told(line: Listed) -> dict[str, Any]:
    standing, payload = line.standing, line.standing.payload
    return {
        "id": line.id,
        "title": standing.title,
        "period": standing.period,
        "area": standing.issuer.area,
        "card": payload["card"],
        "version": payload["version"],
        "level": payload["level"],
        "state": standing.state,
        "due_on": standing.due_on,
        "units": payload["units"],
        "run": payload["run"],
        "run_digest": payload["run_digest"],
        "synthetic": payload["synthetic"],
        "steps": [],
    }


def _published(found: Shown) -> PublishedOut:
    return PublishedOut(
        id=found.id,
        region=found.region,
        period=found.period,
        audience=found.audience,
        published_at=found.published_at,
        content=dict(found.content),
    )
