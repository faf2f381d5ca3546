"""The list of consortia and the page of one."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.network import queries as network
from tiercare.apps.network.queries import listing
from tiercare.apps.network.queries.consortium import consortium_page
from tiercare.apps.network.queries.reading import institution_names
from tiercare.apps.referrals.queries.channels import channels
from tiercare.web.compliance.views import JUDGED_HERE
from tiercare.web.explorer.presenters import offered, wanted
from tiercare.web.explorer.tree import chosen_area
from tiercare.web.institutions.areas import areas_to_choose
from tiercare.web.pages import page
from tiercare.web.paging import Pager
from tiercare.web.verdicts import Viewer

from . import presenters

_PREFECTURE = 4  # digits: up to this area the list is held against the cards


@require_safe
@page(Right.NETWORK_READ)
def consortia(request: HttpRequest) -> HttpResponse:
    """``/consortia``: a page of those of the area on the day, with their state inside a prefecture."""
    frame = request.frame
    area = chosen_area(request.GET.get("area", "")[:6], frame.pack.region)
    checked = network.check(frame.pack.id, on=frame.on, area=area) if len(area) >= _PREFECTURE else None
    standings = presenters.Standings.of(checked) if checked else None
    state = request.GET.get("state", "")
    narrowed = replace(wanted(request), only=presenters.in_state(state, checked, standings))
    found = listing.consortia(area, narrowed, on=frame.on)
    names = institution_names([narrowed.member], on=frame.on) if narrowed.member else {}
    context = {
        "found": found,
        "rows": presenters.rows(found.rows, standings),
        "counted": presenters.counted(found),
        "pages": Pager(request, found.page, found.pages),
        "wanted": narrowed,
        "state": state,
        "states": presenters.states() if standings else [],
        "narrowed": narrowed != listing.Wanted(page=narrowed.page) or area != frame.pack.region,
        "member": ", ".join(names.values()),
        "offered": offered(),
        "area": area,
        "areas": areas_to_choose(area, frame),
    }
    return render(request, "consortia/list.html", context)


@require_safe
@page(Right.NETWORK_READ)
def consortium(request: HttpRequest, consortium_id: UUID) -> HttpResponse:
    """``/consortia/<id>``: who belongs to it, how far it reaches, what was signed, and its verdicts."""
    frame = request.frame
    of = consortium_page(consortium_id, on=frame.on)
    checked = network.check(frame.pack.id, on=frame.on, area=of.division_code, at_most=JUDGED_HERE)
    context = presenters.detail(of, Viewer(checked, frame.packs, request.actor))
    context["channels"] = channels(consortium_id, on=frame.on)
    return render(request, "consortia/detail.html", context)
