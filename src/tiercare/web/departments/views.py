"""``/board/departments``: which departments the texts name, and the workspace of each for those who work there (YN-96)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access.rules import Right, may
from tiercare.apps.evaluation.commands.claims import may_supervise
from tiercare.apps.evaluation.commands.departments import end_post, name_post
from tiercare.apps.evaluation.queries import departments as queries
from tiercare.apps.evaluation.queries.departments import Duty, Measured
from tiercare.apps.evaluation.queries.matters import Listed
from tiercare.apps.evaluation.rules.kinds import KindId
from tiercare.engines.policy.ledger import WORKING
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.capacity.typed import again
from tiercare.web.indicators import wording
from tiercare.web.pages import once, page, said
from tiercare.web.supervision import presenters

# Where matters are done that have pages of their own.
_PAGES = {
    KindId.ASSESSMENT.value: "assessments:one",
    KindId.ADJUSTMENT.value: "assessments:one",
    KindId.RESULT_USE.value: "assessments:use-one",
    KindId.PAY_RUN.value: "assessments:use-one",
}


@require_safe
@page(Right.EVALUATION_READ)
def index(request: HttpRequest) -> HttpResponse:
    """The workspaces that are the actor's; straight on where there is one only."""
    pack, on = request.frame.pack.id, request.frame.on
    mine = queries.workspaces(request.actor, pack, on=on)
    if len(mine) == 1:
        return HttpResponseRedirect(_address(request, mine[0].id))
    context = {
        "mine": [
            {"id": each.id, "name": said(each.name), "duties": [said(one) for one in each.duties]}
            for each in mine
        ],
        "any": bool(queries.departments_in(pack, on=on)),
    }
    return render(request, "departments/list.html", context)


@require_safe
@page(Right.EVALUATION_READ)
def one(request: HttpRequest, key: str) -> HttpResponse:
    """A department's duties, clauses, open matters, indicators and lists; nothing of another's."""
    return _page(request, key)


@require_POST
@page(Right.EVALUATION_RUN)
def post(request: HttpRequest, key: str) -> HttpResponse:
    """Name somebody to it."""

    def work() -> str:
        name_post(
            request.actor,
            pack=request.frame.pack.id,
            department=key,
            username=given.text(request.POST, "username", longest=40),
            since=given.day(request.POST, "since"),
        )
        return f"{_address(request, key)}#posts"

    try:
        return once(request, _("已任命，对方登录后只看到这个部门的工作台。"), work)
    except Refused as refused:
        return _page(request, key, refused)


@require_POST
@page(Right.EVALUATION_RUN)
def end(request: HttpRequest, post_id: UUID) -> HttpResponse:
    """End a post from today."""

    def work() -> str:
        end_post(request.actor, post_id=post_id)
        return f"{reverse('departments:list')}?{request.frame.query}"

    return once(request, _("任命已结束。"), work)


def _page(request: HttpRequest, key: str, refused: Refused | None = None) -> HttpResponse:
    actor, pack, on = request.actor, request.frame.pack.id, request.frame.on
    found = queries.workspace(actor, pack, key, on=on)
    department = found.department
    others = [each for each in queries.workspaces(actor, pack, on=on) if each.id != key]
    context: dict[str, Any] = {
        "key": key,
        "name": said(department.name),
        "bodies": department.bodies,
        "duties": [said(each) for each in department.duties],
        "clauses": department.clauses,
        "leading": [_duty(each) for each in found.duties if each.leads],
        "supporting": [_duty(each) for each in found.duties if not each.leads],
        "working": sum(each.state == WORKING for each in found.duties),
        "all": len(found.duties),
        "matters": _matters(request, found.matters),
        "late": sum(each.standing.overdue for each in found.matters),
        "measured": [_measured(each) for each in found.measured],
        "with_number": sum(each.number is not None for each in found.measured),
        "span": wording.when(found.span) if found.span else "",
        "lists": [{"id": each.id, "name": said(each.name), "clause": each.clause} for each in found.lists],
        "claims": department.claims and may_supervise(actor, pack) is None,
        "posts": found.posts,
        "names": may(actor, Right.EVALUATION_RUN) is None,
        "others": [{"id": each.id, "name": said(each.name)} for each in others],
        "typed": request.POST,
        "since": request.POST.get("since") or request.today.isoformat(),
    }
    return again(request, "departments/one.html", context, refused)


def _matters(request: HttpRequest, found: Sequence[Listed]) -> list[dict[str, Any]]:
    """As rows, each with where it is done, for whoever may open that."""
    answers = may(request.actor, Right.SUPERVISION_ANSWER) is None
    lines = presenters.lines(found, on=request.today)
    for line in lines:
        view = _PAGES.get(line["kind"], "supervision:one" if answers else "")
        line["address"] = f"{reverse(view, args=[line['id']])}?{request.frame.query}" if view else ""
    return lines


def _duty(each: Duty) -> dict[str, Any]:
    return {
        "id": each.clause.id,
        "gist": said(each.clause.gist),
        "section": each.clause.section,
        "working": each.state == WORKING,
    }


def _measured(each: Measured) -> dict[str, Any]:
    return {
        "id": each.indicator.id,
        "name": said(each.indicator.name),
        "value": wording.number(each.indicator, each.number) if each.number else None,
        "clauses": each.indicator.clauses,
    }


def _address(request: HttpRequest, key: str) -> str:
    return f"{reverse('departments:one', args=[key])}?{request.frame.query}"
