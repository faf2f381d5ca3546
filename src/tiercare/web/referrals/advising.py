"""Asking for advice: the question, its answer, and the referral that becomes of it without retyping."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity.queries.patient import patient
from tiercare.apps.exchange import queries as exchange
from tiercare.apps.exchange.workflow import Act, State
from tiercare.apps.referrals import commands
from tiercare.apps.referrals.rules.vocabulary import Kind
from tiercare.engines.guidelines import Direction
from tiercare.kernel.refusal import Refused
from tiercare.web.booking.presenters import banner
from tiercare.web.pages import once, page, told
from tiercare.web.records.presenters import facts_named
from tiercare.web.residents.record import refused_here

from . import choosing, drafts, files, presenters, typed, words
from .reading import form_of, page_of, person
from .writing import book_of

_CONVERTS = (Kind.UP, Kind.LATERAL)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.REQUESTS_SEND)
@files.with_files
def ask(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """``/referrals/<id>/ask``: the question; a POST keeps what was typed, or sends it."""
    if request.method == "POST":
        content = typed.referral(request.POST, book_of(request))
        if drafts.saving(request):
            return drafts.save(request, request_id, content)
        return drafts.send(request, request_id, content, again=form)
    return form_of(request, request_id, "referrals:ask", form)


@require_safe
@page(Right.REQUESTS_SEND)
def answer(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """``/referrals/<id>/answer``: the question with its answer, for both sides of it."""
    return _answer(request, request_id)


@require_POST
@page(Right.REQUESTS_SEND)
def convert(request: HttpRequest, request_id: UUID, kind: str) -> HttpResponse:
    """Make a referral of an answered question; everything that was written stands in it."""
    if kind not in _CONVERTS:
        raise Http404

    def work() -> str:
        row = commands.convert(request.actor, request_id=request_id, kind=kind)
        return page_of(request, row.id, kind)

    try:
        return once(request, _("已转为转诊，内容都带过来了。"), work)
    except Refused as refused:
        return _answer(request, request_id, refused)


def form(request: HttpRequest, case: exchange.Case, refused: Refused | None = None) -> HttpResponse:
    """The form, with what was typed just now; refused, with why."""
    try:
        who = person(request.actor, case.standing.resident_id)
    except Refused as closed:
        return refused_here(request, case.standing.resident_id, closed)
    posted = request.POST if request.method == "POST" else {}
    payload = case.payload
    package = payload.get("package")
    if "packing" in posted:
        package = {part: request.POST.getlist(f"with-{part}") for part in typed.PARTS}
    urgency = typed.urgency(posted)
    urgency = case.line.urgency if urgency is None else urgency
    context: dict[str, Any] = who.banner | {
        "case": case,
        "state": words.state(case.line.state),
        "resident_id": case.standing.resident_id,
        "version": case.line.version,
        "values": {
            name: posted.get(name, payload.get(name, ""))
            for name in ("question", "findings", "treatment", "again")
        }
        | {
            "problem": posted.get("problem", case.line.problem),
            "problem_code": posted.get("problem_code", case.line.problem_code),
        },
        "urgencies": presenters.urgencies(urgency, None),
        "package": presenters.package(who.summary, package, on=request.today, book=facts_named(request)),
        "refusals": [told(each) for each in refused.refusals] if refused else [],
        "at": drafts.by_field(refused, {"content": "question"}),
        "asking": True,
    }
    asked: dict[str, Any] = dict(request.POST.dict()) if posted else {}
    context |= choosing.choice(request, case, asked=asked, direction=Direction.UP)
    status = refused.refusals[0].status if refused else 200
    return render(request, "referrals/ask.html", context, status=status)


def _answer(request: HttpRequest, request_id: UUID, refused: Refused | None = None) -> HttpResponse:
    case = exchange.opened(request.actor, request_id)
    ours = case.standing.sender == request.actor.institution_id
    answered = case.report is not None and case.line.state in {State.REPORTED, State.CLOSED}
    context = _whose(request, case) | {
        "case": case,
        "line": presenters.line(case.line),
        "state": words.state(case.line.state),
        "report": case.report,
        "may_convert": ours and answered and case.line.kind == Kind.ADVICE,
        "may_acknowledge": Act.ACKNOWLEDGE in case.acts,
        "converts": [(each.value, words.kind(each)) for each in _CONVERTS],
        "refusals": [told(each) for each in refused.refusals] if refused else [],
    }
    status = refused.refusals[0].status if refused else 200
    return render(request, "referrals/answer.html", context, status=status)


def _whose(request: HttpRequest, case: exchange.Case) -> dict[str, Any]:
    """The patient in full while the ground to read on stands; masked for all others."""
    try:
        return banner(patient(request.actor, case.standing.resident_id))
    except Refused:  # over, or a role that reads no records
        return {}
