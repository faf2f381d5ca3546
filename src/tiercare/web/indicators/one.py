"""``/indicators/<id>``: the number with its counts beside its definition, how it went on, and place by place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right, may
from tiercare.apps.evaluation.commands.cases import refusal_of
from tiercare.apps.evaluation.queries import closer
from tiercare.apps.evaluation.queries import indicator as looking
from tiercare.apps.evaluation.queries.book import book_of, indicator_of
from tiercare.apps.evaluation.queries.whose import names_of
from tiercare.engines.measures.indicators import Indicator
from tiercare.engines.measures.periods import span as span_named
from tiercare.engines.measures.rounding import plain
from tiercare.engines.measures.schema import Level
from tiercare.kernel.actor import Actor
from tiercare.web.pages import page, said
from tiercare.web.paging import Pager

from . import drawing, wording
from .asking import level_of, text_of

PER_PAGE = 50
_TELLING_GRAIN = 3  # so many months or quarters make a line
_GRAINS = {"month": gettext_noop("按月"), "quarter": gettext_noop("按季"), "year": gettext_noop("按年")}


@require_safe
@page(Right.EVALUATION_READ)
def one(request: HttpRequest, indicator: str) -> HttpResponse:
    """``?span=&level=&key=&by=&grain=``: of the region and the newest year, unless somebody or another period is asked for."""
    pack = request.frame.pack
    asked_of = indicator_of(pack.id, indicator)
    run = looking.newest_run(request.actor, pack.id)
    context: dict[str, Any] = {"run": run, "indicator": asked_of, **_defined(pack.id, indicator)}
    if run is None:
        return render(request, "indicators/one.html", context)
    levels = looking.levels_of(book_of(pack.id), asked_of)
    asked = looking.Asked(
        text_of(request, "span"),
        level_of(request, "level", Level.REGION),
        text_of(request, "key"),
        _by(request, levels),
    )
    found = looking.looked(request.actor, run, indicator, asked)
    names = _names(found)
    context |= _number(pack.id, found, names, said(pack.name))
    context |= _going_on(found, text_of(request, "grain"), pack.id)
    context |= _places(request, found, names, levels)
    if context["versions"] and text_of(request, "compare"):
        context["compared"] = _compared(request.actor, run, indicator, found.asked.span)
    context |= {
        "may_list": refusal_of(request.actor, run, found.asked.level, found.asked.key) is None,
        "may_list_places": may(request.actor, Right.EVALUATION_CASES) is None,
        "columns": _columns(request.actor, found),
        "doubts": [_doubt(each, names) for each in found.doubts],
    }
    return render(request, "indicators/one.html", context)


def _compared(actor: Actor, run: looking.Kept, indicator: str, span: str) -> list[dict[str, Any]]:
    """The period's number by each definition that was in force then or in the period before."""
    return [
        {
            "version": definition.version,
            "value": "" if value is None else wording.value(definition, value.value),
            "numerator": "" if value is None else wording.count(definition.numerator, value.numerator),
            "denominator": wording.count(definition.denominator, value.denominator)
            if value is not None and definition.denominator
            else "",
        }
        for definition, value in closer.by_versions(actor, run, indicator, span=span)
    ]


def _by(request: HttpRequest, levels: Sequence[Level]) -> Level:
    """By which level the places are listed: the first that there is, unless the address asks for another that there is."""
    first = next(iter(levels), Level.DIVISION)
    wanted = level_of(request, "by", first)
    return wanted if wanted in levels else first


def _defined(pack: str, indicator: str) -> dict[str, Any]:
    versions = book_of(pack).indicators[indicator]
    newest = versions[-1]
    return {
        "definition": wording.definition(newest),
        "versions": [wording.definition(each) for each in versions] if len(versions) > 1 else [],
        "of": [indicator_of(pack, each) for each in newest.of],
        "given": _given(pack, newest),
    }


def _given(pack: str, indicator: Indicator) -> list[dict[str, Any]]:
    """The numbers and lists that the definition asks for by name, with where they come from."""
    text = " ".join(part for side in indicator.text.values() for part in side)
    return [
        {
            "name": name,
            "says": said(shape.says.text),
            "value": "、".join(shape.value) if isinstance(shape.value, list) else shape.value,
            "ours": shape.ours,
            "clauses": shape.clauses,
        }
        for name, shape in book_of(pack).given.items()
        if name in text
    ]


def _names(found: looking.Looked) -> Mapping[tuple[str, str], str]:
    codes = {each.now.key for each in found.places if each.now.level == Level.DIVISION.value}
    if found.asked.level is Level.DIVISION:
        codes.add(found.asked.key)
    return names_of(codes, on=wording.last_day(found.asked.span))


def _number(
    pack: str, found: looking.Looked, names: Mapping[tuple[str, str], str], region: str
) -> dict[str, Any]:
    indicator, asked = found.indicator, found.asked
    demands = [wording.demand(book_of(pack), indicator, each) for each in found.standings]
    own = [each for each in demands if each["of"].span in {"", asked.span}]
    return {
        "span": asked.span,
        "when": wording.when(asked.span),
        "spans": [(each, wording.when(each)) for each in reversed(found.run.spans)],
        "level": asked.level.value,
        "key": asked.key,
        "whose": wording.name_of(names, asked.level.value, asked.key, region),
        "of_region": asked.level is Level.REGION,
        "number": wording.number(indicator, found.now),
        "change": wording.change(indicator, found.now, found.before),
        "before": wording.when(str(span_named(asked.span).a_year_before())),
        "centre": wording.number(indicator, found.centre),
        "demands": demands,
        "verdict": own[0] if len(own) == 1 else None,
    }


def _going_on(found: looking.Looked, wanted: str, pack: str) -> dict[str, Any]:
    """The line of whoever is looked at, by month where there are some, else by quarter or year."""
    grains = wording.grains(each.span for each in found.series if each.value is not None)
    offered = [each for each in ("month", "quarter", "year") if len(grains.get(each, ())) > 1]
    enough = [each for each in offered if len(grains[each]) >= _TELLING_GRAIN]
    grain = wanted if wanted in offered else next(iter([*enough, *offered]), "")
    indicator = found.indicator
    mine = [
        each for each in found.series if each.span in set(grains.get(grain, ())) and each.value is not None
    ]
    points = [
        drawing.Point(
            each.span,
            Fraction(each.value),
            f"{wording.when(each.span)} {wording.value(indicator, each.value)}",
        )
        for each in sorted(mine, key=lambda number: span_named(number.span))
        if each.value is not None
    ]
    limits = [
        drawing.Limit(target.limit, f"{target.clause} {wording.asked(indicator, target, target.op)}")
        for target in book_of(pack).targets
        if target.indicator == indicator.id and target.limit is not None
    ]
    drawn = drawing.trend(
        points, limits, lambda value: wording.value(indicator, value), share=wording.is_share(indicator)
    )
    return {
        "grain": grain,
        "grains": [(each, gettext(_GRAINS[each])) for each in offered],
        "trend": drawn,
        "points": points,
    }


def _places(
    request: HttpRequest,
    found: looking.Looked,
    names: Mapping[tuple[str, str], str],
    levels: Sequence[Level],
) -> dict[str, Any]:
    indicator, number = found.indicator, request.GET.get("page", "1")
    page_at = max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 5 else 1
    rows = [_place(found, each, names) for each in found.places]
    centre = found.centre
    spots = [
        drawing.Spot(
            row["name"],
            Fraction(each.now.denominator or 0),
            each.funnel.value,
            each.funnel.low,
            each.funnel.high,
            each.funnel.ordinary,
            f"{row['name']} {row['number']['value']} ({row['number']['numerator']} / {row['number']['denominator']})",
        )
        for each, row in zip(found.places, rows, strict=True)
        if each.funnel is not None
    ]
    drawn = (
        drawing.funnel(
            spots,
            Fraction(centre.value),
            lambda v: wording.value(indicator, v),
            plain,
            share=wording.is_share(indicator),
        )
        if centre is not None and centre.value is not None
        else None
    )
    start = (page_at - 1) * PER_PAGE
    return {
        "by": found.asked.by.value,
        "levels": [(each.value, gettext(wording.LEVELS[each])) for each in levels],
        "places": rows[start : start + PER_PAGE],
        "all_places": len(rows),
        "pages": Pager(request, page_at, max(1, -(-len(rows) // PER_PAGE))),
        "funnel": drawn,
        "out": sum(not each.ordinary for each in spots),
        "yearly": found.asked.by is Level.INSTITUTION and not rows,
        "whole": found.whole,
    }


def _place(
    found: looking.Looked, each: looking.Place, names: Mapping[tuple[str, str], str]
) -> dict[str, Any]:
    indicator, rank = found.indicator, each.rank
    side = None
    if each.funnel is not None and not each.funnel.ordinary:
        side = "above" if each.funnel.value > each.funnel.high else "below"
    return {
        "key": each.now.key,
        "name": wording.name_of(names, each.now.level, each.now.key, ""),
        "number": wording.number(indicator, each.now),
        "change": wording.change(indicator, each.now, each.before),
        "place": rank.place if rank is not None else None,
        "why_no_place": said(rank.reason) if rank is not None and rank.reason is not None else "",
        "judged": each.funnel is not None,
        "side": side,
    }


def _columns(actor: Actor, found: looking.Looked) -> list[tuple[str, str]]:
    """By what the number can be looked at more closely; only the area's own people see it so."""
    if actor.institution_id is not None:
        return []
    return [(each.name, said(wording.called(each.says))) for each in closer.columns_for(found.indicator)]


def _doubt(doubt: looking.Doubt, names: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """A doubt in the reader's words, with institutions by their names."""
    content = doubt.content
    text = wording.either(content.get("text", content))
    for key in sorted(content.get("institutions", ()), key=len, reverse=True):
        text = text.replace(key, names.get(("institution", key), key))
    return {"name": doubt.name, "text": text, "rows": content.get("rows")}
