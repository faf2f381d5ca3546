"""``/api/capacity/centre``, ``day-procedures``, ``criteria``, ``admissions``: what an admission centre runs and keeps, and
its figures. The institution is the actor's own.
"""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries import case_figures
from tiercare.apps.capacity.queries.centre import catalogue, criteria_of, unit_of
from tiercare.apps.capacity.queries.keeping import own_place
from tiercare.apps.capacity.rules.cases import FUNCTIONS, Step
from tiercare.apps.capacity.rules.criteria import Stage
from tiercare.apps.ledger import queries as ledger

from .problems import Problem
from .writes import Body, once

router = Router(tags=["capacity"])

REFUSALS = {403: Problem, 404: Problem, 422: Problem}
WRITES = {**REFUSALS, 409: Problem, 428: Problem}

Function = Literal[
    "admission",
    "insurance_review",
    "discharge_settlement",
    "exam_booking",
    "post_discharge_followup",
    "health_education",
]


class UnitIn(Body):
    """What the centre runs from today on, and whether there is day surgery."""

    functions: list[Function]
    day_surgery: bool


class ProcedureIn(Body):
    """A procedure that is done as day surgery."""

    name: str


class CriteriaIn(Body):
    """By what patients of a disease are admitted or discharged; the version before ends."""

    disease: str
    stage: Stage
    items: list[str] = Field(max_length=100)


class NothingIn(Body):
    """An empty body."""


class UnitOut(Schema):
    """What the centre runs today."""

    functions: list[str]
    day_surgery: bool
    level: int


class ProcedureOut(Schema):
    """A procedure of the catalogue."""

    id: UUID
    name: str
    since: date


class CriteriaOut(Schema):
    """A list of criteria that holds now."""

    id: UUID
    disease: str
    stage: str
    version: int
    items: list[str]


class MadeOut(Schema):
    """What was made."""

    id: UUID


class ProceduresOut(Schema):
    """The catalogue."""

    items: list[ProcedureOut]


class CriteriaListsOut(Schema):
    """The lists that hold now."""

    items: list[CriteriaOut]


class WaitOut(Schema):
    """Median days that people waited for a step, and how many they were."""

    hospital: str
    department: str
    month: date
    step: str
    days: float
    cases: int


class OperationsOut(Schema):
    """Elective operations of a month, those by day among them; ``share`` is null where there was none."""

    hospital: str
    month: date
    day: int
    elective: int
    share: float | None


class TimeOut(Schema):
    """Median hours that a function took once it came next."""

    hospital: str
    step: str
    hours: float
    cases: int


class LeadOut(Schema):
    """A lead hospital, and which functions its centre does not run."""

    institution: UUID
    name: str
    missing: list[str]


class FiguresOut(Schema):
    """What was counted in the period; ``centres`` stands for ``centres_on``."""

    waits: list[WaitOut]
    operations: list[OperationsOut]
    times: list[TimeOut]
    centres_on: date
    centres: list[LeadOut]
    share: float | None
    target: float | None
    deadline: date | None
    met: bool | None


@router.get("/centre", response={200: UnitOut, **REFUSALS}, summary="What the admission centre runs")
def unit(request: HttpRequest) -> UnitOut:
    """Of the actor's institution, today."""
    return _unit(request)


@router.put("/centre", response={200: UnitOut, **WRITES}, summary="Say what the admission centre runs")
def keep_unit(request: HttpRequest, body: UnitIn) -> HttpResponse:
    """From today on; what it ran before stays on record with its days."""

    def work() -> UnitOut:
        commands.keep_unit(
            request.actor,
            institution_id=own_place(request.actor),
            functions=[Step(each) for each in body.functions],
            day_surgery=body.day_surgery,
        )
        return _unit(request)

    return once(request, 200, work)


@router.get("/day-procedures", response={200: ProceduresOut, **REFUSALS}, summary="The day-surgery catalogue")
def procedures(request: HttpRequest, on: date | None = None) -> ProceduresOut:
    """As it stands today, or stood on a day."""
    found = catalogue(own_place(request.actor), on=on or ledger.today())
    return ProceduresOut(items=[ProcedureOut(id=each.id, name=each.name, since=each.since) for each in found])


@router.post("/day-procedures", response={201: MadeOut, **WRITES}, summary="Enter a procedure")
def enter_procedure(request: HttpRequest, body: ProcedureIn) -> HttpResponse:
    """Into the catalogue, from today on."""
    return once(
        request,
        201,
        lambda: MadeOut(
            id=commands.enter_procedure(
                request.actor, institution_id=own_place(request.actor), name=body.name
            )
        ),
    )


@router.post("/day-procedures/{uuid:key}/retire", response={200: MadeOut, **WRITES}, summary="Retire one")
def retire_procedure(request: HttpRequest, key: UUID, body: NothingIn) -> HttpResponse:
    """Off the catalogue, from today on; what is under way goes on."""

    def work() -> MadeOut:
        commands.retire_procedure(request.actor, procedure_id=key)
        return MadeOut(id=key)

    return once(request, 200, work)


@router.get("/criteria", response={200: CriteriaListsOut, **REFUSALS}, summary="Criteria by disease")
def criteria(request: HttpRequest, disease: str = "") -> CriteriaListsOut:
    """Those that hold now, of one disease or of all."""
    found = criteria_of(own_place(request.actor), disease=disease)
    return CriteriaListsOut(
        items=[
            CriteriaOut(
                id=each.id,
                disease=each.disease,
                stage=each.stage,
                version=each.version,
                items=list(each.items),
            )
            for each in found
        ]
    )


@router.post("/criteria", response={201: MadeOut, **WRITES}, summary="Set the criteria of a disease")
def keep_criteria(request: HttpRequest, body: CriteriaIn) -> HttpResponse:
    """A new version; the one before ends."""
    return once(
        request,
        201,
        lambda: MadeOut(
            id=commands.keep_criteria(
                request.actor,
                institution_id=own_place(request.actor),
                disease=body.disease,
                stage=body.stage,
                items=body.items,
            )
        ),
    )


@router.post("/criteria/{uuid:key}/end", response={200: MadeOut, **WRITES}, summary="Stop using a list")
def end_criteria(request: HttpRequest, key: UUID, body: NothingIn) -> HttpResponse:
    """What was recorded by it stays."""

    def work() -> MadeOut:
        commands.end_criteria(request.actor, criteria_id=key)
        return MadeOut(id=key)

    return once(request, 200, work)


@router.get("/admissions", response={200: FiguresOut, **REFUSALS}, summary="Waits, day surgery, centres")
def figures(request: HttpRequest, first: date, last: date, on: date | None = None) -> FiguresOut:
    """Of the actor's institution or area; ``on`` is the day for the lead hospitals' centres."""
    found = case_figures.figures(request.actor, first=first, last=last)
    leads = case_figures.centres(request.actor, on=on)
    return FiguresOut(
        waits=[WaitOut.from_orm(each) for each in found.waits],
        operations=[OperationsOut.from_orm(each) for each in found.operations],
        times=[TimeOut.from_orm(each) for each in found.times],
        centres_on=leads.on,
        centres=[
            LeadOut(institution=each.id, name=each.name, missing=[step.value for step in each.missing])
            for each in leads.leads
        ],
        share=leads.share,
        target=leads.target,
        deadline=leads.deadline,
        met=leads.met,
    )


def _unit(request: HttpRequest) -> UnitOut:
    runs = unit_of(own_place(request.actor))
    functions: list[str] = [step.value for step in FUNCTIONS if step.value in runs.functions]
    return UnitOut(functions=functions, day_surgery=runs.day_surgery, level=runs.level)
