"""A month of the region, what is overdue first, and the same to take along."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network.queries.calendar import calendar_items
from tiercare.apps.network.rules.papers import RENEWAL_WARNING
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web.pages import page

from . import presenters
from .supervised import with_supervision


@require_safe
@page(Right.NETWORK_READ)
def month(request: HttpRequest) -> HttpResponse:
    """``/calendar?month=2019-09``: overdue first, then the month as a grid (on a phone as a list)."""
    frame = request.frame
    chosen = _month(request)
    first, last = presenters.bounds(chosen)
    known = calendar_items(frame.pack.region, frame.pack.id, on=frame.on, first=first, last=last)
    items = with_supervision(request, known, first=first, last=last)
    wanted = {name: request.GET.get(name, "")[:120] for name in presenters.FILTERS}
    shown = presenters.fitting(items, wanted)
    before, after = presenters.beside(chosen)
    context = {
        "month": chosen,
        "month_key": chosen.strftime("%Y-%m"),
        "before": before,
        "after": after,
        "weeks": presenters.weeks(shown, chosen, frame),
        "overdue": presenters.overdue(shown, frame),
        "listed": [
            presenters.shown(item, frame)
            for item in shown
            if (item.on.year, item.on.month) == (chosen.year, chosen.month)
        ],
        "offered": presenters.offered(items),
        "wanted": wanted,
        "warning_days": RENEWAL_WARNING.days,
    }
    return render(request, "calendar/month.html", context)


@require_safe
@page(Right.NETWORK_READ)
def download(request: HttpRequest) -> HttpResponse:
    """``/calendar.ics``: overdue entries and those of a year from the page's month on."""
    frame = request.frame
    first = _month(request)
    last = first.replace(year=first.year + 1)
    known = calendar_items(frame.pack.region, frame.pack.id, on=frame.on, first=first, last=last)
    items = with_supervision(request, known, first=first, last=last)
    wanted = {name: request.GET.get(name, "")[:120] for name in presenters.FILTERS}
    body = presenters.icalendar(
        presenters.fitting(items, wanted),
        frame,
        site=f"{request.scheme}://{request.get_host()}",
        synthetic=ledger.installation().synthetic,
    )
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="tiercare-{frame.pack.id}.ics"'
    return response


def _month(request: HttpRequest) -> date:
    asked = request.GET.get("month", "")
    try:
        found = date.fromisoformat(f"{asked}-01") if asked else request.frame.on.replace(day=1)
    except ValueError:
        found = date.min
    if not 1949 < found.year < 2199:
        raise Refused(
            Refusal(
                code="web.not_a_month",
                message=Text("“{month}”不是可用的月份。", "“{month}” is not a usable month."),
                instead=Text("请按 2019-09 的样子填写月份。", "Write the month like 2019-09."),
                fields={"month": asked[:40]},
                at="month",
                status=400,
            )
        )
    return found
