"""``/api/records``: a resident's timeline, and what is written into it: visits, results, documents, contacts done.

``source`` and ``source_key`` name the row in the sending system: sent again under the same key with the same words it
answers the row that is there, with other words 409, unless it is said to be a ``correction``: then it takes the place of
what came before, which is withdrawn and kept. What was entered for the wrong patient is withdrawn (``/withdrawals``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile

from tiercare.apps.ledger import queries as ledger
from tiercare.apps.records import commands, queries
from tiercare.apps.records.rules.entries import Diagnosis, Drug, Reading
from tiercare.apps.records.rules.files import size_refusal
from tiercare.apps.records.rules.vocabulary import (
    ConditionRole,
    ConditionStatus,
    ContactOutcome,
    DocumentKind,
    Flag,
    Stage,
    VisitKind,
)
from tiercare.apps.records.rules.withdrawing import What
from tiercare.kernel.refusal import OnRecord, refuse

from .etags import as_bytes
from .imports import once_of_form
from .paging import Paging, no_cursor, page, seen
from .problems import Problem
from .record_shapes import (
    ConditionIn,
    ContactDoneOut,
    ContactOut,
    ContactsOut,
    DocumentIn,
    DoneIn,
    EntryOut,
    MadeOut,
    ReadingIn,
    ResultsIn,
    TimelineOut,
    VisitIn,
    WithdrawalIn,
    WithdrawalOut,
)
from .writes import once

router = Router(tags=["records"])

REFUSALS = {403: Problem, 404: Problem, 422: Problem}
WRITES = {**REFUSALS, 409: Problem, 428: Problem}


@router.get("/contacts", response={200: ContactsOut, **REFUSALS}, summary="Contacts to be made")
def contacts(
    request: HttpRequest, until: date | None = None, level: int | None = None, limit: int = 50
) -> HttpResponse:
    """The open contacts of one's own institution, up to a day or of one level."""
    due = queries.contacts_due(request.actor, until=until, level=level, limit=max(1, min(limit, 200)))
    items = [_contact(each).model_dump() for each in due.contacts]
    told = {"items": items, "overdue": due.overdue, "today": due.today, "later": due.later}
    return HttpResponse(as_bytes(told), content_type="application/json")


@router.post(
    "/contacts/{uuid:key}/done", response={200: ContactDoneOut, **WRITES}, summary="A contact was made"
)
def done(request: HttpRequest, key: UUID, body: DoneIn) -> HttpResponse:
    """Say what came of it; measured answers go into the record."""

    def work() -> ContactDoneOut:
        alerts = commands.do_contact(
            request.actor,
            contact_id=key,
            outcome=ContactOutcome(body.outcome),
            note=body.note,
            answers=body.answers,
            asked=body.asked,
        )
        return ContactDoneOut(id=key, alerts=list(alerts))

    return once(request, 200, work)


@router.post(
    "/withdrawals", response={200: WithdrawalOut, **WRITES}, summary="Withdraw what was entered in error"
)
def withdrawal(request: HttpRequest, body: WithdrawalIn) -> HttpResponse:
    """An entry of one's own institution: it stays stored and leaves every summary, list and count. With a visit goes what
    was found at it."""
    what, actor = What(body.what), request.actor

    def work() -> WithdrawalOut:
        if body.id is not None:
            lines = commands.withdraw(actor, what=what, entry_id=body.id, reason=body.reason)
        else:
            lines = commands.withdraw_by_key(
                actor, what=what, source=body.source, source_key=body.source_key, reason=body.reason
            )
        return WithdrawalOut(lines=lines)

    return once(request, 200, work)


@router.get(
    "/{uuid:resident}/timeline", response={200: TimelineOut, **REFUSALS}, summary="A resident's record"
)
def timeline(request: HttpRequest, resident: UUID, paging: Query[Paging]) -> HttpResponse:
    """Everything from all institutions in the order of time, the newest first. The reading is recorded."""
    on = ledger.today()
    shown = queries.timeline(
        request.actor, resident, before=_before(seen(request, paging, on)), limit=paging.limit
    )
    last = None if shown.next is None else (shown.next[0].isoformat(), str(shown.next[1]))
    ahead = [
        {
            "id": each.id,
            "kind": each.kind,
            "due_on": each.due_on,
            "way": each.way,
            "institution": each.institution_id,
        }
        for each in shown.ahead
    ]
    items = [_entry(each).model_dump() for each in shown.entries]
    return page(request, paging, items, on=on, last=last, ahead=ahead)


@router.post("/{uuid:resident}/visits", response={201: MadeOut, **WRITES}, summary="Note a visit")
def visit(request: HttpRequest, resident: UUID, body: VisitIn) -> HttpResponse:
    """What was found, ordered and given at a visit or stay."""

    def work() -> MadeOut:
        made = commands.note_visit(
            request.actor,
            resident_id=resident,
            kind=VisitKind(body.kind),
            started_at=body.started_at,
            ended_at=body.ended_at,
            department_id=body.department,
            clinician_name=body.clinician,
            complaint=body.complaint,
            findings=body.findings,
            treatment=body.treatment,
            disposition=body.disposition,
            stage=Stage(body.stage),
            conditions=[_condition(each) for each in body.conditions],
            readings=_readings(body.readings),
            drugs=[Drug(**each.model_dump()) for each in body.drugs],
            request_id=body.request,
            source=body.source,
            source_key=body.source_key,
            corrects=body.correction,
        )
        return MadeOut(id=made)

    return once(request, 201, work)


@router.post("/{uuid:resident}/results", response={201: MadeOut, **WRITES}, summary="Record results")
def results(request: HttpRequest, resident: UUID, body: ResultsIn) -> HttpResponse:
    """A report with its values."""

    def work() -> MadeOut:
        made = commands.record_results(
            request.actor,
            resident_id=resident,
            title=body.title,
            readings=_readings(body.readings),
            taken_at=body.taken_at,
            encounter_id=body.visit,
            request_id=body.request,
            source=body.source,
            source_key=body.source_key,
            corrects=body.correction,
        )
        return MadeOut(id=made)

    return once(request, 201, work)


@router.post(
    "/{uuid:resident}/documents",
    response={201: MadeOut, **WRITES, 413: Problem, 415: Problem},
    summary="Add a document",
)
def add(
    request: HttpRequest,
    resident: UUID,
    body: Form[DocumentIn],
    file: Annotated[UploadedFile | None, File()] = None,
) -> HttpResponse:
    """Multipart: the fields, and ``file`` (PDF, JPEG, PNG) unless ``reference`` tells where it lies."""
    if file is not None:
        refuse(size_refusal(file.size or 0, queries.document_limit(request.actor)))
    content = None if file is None else file.read()

    def work() -> bytes:
        made = commands.add_document(
            request.actor,
            resident_id=resident,
            kind=DocumentKind(body.kind),
            title=body.title,
            content=content,
            media_type="" if file is None else file.content_type or "",
            reference=body.reference,
            dated_at=body.dated_at,
            encounter_id=body.visit,
            request_id=body.request,
            source=body.source,
            source_key=body.source_key,
            corrects=body.correction,
        )
        return MadeOut(id=made).model_dump_json().encode()

    told = (body.model_dump(mode="json"), hashlib.sha256(content or b"").hexdigest())
    try:
        return once_of_form(request, as_bytes(told), work)
    except OnRecord as refused:
        refused.leave_record()  # the transaction has undone the first note
        raise


def _before(place: Sequence[str]) -> tuple[datetime, UUID] | None:
    if not place:
        return None
    try:
        at, key = place
        return datetime.fromisoformat(at), UUID(key)
    except ValueError as error:
        raise no_cursor() from error


def _condition(given: ConditionIn) -> Diagnosis:
    role, status = ConditionRole(given.role), ConditionStatus(given.status)
    return Diagnosis(given.code, given.name, role, status, given.onset_on)


def _readings(given: Sequence[ReadingIn]) -> list[Reading]:
    return [Reading(**{**each.model_dump(), "flag": Flag(each.flag)}) for each in given]


def _contact(row: queries.Contact) -> ContactOut:
    return ContactOut(
        id=row.id,
        resident=row.resident_id,
        kind=row.kind.value,
        level=row.level,
        way=row.way.value,
        due_on=row.due_on,
        late=row.late,
        words=row.words,
        request=row.request_id,
    )


# What of a row concerns only the program.
_OURS = frozenset(
    {"digest", "source_key", "clinician_account", "account_id", "resident_id", "institution_id", "id"}
)


def _entry(row: queries.Entry) -> EntryOut:
    return EntryOut(
        kind=row.kind,
        id=row.id,
        at=row.at,
        institution=row.institution_id,
        institution_name=row.institution,
        source=row.source,
        by_name=row.by_name,
        body={name: value for name, value in row.body.items() if name not in _OURS},
        conditions=[dict(each) for each in row.conditions],
        readings=[dict(each) for each in row.readings],
        drugs=[dict(each) for each in row.drugs],
        hidden=row.hidden,
        withdrawn=None if row.gone is None else {"at": row.gone.at, "reason": row.gone.reason},
    )
