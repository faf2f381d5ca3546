"""The list of consortia and the page of one."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.network import queries as network
from tiercare.apps.network.queries.detail import consortium_detail
from tiercare.web.pages import page
from tiercare.web.verdicts import Viewer

from . import presenters


@require_safe
@page(Right.NETWORK_READ)
def consortia(request: HttpRequest) -> HttpResponse:
    """``/consortia``: all of the region on the day, with their state; search by characters or pinyin initials."""
    frame = request.frame
    checked = network.check(frame.pack.id, on=frame.on)
    rows = presenters.rows(network.consortium_rows(frame.pack.region, on=frame.on), checked)
    wanted = {name: request.GET.get(name, "")[:100] for name in presenters.FILTERS}
    context = {
        "rows": presenters.fitting(rows, checked.facts, wanted),
        "total": len(rows),
        "offered": presenters.offered(rows),
        "wanted": wanted,
        "narrowed": presenters.narrowed(checked.facts, wanted),
    }
    return render(request, "consortia/list.html", context)


@require_safe
@page(Right.NETWORK_READ)
def consortium(request: HttpRequest, consortium_id: UUID) -> HttpResponse:
    """``/consortia/<id>``: who belongs to it, what was signed, and its verdicts."""
    frame = request.frame
    detail = consortium_detail(consortium_id, on=frame.on)
    checked = network.check(frame.pack.id, on=frame.on)
    context = presenters.detail(detail, Viewer(checked, frame.packs, request.actor))
    return render(request, "consortia/detail.html", context)
