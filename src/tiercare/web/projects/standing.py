"""``/projects/standards/<id>``: the register beside a standard, hospital by hospital; a gap becomes a project by one click."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.queries.standards import table
from tiercare.engines.sheets import Cell, Table
from tiercare.web.marks import write_xlsx
from tiercare.web.pages import page

from . import presenters
from .board import issues


@require_safe
@page(Right.SUPERVISION_ANSWER)
def compared(request: HttpRequest, standard: str) -> HttpResponse:
    """The page."""
    found = table(request.actor, standard)
    context = {
        "standard": presenters.standard(found),
        "programme": found.standard.programme,
        "issues": issues(request),
        "on": request.today,
    }
    return render(request, "projects/standard.html", context)


@require_safe
@page(Right.SUPERVISION_ANSWER)
def file(request: HttpRequest, standard: str) -> HttpResponse:
    """The table as .xlsx."""
    shown = presenters.standard(table(request.actor, standard))
    rows: list[tuple[Cell, ...]] = [
        (
            house["name"],
            line["name"],
            *(cell["shown"] for cell in line["cells"]),
            "、".join(cell["column"] for cell in line["cells"] if cell["lacking"]),
        )
        for house in shown["houses"]
        for line in house["lines"]
    ]
    header = (_("机构"), _("专科"), *shown["columns"], _("缺口"))
    response = HttpResponse(
        write_xlsx([Table(shown["name"], header, rows)]),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    file_name = f"{shown['name']}-{request.today}.xlsx"
    response.headers["Content-Disposition"] = content_disposition_header(True, file_name) or "attachment"
    response.headers["Cache-Control"] = "no-store"
    return response
