"""Whoever was drawn answers on their own pages, or declines; nothing that they answered is shown again, to them either."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiercare.apps.evaluation.commands import surveys as commands
from tiercare.apps.evaluation.queries import surveys as queries
from tiercare.apps.evaluation.queries.surveys import Invitation
from tiercare.apps.evaluation.rules.surveys import NOT_INVITED, State
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.refusal import Refused
from tiercare.web.me.own import mine, own_page, to
from tiercare.web.pages import said

from .presenters import asked, given


@require_safe
@mine
def listed(request: HttpRequest) -> HttpResponse:
    """``/me/asked``: for which rounds one was drawn, those that can be answered first."""
    today = ledger.today()
    found = [_line(each, today) for each in queries.mine(request.actor, request.whose)]
    found.sort(key=lambda line: not line["open"])
    return own_page(request, "surveys/me/asked.html", {"lines": found})


@require_http_methods(["GET", "HEAD", "POST"])
@mine
def one(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """``/me/asked/<round>``: the questions; sent, the list."""
    found, refused = _invited(request, round_id), None
    if request.method == "POST":
        try:
            commands.answer_mine(
                request.actor,
                round_id=round_id,
                resident_id=request.whose,
                answers=given(found.round, request.POST),
            )
            messages.success(request, _("已收到，谢谢您。答卷不留姓名。"))
            return HttpResponseRedirect(to(request, "own_surveys:asked"))
        except Refused as caught:
            refused = caught
    today = ledger.today()
    context = {
        "line": _line(found, today),
        "lead": said(found.round.survey.lead),
        "asked": asked(found.round, request.POST, refused),
    }
    return own_page(request, "surveys/me/one.html", context, refusals=refused.refusals if refused else ())


@require_POST
@mine
def decline(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """One would rather not."""
    _invited(request, round_id)  # its reading is on record even if nothing comes of it
    commands.decline_mine(request.actor, round_id=round_id, resident_id=request.whose)
    messages.success(request, _("好的，这次不再打扰您。"))
    return HttpResponseRedirect(to(request, "own_surveys:asked"))


def _invited(request: HttpRequest, round_id: UUID) -> Invitation:
    """The one that waits, where there are several.

    Raises:
        Refused: if this person was not drawn.
    """
    found = [each for each in queries.mine(request.actor, request.whose) if each.round.id == round_id]
    if not found:
        raise Refused(NOT_INVITED)
    return min(found, key=lambda each: each.state is not State.WAITING)


def _line(each: Invitation, today: Any) -> dict[str, Any]:
    waiting = each.state is State.WAITING
    return {
        "id": each.round.id,
        "name": said(each.round.survey.form.name),
        "first": each.round.first,
        "last": each.round.last,
        "open": waiting and each.round.open(today),
        "to_come": waiting and today < each.round.first and each.round.stopped_at is None,
        "state": each.state.value,
    }
