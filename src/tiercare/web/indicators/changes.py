"""``/indicators/changes``: what clauses ask to rise or to fall, for the region and place by place, beside the year before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.queries import indicator as looking
from tiercare.apps.evaluation.queries.whose import names_of
from tiercare.engines.measures.periods import span as span_named
from tiercare.engines.measures.schema import Level
from tiercare.engines.measures.targets import Met
from tiercare.web.pages import page, said

from . import wording
from .asking import one_of, text_of

_BY = (Level.DIVISION, Level.CONSORTIUM, Level.INSTITUTION)


@require_safe
@page(Right.EVALUATION_READ)
def changes(request: HttpRequest) -> HttpResponse:
    """``?span=&by=``: the newest year, county by county, unless the address says otherwise."""
    pack = request.frame.pack
    run = looking.newest_run(request.actor, pack.id)
    by = Level(one_of(request, "by", [each.value for each in _BY], Level.DIVISION.value))
    context: dict[str, Any] = {
        "run": run,
        "by": by.value,
        "levels": [(each.value, gettext(wording.LEVELS[each])) for each in _BY],
    }
    if run is None:
        return render(request, "indicators/changes.html", context)
    span = looking.span_of(run, text_of(request, "span"))
    found = looking.moved(request.actor, run, span, by)
    codes = {key for each in found for key in each.places} if by is Level.DIVISION else ()
    names = names_of(codes, on=wording.last_day(span))
    rows = [_row(each, names, by) for each in found]
    context |= {
        "span": span,
        "when": wording.when(span),
        "before": wording.when(str(span_named(span).a_year_before())),
        "spans": [(each, wording.when(each)) for each in reversed(wording.grains(run.spans).get("year", ()))],
        "groups": [
            {"way": way, "rows": [each for each in rows if each["op"] == way]} for way in ("up", "down")
        ],
        "found": len(rows),
        "counts": {met.value: sum(each["met_is"] is met for each in rows) for met in Met},
    }
    return render(request, "indicators/changes.html", context)


def _row(each: looking.Moved, names: Mapping[tuple[str, str], str], by: Level) -> dict[str, Any]:
    indicator = each.indicator
    return {
        "id": indicator.id,
        "name": said(indicator.name),
        "clause": each.stood.clause,
        "op": each.stood.op,
        "asked": wording.asked(indicator, None, each.stood.op),
        "met": wording.met(each.stood.met),
        "met_is": each.stood.met,
        "reason": said(each.stood.reason) if each.stood.reason is not None else "",
        "region": _pair(each, *each.region),
        "places": [
            {"key": key, "name": wording.name_of(names, by.value, key, ""), **_pair(each, *pair)}
            for key, pair in each.places.items()
        ],
    }


def _pair(each: looking.Moved, now: looking.Number | None, before: looking.Number | None) -> dict[str, Any]:
    """Both numbers, the change, and whether it is the way that the clause asks for."""
    moved = wording.change(each.indicator, now, before)
    return {
        "now": wording.number(each.indicator, now),
        "before": wording.number(each.indicator, before),
        "change": moved,
        "as_asked": None if moved is None else moved["way"] == each.stood.op,
    }
