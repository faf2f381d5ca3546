"""排班看板: the published sessions of a week by department, each with how full it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity.queries.board import SessionRow, own_sessions
from tiercare.apps.capacity.rules.vocabulary import Kind, SessionState
from tiercare.apps.ledger import queries as ledger
from tiercare.web.pages import page

from . import days, presenters


@require_safe
@page(Right.CAPACITY_KEEP)
def board(request: HttpRequest) -> HttpResponse:
    """``/capacity/schedule?day=&kind=``: the week of that day; counts are those of this moment."""
    today = request.frame.today
    day = days.asked(request, "day", today)
    first = days.monday(day)
    last = first + timedelta(days=6)
    wanted = request.GET.get("kind", "")
    found = own_sessions(request.actor, first, last)
    shown = [each for each in found if wanted in ("", each.kind.value)]
    now = ledger.now()
    heads = [
        {**head, **_load([each for each in shown if each.day == head["day"]])}
        for head in days.heads(first, last, today=today)
    ]
    context = {
        "day": day,
        "first": first,
        "last": last,
        "before": first - timedelta(days=7),
        "after": first + timedelta(days=7),
        "today": today,
        "now": now,
        "heads": heads,
        "rows": _rows(shown, [head["day"] for head in heads], now),
        "total": _load(shown),
        "stopped": sum(each.state is SessionState.STOPPED for each in shown),
        "kinds": [(kind.value, presenters.register_name(kind)) for kind in Kind],
        "wanted": wanted,
        "any": bool(found),
    }
    return render(request, "capacity/schedule.html", context)


def _rows(found: Sequence[SessionRow], shown: Sequence[date], now: Any) -> list[dict[str, Any]]:
    """A row for each department and register."""
    rows: dict[tuple[Kind, str], list[SessionRow]] = {}
    for each in found:
        rows.setdefault((each.kind, each.department), []).append(each)
    order = list(Kind)
    return [
        {
            "department": department,
            "register": presenters.register_name(kind),
            "cells": [
                {"day": day, "sessions": [cell(each, now) for each in of if each.day == day]} for day in shown
            ],
        }
        for (kind, department), of in sorted(
            rows.items(), key=lambda item: (order.index(item[0][0]), item[0][1] == "", item[0][1])
        )
    ]


def cell(row: SessionRow, now: Any) -> dict[str, Any]:
    """A session in the grid: its time, how many of its places are used, and of those kept."""
    stopped = row.state is SessionState.STOPPED
    return {
        "of": row,
        "starts": presenters.clock(row.starts_at),
        "ends": presenters.until(row.starts_at, row.ends_at),
        "width": f"{row.used / row.capacity * 100:.1f}",
        "full": row.free == 0 and not stopped,
        "stopped": stopped,
        "over": row.ends_at <= now and not stopped,
        "reserve_left": row.reserved - row.reserved_used,
    }


def _load(found: Sequence[SessionRow]) -> dict[str, int]:
    on_offer = [each for each in found if each.state is SessionState.PUBLISHED]
    used, capacity = sum(each.used for each in on_offer), sum(each.capacity for each in on_offer)
    return {
        "sessions": len(on_offer),
        "used": used,
        "capacity": capacity,
        "free": capacity - used,
        "reserved": sum(each.reserved for each in on_offer),
        "reserved_used": sum(each.reserved_used for each in on_offer),
    }
