"""A pool's week as a grid: seven days by morning, afternoon and evening, and the form that adds or changes a session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries.keeping import Physician, PoolRow, WeekLine, physicians_of, week_of
from tiercare.apps.capacity.rules.planning import Planned, at, slots_of
from tiercare.apps.capacity.rules.pools import WeekGiven, week_mark
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web.pages import once, page

from . import presenters
from .choosing import chosen, physicians, value_of
from .typed import Sent, again

# The parts of the day by when a session starts, with what an empty form of each begins with. Ours.
PARTS: tuple[tuple[str, str, time, time], ...] = (
    ("am", gettext_noop("上午"), time(8), time(12)),
    ("pm", gettext_noop("下午"), time(14), time(17, 30)),
    ("eve", gettext_noop("晚间"), time(18), time(21)),
)
_NOON, _EVENING = time(12), time(18)
_DAYS = range(1, 8)
_ANY_DAY = date(2024, 1, 1)  # the hours of a session are as long on any day
_FIELDS = ("starts", "ends", "capacity", "slot_capacity", "walk_ins", "clinician", "place", "on_holidays")


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CAPACITY_KEEP)
def week(request: HttpRequest, pool_id: UUID) -> HttpResponse:
    """``/capacity/pools/<id>/week``: the grid; ``?add=3-am`` or ``?line=<id>`` opens the form for it."""
    if request.method != "POST":
        return _page(request, pool_id)
    sent = Sent(request.POST)
    removing = sent.text("do") == "remove"

    def work() -> str:
        pool, lines = week_of(request.actor, pool_id)
        line = next((each for each in lines if str(each.id) == sent.text("line")), None)
        if sent.text("line") and line is None:
            raise Refused(_LINE_GONE)
        others = [_as_given(each) for each in lines if each is not line]
        more = [] if removing else _read(request, sent, since=line.since if line else None)
        commands.keep_week(
            request.actor, pool_id=pool.id, lines=[*others, *more], seen=sent.text("seen", longest=40)
        )
        return f"{reverse('capacity:week', args=[pool.id])}?{request.frame.query}"

    done = gettext("已去掉，下次放号不再包括。") if removing else gettext("每周排班已保存。")
    try:
        return once(request, done, work)
    except Refused as refused:
        return _page(request, pool_id, sent, refused)


def _read(request: HttpRequest, sent: Sent, *, since: date | None) -> list[WeekGiven]:
    """The session that the form describes, once for each weekday that is ticked.

    Raises:
        Refused: with everything that does not read.
    """
    days = sorted({int(each) for each in request.POST.getlist("day") if each in {str(day) for day in _DAYS}})
    if not days:
        sent.faults.append(_NO_DAY)
    try:
        clinician = chosen(physicians(physicians_of(request.actor)), sent.text("clinician"), at="clinician")
    except Refused as refused:
        clinician = None
        sent.faults += refused.refusals
    line = WeekGiven(
        weekday=days[0] if days else 1,
        starts=sent.hour("starts"),
        ends=sent.hour("ends", ends=True),
        capacity=sent.needed("capacity"),
        slot_capacity=_or(sent.number("slot_capacity"), 1),
        walk_ins=_or(sent.number("walk_ins"), 0),
        clinician_id=UUID(clinician) if clinician else None,
        place=sent.text("place"),
        on_holidays=bool(sent.text("on_holidays")),
        since=since,
    )
    sent.judge()
    return [replace(line, weekday=day) for day in days]


def _page(
    request: HttpRequest, pool_id: UUID, sent: Sent | None = None, refused: Refused | None = None
) -> HttpResponse:
    pool, lines = week_of(request.actor, pool_id)
    people = physicians_of(request.actor)
    today = request.frame.today
    now = [line for line in lines if line.since <= today]
    shown = [_line(line, pool) for line in lines]
    context = {
        "pool": pool,
        "register": presenters.register_name(pool.kind),
        "days": [{"number": day, "name": presenters.weekday(day)} for day in _DAYS],
        "rows": _grid(shown),
        "units": sum(line.capacity for line in now),
        "later": [each for each in shown if each["of"].since > today],
        "count": len(now),
        "seen": week_mark(line.id for line in lines),
        "form": _form(request, pool, lines, people, sent),
        "people": physicians(people),
        "named": [_line(line, pool) for line in now],
    }
    return again(request, "capacity/week.html", context, refused)


def _grid(shown: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The parts of the day, each with what every weekday holds of it."""
    return [
        {
            "key": key,
            "name": gettext(name),
            "cells": [
                {
                    "day": day,
                    "name": presenters.weekday(day),
                    "lines": [each for each in shown if each["of"].weekday == day and each["part"] == key],
                }
                for day in _DAYS
            ],
        }
        for key, name, _starts, _ends in PARTS
    ]


def _line(line: WeekLine, pool: PoolRow) -> dict[str, Any]:
    part = "am" if line.starts < _NOON else "pm" if line.starts < _EVENING else "eve"
    room = _room(line, pool)
    return {
        "of": line,
        "part": part,
        "day": presenters.weekday(line.weekday),
        "ends": "24:00" if line.ends == time(0) else f"{line.ends:%H:%M}",
        "short": None if room >= line.capacity else room,
        "physician": line.clinician or pool.clinician,
    }


def _room(line: WeekLine, pool: PoolRow) -> int:
    """The places that the slots of the session hold together; publishing refuses a session that offers more."""
    starts = at(_ANY_DAY, line.starts)
    planned = Planned(
        pool_id=pool.id,
        pool_name=pool.name,
        kind=pool.kind,
        grade=pool.grade,
        starts=starts,
        ends=at(_ANY_DAY, line.ends, after=starts),
        capacity=line.capacity,
        by_time=pool.slot_minutes,
        per_slot=line.slot_capacity,
    )
    return sum(places for *_, places in slots_of(planned))


def _form(
    request: HttpRequest,
    pool: PoolRow,
    lines: Sequence[WeekLine],
    people: Sequence[Physician],
    sent: Sent | None,
) -> dict[str, Any]:
    """What the form holds: what was typed, the line that is to be changed, or the usual hours of an empty cell."""
    if sent is not None:
        line = next((each for each in lines if str(each.id) == sent.text("line")), None)
        typed = {name: sent.text(name) for name in _FIELDS}
        return {"line": line, "typed": typed, "days": request.POST.getlist("day")}
    line = next((each for each in lines if str(each.id) == request.GET.get("line")), None)
    if line is not None:
        return {"line": line, "typed": _typed(line, people), "days": [str(line.weekday)]}
    day, _dash, part = request.GET.get("add", "").partition("-")
    _key, _name, starts, ends = next((each for each in PARTS if each[0] == part), PARTS[0])
    minutes = (ends.hour - starts.hour) * 60 + ends.minute - starts.minute
    usual = minutes // pool.slot_minutes if pool.slot_minutes else ""
    typed = {
        "starts": f"{starts:%H:%M}",
        "ends": f"{ends:%H:%M}",
        "slot_capacity": "1",
        "capacity": str(usual),
    }
    return {"line": None, "typed": typed, "days": [day] if day in {str(each) for each in _DAYS} else []}


def _typed(line: WeekLine, people: Sequence[Physician]) -> dict[str, str]:
    return {
        "starts": f"{line.starts:%H:%M}",
        "ends": f"{line.ends:%H:%M}",
        "capacity": str(line.capacity),
        "slot_capacity": str(line.slot_capacity),
        "walk_ins": str(line.walk_ins) if line.walk_ins else "",
        "clinician": value_of(physicians(people), line.clinician_id),
        "place": line.place,
        "on_holidays": "on" if line.on_holidays else "",
    }


def _as_given(line: WeekLine) -> WeekGiven:
    return WeekGiven(
        weekday=line.weekday,
        starts=line.starts,
        ends=line.ends,
        capacity=line.capacity,
        slot_capacity=line.slot_capacity,
        walk_ins=line.walk_ins,
        clinician_id=line.clinician_id,
        place=line.place,
        on_holidays=line.on_holidays,
        since=line.since,
    )


def _or(found: int | None, otherwise: int) -> int:
    return otherwise if found is None else found


_NO_DAY = Refusal(
    code="capacity.no_weekday",
    message=Text("没有选择星期几。", "No day of the week was chosen."),
    instead=Text("请至少勾选一天。", "Tick one day at least."),
    at="day",
    status=422,
)
_LINE_GONE = Refusal(
    code="capacity.week_line_gone",
    message=Text("这一场已被同事改动或去掉。", "A colleague changed or removed this session."),
    instead=Text("请从下面的排班中重新选择。", "Choose it again from the week below."),
    at="starts",
)
