"""``/supervision/goals``: the year's goals with target, actual number, course and who owes a word; a form to set one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.commands import supervision
from tiercare.apps.evaluation.queries.goals import goals as standings
from tiercare.apps.evaluation.queries.oversight import indicator, roll
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.pages import once, page, said, told

from . import planning, presenters

_FIELDS = ("goal", "subject", "target", "baseline", "title", "words")


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.SUPERVISION_ANSWER)
def goals(request: HttpRequest) -> HttpResponse:
    """The board of a year, ``?year=2026``; a POST sets a goal."""
    if request.method != "POST":
        return _board(request)

    def work() -> str:
        posted = {name: given.text(request.POST, name, longest=300) for name in _FIELDS}
        supervision.set_goal(request.actor, year=_year(request), **posted)
        return f"{reverse('supervision:goals')}?{request.frame.query}&year={_year(request)}"

    try:
        return once(request, _("目标已下达。"), work)
    except Refused as refused:
        return _board(request, refused)


def _year(request: HttpRequest) -> int:
    typed = (request.POST if request.method == "POST" else request.GET).get("year", "")
    return int(typed) if typed.isdecimal() and 1950 <= int(typed[:5]) <= 2199 else request.today.year


def _board(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    year = _year(request)
    found = standings(request.actor, year=year)
    known = presenters.named([each.line for each in found], on=request.today)
    issues = access.may(request.actor, Right.SUPERVISION_ISSUE) is None
    errors = [told(each) for each in refused.refusals] if refused else []
    rows = [presenters.goal(each, known) for each in found]
    context: dict[str, Any] = {
        "year": year,
        "years": range(request.today.year - 3, request.today.year + 2),
        "rows": rows,
        "red": sum(each["red"] for each in rows),
        "owed": sum(each.owes for each in found),
        "reached": sum(each["reached"] for each in rows),
        "issues": issues,
        "kinds": _kinds(request) if issues else [],
        "groups": planning.groups(roll(request.actor), ("division", "consortium", "institution"))
        if issues
        else [],
        "typed": {name: request.POST.get(name, "") for name in _FIELDS},
        "refusals": errors,
        "at": {error["at"]: error for error in errors},
    }
    return render(
        request, "supervision/goals.html", context, status=refused.refusals[0].status if refused else 200
    )


def _kinds(request: HttpRequest) -> list[dict[str, Any]]:
    """The goals of the pack, with the number of the text where there is one."""
    found = []
    for each in supervision.asked_of(request.actor).goals.values():
        of = indicator(request.frame.pack.id, each.indicator) if each.indicator else None
        found.append(
            {
                "id": each.id,
                "name": said(each.name),
                "unit": said(of.unit) if of else said(each.unit),
                "target": "" if each.target is None else f"{each.target.normalize():f}",
                "clauses": "、".join(each.clauses),
            }
        )
    return found
