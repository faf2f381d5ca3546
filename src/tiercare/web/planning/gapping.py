"""What the region lacks against the standards of its pack, and the cheapest way to close each gap."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.network import queries as network
from tiercare.apps.planning.queries import gaps_of
from tiercare.apps.planning.queries.gaps import GapRow
from tiercare.web.pages import page, said

from .figures import people


@require_safe
@page(Right.NETWORK_READ)
def gaps(request: HttpRequest) -> HttpResponse:
    """``/planning/gaps``: each area and standard that has too little, the widest first."""
    found = gaps_of(network.region_of(request.frame.pack.id), on=request.frame.on)
    context = {
        "rows": [_row(each) for each in found.rows],
        "met": found.met,
        "price": f"{found.price:,.0f}",
        "unit": said(found.price_unit),
        "unknown": [(said(what), said(why)) for what, why in found.unknown],
        "ways_ours": found.ways_ours,
        "standards": [
            {
                "name": said(each.standard.name),
                "amount": f"{each.standard.amount:g}",
                "people": people(each.standard.people),
                "unit": said(each.unit),
                "clauses": each.standard.clauses,
                "ours": each.ours,
            }
            for each in found.standards
        ],
    }
    return render(request, "planning/gaps.html", context)


def _row(row: GapRow) -> dict[str, Any]:
    standard = row.standard.standard
    part = min(1.0, row.has / row.wanted) if row.wanted else 1.0
    return {
        "area": row.area_name,
        "code": row.area,
        "people": people(row.people),
        "standard": said(standard.name),
        "clauses": standard.clauses,
        "ours": row.standard.ours,
        "unit": said(row.standard.unit),
        "has": f"{row.has:,.0f}",
        "wanted": f"{row.wanted:,.0f}",
        "lacking": f"{row.lacking:,.0f}",
        "width": f"{100 * part:.1f}",
        "ways": [{"name": said(way.name), "times": times} for way, times in row.ways],
        "price": f"{row.price:,.0f}",
        "left": f"{row.left:,.0f}" if row.left > 1e-9 else "",
    }
