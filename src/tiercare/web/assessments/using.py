"""``/assessments/factors``: what a county makes of a score; and the sheet on which a head's appointment shows it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.commands.schemes import USES, Step, set_factors
from tiercare.apps.evaluation.queries import results
from tiercare.apps.ledger import queries as clock
from tiercare.apps.network.queries.reading import area_names
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web import given
from tiercare.web.capacity.typed import again
from tiercare.web.pages import once, page, said

from . import presenters
from .lists import runs

_ROWS = 6
USE_NAMES = {
    "head_salary": Text("负责人年薪系数", "factor of the head's annual salary"),
    "appointment": Text("负责人聘任", "appointment of the head"),
    "award": Text("评优评先", "awards"),
    "study": Text("进修", "study"),
    "promotion": Text("晋升", "promotion"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.EVALUATION_READ)
def factors(request: HttpRequest) -> HttpResponse:
    """The area's table and switch, and the latest result of everybody with the factor that it gives."""
    if request.method != "POST":
        return _page(request)

    def work() -> str:
        set_factors(
            request.actor,
            division=request.actor.division_code or "",
            steps=_steps(request),
            uses=request.POST.getlist("uses"),
            active=request.POST.get("active") == "on",
            since=given.day(request.POST, "since"),
        )
        return f"{reverse('assessments:factors')}?{request.frame.query}"

    try:
        return once(request, _("结果运用已保存。"), work)
    except Refused as refused:
        return _page(request, refused)


@require_safe
@page(Right.EVALUATION_READ)
def sheet(request: HttpRequest, level: str, key: str) -> HttpResponse:
    """The form about a unit's head, with its latest result and the factor; to be printed and signed."""
    found = results.latest_result(request.actor, key=key, level=level)
    if found is None:
        raise Refused(NO_RESULT)
    context = {"found": _result(found), "today": clock.today(), "title": found.title}
    return again(request, "assessments/use.html", context)


def _page(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    actor, areas, today = request.actor, area_names(on=clock.today()), clock.today()
    tables = results.factor_tables(actor)
    mine = [each for each in tables if each.division_code == actor.division_code]
    now = next((each for each in mine if each.since <= today), None)
    heads = []
    for key, name, lead, area in results.heads(actor):
        latest = results.latest_result(actor, key=key)
        heads.append(
            {
                "key": key,
                "name": name,
                "lead": lead,
                "area": areas.get(area, area),
                "result": _result(latest) if latest else None,
            }
        )
    typed = request.POST
    rows = [
        {"n": at, "points": each.points, "factor": each.factor} for at, each in enumerate(_steps(request))
    ]
    if not typed:
        kept = now.steps if now else []
        rows = [{"n": at, "points": points, "factor": factor} for at, (points, factor) in enumerate(kept)]
    rows += [{"n": at, "points": "", "factor": ""} for at in range(len(rows), max(_ROWS, len(rows) + 1))]
    context: dict[str, Any] = {
        "heads": heads,
        "rows": rows,
        "uses": [
            {"id": each, "name": said(USE_NAMES[each]), "on": each in _used(request, now)} for each in USES
        ],
        "active": typed.get("active") == "on" if typed else bool(now and now.active),
        "since": typed.get("since", today.isoformat()),
        "now": now,
        "tables": [
            {"of": each, "area": areas.get(each.division_code, each.division_code)} for each in tables
        ],
        "runs": runs(request),
    }
    return again(request, "assessments/factors.html", context, refused)


def _result(found: results.Latest) -> dict[str, Any]:
    return {
        "of": found,
        "total": presenters.points(found.total),
        "factor": "—" if found.factor is None else f"{found.factor:f}",
        "uses": [said(USE_NAMES[each]) for each in found.uses],
    }


def _used(request: HttpRequest, now: Any) -> list[str]:
    if request.POST:
        return request.POST.getlist("uses")
    return list(now.uses) if now else []


def _steps(request: HttpRequest) -> list[Step]:
    points = request.POST.getlist("points")
    factors_ = request.POST.getlist("factor")
    return [
        Step(a.strip()[:10], b.strip()[:10])
        for a, b in zip(points, factors_, strict=False)
        if a.strip() or b.strip()
    ]


NO_RESULT = Refusal(
    code="evaluation.no_locked_result",
    message=Text("还没有锁定的考核结果。", "There is no locked result yet."),
    instead=Text(
        "考核锁定后，这里会带出最近一次的得分。", "Once an assessment is locked its score stands here."
    ),
    at="key",
    status=404,
)
