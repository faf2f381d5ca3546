"""Objections to recorded absences: the resident's words beside all that was missed, excused or upheld with an answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries import absences
from tiercare.apps.capacity.rules.absence import APPEAL_NAMES, LONGEST_WORDS
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.booking import presenters, words
from tiercare.web.pages import once, page, said, told

_EXCUSED, _UPHELD = "excused", "upheld"


@require_safe
@page(Right.CAPACITY_KEEP)
def appeals(request: HttpRequest) -> HttpResponse:
    """``/absences``: the open ones, and with ``?answered=1`` what was answered."""
    return _appeals(request)


@require_POST
@page(Right.CAPACITY_KEEP)
def decide(request: HttpRequest, appeal_id: UUID) -> HttpResponse:
    """Excuse the absence or let it stand, by the button that was pressed; what was typed stays if it is refused."""

    def work() -> str:
        commands.decide_appeal(
            request.actor,
            appeal_id=appeal_id,
            excused=request.POST.get("decision") == _EXCUSED,
            answer=given.text(request.POST, "answer"),
        )
        return f"{reverse('absences:list')}?{request.frame.query}"

    try:
        return once(request, _("已答复，并通知了居民。"), work)
    except Refused as refused:
        return _appeals(request, refused, typed_for=appeal_id)


def _appeals(
    request: HttpRequest, refused: Refused | None = None, typed_for: UUID | None = None
) -> HttpResponse:
    answered = request.GET.get("answered") == "1"
    found = absences.appeals_here(request.actor, answered=answered)
    lines = presenters.lines(
        [each.booking for each in found], today=request.today, own=request.actor.institution_id
    )
    rows: list[dict[str, Any]] = [
        {
            "appeal": each.appeal,
            "line": line,
            "state": said(APPEAL_NAMES[each.appeal.state]),
            "said_at": words.moment(each.appeal.made_at),
            "missed": [(words.moment(one.at), one.excused) for one in each.missed],
            "counted": sum(not one.excused for one in each.missed),
            "typed": request.POST.get("answer", "") if each.appeal.id == typed_for else "",
        }
        for each, line in zip(found, lines, strict=True)
    ]
    context = {
        "rows": rows,
        "answered": answered,
        "longest": LONGEST_WORDS,
        "buttons": ((_EXCUSED, _("谅解，不计入")), (_UPHELD, _("维持登记"))),
        "refusals": [told(each) for each in refused.refusals] if refused else [],
    }
    return render(
        request, "waiting/appeals.html", context, status=refused.refusals[0].status if refused else 200
    )
