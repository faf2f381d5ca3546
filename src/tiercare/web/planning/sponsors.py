"""Who supports whom (TY-60): each county and township with its sponsor, and those that the group's lead takes because nobody else could."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.network import queries as network
from tiercare.apps.planning.queries.sponsors import Covered, Sponsored, Sponsors, sponsors_of
from tiercare.web.pages import page

from .figures import people


@require_safe
@page(Right.NETWORK_READ)
def sponsors(request: HttpRequest) -> HttpResponse:
    """``/planning/sponsors``: counties with their tertiary hospital, townships with theirs by county, and who takes how many."""
    found = sponsors_of(network.region_of(request.frame.pack.id), on=request.frame.on)
    counties = [row for row in found.rows if row.covered is Covered.COUNTY]
    towns = [row for row in found.rows if row.covered is Covered.TOWNSHIP]
    context = {
        "counties": [_line(row) for row in counties],
        "towns": [
            {"name": area, "rows": [_line(row) for row in rows], "fallen": sum(row.fallen for row in rows)}
            for area, rows in ((area, list(rows)) for area, rows in groupby(towns, key=lambda row: row.area))
        ],
        "count": {"counties": len(counties), "towns": len(towns)},
        "fallen": [_line(row) for row in found.fallen],
        "takers": _takers(found),
        "gap": f"{100 * found.gap:.2f}" if found.gap else "",
        "unplaced": found.unplaced,
    }
    return render(request, "planning/sponsors.html", context)


def _line(row: Sponsored) -> dict[str, Any]:
    return {
        "name": row.name,
        "area": row.area,
        "town": row.covered is Covered.TOWNSHIP,
        "people": people(row.people),
        "sponsor": row.sponsor,
        "hospital": row.sponsor_name,
        "minutes": None if row.minutes is None else f"{row.minutes:.0f}",
        "fallen": row.fallen,
        "together": row.together,
    }


def _takers(found: Sponsors) -> Sequence[dict[str, Any]]:
    """Hospitals that support anybody, those with most to do first."""
    busy = [(key, *each) for key, each in found.taken.items() if each[1]]
    busy.sort(key=lambda each: (-each[2], each[1]))
    return [
        {
            "id": key,
            "name": name,
            "count": count,
            "room": "" if room == float("inf") else f"{room:g}",
            "covers": [row.name for row in found.rows if row.sponsor == key and not row.fallen],
        }
        for key, name, count, room in busy
    ]
