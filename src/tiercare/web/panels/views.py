"""``/board/panels``: indicators side by side, row by row, for a period and against a year before."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.queries import panels
from tiercare.apps.evaluation.queries.book import panels_of
from tiercare.apps.evaluation.queries.indicator import newest_run
from tiercare.apps.evaluation.queries.runs import NO_SUCH_RUN
from tiercare.kernel.refusal import Refused
from tiercare.web.indicators import wording
from tiercare.web.indicators.asking import text_of
from tiercare.web.indicators.breakdown import areas_of
from tiercare.web.pages import page, said

from . import presenters, workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@page(Right.EVALUATION_READ)
def listed(request: HttpRequest) -> HttpResponse:
    """Every panel of the region, with what stands side by side in it."""
    pack = request.frame.pack
    office = request.actor.institution_id is not None
    context = {
        "run": newest_run(request.actor, pack.id),
        "panels": presenters.cards(panels_of(pack.id), office=office),
        "own": office,
    }
    return render(request, "panels/list.html", context)


@require_safe
@page(Right.EVALUATION_READ)
def one(request: HttpRequest, panel: str) -> HttpResponse:
    """``?span=&area=&sort=&q=``: the newest whole period and all that the actor sees, unless something else is asked for."""
    pack = request.frame.pack
    asked = panels.panel_of(pack.id, panel)
    run = newest_run(request.actor, pack.id)
    context: dict[str, Any] = {"panel": asked, "run": run, "definitions": presenters.definitions(asked)}
    if run is None:
        return render(request, "panels/one.html", context)
    found = panels.laid(
        request.actor, run, panel, span=text_of(request, "span"), area=text_of(request, "area")
    )
    text, sort = text_of(request, "q"), text_of(request, "sort")
    context |= {
        "found": found,
        "table": presenters.table(found, request.frame, sort=sort, text=text),
        "strengthen": presenters.strengthen(found),
        "compared": any(each.before is not None for each in found.total.numbers) and not found.hiding,
        "when": wording.when(found.span),
        "before": wording.when(found.before),
        "spans": [(each, wording.when(each)) for each in reversed(found.spans)],
        "areas": areas_of(run.region, said(pack.name), wording.last_day(found.span)),
        "q": text,
        "sort": sort,
    }
    return render(request, "panels/one.html", context)


@require_safe
@page(Right.EVALUATION_READ)
def file(request: HttpRequest, panel: str) -> HttpResponse:
    """The same rows as .xlsx, all of them."""
    pack = request.frame.pack
    run = newest_run(request.actor, pack.id)
    if run is None:
        raise Refused(NO_SUCH_RUN)
    found = panels.laid(
        request.actor, run, panel, span=text_of(request, "span"), area=text_of(request, "area")
    )
    response = HttpResponse(workbook.written(found), content_type=XLSX)
    name = f"{said(found.panel.name)}-{found.area}-{found.span}.xlsx"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
