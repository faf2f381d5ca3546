"""The list of institutions, the page of one, and the confirmation of its registers."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.network import commands
from tiercare.apps.network import queries as network
from tiercare.apps.network.queries import listing
from tiercare.apps.network.queries.institution import PEOPLE, institution_page
from tiercare.web.explorer.presenters import offered, wanted
from tiercare.web.explorer.tree import chosen_area
from tiercare.web.pages import once, page
from tiercare.web.paging import Pager
from tiercare.web.verdicts import Viewer

from . import presenters
from .areas import areas_to_choose


@require_safe
@page(Right.NETWORK_READ)
def institutions(request: HttpRequest) -> HttpResponse:
    """``/institutions``: a page of the institutions of an area, narrowed and with the columns asked for."""
    frame = request.frame
    area = chosen_area(request.GET.get("area", ""), frame.pack.region)
    narrowed = wanted(request)
    soon = frame.on + presenters.LICENCE_WARNING
    found, _ = listing.institutions(area, narrowed, on=frame.on, soon=soon)
    columns = request.GET.get("columns", "")
    context = {
        "found": found,
        "rows": presenters.rows(found.rows, frame.on),
        "pages": Pager(request, found.page, found.pages),
        "wanted": narrowed,
        "narrowed": narrowed != listing.Wanted(page=narrowed.page) or area != frame.pack.region,
        "offered": offered() | {"licence": presenters.licences()},
        "area": area,
        "areas": areas_to_choose(area, frame),
        "columns": columns if columns in presenters.COLUMNS else "basic",
        "column_sets": presenters.column_sets(),
    }
    return render(request, "institutions/list.html", context)


@require_safe
@page(Right.NETWORK_READ)
def institution(request: HttpRequest, institution_id: UUID) -> HttpResponse:
    """``/institutions/<id>``: who it is, what it has, who works there, with whom it works, and what is wrong."""
    frame = request.frame
    asked = request.GET.get("people", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and 0 < int(asked) < 10_000 else 1
    found = institution_page(institution_id, on=frame.on, people_page=number)
    own = frame.packs.find(found.shown.fields["division_code"])
    viewer = None
    if own is not None and found.current is not None:
        area = found.shown.fields["division_code"]
        viewer = Viewer(network.check(own.id, on=frame.on, area=area), frame.packs, request.actor)
    context = presenters.detail(found, viewer, request.actor, on=frame.on, packs=frame.packs)
    context["people_pages"] = Pager(
        request, number, max(1, -(-found.people_counts.get("total", 0) // PEOPLE)), "people"
    )
    return render(request, "institutions/detail.html", context)


@require_POST
@page(Right.NETWORK_REPORT)
def confirm(request: HttpRequest, institution_id: UUID) -> HttpResponse:
    """核对无变化: a register is right as it stands."""

    def work() -> str:
        commands.confirm_register(
            actor=request.actor,
            institution_id=institution_id,
            register=request.POST.get("register", "")[:40],
        )
        return f"{reverse('institutions:detail', args=[institution_id])}?{request.frame.query}#registers"

    return once(request, gettext("已记录：核对无变化。"), work)
