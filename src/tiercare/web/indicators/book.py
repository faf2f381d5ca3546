"""``/indicators``: the book of the region, each indicator with its newest number, its direction and what clauses ask of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.queries import indicator as looking
from tiercare.apps.evaluation.queries.book import book_of
from tiercare.engines.measures.indicators import Indicator
from tiercare.engines.measures.schema import facts
from tiercare.engines.measures.targets import Met
from tiercare.engines.naming import initials
from tiercare.web.pages import page, said

from . import wording
from .asking import one_of, text_of

VERDICTS: Mapping[str, str] = {
    "": gettext_noop("全部"),
    Met.NOT_MET.value: gettext_noop("未达到"),
    Met.MET.value: gettext_noop("达到"),
    "asked": gettext_noop("有条款要求"),
    "none": gettext_noop("没有数据"),
}
# The worst verdict of several stands for the indicator.
_WORST = (Met.NOT_MET, Met.NO_DATA, Met.NOT_COMPUTABLE, Met.MET)


@require_safe
@page(Right.EVALUATION_READ)
def book(request: HttpRequest) -> HttpResponse:
    """``?q=&verdict=&table=&span=``: grouped by the table that is counted; found by name, initials, id or clause."""
    pack = request.frame.pack.id
    run = looking.newest_run(request.actor, pack)
    asked, verdict = text_of(request, "q"), one_of(request, "verdict", VERDICTS)
    table, wanted = text_of(request, "table"), text_of(request, "span")
    found = [_row(pack, each) for each in looking.lines(request.actor, pack, run, wanted)]
    shown = [
        each
        for each in found
        if _fits(each, asked.casefold()) and _stands(each, verdict) and table in {"", each["table"]}
    ]
    groups: dict[str, list[dict[str, Any]]] = {}
    for each in shown:
        groups.setdefault(each["table"], []).append(each)
    context = {
        "run": run,
        "span": looking.span_of(run, wanted) if run is not None else "",
        "spans": [(each, wording.when(each)) for each in _offered(run)],
        "when": wording.when(looking.span_of(run, wanted)) if run is not None else "",
        "q": asked,
        "verdict": verdict,
        "verdicts": [(key, gettext(words)) for key, words in VERDICTS.items()],
        "table": table,
        "tables": [(name, _title(name)) for name in sorted({each["table"] for each in found})],
        "groups": [{"id": name, "name": _title(name), "rows": rows} for name, rows in groups.items()],
        "found": len(shown),
        "total": len(found),
        "counts": {met.value: sum(each["worst"] is met for each in found) for met in _WORST},
    }
    return render(request, "indicators/list.html", context)


def _offered(run: looking.Kept | None) -> Sequence[str]:
    """Years and quarters, the newest first; months are on the indicator's own page."""
    if run is None:
        return ()
    grains = wording.grains(run.spans)
    return [*reversed(grains.get("year", ())), *reversed(grains.get("quarter", ()))]


def _row(pack: str, line: looking.Line) -> dict[str, Any]:
    indicator = line.indicator
    known = book_of(pack)
    stood = [each.met for each in line.standings]
    return {
        "id": indicator.id,
        "name": said(indicator.name),
        "says": said(indicator.says),
        "names": (indicator.name.zh, indicator.name.en, indicator.id, *indicator.clauses),
        "clauses": indicator.clauses,
        "ours": indicator.ours,
        "direction": indicator.direction.value,
        "direction_words": gettext(wording.DIRECTIONS[indicator.direction]),
        "table": _table(indicator),
        "number": wording.number(indicator, line.now),
        "change": wording.change(indicator, line.now, line.before),
        "demands": [wording.demand(known, indicator, each) for each in line.standings],
        "worst": next((each for each in _WORST if each in stood), None),
    }


def _table(indicator: Indicator) -> str:
    return indicator.numerator[0].fact if indicator.numerator else "of"


def _title(name: str) -> str:
    return gettext("由别的指标算出") if name == "of" else said(facts()[name].title)


def _fits(row: Mapping[str, Any], asked: str) -> bool:
    if not asked:
        return True
    if any(asked in each.casefold() for each in row["names"]):
        return True
    return asked.isascii() and any(asked in each for each in initials(row["names"][0]))


def _stands(row: Mapping[str, Any], verdict: str) -> bool:
    match verdict:
        case "":
            return True
        case "asked":
            return bool(row["demands"])
        case "none":
            return not row["number"]["value"]
    return any(each["of"].met == verdict for each in row["demands"])
