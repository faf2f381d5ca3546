"""Rounds of an area: opened, followed, ended before their time, and what they came to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.commands import surveys as commands
from tiercare.apps.evaluation.commands.surveys import Opening
from tiercare.apps.evaluation.queries import surveys as queries
from tiercare.apps.evaluation.queries.survey_results import results
from tiercare.apps.evaluation.rules.surveys import SAMPLE
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.terms import queries as terms
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.imports.downloads import as_file
from tiercare.web.pages import english, once, page, said, told

from .presenters import shown
from .workbook import written

_COUNTY = len("340223")


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.EVALUATION_RUN)
def listed(request: HttpRequest) -> HttpResponse:
    """``/surveys``: the rounds of one's area; a POST opens one."""
    if request.method != "POST":
        return _listed(request)

    def work() -> str:
        key = commands.open_round(request.actor, _wanted(request))
        return f"{reverse('surveys:one', args=[key])}?{request.frame.query}"

    try:
        return once(request, _("已按人口抽出调查对象并通知他们。"), work)
    except Refused as refused:
        return _listed(request, refused)


@require_safe
@page(Right.EVALUATION_RUN)
def one(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """``/surveys/<round>``: how many answered, and what."""
    return _one(request, round_id)


@require_POST
@page(Right.EVALUATION_RUN)
def stop(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """End a round before its time."""

    def work() -> str:
        commands.stop_round(request.actor, round_id)
        return f"{reverse('surveys:one', args=[round_id])}?{request.frame.query}"

    try:
        return once(request, _("这轮调查已结束，不再询问；已答的都保留。"), work)
    except Refused as refused:
        return _one(request, round_id, refused)


@require_safe
@page(Right.EVALUATION_RUN)
def table(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """The results as .xlsx, with the same counts hidden."""
    found = results(request.actor, round_id)
    name = f"{said(found.round.survey.form.name)}-{found.round.first.isoformat()}.xlsx"
    return as_file(name, written(found, language="en" if english() else "zh"))


def _wanted(request: HttpRequest) -> Opening:
    typed = given.text(request.POST, "wanted", longest=7)
    if not (typed.isascii() and typed.isdigit()):
        raise Refused(replace(SAMPLE, fields={"least": 1, "most": 9999}))
    return Opening(
        survey=given.text(request.POST, "survey", longest=40),
        area=given.text(request.POST, "area", longest=12),
        first=given.day(request.POST, "first"),
        last=given.day(request.POST, "last"),
        wanted=int(typed),
    )


def _listed(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    today, area = ledger.today(), request.actor.division_code or ""
    found = queries.rounds(request.actor)
    try:
        surveys = list(queries.surveys_of(mandates.pack_in_force(area, on=today)).values())
    except Refused:
        surveys = []  # nobody has put a pack in force here
    areas = [area, *(each.code for each in terms.children(area, on=today) if len(each.code) <= _COUNTY)]
    known = terms.divisions({*areas, *(each.area for each in found)}, on=today)
    usual = surveys[0] if surveys else None
    typed: dict[str, Any] = {
        "survey": usual.id if usual else "",
        "area": area,
        "first": today.isoformat(),
        "last": (today + timedelta(days=usual.lasts_days - 1)).isoformat() if usual else "",
        "wanted": usual.sample[0] if usual else "",
    }
    context = {
        "lines": [_line(each, known, today) for each in found],
        "surveys": [
            {"id": each.id, "name": said(each.form.name), "source": said(each.form.source), "of": each}
            for each in surveys
        ],
        "areas": [(code, known[code].name) for code in areas if code in known],
        "typed": typed | {key: request.POST[key] for key in typed if key in request.POST},
        "least": usual.sample[1] if usual else 1,
        "most": usual.sample[2] if usual else 1,
        "age": usual.age_from if usual else 0,
        "refusals": [told(each) for each in refused.refusals] if refused else [],
        "at": {each.at: True for each in refused.refusals} if refused else {},
    }
    status = refused.refusals[0].status if refused else 200
    return render(request, "surveys/list.html", context, status=status)


def _line(each: queries.Round, known: Any, today: Any) -> dict[str, Any]:
    return {
        "of": each,
        "name": said(each.survey.form.name),
        "area": known[each.area].name if each.area in known else each.area,
        "open": each.open(today),
        "over": each.over(today),
    }


def _one(request: HttpRequest, round_id: UUID, refused: Refused | None = None) -> HttpResponse:
    found = results(request.actor, round_id)
    of, today = found.round, ledger.today()
    place = terms.divisions([of.area], on=today).get(of.area)
    context = {
        "of": of,
        "name": said(of.survey.form.name),
        "source": said(of.survey.form.source),
        "area": place.name if place else of.area,
        "open": of.open(today),
        "over": of.over(today),
        "small": of.survey.small,
        "questions": [said(item.ask) for item in of.form(max(of.first, min(today, of.last))).items],
        "found": shown(found),
        "refusals": [told(each) for each in refused.refusals] if refused else [],
    }
    status = refused.refusals[0].status if refused else 200
    return render(request, "surveys/one.html", context, status=status)
