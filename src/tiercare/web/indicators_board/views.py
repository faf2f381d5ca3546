"""``/board``: a region's indicators, or those of one of its consortia, for a period of the newest run."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.commands.asking import ask_run
from tiercare.apps.evaluation.queries import boarding, scorecards
from tiercare.apps.evaluation.queries.asked import LastAsked, Stage, last_asked
from tiercare.apps.evaluation.queries.runs import Kept, newest_runs
from tiercare.apps.evaluation.queries.whose import names_of
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.schema import Level
from tiercare.kernel.actor import Actor
from tiercare.web.pages import once, page, said

from . import presenters


@require_safe
@page(Right.EVALUATION_READ)
def board(request: HttpRequest) -> HttpResponse:
    """``?span=&consortium=&map=``: the newest year of the region unless something else is asked for."""
    frame, actor = request.frame, request.actor
    runs = newest_runs(actor, frame.pack.id)
    stage = last_asked(frame.pack.id)
    context: dict[str, Any] = {
        "may_run": access.may(actor, Right.EVALUATION_RUN, division=frame.pack.region) is None,
        "stage": _stage(stage, runs[0] if runs else None),
    }
    if not runs:
        return render(request, "board/empty.html", context)
    seen = boarding.board(actor, runs[0], asked_of(request, runs[0]))
    on = boarding.last_day(span(seen.asked.span))
    names = names_of(division_codes(seen), on=max(on, frame.on))
    context |= presenters.page(seen, names, frame, on=on)
    context["cards"] = _cards(actor, seen)
    return render(request, "board/board.html", context)


@require_POST
@page(Right.EVALUATION_RUN)
def run(request: HttpRequest) -> HttpResponse:
    """Compute the region's indicators anew, in the background."""
    pack = request.frame.pack.id

    def asked() -> str:
        ask_run(request.actor, pack)
        return f"{reverse('board:board')}?{request.frame.query}"

    return once(request, _("已开始排队计算，算完后看板自动换成新结果。"), asked)


def asked_of(request: HttpRequest, run: Kept) -> boarding.Asked:
    """What the address asks for; where it names no period, the newest whole year."""
    return boarding.Asked(
        request.GET.get("span") or run.shown_first,
        request.GET.get("consortium", "")[:120],
        request.GET.get("map", "")[:80],
    )


def division_codes(seen: boarding.Seen) -> list[str]:
    """The counties that the page names."""
    return sorted(seen.map[1]) if seen.map else []


def _cards(actor: Actor, seen: boarding.Seen) -> list[dict[str, Any]]:
    """The scorecards of the year of whoever is shown: the pillars' state, or the total, each opening its card."""
    known = scorecards.cards_of(seen.run.pack)
    found = scorecards.results(actor, seen.run.id, span=seen.year)
    mine = [each for each in found if each.level is Level(seen.level) and each.key == seen.key]
    return [
        {
            "card": each.card,
            "name": said(known[each.card].name),
            "clauses": known[each.card].clauses,
            "ours": known[each.card].ours,
            "total": None if each.total is None else f"{each.total:.1f}",
            "established": each.content.get("established"),
            "panels": each.content["panels"],
            "year": seen.year,
        }
        for each in mine
        if each.card in known
    ]


def _stage(stage: LastAsked | None, newest: Kept | None) -> dict[str, Any] | None:
    """What to say of a run that was asked for; nothing where it is done or forgotten."""
    if stage is None or stage.stage is Stage.DONE:
        return None
    if stage.stage is Stage.FAILED and newest is not None and newest.made_at > stage.at:
        return None
    return {"stage": stage.stage.value, "at": stage.at}
