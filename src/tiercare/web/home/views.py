"""``/``: the region's verdict at a glance."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.queries.boards import waiting
from tiercare.apps.evaluation.queries.openings import opens
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
        "owed": _owed(request),
        "opening": opens(request.actor, frame.pack.id, on=request.today),
    }
    return render(request, "home/home.html", context)


def _owed(request: HttpRequest) -> dict[str, int]:
    """Matters of supervision that it is the reader's turn to see to; nothing where there are none."""
    if access.may(request.actor, Right.SUPERVISION_ANSWER) is not None:
        return {}
    units, late = waiting(request.actor)
    return {"units": units, "late": late} if units else {}
