"""``/centre/figures``: waits, day surgery, the centre's pace and where one is missing, each beside its definition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right, may
from tiercare.apps.capacity.queries import case_figures
from tiercare.apps.capacity.queries.case_figures import Centres, Figures, Operations, Wait
from tiercare.apps.capacity.queries.centre import by_year, catalogue_versions
from tiercare.apps.capacity.rules.cases import Step
from tiercare.kernel.refusal import Refused
from tiercare.web.capacity import days
from tiercare.web.capacity.typed import again
from tiercare.web.pages import page

from . import words

_MONTHS = 6  # shown where no period is asked for
# The chart: places in a drawing of 600 by 150.
_WIDTH, _HEIGHT, _LEFT, _TOP, _NAMED = 560, 110, 36, 12, 6  # of the months at most so many are named


@require_safe
@page(Right.POLICY_READ)  # which hospitals' is the query's to say
def figures(request: HttpRequest) -> HttpResponse:
    """Of the actor's institution or area, for a period and for one day."""
    today = request.today
    context: dict[str, Any] = {"first": _months_before(today, _MONTHS - 1), "last": today, "today": today}
    try:
        first = days.asked(request, "first", context["first"])
        last = days.asked(request, "last", today)
        context |= {"first": first, "last": last}
        found = case_figures.figures(request.actor, first=first, last=last)
        day = days.asked(request, "day", date.min) if request.GET.get("day") else None
        centres = case_figures.centres(request.actor, on=day)
    except Refused as refused:
        return again(request, "centre/figures.html", context, refused)
    own = request.actor.institution_id
    context |= {
        "found": found,
        "several": len(_hospitals(found)) > 1,
        "waits": [_wait(each) for each in found.waits],
        "operations": [_operation(each) for each in found.operations],
        "chart": _chart(found.operations),
        "times": [{"of": each, "step": words.step(each.step)} for each in found.times],
        "centres": _centres(centres),
        "years": list(reversed(by_year(catalogue_versions(own), today=today))) if own else [],
        "keeps": may(request.actor, Right.CAPACITY_KEEP) is None,
    }
    return again(request, "centre/figures.html", context)


def _hospitals(found: Figures) -> set[str]:
    return (
        {each.hospital for each in found.waits}
        | {each.hospital for each in found.operations}
        | {each.hospital for each in found.times}
    )


def _wait(each: Wait) -> dict[str, Any]:
    return {
        "of": each,
        "days": f"{each.days:.1f}",
        "month": f"{each.month:%Y-%m}",
        "admission": each.step is Step.ADMISSION,
    }


def _operation(each: Operations) -> dict[str, Any]:
    return {"of": each, "month": f"{each.month:%Y-%m}", "share": _per_cent(each.share)}


def _per_cent(share: float | None) -> str:
    return "" if share is None else f"{share * 100:.1f}%"


def _chart(found: Iterable[Operations]) -> dict[str, Any] | None:
    """The share of all hospitals together, month by month, as points of a line; nothing for less than two months."""
    sums: dict[date, tuple[int, int]] = {}
    for each in found:
        day, elective = sums.get(each.month, (0, 0))
        sums[each.month] = (day + each.day, elective + each.elective)
    months = sorted(month for month, (_, elective) in sums.items() if elective)
    if len(months) < 2:
        return None
    first, last = months[0], months[-1]
    reach, every = _apart(first, last), -(-len(months) // _NAMED)
    points = []
    for number, month in enumerate(months):
        share = sums[month][0] / sums[month][1]
        x = _LEFT + round(_WIDTH * _apart(first, month) / reach)
        y = _TOP + round(_HEIGHT * (1 - share))
        points.append({"x": x, "y": y, "month": f"{month:%Y-%m}" if number % every == 0 else ""})
    return {"points": points, "line": " ".join(f"{each['x']},{each['y']}" for each in points)}


def _apart(first: date, last: date) -> int:
    """Months between two."""
    return (last.year - first.year) * 12 + last.month - first.month


def _months_before(day: date, months: int) -> date:
    """The first day of the month so many months before."""
    at = day.year * 12 + day.month - 1 - months
    return date(at // 12, at % 12 + 1, 1)


def _centres(found: Centres) -> dict[str, Any]:
    missing: Sequence[dict[str, Any]] = [
        {"of": each, "missing": "、".join(words.step(step) for step in each.missing)}
        for each in found.leads
        if not each.runs
    ]
    return {
        "of": found,
        "share": _per_cent(found.share),
        "target": _per_cent(found.target),
        "running": sum(each.runs for each in found.leads),
        "missing": missing,
    }
