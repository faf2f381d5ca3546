"""``/indicators/spectrum``: of what an area's residents are ill, and for which diseases they are treated outside (TY-42, XH-81)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.queries import closer
from tiercare.apps.evaluation.queries import indicator as looking
from tiercare.apps.evaluation.queries.book import indicator_of
from tiercare.apps.evaluation.queries.runs import NO_SUCH_RUN
from tiercare.apps.evaluation.queries.whose import names_of
from tiercare.apps.records.rules.icd import CATEGORIES
from tiercare.engines.measures.rounding import shown
from tiercare.engines.measures.spectrum import Disease
from tiercare.kernel.refusal import Refused
from tiercare.web.pages import page, said

from . import wording
from .asking import text_of
from .breakdown import areas_of, elsewhere

MOST = 100
_DESTINATIONS = 3


@require_safe
@page(Right.EVALUATION_CASES)
def spectrum(request: HttpRequest) -> HttpResponse:
    """``?span=&area=``: the region and the newest year, or a county and another period."""
    pack = request.frame.pack
    run = looking.newest_run(request.actor, pack.id)
    if run is None:
        raise Refused(NO_SUCH_RUN)
    area, span = text_of(request, "area") or run.region, looking.span_of(run, text_of(request, "span"))
    found = closer.leaving(request.actor, run, span=span, area=area)
    gone = closer.destinations(request.actor, run, span=span, area=area)
    codes = {code for several in gone.values() for code, _ in several}
    names = {
        code: name for (_, code), name in names_of(codes, on=wording.last_day(span)).items() if code in codes
    }
    whole = found.spectrum
    context = {
        "run": run,
        "span": span,
        "when": wording.when(span),
        "spans": [(each, wording.when(each)) for each in reversed(run.spans)],
        "area": area,
        "areas": areas_of(run.region, said(pack.name), wording.last_day(span)),
        "top": [_row(each, gone, names) for each in whole.leaving(found.top, least=found.least)],
        "most": found.top,
        "clause": found.top_clause,
        "least": found.least,
        "diseases": [_row(each, gone, names) for each in whole.diseases[:MOST]],
        "kinds": len(whole.diseases),
        "cases": whole.cases,
        "unnamed": whole.unnamed,
        "unnamed_share": shown(Fraction(whole.unnamed, whole.cases), "%") if whole.cases else "",
        "leaving": indicator_of(pack.id, closer.LEAVING),
        "stays": indicator_of(pack.id, closer.LEAVING_STAYS),
    }
    return render(request, "indicators/spectrum.html", context)


def _row(
    each: Disease, gone: Mapping[str, Sequence[tuple[str, int]]], names: Mapping[str, str]
) -> dict[str, Any]:
    where = gone.get(each.code, ())
    return {
        "code": each.code,
        "name": CATEGORIES.get(each.code, ""),
        "cases": each.cases,
        "share": shown(each.share, "%"),
        "left": each.left,
        "rate": shown(each.rate, "%"),
        "stays": each.stays,
        "left_stays": each.left_stays,
        "stay_rate": shown(Fraction(each.left_stays, each.stays), "%") if each.stays else "",
        "where": [
            {"name": names.get(code) or elsewhere(code), "count": count}
            for code, count in where[:_DESTINATIONS]
        ],
        "more": max(0, len(where) - _DESTINATIONS),
    }
