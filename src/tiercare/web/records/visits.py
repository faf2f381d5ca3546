"""Noting a visit on one short sheet; marking and ending stays of one's own institution."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tiercare.apps.access.rules import Right
from tiercare.apps.records import commands, queries
from tiercare.apps.records.rules.vocabulary import STAGE_NAMES, VISIT_KIND_NAMES, Stage, VisitKind
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.pages import once, page, said, told
from tiercare.web.residents.record import refused_here

from . import presenters, typed
from .timeline import shown

_TEXTS = ("complaint", "findings", "treatment", "disposition", "kind", "stage", "dx", *typed.OTHERS)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.RECORDS_WRITE)
def visit(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """``/residents/<id>/record/visit``: the sheet; sent, the timeline, or the sheet as it was with what is wrong."""
    if request.method != "POST":
        return _form(request, resident_id)
    sent = request.POST

    def work() -> str:
        institution = request.actor.institution_id
        book = None if institution is None else queries.guidelines_at(institution, on=request.today)
        commands.note_visit(
            request.actor,
            resident_id=resident_id,
            kind=_kind(sent.get("kind", "")),
            complaint=given.text(sent, "complaint"),
            findings=given.text(sent, "findings"),
            treatment=given.text(sent, "treatment"),
            disposition=given.text(sent, "disposition"),
            conditions=typed.diagnoses(sent),
            readings=typed.readings(book, sent),
            drugs=typed.drugs(sent),
            stage=_stage(sent.get("stage", "")),
        )
        return _timeline(request, resident_id)

    try:
        return once(request, _("已记入健康档案。"), work)
    except Refused as refused:
        return _form(request, resident_id, refused)


@require_POST
@page(Right.RECORDS_WRITE)
def stage(request: HttpRequest, encounter_id: UUID) -> HttpResponse:
    """Mark a patient as ready to go down, or take the mark away."""
    own = queries.own_visit(request.actor, encounter_id)

    def work() -> str:
        commands.set_stage(
            request.actor, encounter_id=encounter_id, stage=_stage(request.POST.get("stage", ""))
        )
        return _timeline(request, own.resident_id)

    return once(request, _("已更新下转标记。"), work)


@require_POST
@page(Right.RECORDS_WRITE)
def end(request: HttpRequest, encounter_id: UUID) -> HttpResponse:
    """End a stay; who is ready to go down leaves with a plan or with the reason."""
    own = queries.own_visit(request.actor, encounter_id)

    def work() -> str:
        commands.end_encounter(
            request.actor,
            encounter_id=encounter_id,
            disposition=given.text(request.POST, "disposition", longest=200),
            kept_reason=given.text(request.POST, "kept_reason", longest=200),
        )
        return _timeline(request, own.resident_id)

    try:
        return once(request, _("已办理出院。"), work)
    except Refused as refused:
        return shown(request, own.resident_id, refused)


def _form(request: HttpRequest, resident_id: UUID, refused: Refused | None = None) -> HttpResponse:
    try:
        known = queries.patient(request.actor, resident_id)
    except Refused as closed:
        return refused_here(request, resident_id, closed)
    sent = request.POST
    context = presenters.banner(known.who) | typed.fields(known.book, sent)
    context |= {
        "resident_id": resident_id,
        "kinds": [(each.value, said(name)) for each, name in VISIT_KIND_NAMES.items()],
        "stages": [(each.value, said(STAGE_NAMES[each])) for each in Stage],
        "problems": [(each.code, each.name) for each in known.summary.problems],
        "in_use": [(each.name, each.dose) for each in known.summary.drugs],
        "categories": typed.categories(),
        "others": [(name, sent.get(name, "")) for name in typed.OTHERS],
        "drugs": typed.drug_lines(sent),
        "typed": {name: sent.get(name, "") for name in _TEXTS},
        "at": {each.at: True for each in refused.refusals} if refused else {},
        "refusals": [told(each) for each in refused.refusals] if refused else [],
    }
    status = refused.refusals[0].status if refused else 200
    return render(request, "records/visit.html", context, status=status)


def _timeline(request: HttpRequest, resident_id: UUID) -> str:
    return f"{reverse('records:timeline', args=[resident_id])}?{request.frame.query}"


def _kind(text: str) -> VisitKind:
    return VisitKind(text) if text in set(VisitKind) else VisitKind.OUTPATIENT


def _stage(text: str) -> Stage:
    return Stage(text) if text in set(Stage) else Stage.NONE
