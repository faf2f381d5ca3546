"""``/institution-plans/flows``: staff days and remote sessions to primary care and to remote and poor areas (YN-16), with what stands behind."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.planning.queries import flows as queries
from tiercare.apps.planning.rules.flows import CLAUSE, DEFINITIONS, LIST, SOURCE_NAMES, Flow
from tiercare.web.capacity import days
from tiercare.web.pages import page, said

from . import presenters
from .comparing import file_of

_SHOWN = 200


@require_safe
@page(Right.EVALUATION_READ)
def flows(request: HttpRequest) -> HttpResponse:
    """``?first=&last=&to=all|primary|remote&source=``: the year of the frame's day unless another period is asked for."""
    frame = request.frame
    last = days.asked(request, "last", frame.on)
    first = days.asked(request, "first", last.replace(month=1, day=1))
    found = queries.flows_of(request.actor, frame.pack.id, first=first, last=last)
    to, source = request.GET.get("to", ""), request.GET.get("source", "")
    rows = [each for each in found.flows if _wanted(each, to, source)]
    if "format" in request.GET:
        return file_of(
            request,
            _("资源流向"),
            [
                _("类型"),
                _("编号"),
                _("日期"),
                _("派出或提供"),
                _("接收或申请"),
                _("地区"),
                _("区划代码"),
                _("基层"),
                _("边远贫困"),
                _("数量"),
            ],
            [_cells(each) for each in rows],
            simulated=found.synthetic,
        )
    context: dict[str, Any] = {
        "ways": presenters.ways(request),
        "here": "institution_plans:flows",
        "first": first,
        "last": last,
        "to": to,
        "source": source,
        "sums": [
            {
                "of": each,
                "name": said(SOURCE_NAMES[each.source]),
                "definition": said(DEFINITIONS[each.source]),
            }
            for each in found.sums
        ],
        "rows": [{"of": each, "name": said(SOURCE_NAMES[each.source])} for each in rows[:_SHOWN]],
        "more": max(0, len(rows) - _SHOWN),
        "listed": sorted(found.listed.items()),
        "unread": found.unread,
        "list": LIST,
        "clause": CLAUSE,
        "synthetic": found.synthetic,
    }
    return render(request, "institution_plans/flows.html", context)


def _wanted(each: Flow, to: str, source: str) -> bool:
    there = {"primary": each.primary, "remote": each.remote}.get(to, True)
    return there and source in ("", each.source.value)


def _cells(each: Flow) -> list[Any]:
    return [
        said(SOURCE_NAMES[each.source]),
        each.id,
        each.first,
        each.sender,
        each.receiver,
        each.area,
        each.division,
        _("是") if each.primary else _("否"),
        _("是") if each.remote else _("否"),
        each.amount,
    ]
