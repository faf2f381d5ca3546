"""``/api/formulary`` and ``/api/followup``: the drug list of one's own institution; alerts that answers raised, proposals to go
down that are declined, and the survey of a year."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.records import commands, queries
from tiercare.apps.records.commands.formularies import Taken
from tiercare.apps.records.rules.asked import Ground
from tiercare.apps.referrals import queries as referrals
from tiercare.kernel.refusal import refuse

from .etags import as_bytes
from .imports import content_of, once_of_form
from .problems import Problem
from .writes import Body, once

formulary = Router(tags=["records"])
router = Router(tags=["records"])

REFUSALS = {403: Problem, 404: Problem, 422: Problem}
WRITES = {**REFUSALS, 409: Problem, 428: Problem}
_CHECK: Any = Form(False, description="only say what it would come to")
_WHOLE: Any = Form(False, description="what is not in the file ends today")


class DrugListedIn(Body):
    """A drug for the list; ``code`` is its ATC code (seven signs) or the national one."""

    name: Annotated[str, Field(max_length=100)]
    strength: Annotated[str, Field(max_length=100)] = ""
    code: Annotated[str, Field(max_length=30)] = ""


class DrugListedOut(Schema):
    """A drug that the institution has."""

    id: UUID
    name: str
    strength: str
    code: str
    since: date


class FormularyOut(Schema):
    """The list on a day; without one nobody knows what the institution has, and ``kept`` says so."""

    institution: UUID
    on: date
    kept: bool
    items: list[DrugListedOut]


class IdOut(Schema):
    """What was made."""

    id: UUID


class TakenOut(Schema):
    """What a file came to, or would; ``faults`` by row and column, the first 300."""

    rows: int
    created: int
    changed: int
    unchanged: int
    ended: int
    bad: int
    faults: list[dict[str, Any]]


class AlertOut(Schema):
    """Answers beyond the limits of a form, by item."""

    id: UUID
    resident: UUID
    handled_by: UUID
    raised_by: UUID
    form: str
    answers: dict[str, Any]
    raised_at: datetime
    due_at: datetime | None
    overdue: bool
    green: bool
    handled_at: datetime | None
    handling: str
    request: UUID | None


class AlertsOut(Schema):
    """The open ones first, by when they are due."""

    items: list[AlertOut]


class HandledIn(Body):
    """How an alert was handled."""

    handling: Annotated[str, Field(max_length=500)]


class DeclinedIn(Body):
    """Why a patient does not go down, of whom it was proposed: after a visit, or because all criteria are met (the case)."""

    ground: Literal["visit", "criteria"]
    source: UUID
    reason: Annotated[str, Field(max_length=200)]


class DoneOut(Schema):
    """It was done."""

    done: bool = True


class AnsweredIn(Body):
    """Answers to the survey by item."""

    answers: dict[str, bool | float | str] = Field(default_factory=dict, max_length=40)


class SurveyOut(Schema):
    """What was answered in a year about one's own institution; ``mean`` is ``null`` where nobody answered."""

    year: int
    people: int
    items: list[dict[str, Any]]
    clauses: list[str]


@formulary.get("", response={200: FormularyOut, **REFUSALS}, summary="The drug list of an institution")
def listed(request: HttpRequest, institution: UUID | None = None, on: date | None = None) -> FormularyOut:
    """One's own, or that of another to which patients are sent."""
    refuse(access.may(request.actor, Right.RECORDS_WRITE, institution_id=request.actor.institution_id))
    of, day = institution or request.actor.institution_id, on or ledger.today()
    assert of is not None
    items = [
        DrugListedOut(id=each.id, name=each.name, strength=each.strength, code=each.code, since=each.since)
        for each in queries.formulary(of, on=day)
    ]
    return FormularyOut(institution=of, on=day, kept=bool(items), items=items)


@formulary.post("", response={201: IdOut, **WRITES}, summary="Put a drug on the list")
def keep(request: HttpRequest, body: DrugListedIn) -> HttpResponse:
    """From today on; one that stands there stays, with the code given now."""

    def work() -> IdOut:
        return IdOut(id=commands.keep_drug(request.actor, **body.model_dump()))

    return once(request, 201, work)


@formulary.post("/import", response={201: TakenOut, **WRITES, 413: Problem}, summary="Take a file over")
def taken(
    request: HttpRequest, file: File[UploadedFile], check: bool = _CHECK, whole: bool = _WHOLE
) -> HttpResponse:
    """Multipart: ``file`` (.xlsx, .xls or .csv); all of its rows or none."""
    refuse(access.may(request.actor, Right.RECORDS_WRITE, institution_id=request.actor.institution_id))
    content = content_of(file)

    def work() -> bytes:
        done = commands.import_drugs(
            request.actor, file_name=file.name or "", content=content, check=check, whole=whole
        )
        return _taken(done).model_dump_json().encode()

    told = as_bytes((file.name, check, whole, hashlib.sha256(content).hexdigest()))
    return once_of_form(request, told, work)


@formulary.post("/{uuid:key}/end", response={200: DoneOut, **WRITES}, summary="Take a drug off the list")
def end(request: HttpRequest, key: UUID) -> HttpResponse:
    """From today on."""

    def work() -> DoneOut:
        commands.end_drug(request.actor, item_id=key)
        return DoneOut()

    return once(request, 200, work)


@router.get("/alerts", response={200: AlertsOut, **REFUSALS}, summary="Alerts that answers raised")
def alerts(request: HttpRequest, overdue: bool = False) -> AlertsOut:
    """Those of one's own institution, to handle or raised by it; with ``overdue`` those not handled in the set time."""
    return AlertsOut(items=[_alert(each) for each in queries.followup_alerts(request.actor, overdue=overdue)])


@router.post("/alerts/{uuid:key}/handle", response={200: DoneOut, **WRITES}, summary="An alert was handled")
def handle(request: HttpRequest, key: UUID, body: HandledIn) -> HttpResponse:
    """By whoever answers for the resident."""

    def work() -> DoneOut:
        commands.handle_alert(request.actor, alert_id=key, handling=body.handling)
        return DoneOut()

    return once(request, 200, work)


@router.post("/declined", response={200: DoneOut, **WRITES}, summary="A patient does not go down")
def declined(request: HttpRequest, body: DeclinedIn) -> HttpResponse:
    """Of somebody in ``/api/referrals/ready`` of whom it was proposed."""

    def work() -> DoneOut:
        ground = Ground(body.ground)
        met = referrals.criteria_met(request.actor) if ground is Ground.CRITERIA else []
        found = next((each for each in met if each.case_id == body.source), None)
        commands.answer_prompt(
            request.actor,
            ground=ground,
            source_id=body.source,
            taken=False,
            reason=body.reason,
            resident_id=found.resident_id if found else None,
            name=found.disease if found else "",
        )
        return DoneOut()

    return once(request, 200, work)


@router.get("/surveys", response={200: SurveyOut, **REFUSALS}, summary="The survey of a year")
def survey(request: HttpRequest, year: int | None = None) -> SurveyOut:
    """Counts, not people."""
    found = queries.survey(request.actor, year=year or ledger.today().year)
    items = [
        {
            "item": each.item.id,
            "people": each.people,
            "mean": each.mean,
            "by_value": dict(each.by_value),
        }
        for each in found.items
    ]
    return SurveyOut(year=found.year, people=found.people, items=items, clauses=list(found.clauses))


@router.post("/surveys/{uuid:stay}", response={201: IdOut, **WRITES}, summary="Answer about a stay")
def answer(request: HttpRequest, stay: UUID, body: AnsweredIn) -> HttpResponse:
    """As the resident told it to the hospital's staff; once a stay."""
    refuse(access.may(request.actor, Right.RECORDS_WRITE, institution_id=request.actor.institution_id))

    def work() -> IdOut:
        return IdOut(id=commands.answer_survey(request.actor, encounter_id=stay, answers=body.answers))

    return once(request, 201, work)


def _taken(done: Taken) -> TakenOut:
    return TakenOut(
        rows=done.rows,
        created=done.created,
        changed=done.changed,
        unchanged=done.unchanged,
        ended=done.ended,
        bad=done.bad,
        faults=[dict(each) for each in done.faults],
    )


def _alert(found: queries.Alert) -> AlertOut:
    return AlertOut(
        id=found.id,
        resident=found.resident_id,
        handled_by=found.institution_id,
        raised_by=found.raiser_id,
        form=found.form.id if found.form else "",
        answers={item.id: value for item, value in found.items if item is not None},
        raised_at=found.raised_at,
        due_at=found.due_at,
        overdue=found.overdue,
        green=found.green,
        handled_at=found.handled_at,
        handling=found.handling,
        request=found.request_id,
    )
