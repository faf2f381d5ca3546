"""``/planning``: the map of grids, a township moved, and what that costs and breaks."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.network import queries as network
from tiercare.apps.planning.queries import plans as kept
from tiercare.apps.planning.queries.sponsors import is_ruled
from tiercare.kernel.refusal import Refused
from tiercare.web.pages import page, refused_page, told

from . import asking, figures, picture, sliding, supposing, versions
from .asking import Look


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.NETWORK_READ)
def board(request: HttpRequest) -> HttpResponse:
    """``?plan=``: today's grids, or a saved version; a form sent here is looked at, and nothing is kept of it."""
    if request.method == "POST":
        return _moved(request)
    try:
        number = request.GET.get("plan", "")
        if not number.isascii() or not number.isdigit():
            return shown(request, asking.look(request))
        saved = kept.plan(request.actor, network.region_of(request.frame.pack.id), int(number))
        if saved.line.base_on != request.frame.on:  # a version is shown on the ground of its own day
            query = urlencode(request.GET.dict() | {"on": saved.line.base_on.isoformat()})
            return HttpResponseRedirect(f"{reverse('planning:board')}?{query}")
        now = asking.look(request, saved.wishes, what_if=saved.what_if)
        return shown(request, now.holding(asking.on_ground(now, saved.lead_of)), saved=saved)
    except Refused as refused:
        return no_ground(request, refused)


def _moved(request: HttpRequest) -> HttpResponse:
    look = asking.sent(request)
    place, to = request.POST.get("place", ""), request.POST.get("to", "")
    try:
        if request.POST.get("supposing"):
            return shown(request, supposing.changed(request, look))
        return shown(request, look.holding(asking.moved(look, place, to)) if place and to else look)
    except Refused as refused:
        return shown(request, look, refused=refused)


@require_POST
@page(Right.NETWORK_READ)
def weigh(request: HttpRequest) -> HttpResponse:
    """What the plan on the screen costs and breaks, as the parts of the page that say so."""
    try:
        look = asking.sent(request)
    except Refused as refused:
        context = {"refusals": [told(each) for each in refused.refusals]}
        return render(request, "planning/_refused.html", context, status=refused.refusals[0].status)
    return render(request, "planning/_weighed.html", said_of(request, look, asking.bound_sent(request, look)))


def shown(
    request: HttpRequest, look: Look, *, saved: kept.Saved | None = None, refused: Refused | None = None
) -> HttpResponse:
    """The page with a plan on it, and with what was refused."""
    marks = figures.numbered(look)
    drafts = access.may(request.actor, Right.NETWORK_DECIDE) is None
    bound = saved.bound if saved is not None and not asking.is_old(look, saved) else None
    context = said_of(request, look, bound) | {
        "marks": marks,
        "picture": picture.picture(look, marks),
        "data": picture.data(look, marks),
        "options": picture.options(look),
        "lead_of": asking.as_sent(look.plan.lead_of),
        "what_if": asking.what_if_sent(look),
        "sliders": sliding.sliders(look.wishes),
        "drafts": drafts,
        "left_out": look.ground.left_out,
        "owing": look.owing,
        "people": figures.people(sum(place.people for place in look.region.places)),
        "saved": versions.head(request, saved, look) if saved is not None else None,
        "told": (*look.ground.told, *look.ground.lacking),
        "primary": supposing.primary(look),
        "sponsoring": is_ruled(network.region_of(request.frame.pack.id), on=request.frame.on),
        "supposed": supposing.words(look, marks),
        "refusals": [told(each) for each in refused.refusals] if refused else [],
        "hospitals": supposing.hospitals(look) if drafts else [],
        "bound": "" if bound is None else repr(bound),
    }
    status = refused.refusals[0].status if refused else 200
    return render(request, "planning/board.html", context, status=status)


def said_of(request: HttpRequest, look: Look, bound: float | None) -> dict[str, Any]:
    """What the page says of the plan on the screen."""
    return {"weighed": figures.weighed(look, request.frame, bound=bound)}


def no_ground(request: HttpRequest, refused: Refused) -> HttpResponse:
    """A region without grids has no map: why, and what to do; any other refusal is the usual page."""
    if refused.refusals[0].code != "planning.no_grids":
        return refused_page(request, refused.refusals)
    context = {
        "why": told(refused.refusals[0]),
        "reports": access.may(request.actor, Right.NETWORK_REPORT) is None,
        "others": [pack for pack in request.frame.packs if pack.id in request.frame.verdict_days],
    }
    return render(request, "planning/none.html", context)
