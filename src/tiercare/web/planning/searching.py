"""A search for a better plan: asked for on the map, looked at while it runs, stopped, and opened when it has found one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.network import queries as network
from tiercare.apps.planning import commands
from tiercare.apps.planning.queries import plans as kept
from tiercare.apps.planning.rules.plans import BAD_EFFORT, GOING_ON, STAGE_NAMES, Stage
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.pages import page, said

from . import asking
from .figures import percent

_MOST_SEED = 2**31 - 1


@require_POST
@page(Right.NETWORK_DECIDE)
def ask(request: HttpRequest) -> HttpResponse:
    """Begin a search with the weights of the form; what is on the screen is no part of it."""
    look = asking.sent(request)
    wishes = look.wishes
    title = given.text(request.POST, "title", longest=60) or _(
        "计算方案（均衡 {uneven:g}、改换 {change:g}、跨界 {border:g}、时限 {farthest:g}）"
    ).format(uneven=wishes.uneven, change=wishes.change, border=wishes.border, farthest=wishes.farthest)
    asked = commands.Asked(
        title=title,
        wishes=wishes,
        what_if=look.what_if,
        seed=_seed(request),
        on=request.frame.on,
    )
    key = commands.ask_search(request.actor, network.region_of(request.frame.pack.id), asked)
    return HttpResponseRedirect(f"{reverse('planning:searched', args=[key])}?{request.frame.query}")


@require_safe
@page(Right.NETWORK_READ)
def searched(request: HttpRequest, search_id: UUID) -> HttpResponse:
    """How far a search has come; the script asks this page again until it is over."""
    found = kept.search(request.actor, search_id)
    return render(request, "planning/search.html", {"search": _told(request, found)})


@require_POST
@page(Right.NETWORK_DECIDE)
def stop(request: HttpRequest, search_id: UUID) -> HttpResponse:
    """End it; nothing of it is kept."""
    commands.stop_search(request.actor, search_id)
    return HttpResponseRedirect(f"{reverse('planning:searched', args=[search_id])}?{request.frame.query}")


def _told(request: HttpRequest, found: kept.Found) -> dict[str, Any]:
    going = found.stage in GOING_ON
    last = found.progress[-1] if found.progress else None
    gap = None
    if last is not None and last[1] and last[2] and last[2] > 0:
        gap = percent(max(0.0, last[1] - last[2]) / last[2])
    english = request.LANGUAGE_CODE.startswith("en")
    return {
        "id": found.id,
        "title": found.title,
        "stage": said(STAGE_NAMES[found.stage]),
        "going": going,
        "failed": found.stage is Stage.FAILED,
        "gap": gap,
        "why": [en if english else zh for zh, en in found.why],
        "number": found.number,
        "stops": going and access.may(request.actor, Right.NETWORK_DECIDE) is None,
        "by": found.asked_by,
    }


def _seed(request: HttpRequest) -> int:
    text = request.POST.get("seed", "") or "0"
    if not text.isascii() or not text.isdigit() or int(text) > _MOST_SEED:
        raise Refused(replace(BAD_EFFORT, at="seed"))
    return int(text)
