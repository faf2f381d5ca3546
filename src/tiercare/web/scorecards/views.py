"""``/scorecards``: every card of the region; one with its panels, lines, curves and ranks; records of completion; the replay."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access.rules import Right, may
from tiercare.apps.evaluation.commands.marks import record_panel
from tiercare.apps.evaluation.queries import indicator as looking
from tiercare.apps.evaluation.queries import scorecards
from tiercare.apps.evaluation.queries.marks import recorded, standing
from tiercare.apps.evaluation.queries.runs import NO_SUCH_RUN
from tiercare.apps.evaluation.queries.values import Which, numbers
from tiercare.apps.evaluation.queries.whose import names_of
from tiercare.engines.measures.schema import Level
from tiercare.kernel.refusal import Refused
from tiercare.web.capacity import days
from tiercare.web.indicators import wording
from tiercare.web.indicators.asking import level_of, text_of
from tiercare.web.pages import once, page, said

from . import presenters


@require_safe
@page(Right.EVALUATION_READ)
def cards(request: HttpRequest) -> HttpResponse:
    """The cards of the region's pack with the region's newest total, and what each is for."""
    pack = request.frame.pack
    run = looking.newest_run(request.actor, pack.id)
    kept = scorecards.results(request.actor, run.id) if run is not None else []
    newest = run.shown_first if run is not None else ""
    rows = [
        presenters.summary(card, [each for each in kept if each.card == card.id and each.span == newest])
        for card in scorecards.cards_of(pack.id).values()
    ]
    context = {"run": run, "rows": rows, "when": wording.when(newest) if newest else "", "span": newest}
    return render(request, "scorecards/list.html", context)


@require_safe
@page(Right.EVALUATION_READ)
def one(request: HttpRequest, card: str) -> HttpResponse:
    """``/scorecards/<card>?span=&key=``: the region's result unless somebody else's is asked for."""
    return _shown(request, card)


def _shown(request: HttpRequest, card: str, **more: Any) -> HttpResponse:
    pack = request.frame.pack
    known = scorecards.card_of(pack.id, card)
    run = looking.newest_run(request.actor, pack.id)
    context: dict[str, Any] = {"run": run, "card": presenters.card(known), "of": known, **more}
    if run is None:
        return render(request, "scorecards/one.html", context)
    span = looking.span_of(run, text_of(request, "span"))
    kept = scorecards.results(request.actor, run.id, card=card, span=span)
    level = level_of(request, "level", Level.REGION)
    key = text_of(request, "key") if level is not Level.REGION else run.region
    mine = next((each for each in kept if (each.level, each.key) == (level, key)), None)
    wanted = {measure.indicator for measure in known.measures}
    found = numbers(request.actor, run.id, Which(wanted, {level.value}, {span}, {key}))
    standings = presenters.demands(request.actor, run, wanted)
    codes = {each.key for each in kept if each.level is Level.DIVISION}
    names = names_of(codes, on=wording.last_day(span))
    marks = recorded(request.actor, run.region, card)
    context |= {
        "span": span,
        "when": wording.when(span),
        "spans": [(each, wording.when(each)) for each in reversed(run.years)],
        "level": level.value,
        "key": key,
        "whose": wording.name_of(names, level.value, key, said(pack.name)),
        "of_region": level is Level.REGION,
        "result": presenters.result(pack.id, known, mine, found, standings, span)
        if mine is not None
        else None,
        "order": presenters.order(known, kept, names),
        "funnel": presenters.spread(known, kept, names),
        "by": gettext(wording.LEVELS[known.level]),
        "panels_marked": presenters.marked(known, standing(marks), mine),
        "history": presenters.history(known, marks),
        "may_mark": may(request.actor, Right.EVALUATION_RUN, division=run.region) is None
        if request.actor.institution_id is None
        else False,
    }
    return render(request, "scorecards/one.html", context)


@require_POST
@page(Right.EVALUATION_RUN)
def mark(request: HttpRequest, card: str) -> HttpResponse:
    """Record a panel as complete, or take that back."""
    pack = request.frame.pack.id

    def work() -> str:
        record_panel(
            request.actor,
            pack=pack,
            card=card,
            panel=text_of(request, "panel"),
            complete=request.POST.get("complete") == "yes",
            on=days.asked(request, "day", request.frame.today, sent=request.POST),
            evidence=request.POST.get("evidence", ""),
        )
        query = {"region": pack, "on": request.frame.on.isoformat(), "span": text_of(request, "span")}
        return f"{reverse('scorecards:one', args=[card])}?{urlencode({k: v for k, v in query.items() if v})}"

    return once(request, gettext("已记录；下一次计算起算入。"), work)


@require_safe
@page(Right.EVALUATION_READ)
def replayed(request: HttpRequest, card: str) -> HttpResponse:
    """``/scorecards/<card>/replay?span=&level=&key=``: the result computed again from its record; says whether it is the same."""
    run = looking.newest_run(request.actor, request.frame.pack.id)
    if run is None:
        raise Refused(NO_SUCH_RUN)
    level = level_of(request, "level", Level.REGION)
    found = scorecards.replay(
        request.actor,
        run.id,
        card=card,
        span=looking.span_of(run, text_of(request, "span")),
        level=level,
        key=text_of(request, "key") if level is not Level.REGION else run.region,
    )
    return _shown(request, card, replay=presenters.replay(found))
