"""``/indicators/<id>/breakdown``: one indicator by disease, department or whatever its rows say, beside the year before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.queries import closer
from tiercare.apps.evaluation.queries import indicator as looking
from tiercare.apps.evaluation.queries.book import indicator_of
from tiercare.apps.evaluation.queries.runs import NO_SUCH_RUN
from tiercare.apps.evaluation.queries.whose import names_of
from tiercare.apps.records.rules.icd import CATEGORIES
from tiercare.apps.terms import queries as terms
from tiercare.engines.measures.breakdown import Slice
from tiercare.engines.measures.indicators import Indicator
from tiercare.engines.measures.periods import span as span_named
from tiercare.engines.measures.schema import Column, Type
from tiercare.kernel.divisions import DivisionLevel
from tiercare.kernel.refusal import Refused
from tiercare.web.pages import page, said

from . import wording
from .asking import text_of
from .words import word

MOST = 200


@require_safe
@page(Right.EVALUATION_READ)
def breakdown(request: HttpRequest, indicator: str) -> HttpResponse:
    """``?column=&span=&area=``: of the region and the newest year, by the first column that the table offers."""
    pack = request.frame.pack
    run = looking.newest_run(request.actor, pack.id)
    asked = indicator_of(pack.id, indicator)
    if run is None:
        raise Refused(NO_SUCH_RUN)
    offered = closer.columns_for(asked)
    column = text_of(request, "column") or next((each.name for each in offered), "")
    area = text_of(request, "area") or run.region
    span = looking.span_of(run, text_of(request, "span"))
    found = closer.broken(request.actor, run, indicator, column=column, span=span, area=area)
    names = names_by(found.column, [each.key for each in found.lines], wording.last_day(span))
    context = {
        "run": run,
        "indicator": asked,
        "column": column,
        "columns": [(each.name, said(wording.called(each.says))) for each in offered],
        "by": said(wording.called(found.column.says)),
        "span": span,
        "when": wording.when(span),
        "before": wording.when(str(span_named(span).a_year_before())),
        "spans": [(each, wording.when(each)) for each in reversed(run.spans)],
        "area": area,
        "areas": areas_of(run.region, said(pack.name), wording.last_day(span)),
        "lines": [_line(asked, each, names) for each in found.lines[:MOST]],
        "found": len(found.lines),
        "most": MOST,
        "hidden": any(each.hidden for each in found.lines),
        "small": asked.small,
    }
    return render(request, "indicators/breakdown.html", context)


def _line(indicator: Indicator, each: closer.Sliced, names: Mapping[str, str]) -> dict[str, Any]:
    now, before = each.now, each.before
    moved = None
    if now is not None and before is not None and now.value is not None and before.value is not None:
        by = now.value - before.value
        moved = {
            "way": "up" if by > 0 else "down" if by < 0 else "same",
            "by": wording.value(indicator, abs(by)),
        }
    return {
        "key": each.key,
        "name": names.get(each.key, each.key) if each.key else gettext("其他"),
        "hidden": each.hidden,
        "now": _slice(indicator, now),
        "before": _slice(indicator, before),
        "change": moved,
    }


def _slice(indicator: Indicator, each: Slice | None) -> dict[str, str] | None:
    if each is None:
        return None
    below = wording.count(indicator.denominator, each.denominator) if indicator.denominator else ""
    return {
        "value": wording.value(indicator, each.value),
        "numerator": wording.count(indicator.numerator, Fraction(each.numerator)),
        "denominator": below,
    }


def names_by(column: Column, keys: list[str], on: date) -> Mapping[str, str]:
    """What the keys of a column are called: diseases, departments, divisions, words of a list."""
    if column.name == "diagnosis":
        return CATEGORIES
    if column.name == "specialty":
        return terms.specialty_names(on=on)
    if column.type is Type.DIVISION:
        known = {code: name for (_, code), name in names_of(keys, on=on).items()}
        return {key: known.get(key) or elsewhere(key) for key in keys}
    if column.type is Type.KEY:
        names = names_of((), on=on)
        return {key: names.get(("institution", key), names.get(("consortium", key), key)) for key in keys}
    return {key: word(key) for key in keys}


def elsewhere(code: str) -> str:
    """A division that the register of divisions does not know: somewhere outside."""
    return gettext("外地（{code}）").format(code=code)


def areas_of(region: str, name: str, on: date) -> list[tuple[str, str]]:
    """The region and the counties in it."""
    level = DivisionLevel.COUNTY
    below = terms.children(region, on=on, level=level) if len(region) == 4 else ()
    return [(region, name), *((each.code, each.name) for each in below)]
