"""``/facts``: all tables by months, how fresh they are, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.queries import importing as queries
from tiercare.apps.evaluation.queries.presence import Cell, Line, presence
from tiercare.web.pages import page, said, told

from . import words

_WIDE = 24  # months side by side
_SHADES = 4


@require_safe
@page(Right.EVALUATION_READ)
def facts(request: HttpRequest) -> HttpResponse:
    """What there is, two years at a time; ``?to=202512`` shows those up to a month."""
    found = presence(request.actor, request.frame.pack.region)
    months = _window(found.months, request.GET.get("to", ""))
    forbidden = queries.run_refusal(request.actor, request.frame.pack.region)
    context = {
        "lines": [_line(line, months) for line in found.lines],
        "years": [
            (year, len(list(group))) for year, group in groupby(months, key=lambda month: month // 100)
        ],
        "months": [month % 100 for month in months],
        "synthetic": found.synthetic,
        "origin": _("、").join(_senders(found.lines)) if found.synthetic else "",
        "any": bool(found.months),
        "earlier": found.months[found.months.index(months[0]) - 1]
        if months and months[0] != found.months[0]
        else None,
        "later": found.months[-1] if months and months[-1] != found.months[-1] else None,
        "locks": _("、").join(str(each) for each in found.locks),
        "forbidden": told(forbidden) if forbidden else None,
    }
    return render(request, "facts/list.html", context)


def _senders(lines: Sequence[Line]) -> dict[str, None]:
    """What all batches say of where they come from, each once."""
    cells = (cell for line in lines for cell in line.cells.values())
    return dict.fromkeys(each.arrived.source for cell in cells for each in cell.batches)


def _window(months: Sequence[int], to: str) -> Sequence[int]:
    last = int(to) if to.isascii() and to.isdigit() and len(to) == 6 else 999_999
    return [month for month in months if month <= last][-_WIDE:] or list(months[-_WIDE:])


def _line(line: Line, months: Sequence[int]) -> dict[str, Any]:
    most = max((cell.rows for cell in line.cells.values()), default=0)
    return {
        "name": line.fact.name,
        "title": said(line.fact.title),
        "grain": said(line.fact.grain),
        "last": words.month(line.last) if line.last else "",
        "came_at": line.came_at,
        "missing": words.months(line.missing),
        "cells": [_cell(line.cells[month], most, missing=month in line.missing) for month in months],
    }


def _cell(cell: Cell, most: int, *, missing: bool) -> dict[str, Any]:
    if not cell.rows:
        return {
            "month": cell.month,
            "rows": 0,
            "missing": missing,
            "locked": cell.locked,
            "said": words.month(cell.month),
        }
    sources = _("、").join(dict.fromkeys(each.arrived.source for each in cell.batches))
    batches = _("、").join(each.id for each in cell.batches)
    return {
        "month": cell.month,
        "rows": cell.rows,
        "short": words.short(cell.rows),
        "shade": max(1, -(-cell.rows * _SHADES // most)),
        "locked": cell.locked,
        "said": _("{month}：{rows} 行，来自 {sources}（批次 {batches}）").format(
            month=words.month(cell.month), rows=cell.rows, sources=sources, batches=batches
        )
        + (_("，已锁定") if cell.locked else "")
        + (_("，模拟") if cell.synthetic else ""),
    }
