"""``/institution-plans/surplus``: county hospitals by low use of beds, and the way to turn one into another kind (XH-120)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.network.commands import drafts
from tiercare.apps.network.rules.words import CATEGORY_NAMES
from tiercare.apps.planning.queries import surplus as queries
from tiercare.web.pages import page, said, told

from . import presenters
from .comparing import file_of


@require_safe
@page(Right.EVALUATION_READ)
def surplus(request: HttpRequest) -> HttpResponse:
    """On the frame's day; ``?format=xlsx|utf-8|gb18030`` takes it away."""
    frame = request.frame
    found = queries.surplus(request.actor, frame.pack.id, on=frame.on)
    rows = [_row(each) for each in found.rows]
    if "format" in request.GET:
        return file_of(
            request,
            _("县级医院床位使用"),
            [
                _("机构"),
                _("编码"),
                _("地区"),
                _("类别"),
                _("床位"),
                _("实际占用床日"),
                _("实际开放床日"),
                _("使用率"),
                _("有数据的月份"),
                _("低于界线"),
            ],
            [
                [
                    *(each.name, each.code, each.area, said(CATEGORY_NAMES[each.category]), each.beds),
                    *(each.used, each.open, each.share, each.months, _("是") if each.surplus else _("否")),
                ]
                for each in found.rows
            ],
            simulated=found.synthetic,
        )
    forbidden = drafts.may_propose(request.actor, frame.pack.region)
    context = {
        "ways": presenters.ways(request),
        "here": "institution_plans:surplus",
        "rows": rows,
        "surplus": sum(each.surplus for each in found.rows),
        "low": round(found.low * 100) if found.low is not None else None,
        "first": _month(found.first),
        "last": _month(found.last),
        "targets": [(each.value, said(CATEGORY_NAMES[each])) for each in found.targets],
        "clause": queries.CLAUSE,
        "synthetic": found.synthetic,
        "forbidden": told(forbidden) if forbidden else None,
    }
    return render(request, "institution_plans/surplus.html", context)


def _row(each: queries.Used) -> dict[str, Any]:
    return {
        "of": each,
        "category": said(CATEGORY_NAMES[each.category]),
        "percent": round(each.share * 100, 1) if each.share is not None else None,
        "width": min(100, round(each.share * 100)) if each.share is not None else 0,
    }


def _month(month: int) -> str:
    return f"{month // 100}-{month % 100:02d}"
