"""``/api/capacity/cases``: admissions and operations, step by step.

The institution is the actor's own, and whether a case goes by the green channel follows from the open request that
brings the resident: a body that names either is refused.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries import cases as queries
from tiercare.apps.capacity.queries.keeping import own_place
from tiercare.apps.capacity.rules.cases import CaseKind, Step, checklist

from .problems import Problem
from .writes import Body, once

router = Router(tags=["capacity"])

REFUSALS = {403: Problem, 404: Problem, 422: Problem}
WRITES = {**REFUSALS, 409: Problem, 428: Problem}
_PAGE = 100


class CaseIn(Body):
    """Whom for, what, and in which department; day surgery names a procedure of the catalogue."""

    kind: CaseKind
    resident: UUID
    department: UUID
    procedure: UUID | None = None
    disease: str = Field("", max_length=80)


class StepIn(Body):
    """What was checked (numbers on the step's list, from 0) and met (criteria, word for word); ``not_needed`` leaves the
    step out, with the reason in ``note``."""

    ticked: list[int] = Field(default_factory=list, max_length=50)
    met: list[str] = Field(default_factory=list, max_length=50)
    note: str = Field("", max_length=300)
    not_needed: bool = False


class ReasonIn(Body):
    """Why."""

    reason: str = Field(max_length=300)


class StepOut(Schema):
    """A step: what is to be checked at it, by when it is due, and what was recorded of it."""

    step: str
    state: str
    due_at: datetime | None
    done_at: datetime | None
    note: str
    checklist: list[str]
    criteria: list[str]
    met: list[str]


class CaseRowOut(Schema):
    """An open case and what comes next in it."""

    id: UUID
    kind: str
    resident: UUID
    green: bool
    requested_at: datetime
    department: str
    disease: str
    procedure: str
    step: str
    due_at: datetime | None
    overdue: bool


class CasesOut(Schema):
    """A page of open cases; of all of them how many, how many by the green channel, how many late."""

    items: list[CaseRowOut]
    total: int
    green: int
    late: int


class CaseOut(Schema):
    """A case with all its steps. ``propose_down_referral``: all criteria of discharge are met."""

    id: UUID
    kind: str
    resident: UUID
    state: str
    green: bool
    requested_at: datetime
    department: str
    disease: str
    procedure: str
    stay: UUID | None
    propose_down_referral: bool
    steps: list[StepOut]


@router.get("/cases", response={200: CasesOut, **REFUSALS}, summary="Open admissions and operations")
def cases(
    request: HttpRequest,
    kind: CaseKind | None = None,
    step: Step | None = None,
    department: UUID | None = None,
    page: int = 1,
) -> CasesOut:
    """Those of the institution, the green channel first, then by what is due; 100 a page."""
    found = queries.open_cases(
        request.actor,
        kind=kind,
        step=step,
        department_id=department,
        page=min(max(page, 1), 10_000),
        per_page=_PAGE,
    )
    items = [
        CaseRowOut(
            id=each.id,
            kind=each.kind,
            resident=each.resident_id,
            green=each.green,
            requested_at=each.requested_at,
            department=each.department,
            disease=each.disease,
            procedure=each.procedure,
            step=each.step,
            due_at=each.due_at,
            overdue=each.overdue,
        )
        for each in found.cases
    ]
    return CasesOut(items=items, total=found.total, green=found.greens, late=found.late)


@router.post("/cases", response={201: CaseOut, **WRITES}, summary="Open an admission or an operation")
def open_case(request: HttpRequest, body: CaseIn) -> HttpResponse:
    """Begin it; all its steps are laid out at once."""

    def work() -> CaseOut:
        key = commands.open_case(
            request.actor,
            kind=body.kind,
            institution_id=own_place(request.actor),
            resident_id=body.resident,
            department_id=body.department,
            procedure_id=body.procedure,
            disease=body.disease,
        )
        return _case(request, key)

    return once(request, 201, work)


@router.get("/cases/{uuid:key}", response={200: CaseOut, **REFUSALS}, summary="One case with its steps")
def case(request: HttpRequest, key: UUID) -> CaseOut:
    """A case of the institution."""
    return _case(request, key)


@router.post("/cases/{uuid:key}/steps/{step}", response={200: CaseOut, **WRITES}, summary="Finish a step")
def finish(request: HttpRequest, key: UUID, step: Step, body: StepIn) -> HttpResponse:
    """Take the step that comes next off the list, or leave it out."""

    def work() -> CaseOut:
        commands.finish_step(
            request.actor,
            case_id=key,
            step=step,
            ticked=body.ticked,
            met=body.met,
            note=body.note,
            not_needed=body.not_needed,
        )
        return _case(request, key)

    return once(request, 200, work)


@router.post("/cases/{uuid:key}/cancel", response={200: CaseOut, **WRITES}, summary="Give a case up")
def cancel(request: HttpRequest, key: UUID, body: ReasonIn) -> HttpResponse:
    """End it; a bed that is kept for it is free again."""

    def work() -> CaseOut:
        commands.cancel_case(request.actor, case_id=key, reason=body.reason)
        return _case(request, key)

    return once(request, 200, work)


def _case(request: HttpRequest, key: UUID) -> CaseOut:
    shown = queries.case_shown(request.actor, key)
    return CaseOut(
        id=shown.id,
        kind=shown.kind,
        resident=shown.resident_id,
        state=shown.state,
        green=shown.green,
        requested_at=shown.requested_at,
        department=shown.department,
        disease=shown.disease,
        procedure=shown.procedure,
        stay=shown.stay.id if shown.stay else None,
        propose_down_referral=shown.proposes_down_referral,
        steps=[
            StepOut(
                step=each.step,
                state=each.state,
                due_at=each.due_at,
                done_at=each.done_at,
                note=each.note,
                checklist=[text.zh for text in checklist(shown.kind, each.step)],
                criteria=list(each.items),
                met=list(each.met),
            )
            for each in shown.steps
        ],
    )
