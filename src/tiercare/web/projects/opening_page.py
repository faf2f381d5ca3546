"""``/projects/opening``: what the first page opens with where a text says where its work begins (XH-01)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.queries.openings import Opened, opening
from tiercare.web.indicators import wording
from tiercare.web.pages import page, said
from tiercare.web.panels.presenters import number


@require_safe
@page(Right.EVALUATION_READ)
def shown(request: HttpRequest) -> HttpResponse:
    """A page of its own, of which the first page takes the section."""
    frame = request.frame
    found = opening(request.actor, frame.pack.id, on=request.today)
    return render(request, "projects/opening.html", {"opening": _told(found) if found else None})


def _told(found: Opened) -> dict[str, Any]:
    told = {
        "name": said(found.programme.name),
        "says": said(found.programme.says),
        "clauses": found.programme.clauses,
        "programme": found.programme.id,
        "entry": said(found.entry.name),
        "indicator": said(found.indicator.name),
        "key": found.indicator.id,
        "panel": found.programme.opens.panel if found.programme.opens else "",
        "run": found.run,
    }
    if found.run is None or found.found is None:
        return told
    columns = found.found.panel.columns
    names = {each.id: each.name for each in found.found.panel.groups}
    return told | {
        "span": wording.when(found.found.span),
        "synthetic": found.run.synthetic,
        "number": wording.number(found.indicator, found.number),
        "columns": [said(each.name) for each in columns],
        "groups": [
            {
                "name": said(names.get(part.id, part.name)),
                "cells": [
                    number(column, each) | {"wide": _percent(each.value)}
                    for column, each in zip(columns, line.numbers, strict=True)
                ]
                if line
                else [],
            }
            for part, line in found.lines
        ],
    }


def _percent(value: Fraction | None) -> str:
    return "" if value is None else f"{min(max(float(value) * 100, 0), 100):.1f}"
