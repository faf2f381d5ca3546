"""``/referrals/statistics``: what became of referrals, each number beside its definition and before the list behind it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.referrals.queries import statistics as counting
from tiercare.apps.referrals.queries.channels import coverage
from tiercare.apps.referrals.queries.statistics import Growth, Narrowed
from tiercare.kernel.refusal import Refused
from tiercare.web.capacity.typed import again
from tiercare.web.pages import page
from tiercare.web.paging import Pager

from . import presenters, workbook
from .asking import asked_of, id_of, number_of

PAGE = 50
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@page(Right.REQUESTS_OVERSEE)
def numbers(request: HttpRequest) -> HttpResponse:
    """``?first=&last=&side=&institution=&year=``: the last quarter unless another period is asked for."""
    today = request.today
    context: dict[str, Any] = {"first": presenters.quarter(today), "last": today, "typed": request.GET}
    try:
        asked = asked_of(request)
        scope = asked.scope(request)
        growth = counting.growth(scope, year=asked.year)
    except Refused as refused:
        return again(request, "referral_statistics/numbers.html", context, refused)
    found = counting.statistics(scope)
    context |= {"asked": asked, **asked.query, "year": asked.year}
    context |= presenters.page(found, growth)
    if request.actor.institution_id is None:
        context["institutions"] = list(scope.names.items())
        context["coverage"] = presenters.coverage(coverage(request.actor, on=today))
    return again(request, "referral_statistics/numbers.html", context)


@require_safe
@page(Right.REQUESTS_OVERSEE)
def behind(request: HttpRequest) -> HttpResponse:
    """``/cases?measure=…``: the requests behind a number, newest first; where from and where to, not whose."""
    asked = asked_of(request)
    scope = asked.scope(request)
    only = Narrowed(
        code=request.GET.get("code", "")[:30],
        by=id_of(request, "by"),
        department=id_of(request, "department"),
        group=request.GET["group"][:30] if "group" in request.GET else None,
        to=id_of(request, "to"),
    )
    measure, number = request.GET.get("measure", "sent"), number_of(request)
    listed, found = counting.cases(scope, measure=measure, only=only, page=number, per_page=PAGE)
    context = {
        **asked.query,
        "asked": asked,
        "measure": presenters.measure(measure),
        "narrowed": presenters.narrowed(only),
        "found": found,
        "cases": [presenters.case(each) for each in listed],
        "pages": Pager(request, number, max(1, -(-found // PAGE))),
        "opens": request.actor.institution_id is not None,
    }
    return again(request, "referral_statistics/cases.html", context)


@require_safe
@page(Right.REQUESTS_OVERSEE)
def file(request: HttpRequest) -> HttpResponse:
    """The same numbers with their definitions, as an .xlsx."""
    asked = asked_of(request)
    scope = asked.scope(request)
    growth: Growth = counting.growth(scope, year=asked.year)
    content = workbook.written(counting.statistics(scope), growth, language=get_language() or "zh")
    name = f"{gettext('转诊统计')}-{asked.first}-{asked.last}.xlsx"
    response = HttpResponse(content, content_type=_XLSX)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
