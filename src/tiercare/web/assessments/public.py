"""What residents read before they choose a consortium or a team: without signing in, and among their own pages."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.evaluation.queries.publishing import Shown, for_residents
from tiercare.apps.mandates import queries as mandates
from tiercare.kernel.refusal import Refused
from tiercare.web.me.own import mine, own_page
from tiercare.web.pages import refused_page, said

from . import presenters


@require_safe
@login_not_required
def results(request: HttpRequest, region: str) -> HttpResponse:
    """``/public/results/wuhu?period=2019``: what stands, one year at a time."""
    pack = mandates.packs().packs.get(region)
    if pack is None or not pack.region:
        return refused_page(request, Refused(mandates.region_without_pack(region)).refusals)
    found = for_residents(pack.region)
    context = {**_year(request, found), "region": region, "region_name": said(pack.name)}
    return render(request, "assessments/public.html", context)


@require_safe
@mine
def teams(request: HttpRequest) -> HttpResponse:
    """``/me/teams``: consortia and teams beside each other, before one signs."""
    return own_page(request, "assessments/me/teams.html", _year(request, for_residents("")))


def _year(request: HttpRequest, found: list[Shown]) -> dict[str, Any]:
    years = sorted({each.period for each in found}, reverse=True)
    asked = request.GET.get("period", "")
    year = asked if asked in years else next(iter(years), "")
    shown = [
        {"of": each, "content": presenters.content(each.content)} for each in found if each.period == year
    ]
    return {"years": years, "year": year, "found": shown}
