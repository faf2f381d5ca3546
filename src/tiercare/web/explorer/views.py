"""``/explorer``: a region on a day, from the province down to the township."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.network.queries import listing
from tiercare.web.pages import page
from tiercare.web.paging import Pager

from . import grids, maps, presenters, tree


@require_safe
@page(Right.NETWORK_READ)
def region(request: HttpRequest) -> HttpResponse:
    """Tree, map, days with what changed, and the institutions and consortia of the chosen area."""
    frame = request.frame
    area = tree.chosen_area(request.GET.get("area", ""), frame.pack.region)
    place = tree.look_around(area, frame.packs, on=frame.on)
    wanted = presenters.wanted(request)
    institutions, located = listing.institutions(area, wanted, on=frame.on)
    consortia_page = presenters.wanted(request, "consortia_page").page
    consortia = listing.consortia(area, replace(wanted, page=consortia_page), on=frame.on, with_guests=True)
    lines = presenters.happened(place.around.happened)
    context = {
        "place": place,
        "map": maps.draw(place, located, on=frame.on),
        "planned": grids.planned(place, frame.packs, frame.pack.id, on=frame.on),
        "days": presenters.days(place.around.days, frame),
        "lines": lines,
        "wanted": wanted,
        "narrowed": any((wanted.text, wanted.category, wanted.level, wanted.owner, wanted.kind)),
        "offered": presenters.offered(),
        "institutions": institutions,
        "institution_pages": Pager(request, institutions.page, institutions.pages),
        "consortia": consortia,
        "consortium_pages": Pager(request, consortia.page, consortia.pages, "consortia_page"),
        "single_days": len(area) >= 4,
    }
    return render(request, "explorer/region.html", context)
