"""``/referrals/statistics``: what became of referrals, each number beside its definition and before the list behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.referrals.queries import statistics as counting
from tiercare.apps.referrals.queries.channels import coverage
from tiercare.apps.referrals.queries.statistics import Growth, Narrowed, Scope, Side
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web.capacity import days
from tiercare.web.capacity.typed import again
from tiercare.web.pages import page
from tiercare.web.paging import Pager

from . import presenters, workbook

PAGE = 50
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    first: date
    last: date
    side: Side
    institution: UUID | None
    year: int

    def scope(self, request: HttpRequest) -> Scope:
        """Raises ``Refused`` as ``queries.scope_of``."""
        return counting.scope_of(
            request.actor,
            first=self.first,
            last=self.last,
            side=self.side,
            institution_id=self.institution,
        )

    @property
    def query(self) -> dict[str, Any]:
        """For links that keep it."""
        return {
            "first": self.first,
            "last": self.last,
            "side": self.side.value,
            "institution": self.institution or "",
        }


@require_safe
@page(Right.REQUESTS_OVERSEE)
def numbers(request: HttpRequest) -> HttpResponse:
    """``?first=&last=&side=&institution=&year=``: the last quarter unless another period is asked for."""
    today = request.today
    context: dict[str, Any] = {"first": presenters.quarter(today), "last": today, "typed": request.GET}
    try:
        asked = _asked(request)
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
    asked = _asked(request)
    scope = asked.scope(request)
    only = Narrowed(
        code=request.GET.get("code", "")[:30],
        by=_id(request, "by"),
        department=_id(request, "department"),
        group=request.GET["group"][:30] if "group" in request.GET else None,
        to=_id(request, "to"),
    )
    measure, number = request.GET.get("measure", "sent"), _number(request)
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
    asked = _asked(request)
    scope = asked.scope(request)
    growth: Growth = counting.growth(scope, year=asked.year)
    content = workbook.written(counting.statistics(scope), growth, language=get_language() or "zh")
    name = f"{gettext('转诊统计')}-{asked.first}-{asked.last}.xlsx"
    response = HttpResponse(content, content_type=_XLSX)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _asked(request: HttpRequest) -> Asked:
    """Raises ``Refused`` for a day, a side, an institution or a year that is none."""
    today = request.today
    last = days.asked(request, "last", today)
    first = days.asked(request, "first", min(presenters.quarter(today), last))
    side, year = request.GET.get("side") or Side.ALL.value, request.GET.get("year") or str(today.year)
    if side not in set(Side):
        raise Refused(_wrong("side"))
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        raise Refused(_wrong("year"))
    return Asked(first, last, Side(side), _id(request, "institution"), int(year))


def _id(request: HttpRequest, name: str) -> UUID | None:
    typed = request.GET.get(name, "")
    try:
        return UUID(typed) if typed else None
    except ValueError as error:
        raise Refused(_wrong(name)) from error


def _number(request: HttpRequest) -> int:
    typed = request.GET.get("page", "1")
    return max(1, int(typed)) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 1


def _wrong(at: str) -> Refusal:
    return Refusal(
        code=f"referrals.no_such_{at}",
        message=Text("所选的条件不存在。", "There is nothing like what was chosen."),
        instead=Text("请从列表中重新选择。", "Choose again from the list."),
        at=at,
        status=422,
    )
