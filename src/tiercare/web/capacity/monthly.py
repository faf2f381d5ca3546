"""为基层预留的号源按月: whether upper hospitals keep more and more (NHC-40), hospital by hospital, month by month."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest

from tiercare.apps.capacity import queries
from tiercare.web.pages import english

# Ours: half a year is what a board shows; the proof shows any period.
SHOWN = 6


def months_of(request: HttpRequest, day: date) -> dict[str, Any]:
    """The months up to that of ``day`` with what each hospital kept, and the sentences of those that kept less.

    A month under way is shown and not judged.

    Raises:
        Refused: as ``queries.months``.
    """
    columns = _columns(day)
    end = (columns[-1].replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    found = queries.months(request.actor, first=columns[0], last=end)
    most = max(found.kept.values(), default=0)
    language = "en" if english() else "zh"
    return {
        "months": columns,
        "monthly": [
            {
                "id": key,
                "name": name,
                "cells": [_cell(found.kept, key, month, most) for month in columns],
            }
            for key, name in sorted(found.names.items(), key=lambda each: each[1])
            if any((key, month) in found.kept for month in columns)
        ],
        "falling": [
            {
                "sentence": verdict.sentence(finding, language),
                "way_on": verdict.remedy(finding, language),
                "clauses": verdict.card.clauses,
                "state": verdict.state,
            }
            for verdict in found.falling
            for finding in verdict.findings
        ],
    }


def _columns(day: date) -> list[date]:
    """The first days of the months shown, the latest last."""
    found = [day.replace(day=1)]
    while len(found) < SHOWN:
        found.insert(0, (found[0] - timedelta(days=1)).replace(day=1))
    return found


def _cell(kept: Any, key: Any, month: date, most: int) -> dict[str, Any]:
    """Of a month: what was kept, how that stands to the month before, and its bar."""
    units = kept.get((key, month))
    before = kept.get((key, (month - timedelta(days=1)).replace(day=1)))
    turned = (
        ""
        if units is None or before is None
        else "up"
        if units > before
        else "down"
        if units < before
        else "same"
    )
    height = 0 if not units or not most else max(1, round(units / most * 30))
    return {"month": month, "units": units, "turned": turned, "height": height, "y": 30 - height}
