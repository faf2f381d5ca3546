"""``/institution-plans``: what the plan allows, what stands, what is applied for, area by area; as a page, Excel and CSV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.network.queries import institution_plans as plans
from tiercare.apps.network.queries import ours
from tiercare.apps.network.rules.institution_plans import CLAUSE, SUBJECT_NAMES, Subject
from tiercare.engines.sheets import Cell, Table
from tiercare.web.imports.downloads import ENCODINGS, as_file
from tiercare.web.marks import write_csv, write_xlsx
from tiercare.web.pages import page, said

from . import presenters


@require_safe
@page(Right.NETWORK_READ)
def comparison(request: HttpRequest) -> HttpResponse:
    """On the frame's day; ``?format=xlsx|utf-8|gb18030`` takes it away."""
    frame = request.frame
    found = plans.compared(frame.pack.region, frame.pack.id, on=frame.on)
    names = presenters.areas([each.line for each in found], on=frame.on)
    rows = [presenters.compared_row(each, names) for each in found]
    if "format" in request.GET:
        return file_of(
            request,
            _("规划对照"),
            [
                _("规划"),
                _("版次"),
                _("地区"),
                _("规划对象"),
                _("类别和级别"),
                _("规划数"),
                _("现有"),
                _("待审批增加"),
                _("余量"),
                _("机构"),
            ],
            [_cells(row) for row in rows],
        )
    limited = ours.words(plans.LIMITS, frame.pack.id, on=frame.on)
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(row["area"], []).append(row)
    context = {
        "ways": presenters.ways(request),
        "here": "institution_plans:comparison",
        "groups": list(grouped.items()),
        "over": sum(row["over"] for row in rows),
        "plans": [presenters.version_row(each, on=frame.on) for each in _plans(found)],
        "limited": [said(SUBJECT_NAMES[Subject(word)]) for word in limited if word in set(Subject)],
        "clause": CLAUSE if limited else "",
    }
    return render(request, "institution_plans/comparison.html", context)


def _plans(found: Sequence[plans.Compared]) -> list[plans.Version]:
    return list({each.plan.id: each.plan for each in found}.values())


def _cells(row: dict[str, Any]) -> list[Cell]:
    each: plans.Compared = row["compared"]
    there = "；".join(f"{house.name} {n}" for house, n in each.houses)
    return [
        each.plan.title,
        each.plan.number,
        row["area"],
        row["subject"],
        row["what"],
        each.line.allowed,
        each.existing,
        each.adds,
        each.left,
        there,
    ]


def file_of(
    request: HttpRequest,
    name: str,
    header: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    simulated: bool = False,
) -> HttpResponse:
    """A table to take away, in the encoding that the address asks for; its name says region and day.

    ``simulated``: it rests on simulated facts.
    """
    encoding = ENCODINGS.get(request.GET.get("format", ""))
    stem = f"{request.frame.pack.id}-{name}-{request.frame.on}"
    table = Table(name, header, rows)
    if encoding:
        return as_file(f"{stem}.csv", write_csv(table, encoding, simulated=simulated))
    return as_file(f"{stem}.xlsx", write_xlsx([table], simulated=simulated))
