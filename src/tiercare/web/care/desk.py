"""What residents asked of the institution, what is due first; agreed, declined and seen through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.rules.care import LONGEST_WORDS
from tiercare.apps.residents.workflow import CareAct, CareSide
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web import given
from tiercare.web.booking import care as presenters
from tiercare.web.pages import once, page, told


@require_safe
@page(Right.REQUESTS_ANSWER)
def asked(request: HttpRequest) -> HttpResponse:
    """``/care``: what is open, the first due first, and what was closed in the last week."""
    return _list(request)


@require_POST
@page(Right.REQUESTS_ANSWER)
def act(request: HttpRequest, request_id: UUID, act: str) -> HttpResponse:
    """Agree a time, decline with a reason and another way, or record as done; what was typed stays if it is refused."""
    if act not in _ACTS:
        raise Refused(_NO_SUCH_ACT)
    do, done = _ACTS[CareAct(act)]

    def work() -> str:
        do(request, request_id)
        return f"{reverse('care:list')}?{request.frame.query}"

    try:
        return once(request, _(done), work)
    except Refused as refused:
        return _list(request, refused, typed={"id": str(request_id), "act": act})


def _agree(request: HttpRequest, request_id: UUID) -> None:
    commands.agree_care(
        request.actor,
        request_id=request_id,
        visit_at=given.moment(request.POST, "visit_at"),
        words=given.text(request.POST, "words"),
    )


def _decline(request: HttpRequest, request_id: UUID) -> None:
    commands.decline_care(
        request.actor,
        request_id=request_id,
        words=given.text(request.POST, "words"),
        instead=given.text(request.POST, "instead"),
    )


def _finish(request: HttpRequest, request_id: UUID) -> None:
    commands.finish_care(request.actor, request_id=request_id, words=given.text(request.POST, "words"))


_ACTS: Mapping[CareAct, tuple[Callable[[HttpRequest, UUID], None], str]] = {
    CareAct.AGREE: (_agree, gettext_noop("已约定时间，并通知了居民。")),
    CareAct.DECLINE: (_decline, gettext_noop("已答复，居民会看到原因和别的办法。")),
    CareAct.FINISH: (_finish, gettext_noop("已登记完成，并通知了居民。")),
}
_NO_SUCH_ACT = Refusal(
    code="no_such_act",
    message=Text("没有这项操作。", "There is no such act."),
    instead=Text("请用页面上的按钮。", "Use the buttons of the page."),
    status=404,
)


def _list(
    request: HttpRequest, refused: Refused | None = None, typed: Mapping[str, str] | None = None
) -> HttpResponse:
    shown = presenters.lines(queries.care_asked(request.actor), today=request.today, side=CareSide.STATION)
    context = {
        "coming": [each for each in shown if each.row.open],
        "late": sum(each.row.overdue for each in shown),
        "past": [each for each in shown if not each.row.open],
        "longest": LONGEST_WORDS,
        "refusals": [told(each) for each in refused.refusals] if refused else [],
        "typed": {name: request.POST.get(name, "") for name in ("visit_at", "words", "instead")}
        | dict(typed or {}),
    }
    return render(request, "care/list.html", context, status=refused.refusals[0].status if refused else 200)
