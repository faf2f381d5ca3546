"""``/indicators/<id>/cases``: the cases behind a number. Asking shows what would be listed; listing is a form of its own, on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.commands import cases as commands
from tiercare.apps.evaluation.queries import indicator as looking
from tiercare.apps.evaluation.queries.book import indicator_of
from tiercare.apps.evaluation.queries.runs import NO_SUCH_RUN
from tiercare.apps.evaluation.queries.whose import names_of
from tiercare.engines.measures.cases import Listed, Side
from tiercare.engines.measures.indicators import Part
from tiercare.engines.measures.rounding import plain, written
from tiercare.engines.measures.schema import Column, Level, Type
from tiercare.kernel.refusal import Refused, refuse
from tiercare.web.pages import page, said

from . import wording
from .asking import level_of, side_of, text_of
from .words import word


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.EVALUATION_CASES)
def behind(request: HttpRequest, indicator: str) -> HttpResponse:
    """``?span=&level=&key=&side=``: of the region and the newest year unless the address says whose."""
    pack = request.frame.pack
    run = looking.newest_run(request.actor, pack.id)
    asked = indicator_of(pack.id, indicator)
    if run is None:
        raise Refused(NO_SUCH_RUN)
    level, side = level_of(request, "level", Level.REGION), side_of(request)
    key = text_of(request, "key") if level is not Level.REGION else run.region
    span = looking.span_of(run, text_of(request, "span"))
    refuse(commands.refusal_of(request.actor, run, level, key))
    kept = looking.looked(request.actor, run, indicator, looking.Asked(span, level, key, level)).now
    names = names_of({key} if level is Level.DIVISION else (), on=wording.last_day(span))
    context: dict[str, Any] = {
        "indicator": asked,
        "run": run,
        "span": span,
        "when": wording.when(span),
        "level": level.value,
        "key": key,
        "side": side.value,
        "whose": wording.name_of(names, level.value, key, said(pack.name)),
        "kept": wording.number(asked, kept),
        "has_denominator": bool(asked.denominator),
        "most": commands.MOST,
    }
    if request.method == "POST":
        found = commands.list_cases(
            request.actor, run, indicator=indicator, side=side, span=span, level=level, key=key
        )
        parts = asked.numerator if side is Side.NUMERATOR else asked.denominator
        context |= _listed(parts, found, _side_of(kept, side), wording.last_day(span))
    return render(request, "indicators/cases.html", context)


def _side_of(kept: looking.Number | None, side: Side) -> Fraction | None:
    amount = None if kept is None else kept.numerator if side is Side.NUMERATOR else kept.denominator
    return None if amount is None else Fraction(amount)


def _listed(parts: Sequence[Part], found: commands.Found, kept: Fraction | None, on: date) -> dict[str, Any]:
    codes = {
        str(row[name])
        for part in found.parts
        for row in part.rows
        for name in part.columns
        if part.fact.columns[name].type is Type.DIVISION and row[name]
    }
    names = names_of(codes, on=on)
    return {
        "found": found,
        "amount": wording.count(parts, found.amount),
        "moved": kept is not None and written(kept, 6) != written(found.amount, 6),
        "parts": [_part(each, names) for each in found.parts],
    }


def _part(part: Listed, names: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    columns = [part.fact.columns[name] for name in part.columns]
    return {
        "title": said(part.fact.title),
        "words": part.words,
        "total": part.total,
        "shown": len(part.rows),
        "amount": plain(part.amount),
        "columns": [said(wording.called(each.says)) for each in columns],
        "rows": [
            {
                "mark": row["mark"],
                "cells": [
                    (said(wording.called(each.says)), _cell(each, row[each.name], names)) for each in columns
                ],
            }
            for row in part.rows
        ],
    }


def _cell(column: Column, value: Any, names: Mapping[tuple[str, str], str]) -> str:
    if value is None:
        return ""
    text = str(value)
    match column.type:
        case Type.YUAN:
            text = f"{written(Fraction(value, 100), 2):,f}"
        case Type.FLAG:
            text = gettext("是") if value else gettext("否")
        case Type.DIVISION:
            text = names.get(("division", text), text)
        case Type.KEY:
            text = names.get(("institution", text), names.get(("consortium", text), text))
        case Type.WORD:
            text = word(text)
    return text
