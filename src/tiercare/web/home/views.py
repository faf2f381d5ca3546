"""``/``: the region's verdict at a glance."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.network import queries as network
from tiercare.apps.network.queries.detail import open_obligations
from tiercare.apps.terms import queries as terms
from tiercare.web.compliance.presenters import states
from tiercare.web.compliance.views import JUDGED_HERE
from tiercare.web.pages import page

from . import maps, presenters

_SHOWN = 10


@require_safe
@page(Right.POLICY_READ)
def home(request: HttpRequest) -> HttpResponse:
    """Violations, clauses by state and by pack, the map, the next deadlines."""
    frame = request.frame
    checked = network.check(frame.pack.id, on=frame.on, at_most=JUDGED_HERE)
    areas = maps.areas_of(checked)
    outlines = terms.outlines([area.code for area in areas], on=frame.on)
    shapes = {code: outline.ring for code, outline in outlines.items()}
    owed = open_obligations(frame.pack.region, on=frame.on, limit=_SHOWN)
    context = {
        "violations": checked.compliance.violations,
        "states": states(checked),
        "by_pack": presenters.by_pack(frame.packs, frame.pack.id, checked),
        "map": maps.draw(areas, shapes),
        "deadlines": presenters.deadlines(checked, owed, limit=_SHOWN),
        "pending": len(checked.pending),
        "sizes": presenters.sizes(checked),
    }
    return render(request, "home/home.html", context)
