"""预留看板: what every hospital of an area offers on a day, keeps for whom, and was promised to keep."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity.queries import proof
from tiercare.apps.capacity.rules.proof import Breach, Line, resource_name
from tiercare.apps.capacity.rules.vocabulary import CHANNEL_NAMES, RESERVED, Channel
from tiercare.engines.policy import State
from tiercare.kernel.refusal import Refused
from tiercare.web.pages import page, said

from . import days, presenters
from .monthly import months_of
from .typed import again


@require_safe
@page(Right.CAPACITY_PROVE)
def board(request: HttpRequest) -> HttpResponse:
    """``/capacity/quotas?day=``: of the holder's area or institution; broken promises first."""
    today = request.frame.today
    context: dict[str, Any] = {"day": today, "today": today}
    try:
        day = days.asked(request, "day", today)
        found = proof(request.actor, first=day, last=day)
    except Refused as refused:
        return again(request, "capacity/quotas.html", context, refused)
    context |= {
        "day": day,
        "weekday": presenters.weekday(day),
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "asked_at": found.asked_at,
        "institutions": _institutions(found.lines, request.actor.institution_id),
        "breaches": [_breach(each) for each in found.breaches],
        "total": _total(found.lines),
        "reserved": [said(CHANNEL_NAMES[channel]) for channel in RESERVED],
        "kept": found.kept,
        **months_of(request, day),
    }
    return again(request, "capacity/quotas.html", context)


def _institutions(lines: Sequence[Line], own: Any) -> list[dict[str, Any]]:
    """Hospitals by name, those with a broken promise first, each with a line for every resource."""
    known: dict[Any, dict[str, Any]] = {}
    for line in lines:
        of = known.setdefault(
            line.institution_id,
            {
                "id": line.institution_id,
                "name": line.institution,
                "own": line.institution_id == own,
                "broken": False,
                "lines": [],
            },
        )
        shown = _line(line)
        of["broken"] = of["broken"] or any(each["short"] for each in shown["owed"])
        of["lines"].append(shown)
    return sorted(known.values(), key=lambda each: (not each["broken"], each["name"]))


def _line(line: Line) -> dict[str, Any]:
    reserved = {channel: line.kept.get(channel, 0) for channel in RESERVED}
    rest = line.offered - sum(reserved.values())
    return {
        "of": line,
        "resource": said(resource_name(line.resource)),
        "kept": list(reserved.values()),
        "reserved": line.reserved,
        "used": line.use.entitled,
        "bar": presenters.segments({**reserved, Channel.OPEN: rest}, line.offered),
        "owed": [
            {
                "of": each,
                "share": "" if each.share is None else f"{each.share * 100:g}%",
                "short": each.state is State.VIOLATED,
                "card": each.card.split("/"),
            }
            for each in line.owed
        ],
    }


def _breach(each: Breach) -> dict[str, Any]:
    return {
        "of": each,
        "sentence": said(each.said),
        "way_on": said(each.remedy),
        "pools": "、".join(each.pools),
    }


def _total(lines: Sequence[Line]) -> dict[str, int]:
    owed = [each for line in lines for each in line.owed]
    return {
        "institutions": len({line.institution_id for line in lines}),
        "owed": len(owed),
        "short": sum(each.state is State.VIOLATED for each in owed),
    }
