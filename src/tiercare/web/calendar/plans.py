"""Plans that governments finished, with goals and milestones, and the form that records one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.network.commands import papers
from tiercare.apps.network.queries.governance import plan_rows
from tiercare.apps.network.queries.reading import area_names
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web import given
from tiercare.web.agreements.presenters import tag
from tiercare.web.pages import once, page, said, told

_FIELDS = ("division", "finished_on", "goal", "stages")


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.NETWORK_READ)
def plans(request: HttpRequest) -> HttpResponse:
    """``/calendar/plans``: plans of the region and its areas; those who may, record one."""
    if request.method != "POST":
        return _page(request)

    def record() -> str:
        papers.record_plan(
            actor=request.actor,
            division_code=given.text(request.POST, "division", longest=6),
            finished_on=given.day(request.POST, "finished_on"),
            goal=given.text(request.POST, "goal"),
            stages=_stages(given.text(request.POST, "stages")),
        )
        return _address(request)

    try:
        return once(request, _("方案已登记，节点已列入日历。"), record)
    except Refused as refused:
        return _page(request, refusals=refused.refusals)


def _stages(text: str) -> list[papers.Stage]:
    """One milestone a line: the day, a blank, what is to be done (English after ``|``).

    Raises:
        Refused: naming the first line that does not read so.
    """
    stages = []
    for number, line in enumerate((line.strip() for line in text.splitlines()), 1):
        if not line:
            continue
        day, _blank, wording = line.partition(" ")
        zh, _bar, en = wording.partition("|")
        try:
            due = date.fromisoformat(day)
        except ValueError:
            raise Refused(_not_a_stage(number, line)) from None
        stages.append(papers.Stage(Text(zh.strip(), en.strip()), due))
    return stages


def _not_a_stage(number: int, line: str) -> Refusal:
    return Refusal(
        code="not_a_stage",
        message=Text(
            "第 {number} 行“{line}”没有以日期开头。", "Line {number}, “{line}”, does not begin with a day."
        ),
        instead=Text(
            "请写成“2020-12-31 覆盖全部乡镇”。", "Write it like “2020-12-31 Every township covered”."
        ),
        fields={"number": number, "line": line[:40]},
        at="stages",
        status=422,
    )


@require_POST
@page(Right.NETWORK_READ)
def meet(request: HttpRequest, milestone_id: UUID) -> HttpResponse:
    """A milestone was met."""

    def act() -> str:
        papers.meet_milestone(
            actor=request.actor, milestone_id=milestone_id, met_on=given.day(request.POST, "met_on")
        )
        return _address(request)

    try:
        return once(request, _("节点已登记完成。"), act)
    except Refused as refused:
        return _page(request, refusals=refused.refusals)


def _page(request: HttpRequest, *, refusals: Sequence[Refusal] = ()) -> HttpResponse:
    frame = request.frame
    region = frame.pack.region
    forbidden = access.may(request.actor, Right.NETWORK_DECIDE, division=region)
    told_ = [told(refusal) for refusal in refusals]
    names = {code: name for code, name in area_names(on=frame.on).items() if code.startswith(region)}
    context = {
        "rows": [
            {
                "of": row,
                "stages": [
                    {"of": stage, "text": said(stage.text), "state": tag("standing", stage.standing)}
                    for stage in row.stages
                ],
            }
            for row in plan_rows(region, on=frame.on)
        ],
        "areas": sorted((names | {region: said(frame.pack.name)}).items()),
        "typed": {name: request.POST.get(name, "") for name in _FIELDS},
        "forbidden": told(forbidden) if forbidden else None,
        "today": min(frame.on, frame.today),
        "refusals": told_,
        "at": {error["at"]: error for error in told_},
    }
    return render(request, "calendar/plans.html", context, status=refusals[0].status if refusals else 200)


def _address(request: HttpRequest) -> str:
    return f"{reverse('calendar:plans')}?{request.frame.query}"
