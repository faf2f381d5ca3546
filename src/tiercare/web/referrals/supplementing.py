"""The paperwork of an emergency, done after the patient went (XH-48): added to what was sent, nothing of it changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tiercare.apps.access.rules import Right
from tiercare.apps.exchange import queries as exchange
from tiercare.apps.referrals import commands
from tiercare.kernel.refusal import Refused
from tiercare.web.pages import once, page, told
from tiercare.web.records.presenters import facts_named
from tiercare.web.residents.record import refused_here

from . import drafts, files, presenters, typed, words
from .reading import ours, person

_PARTS = ("findings", "treatment", "wanted")


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.REQUESTS_SEND)
@files.with_files
def supplement(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """``/referrals/<id>/supplement``: what was not written when it was urgent, with files."""
    case = ours(request.actor, request_id)
    if request.method != "POST":
        return _form(request, case)

    def work() -> str:
        content: dict[str, Any] = {part: typed.long(request.POST, part) for part in _PARTS}
        content["package"] = {part: request.POST.getlist(f"with-{part}") for part in typed.PARTS}
        sent = files.sent(request)
        commands.supplement(request.actor, request_id=request_id, content=content, files=sent)
        return f"{reverse('requests:one', args=[request_id])}?{request.frame.query}"

    try:
        return once(request, _("已补充，接收方看得到。"), work)
    except Refused as refused:
        return _form(request, case, refused)


def _form(request: HttpRequest, case: exchange.Case, refused: Refused | None = None) -> HttpResponse:
    try:
        who = person(request.actor, case.standing.resident_id)
    except Refused as closed:
        return refused_here(request, case.standing.resident_id, closed)
    posted = request.POST if request.method == "POST" else {}
    context = who.banner | {
        "case": case,
        "line": presenters.line(case.line),
        "state": words.state(case.line.state),
        "resident_id": case.standing.resident_id,
        "values": {part: posted.get(part, case.payload.get(part, "")) for part in _PARTS},
        "package": presenters.package(
            who.summary, _chosen(request, case), on=request.today, book=facts_named(request)
        ),
        **files.choices(request),
        "with_form": True,
        "refusals": [told(each) for each in refused.refusals] if refused else [],
        "at": drafts.by_field(refused, {}),
    }
    status = refused.refusals[0].status if refused else 200
    return render(request, "referrals/supplement.html", context, status=status)


def _chosen(request: HttpRequest, case: exchange.Case) -> Any:
    """What is ticked: just now, else what went along."""
    if request.method == "POST":
        return {part: request.POST.getlist(f"with-{part}") for part in typed.PARTS}
    return case.payload.get("package")
