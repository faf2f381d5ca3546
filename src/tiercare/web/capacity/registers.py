"""六个基础登记 (XH-16): how much every hospital of an area has entered, when it was last kept, by whom and how."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity.queries.freshness import REGISTER_NAMES, By, Kept, Register, Registers, registers
from tiercare.web.pages import page, said

_BY = {
    By.PAGE: gettext_noop("页面"),
    By.FILE: gettext_noop("文件"),
    By.API: gettext_noop("接口"),
    By.FEED: gettext_noop("医院系统"),
    By.SYSTEM: gettext_noop("平台"),
    By.ROW: gettext_noop("登记行"),
}


@require_safe
@page(Right.CAPACITY_PROVE)
def board(request: HttpRequest) -> HttpResponse:
    """``/capacity/registers``: of the holder's area or institution; the stalest first."""
    found = registers(request.actor)
    context = {
        "hospitals": [_hospital(each, request.actor.institution_id) for each in found],
        "names": [said(REGISTER_NAMES[each]) for each in Register],
        "stale": sum(bool(each.stale) for each in found),
        "limit": next((each.limit for each in found if each.limit is not None), None),
    }
    return render(request, "capacity/registers.html", context)


def _hospital(each: Registers, own: Any) -> dict[str, Any]:
    return {
        "id": each.institution_id,
        "name": each.institution,
        "own": each.institution_id == own,
        "stale": each.stale,
        "kept": [_kept(one) for one in each.kept],
    }


def _kept(one: Kept) -> dict[str, Any]:
    return {
        "of": one,
        "name": said(REGISTER_NAMES[one.register]),
        "by": " · ".join(filter(None, (gettext(_BY[one.by]) if one.by is not None else "", one.who))),
    }
