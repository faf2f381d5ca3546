"""``/board/wall``: three panels in turn on a large screen, read from five metres away, without a hand on a mouse.

Whoever walks by reads it: no count below the pack's small number is shown, nothing that is about one person.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.queries import boarding
from tiercare.apps.evaluation.queries.boarding import Tile
from tiercare.apps.evaluation.queries.runs import newest_runs
from tiercare.apps.evaluation.queries.whose import names_of
from tiercare.engines.measures.periods import span
from tiercare.web.pages import page, said

from . import maps, presenters
from .figures import change, demand, figure, span_name
from .hiding import few
from .views import asked_of, division_codes

PANELS = ("figures", "map", "flows")


@require_safe
@page(Right.EVALUATION_READ)
def wall(request: HttpRequest) -> HttpResponse:
    """``?panel=0..2``; the page asks for the next one by itself."""
    frame, actor = request.frame, request.actor
    runs = newest_runs(actor, frame.pack.id)
    number = request.GET.get("panel", "0")
    at = int(number) % len(PANELS) if number.isascii() and number.isdigit() and len(number) < 3 else 0
    context: dict[str, Any] = {
        "panel": PANELS[at],
        "at": at,
        "panels": range(len(PANELS)),
        "next": (at + 1) % len(PANELS),
        "seconds": 30,
        "region": said(frame.pack.name),
    }
    if runs:
        seen = boarding.board(actor, runs[0], asked_of(request, runs[0]))
        context |= _drawn(request, seen, PANELS[at])
    return render(request, "board/wall.html", context)


def _drawn(request: HttpRequest, seen: boarding.Seen, panel: str) -> dict[str, Any]:
    hung = seen.board.wall
    least = hung.small if hung else 1
    on = boarding.last_day(span(seen.asked.span))
    drawn: dict[str, Any] = {
        "seen": seen,
        "seconds": hung.seconds if hung else 30,
        "least": least,
        "span_name": span_name(seen.asked.span),
    }
    if panel == "figures":
        tiles = {each.indicator.id: each for _theme, tiles in seen.themes for each in tiles}
        drawn["tiles"] = [
            _tile(tiles[each], seen.asked.span, least)
            for each in (hung.indicators if hung else ())
            if each in tiles
        ]
    elif panel == "map":
        names = names_of(division_codes(seen), on=max(on, request.frame.on))
        drawn["map"] = maps.draw(seen, names, request.frame, on=on, least=least)
    else:
        drawn["visits"] = presenters.visits(seen, least)
        drawn["referrals"] = presenters.referrals(seen, least)
        drawn["tiers"] = presenters.tiers(seen, least)
    return drawn


def _tile(tile: Tile, period: str, least: int) -> dict[str, Any]:
    """A figure; what too few stand behind is hidden, in its line and in the period before too."""
    indicator = tile.indicator
    hidden = few(tile.now, indicator, least)
    compared = not hidden and not few(tile.before, indicator, least)
    line = replace(tile, line=tuple(each for each in tile.line if not few(each, indicator, least)))
    first = next((each for each in tile.demands if each.target.limit is not None), None)
    return {
        "name": said(indicator.name),
        "value": _("人数少，不显示") if hidden else figure(tile.now.value if tile.now else None, indicator),
        "hidden": hidden,
        "change": change(tile.now, tile.before, indicator) if compared else None,
        "demand": None if first is None or hidden else demand(first, indicator, period),
        "line": None if hidden else presenters.spark(line, width=400, height=90),
    }
