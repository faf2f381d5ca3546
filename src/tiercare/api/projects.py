"""``/api/projects``: work programmes in force, their projects, counts by county, standards beside the register; opening projects.

A project is a matter: its history and its acts are those of ``/api/supervision/matters``.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from tiercare.apps.access.rules import Right, may
from tiercare.apps.evaluation.commands.projects import Opening, ask_yearly, open_project
from tiercare.apps.evaluation.queries import projects as queries
from tiercare.apps.evaluation.queries.matters import Listed
from tiercare.apps.evaluation.queries.projects import Box, Count, Wanted
from tiercare.apps.evaluation.queries.standards import table
from tiercare.apps.evaluation.rules.projects import DONE_ON
from tiercare.apps.evaluation.workflow import State
from tiercare.kernel.refusal import refuse

from .paging import known_only
from .problems import Problem
from .writes import Body, once

router = Router(tags=["projects"])
REFUSALS = {401: Problem, 403: Problem, 404: Problem, 422: Problem}
WRITES = {**REFUSALS, 409: Problem, 428: Problem}
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=60)]
Line = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
Choice = Annotated[str, StringConstraints(max_length=140, pattern=r"^[^\x00-\x1f\x7f]*$")]
_NAME = Query("", max_length=60, pattern=r"^[a-z0-9_-]*$")
_YEAR = Query("", pattern=r"^(\d{4})?$")


class ProgrammeOut(Schema):
    """A programme in force; ``top`` is the priority under which it stands, itself where there are none. ``plan`` are the fields
    that are asked when a project is opened, ``sheet`` when it ends, with the answers that each takes."""

    id: str
    top: str
    zh: str
    en: str
    clauses: list[str]
    of: str
    yearly: bool
    days: int
    ordered: bool
    parts: list[str]
    plan: dict[str, list[str]]
    sheet: dict[str, list[str]]


class ProgrammesOut(Schema):
    """What is in force where the asker stands."""

    programmes: list[ProgrammeOut]
    standards: list[str]


class ProjectCountOut(Schema):
    """Projects of a programme in a county: open, done, and of the open ones overdue."""

    top: str
    programme: str
    area: str
    open: int
    done: int
    overdue: int


class CountsOut(Schema):
    """By programme and county."""

    items: list[ProjectCountOut]


class ProjectOut(Schema):
    """A project. ``plan`` and ``result`` by field; ``planned`` is the completion as it was opened, ``due_on`` the day now."""

    id: UUID
    programme: str
    top: str
    title: str
    year: str
    state: State
    subject: str
    subject_name: str
    area: str
    plan: dict[str, str]
    result: dict[str, Any]
    gap: str
    consortium: str
    planned: date
    due_on: date | None
    done_on: str
    overdue: bool


class ProjectsOut(Schema):
    """A page of 50."""

    items: list[ProjectOut]
    more: bool


class CellOut(Schema):
    """What the register says of a specialty at a hospital by one measure, how much there must be (0: nothing is laid down), and the
    open project that takes the gap up."""

    subject: str
    specialty: str
    measure: str
    has: int
    names: list[str]
    least: int
    lacking: bool
    gap: str
    project: UUID | None


class StandardOut(Schema):
    """A standard beside the register of today."""

    items: list[CellOut]


class ProjectIn(Body):
    """A project: ``subject`` as ``institution:key`` or ``division:code``, ``plan`` by field, ``gap`` as a standard gives it."""

    programme: Name
    subject: Choice
    due_on: date | None = None
    title: Line = Field("", max_length=80)
    words: str = Field("", max_length=4000)
    plan: dict[Name, Line] = Field(default_factory=dict, max_length=40)
    gap: Choice = ""
    year: str = Field("", pattern=r"^(\d{4})?$")


class YearlyIn(Body):
    """The sheet of a year for everybody of a yearly programme."""

    programme: Name
    year: str = Field(pattern=r"^\d{4}$")
    due_on: date | None = None


class OpenedOut(Schema):
    """The matter."""

    id: UUID


class ProgrammesAskedOut(Schema):
    """How many were asked anew."""

    asked: int


@router.get("/programmes", response={200: ProgrammesOut, **REFUSALS}, summary="重点工作 · Work programmes")
def programmes(request: HttpRequest) -> ProgrammesOut:
    """Programmes and standards of the pack in force where the asker stands."""
    known_only(request)
    refuse(may(request.actor, Right.SUPERVISION_ANSWER))
    works = queries.works_for(request.actor)
    return ProgrammesOut(
        programmes=[
            ProgrammeOut(
                id=each.id,
                top=works.tops[each.id],
                zh=each.name.zh,
                en=each.name.en,
                clauses=list(each.clauses),
                of=each.of.value,
                yearly=each.yearly,
                days=each.days,
                ordered=each.ordered,
                parts=[part.id for part in each.parts],
                plan={b.field.id: [one.id for one in b.field.answers] for b in each.plan},
                sheet={b.field.id: [one.id for one in b.field.answers] for b in each.sheet},
            )
            for each in works.programmes.values()
        ],
        standards=list(works.standards),
    )


@router.get("/counts", response={200: CountsOut, **REFUSALS}, summary="按县市区计数 · Counts by county")
def counts(request: HttpRequest, year: str = _YEAR) -> CountsOut:
    """Open, done and overdue projects by programme and county."""
    known_only(request, "year")
    found = queries.dashboard(request.actor, year=year)
    return CountsOut(
        items=[
            _count(top.line.id, line.id, area, count)
            for top in found.tops
            for line in top.below
            for area, count in line.counts.items()
        ]
    )


@router.get("", response={200: ProjectsOut, **REFUSALS}, summary="项目 · Projects")
def projects(
    request: HttpRequest,
    top: str = _NAME,
    programme: str = _NAME,
    area: str = Query("", pattern=r"^\d{0,6}$"),
    year: str = _YEAR,
    box: Box = Box.ALL,
    page: int = Query(1, ge=1, le=9999),
) -> ProjectsOut:
    """Projects that the asker may see, open ones first by their day."""
    known_only(request, "top", "programme", "area", "year", "box", "page")
    wanted = Wanted(top=top, programme=programme, area=area, year=year, box=box)
    found, more = queries.projects(request.actor, wanted, page=page)
    return ProjectsOut(items=[_project(each) for each in found], more=more)


@router.get("/standards/{standard}", response={200: StandardOut, **REFUSALS}, summary="对照标准 · A standard")
def compared(request: HttpRequest, standard: Name) -> StandardOut:
    """What each hospital has of each specialty, and what it lacks."""
    known_only(request)
    return StandardOut(
        items=[
            CellOut(
                subject=row.subject.choice,
                specialty=row.need.id,
                measure=cell.measure.value,
                has=cell.has,
                names=list(cell.names),
                least=cell.least,
                lacking=cell.lacking,
                gap=cell.gap,
                project=cell.project,
            )
            for row in table(request.actor, standard).rows
            for cell in row.cells
            if cell.asked
        ]
    )


@router.post("", response={201: OpenedOut, **WRITES}, summary="立项 · Open a project")
def open_one(request: HttpRequest, body: ProjectIn) -> HttpResponse:
    """Give somebody a project of a programme in force."""
    return once(request, 201, lambda: OpenedOut(id=open_project(request.actor, Opening(**body.model_dump()))))


@router.post(
    "/yearly", response={201: ProgrammesAskedOut, **WRITES}, summary="下达年度表 · Ask for yearly sheets"
)
def yearly(request: HttpRequest, body: YearlyIn) -> HttpResponse:
    """Everybody of a yearly programme is asked once for the sheet of a year."""
    return once(
        request, 201, lambda: ProgrammesAskedOut(asked=ask_yearly(request.actor, **body.model_dump()))
    )


def _count(top: str, programme: str, area: str, count: Count) -> ProjectCountOut:
    return ProjectCountOut(
        top=top, programme=programme, area=area, open=count.open, done=count.done, overdue=count.overdue
    )


def _project(each: Listed) -> ProjectOut:
    standing, payload = each.standing, each.standing.payload
    return ProjectOut(
        id=standing.id,
        programme=payload["programme"],
        top=payload["top"],
        title=standing.title,
        year=standing.period,
        state=standing.state,
        subject=f"{standing.subject_type}:{standing.subject_key}",
        subject_name=standing.subject_name,
        area=standing.owner.area,
        plan={field["id"]: field["value"] for field in payload["plan"]},
        result=dict(standing.result),
        gap=payload.get("gap", ""),
        consortium=payload.get("consortium", ""),
        planned=standing.first_due_on,
        due_on=standing.due_on if each.turn else None,
        done_on=str(standing.result.get(DONE_ON, "")),
        overdue=standing.overdue,
    )
