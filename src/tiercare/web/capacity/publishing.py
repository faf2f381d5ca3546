"""放号: days are chosen, what would go on offer is shown with what is kept for whom and why, and one button publishes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import commands
from tiercare.apps.capacity.commands.week import Skipped
from tiercare.apps.capacity.queries.keeping import own_place, own_pools
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web.pages import once, page, said

from . import days, presenters, preview, proposing
from .typed import again

# Ours: four weeks can be looked at on one page.
MOST_DAYS = 28


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CAPACITY_KEEP)
def publish(request: HttpRequest) -> HttpResponse:
    """``/capacity/publish?first=&last=``: the preview, next week if nothing is asked for; sent, everything goes on offer."""
    next_week = days.monday(request.frame.today) + timedelta(days=7)
    if request.method != "POST":
        first = days.asked(request, "first", next_week)
        return _page(request, first, days.asked(request, "last", first + timedelta(days=6)))
    first = days.asked(request, "first", next_week, sent=request.POST)
    last = days.asked(request, "last", first + timedelta(days=6), sent=request.POST)

    def work() -> str:
        commands.publish_days(request.actor, institution_id=own_place(request.actor), first=first, last=last)
        return f"{reverse('capacity:schedule')}?{request.frame.query}&day={first.isoformat()}"

    try:
        return once(request, gettext("已放号，现在就能预约。"), work)
    except Refused as refused:
        return _page(request, first, last, refused)


def _page(request: HttpRequest, first: date, last: date, refused: Refused | None = None) -> HttpResponse:
    own = own_place(request.actor)
    context: dict[str, Any] = {
        "first": first,
        "last": last,
        "today": request.frame.today,
        "choices": _choices(request.frame.today),
        "channels": presenters.channels(),
        "release": presenters.default_release(own, request.frame.today),
    }
    try:
        if last >= first + timedelta(days=MOST_DAYS):
            raise Refused(_TOO_MANY_DAYS)
        week = commands.plan_days(own, first, last)
    except Refused as wrong:
        return again(request, "capacity/publish.html", context, refused or wrong)
    found = preview.days_of(own, week, now=ledger.now())
    pools = own_pools(request.actor)
    by_day = {each.day: each for each in found}
    heads = [
        {
            **head,
            **_of_day(by_day.get(head["day"]), [skip for skip in week.skipped if skip.day == head["day"]]),
        }
        for head in days.heads(first, last, today=request.frame.today)
    ]
    context |= {
        "weeks": [
            {
                "heads": piece,
                "rows": preview.grid(found, pools, [head["day"] for head in piece]),
                "promises": _promises(preview.promises(found), [head["day"] for head in piece]),
            }
            for piece in days.in_weeks(heads)
        ],
        "refused_days": [head for head in heads if head["refusals"]],
        "total": preview.total(found),
        "pools": pools,
        "weekly": sum(pool.lines for pool in pools),
        "left_out": _left_out(week.skipped),
        "proposals": _proposals(request, found),
    }
    return again(request, "capacity/publish.html", context, refused)


def _proposals(request: HttpRequest, found: Sequence[preview.Day]) -> list[dict[str, Any]]:
    """Where a day is refused, the shares that would mend it."""
    refused = next((day for day in found if not day.fits), None)
    return [] if refused is None else proposing.proposals(request, refused.binding)


def _of_day(day: preview.Day | None, skipped: Sequence[Skipped]) -> dict[str, Any]:
    """What the head of a day says: sessions and places, what is left out and why, and what refuses it."""
    return {
        "sessions": len(day.sessions) if day else 0,
        "units": sum(each.capacity for each in day.sessions) if day else 0,
        "left_out": _left_out(skipped),
        "refusals": preview.sentences(day) if day else [],
    }


def _left_out(skipped: Sequence[Skipped]) -> list[str]:
    """How many sessions are left out, by the reason."""
    counted = Counter(said(skip.why) for skip in skipped)
    return [
        ngettext("%(why)s：%(count)s 场不放", "%(why)s：%(count)s 场不放", count)
        % {"why": why, "count": count}
        for why, count in counted.items()
    ]


def _promises(lines: Sequence[dict[str, Any]], shown: Sequence[date]) -> list[dict[str, Any]]:
    """The lines of promises with a cell for every day that is shown."""
    return [
        {**line, "cells": [line["days"].get(day) for day in shown]}
        for line in lines
        if any(day in line["days"] for day in shown)
    ]


def _choices(today: date) -> list[dict[str, Any]]:
    """The weeks that are published most: next week, and the two after it together."""
    monday = days.monday(today) + timedelta(days=7)
    return [
        {"name": gettext("本周余下"), "first": today, "last": monday - timedelta(days=1)},
        {"name": gettext("下周"), "first": monday, "last": monday + timedelta(days=6)},
        {"name": gettext("下两周"), "first": monday, "last": monday + timedelta(days=13)},
        {"name": gettext("下四周"), "first": monday, "last": monday + timedelta(days=27)},
    ]


_TOO_MANY_DAYS = Refusal(
    code="capacity.too_many_days",
    message=Text("一次最多查看和发布 {days} 天。", "{days} days at most are shown and published at a time."),
    instead=Text("请缩短日期范围，分几次放号。", "Choose fewer days, and publish in several goes."),
    fields={"days": MOST_DAYS},
    at="last",
    status=422,
)
