"""Day beds: a day by the hour with the gaps in it, and how many patients each bed serves a day (NHC-50)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity.queries.beds import DayBed, DayUse, day_beds, day_use
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refused
from tiercare.web.capacity import days
from tiercare.web.capacity.presenters import weekday
from tiercare.web.capacity.typed import again
from tiercare.web.pages import page

from . import presenters

# Ours: the hours that a timeline shows, and the shortest gap that is offered. What lies outside is listed all the same.
_OPENS, _CLOSES = time(6), time(22)
_SHORTEST_GAP = timedelta(minutes=30)
_USUAL_PERIOD = timedelta(days=13)
_WIDTH, _TOP, _CHART = 960, 8, 96  # of the drawings, in their own units


@require_safe
@page(Right.CAPACITY_KEEP)
def timeline(request: HttpRequest) -> HttpResponse:
    """``/beds/day?day=``: each day bed with who has it when; a gap leads to the form that keeps it."""
    now, today = ledger.now(), ledger.today()
    day = days.asked(request, "day", today)
    found = day_beds(request.actor, day=day)
    known = presenters.people(stay for bed in found for stay in bed.stays)
    opens, closes = datetime.combine(day, _OPENS, ZONE), datetime.combine(day, _CLOSES, ZONE)
    context = {
        "day": day,
        "weekday": weekday(day),
        "today": today,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "hours": [
            {"hour": f"{hour:02d}", "x": _x(datetime.combine(day, time(hour), ZONE), opens, closes)}
            for hour in range(_OPENS.hour, _CLOSES.hour + 1)
        ],
        "now_x": _x(now, opens, closes) if opens < now < closes else None,
        "beds": [
            {
                "of": bed,
                "marks": presenters.marks(bed),
                "stays": [
                    presenters.stay(each, known, now=now)
                    | _place(each.starts_at, each.ends_at, opens, closes)
                    for each in bed.stays
                ],
                "gaps": [] if bed.out_of_use else _gaps(bed, max(opens, now), closes),
            }
            for bed in found
        ],
    }
    return render(request, "beds/day.html", context)


@require_safe
@page(Right.CAPACITY_KEEP)
def use(request: HttpRequest) -> HttpResponse:
    """``/beds/use?first=&last=``: patients a day bed a day, day by day and together."""
    today = ledger.today()
    context: dict[str, Any] = {"first": today - _USUAL_PERIOD, "last": today, "today": today}
    try:
        context["first"] = days.asked(request, "first", context["first"])
        context["last"] = days.asked(request, "last", today)
        found = day_use(request.actor, first=context["first"], last=context["last"])
    except Refused as refused:
        return again(request, "beds/use.html", context, refused)
    patients, beds = sum(each.patients for each in found), sum(each.beds for each in found)
    context |= {
        "rows": [{"of": each, "weekday": weekday(each.day), "ratio": _ratio(each.per_bed)} for each in found],
        "patients": patients,
        "bed_days": beds,
        "ratio": _ratio(patients / beds if beds else None),
        "chart": _chart(found),
    }
    return render(request, "beds/use.html", context)


def _x(at: datetime, opens: datetime, closes: datetime) -> str:
    """Where a moment stands across the drawing."""
    share = (at - opens) / (closes - opens)
    return f"{min(1.0, max(0.0, share)) * _WIDTH:.1f}"


def _place(starts: datetime, until: datetime | None, opens: datetime, closes: datetime) -> dict[str, str]:
    left, right = _x(starts, opens, closes), _x(until or closes, opens, closes)
    return {"x": left, "width": f"{max(2.0, float(right) - float(left)):.1f}"}


def _gaps(bed: DayBed, begins: datetime, closes: datetime) -> list[dict[str, str]]:
    """When nobody has it, from now on, long enough to be of use."""
    found, at = [], begins
    for stay in bed.stays:
        if stay.starts_at - at >= _SHORTEST_GAP:
            found.append((at, stay.starts_at))
        at = max(at, stay.ends_at or closes)
    if closes - at >= _SHORTEST_GAP:
        found.append((at, closes))
    return [
        {
            "since": f"{starts.astimezone(ZONE):%H:%M}",
            "until": f"{ends.astimezone(ZONE):%H:%M}",
            "starts": presenters.typed(starts),
            "ends": presenters.typed(ends),
        }
        for starts, ends in found
    ]


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _chart(found: Sequence[DayUse]) -> dict[str, Any]:
    """A column a day, as high as its ratio; days without a bed have none."""
    highest = max((each.per_bed or 0 for each in found), default=0) or 1
    step = _WIDTH / max(1, len(found))
    return {
        "highest": f"{highest:.2f}",
        "columns": [
            {
                "x": f"{n * step + step * 0.15:.1f}",
                "width": f"{step * 0.7:.1f}",
                "y": f"{_TOP + _CHART * (1 - each.per_bed / highest):.1f}",
                "height": f"{_CHART * each.per_bed / highest:.1f}",
                "title": f"{_short(each.day)} {_ratio(each.per_bed)}",
            }
            for n, each in enumerate(found)
            if each.per_bed
        ],
    }


def _short(day: date) -> str:
    return f"{day:%m-%d}"
