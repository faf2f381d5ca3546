"""``/assessments``: what is assessed in the area, what one owes oneself, and beginning a year."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.commands.assessing import Opening, open_assessment
from tiercare.apps.evaluation.queries import assessing
from tiercare.apps.evaluation.queries.matters import Wanted, matters, waiting_for
from tiercare.apps.evaluation.queries.runs import newest_runs
from tiercare.apps.evaluation.rules.kinds import KindId
from tiercare.apps.ledger import queries as clock
from tiercare.apps.network.queries.reading import area_names
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.capacity.typed import again
from tiercare.web.pages import once, page, said

from . import presenters

_DAYS = 30  # what the form proposes for units to report; whoever opens it changes it


@require_safe
@page(Right.EVALUATION_READ)
def assessments(request: HttpRequest) -> HttpResponse:
    """Assessments of the area, newest year first; self-reports that wait for whoever looks; counties without a scheme."""
    actor, areas = request.actor, area_names(on=clock.today())
    found = matters(actor, Wanted(kinds=(KindId.ASSESSMENT,)))
    mine = [each for each in waiting_for(actor) if each.standing.kind == KindId.SELF_REPORT]
    proposals = matters(actor, Wanted(kinds=(KindId.ADJUSTMENT,)))
    by_area = actor.institution_id is None
    context: dict[str, Any] = {
        "found": [
            presenters.listed(each, areas)
            for each in sorted(found, key=lambda line: line.standing.period, reverse=True)
        ],
        "mine": [presenters.listed(each, areas) for each in mine],
        "proposals": [presenters.listed(each, areas) for each in proposals],
        "may_open": runs(request),
        "lacking": assessing.counties_without_scheme(actor, actor.division_code or "") if by_area else [],
    }
    return again(request, "assessments/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.EVALUATION_RUN)
def new(request: HttpRequest) -> HttpResponse:
    """Begin the assessment of a year by a card of the pack or by the area's own scheme."""
    if request.method != "POST":
        return _form(request)
    try:

        def work() -> str:
            which = request.POST.get("card", "")
            kind, _colon, name = which.partition(":")
            matter = open_assessment(
                request.actor,
                Opening(
                    request.frame.pack.id,
                    given.text(request.POST, "period", longest=4),
                    given.day(request.POST, "due_on"),
                    card=name if kind == "card" else "",
                    scheme_id=_id(name) if kind == "scheme" else None,
                ),
            )
            return f"{reverse('assessments:one', args=[matter])}?{request.frame.query}"

        return once(request, _("考核已开始，自评已下发。"), work)
    except Refused as refused:
        return _form(request, refused)


def runs(request: HttpRequest) -> bool:
    """Whether whoever looks organises assessments."""
    return access.may(request.actor, Right.EVALUATION_RUN) is None


def _form(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    pack, today = request.frame.pack.id, clock.today()
    years = sorted({y for run in newest_runs(request.actor, pack, most=5) for y in run.years}, reverse=True)
    schemes = [
        each
        for each in assessing.schemes(request.actor, division=request.actor.division_code or "")
        if each.division_code == request.actor.division_code and _holds(each.period, today)
    ]
    context = {
        "years": years,
        "cards": [
            {"id": card.id, "name": said(card.name), "level": card.level.value, "kinds": card.kinds}
            for card in assessing.cards_of(pack).values()
            if card.weight
        ],
        "schemes": schemes,
        "typed": request.POST or {"due_on": (today + timedelta(days=_DAYS)).isoformat()},
        "today": today,
    }
    return again(request, "assessments/new.html", context, refused)


def _holds(period: Any, day: date) -> bool:
    return bool(period.upper is None or period.upper > day)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refused(assessing.NO_SUCH_CARD) from None
