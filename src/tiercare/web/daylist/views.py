"""The sessions of a day with live counts, the queue of one, the waiting room's screen, and how long people waited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import queries
from tiercare.apps.capacity.rules.vocabulary import SessionState
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.refusal import Refused
from tiercare.web.booking import words
from tiercare.web.capacity import days
from tiercare.web.pages import page, told

from . import presenters

_WEEK = timedelta(days=6)
NOTHING_NEW = 204  # htmx leaves the list, and what has the focus in it, alone


@require_safe
@page(Right.CAPACITY_BOOK)
def day(request: HttpRequest) -> HttpResponse:
    """``/daylist?day=``: today's sessions of the institution by department; numbers only."""
    asked = days.asked(request, "day", request.today)
    found = queries.day_sessions(request.actor, day=asked)
    now = ledger.now()
    context = {
        "day": asked,
        "day_name": words.day(asked, request.today),
        "before": asked - timedelta(days=1),
        "after": asked + timedelta(days=1),
        "today": request.today,
        "now": now,
        "departments": presenters.departments(found, now=now),
        "totals": presenters.totals(found),
        "waits": presenters.waited(queries.waits(request.actor, first=asked, last=asked)),
    }
    return render(request, "daylist/day.html", context)


@require_safe
@page(Right.CAPACITY_BOOK)
def session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """``/daylist/<session>``: the queue; seeing who stands in it is recorded. ``?since=`` is answered with nothing
    while the list is as it was."""
    since = request.GET.get("since", "")
    if request.htmx and since:
        queries.day_session(request.actor, session_id)
        if queries.day_mark(request.actor, session_id) == since:
            return HttpResponse(status=NOTHING_NEW)
    return session_page(request, session_id)


def session_page(
    request: HttpRequest,
    session_id: UUID,
    *,
    refused: Refused | None = None,
    typed: Mapping[str, str] | None = None,
    opened: str = "",
) -> HttpResponse:
    """The page; ``typed`` and ``opened`` are what a form on it held when it was refused."""
    actor, now = request.actor, ledger.now()
    of = queries.day_session(actor, session_id)
    mark = queries.day_mark(actor, session_id)
    found = queries.queue(actor, session_id=session_id)
    rows = presenters.queue(found, of, now=now, today=request.today)
    on = of.state is SessionState.PUBLISHED and of.day == request.today
    errors = [told(each) for each in refused.refusals] if refused else []
    context: dict[str, Any] = {
        "head": presenters.head(of, now=now),
        "of": of,
        "mark": mark,
        "rows": rows,
        "order": presenters.ordered_by(found.by),
        "done": presenters.done(queries.done_of(actor, session_id)),
        "waits": presenters.waited(queries.waits(actor, first=of.day, last=of.day, session_id=session_id)),
        "now": now,
        "today": on,
        "may_call": on and found.next is not None,
        # Where the focus goes on a page that is opened; a list that renews itself leaves it where it is.
        "at": "" if request.htmx else request.GET.get("at", ""),
        "leads": not request.htmx and not request.GET.get("at") and not errors,
        "may_walk_in": on and of.ends_at > now and of.walk_ins_left > 0,
        "slots": _slots(of, session_id) if on and of.beyond_left > 0 else [],
        "typed": typed or {},
        "open": opened,
        "refusals": errors,
        "wrong": {each["at"]: each for each in errors},
    }
    return render(
        request, "daylist/session.html", context, status=refused.refusals[0].status if refused else 200
    )


@require_safe
@page(Right.CAPACITY_BOOK)
def screen(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """``/daylist/<session>/screen``: for the wall of the waiting room. Numbers only: nobody's name, no record read."""
    of = queries.day_session(request.actor, session_id)
    mark = queries.day_mark(request.actor, session_id)
    if request.htmx and request.GET.get("since", "") == mark:
        return HttpResponse(status=NOTHING_NEW)
    found = queries.nameless_queue(request.actor, session_id=session_id)
    context = {"of": of, "mark": mark, **presenters.screen(found, of)}
    return render(request, "daylist/screen.html", context)


@require_safe
@page(Right.CAPACITY_BOOK)
def waits(request: HttpRequest) -> HttpResponse:
    """``/daylist/waits?first=&last=``: how long signed residents waited, and the others."""
    first, last = (days.asked(request, name, day) for name, day in _span(request))
    context = {"first": first, "last": last, "refusals": [], "waits": []}
    try:
        context["waits"] = presenters.waited(queries.waits(request.actor, first=first, last=last))
    except Refused as refused:
        context["refusals"] = [told(each) for each in refused.refusals]
        return render(request, "daylist/waits.html", context, status=refused.refusals[0].status)
    return render(request, "daylist/waits.html", context)


def _span(request: HttpRequest) -> tuple[tuple[str, Any], tuple[str, Any]]:
    return ("first", request.today - _WEEK), ("last", request.today)


def _slots(of: queries.DaySession, session_id: UUID) -> list[tuple[str, str]]:
    """The slots in which somebody can be taken beyond the offer, by their time."""
    return [
        (str(key), words.clock(starts) if of.by_time else f"{words.clock(starts)}–{words.clock(of.ends_at)}")
        for key, starts in queries.slots_ahead(session_id)
    ]
