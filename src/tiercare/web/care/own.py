"""The residents' part: which services can be asked for, of whom, and where each request stands."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.rules.care import LONGEST_WORDS
from tiercare.apps.residents.workflow import CareSide
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.booking import care as presenters
from tiercare.web.me.own import mine, own_page, to
from tiercare.web.pages import once


@require_http_methods(["GET", "HEAD", "POST"])
@mine
def care(request: HttpRequest) -> HttpResponse:
    """``/me/care``: what was asked for, and a form to ask; a POST asks."""
    if request.method != "POST":
        return _care(request)

    def work() -> str:
        commands.ask_care(
            request.actor,
            resident_id=request.whose,
            service=request.POST.get("service", ""),
            words=given.text(request.POST, "words"),
        )
        return to(request, "own_care:book-care")

    try:
        return once(request, _("已提交。机构答复后会发消息给您。"), work)
    except Refused as refused:
        return _care(request, refused)


@require_POST
@mine
def withdraw(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Take a request back."""

    def work() -> str:
        commands.withdraw_care(request.actor, request_id=request_id)
        return to(request, "own_care:book-care")

    return once(request, _("已撤回。"), work)


def _care(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    found = queries.my_care(request.actor, request.whose)
    shown = presenters.lines(found.requests, today=request.today, side=CareSide.RESIDENT)
    services = found.said.services if found.said else ()
    busy = [each.service for each in found.requests if each.open]
    context = {
        "coming": [each for each in shown if each.row.open],
        "past": [each for each in shown if not each.row.open],
        "station": found.station,
        "left": any(each not in busy for each in services),
        "services": presenters.offered(services, busy=busy),
        "hours": presenters.within(found.said.answer_within if found.said else None),
        "chosen": request.POST.get("service", request.GET.get("service", "")),
        "words": request.POST.get("words", ""),
        "longest": LONGEST_WORDS,
    }
    return own_page(request, "care/me/care.html", context, refusals=refused.refusals if refused else ())
