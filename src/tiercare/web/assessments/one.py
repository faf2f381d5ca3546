"""``/assessments/<id>``: one assessment with everybody who is assessed; one of them with all lines; what is done to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation import commands
from tiercare.apps.evaluation.commands.assessing import CHANGES, propose_adjustment
from tiercare.apps.evaluation.queries import assessing
from tiercare.apps.evaluation.queries.matters import matter
from tiercare.apps.evaluation.queries.publishing import publications
from tiercare.apps.evaluation.rules.kinds import KindId
from tiercare.apps.evaluation.rules.standing import NO_SUCH_MATTER, Said
from tiercare.apps.ledger import queries as clock
from tiercare.apps.network.queries.reading import area_names
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.capacity.typed import again
from tiercare.web.pages import once, page, said

from . import presenters
from .lists import runs

_DAYS = 30


@require_safe
@page(Right.EVALUATION_READ)
def assessment(request: HttpRequest, matter_id: UUID) -> HttpResponse:
    """Who stands where; after the approval the results with their ranks."""
    return _page(request, matter_id)


@require_POST
@page(Right.EVALUATION_RUN)
def act(request: HttpRequest, matter_id: UUID, act: str) -> HttpResponse:
    """Take the assessment on: submit, approve, lock, review again, withdraw."""
    step = presenters.offered(act)
    if step is None:
        raise Refused(NO_SUCH_MATTER)

    def work() -> str:
        words = given.text(request.POST, "words", longest=4000)
        commands.act(request.actor, matter_id=matter_id, act=step, said=Said(words=words))
        return _back(request, matter_id)

    try:
        return once(request, presenters.done(step), work)
    except Refused as refused:
        return _page(request, matter_id, refused)


@require_safe
@page(Right.EVALUATION_READ)
def unit(request: HttpRequest, matter_id: UUID, assessed_id: UUID) -> HttpResponse:
    """One result with all its lines; ``?again=1`` computes it again from its record."""
    return _unit_page(request, matter_id, assessed_id)


@require_POST
@page(Right.EVALUATION_RUN)
def adjust(request: HttpRequest, matter_id: UUID, assessed_id: UUID) -> HttpResponse:
    """Propose another lead, other members or another grid on the ground of the result."""

    def work() -> str:
        propose_adjustment(
            request.actor,
            assessed_id=assessed_id,
            change=request.POST.get("change", ""),
            words=given.text(request.POST, "words", longest=4000),
            application=given.text(request.POST, "application", longest=80),
            due_on=clock.today() + timedelta(days=_DAYS),
        )
        return f"{reverse('assessments:list')}?{request.frame.query}#proposals"

    try:
        return once(request, _("调整建议已提交，等候批准。"), work)
    except Refused as refused:
        return _unit_page(request, matter_id, assessed_id, refused)


def _page(request: HttpRequest, matter_id: UUID, refused: Refused | None = None) -> HttpResponse:
    shown = matter(request.actor, matter_id=matter_id)
    if shown.standing.kind == KindId.ADJUSTMENT:
        return _proposal(request, shown, refused)
    if shown.standing.kind != KindId.ASSESSMENT:
        raise Refused(NO_SUCH_MATTER)
    rows = assessing.units_of(request.actor, matter_id)
    units: list[dict[str, Any]] = [{**presenters.unit(row), "cells": []} for row in rows]
    payload = shown.standing.payload
    context: dict[str, Any] = {
        "line": presenters.listed(shown.line, area_names(on=clock.today())),
        "units": units,
        "payload": payload,
        "steps": presenters.steps(shown.steps),
        "history": presenters.history(shown.entries),
        "approved": any(row.result for row in rows),
        "locked": shown.standing.state.value == "LOCKED",
        "without": [each for each in units if not each["has_total"]],
        "reported": sum(row.report_state in {"SUBMITTED", "CLOSED"} for row in rows),
        "reviewed": sum(row.report_state == "CLOSED" for row in rows),
        "asked": sum(bool(row.report_id) for row in rows),
        "published": [each for each in publications(request.actor) if each.matter_id == matter_id],
        "runs": runs(request),
    }
    if rows:
        card = assessing.unit_of(request.actor, assessed_id=rows[0].id).counted.card
        context["card"] = {
            "name": said(card.name),
            "source": said(card.source),
            "ours": card.ours,
            "version": card.version,
        }
        context["panels"] = presenters.panels_of(card, units)
    return again(request, "assessments/one.html", context, refused)


def _proposal(request: HttpRequest, shown: Any, refused: Refused | None) -> HttpResponse:
    payload = shown.standing.payload
    context = {
        "line": presenters.listed(shown.line, area_names(on=clock.today())),
        "payload": payload,
        "steps": presenters.steps(shown.steps),
        "history": presenters.history(shown.entries),
    }
    return again(request, "assessments/proposal.html", context, refused)


def _unit_page(
    request: HttpRequest, matter_id: UUID, assessed_id: UUID, refused: Refused | None = None
) -> HttpResponse:
    row = assessing.unit_of(request.actor, assessed_id=assessed_id)
    if row.assessment_id != matter_id:
        raise Refused(NO_SUCH_MATTER)
    ours = runs(request) and _sees(request, matter_id)
    book = assessing.indicators_of(request.frame.pack.id)
    card = row.counted.card
    last = assessing.before(request.actor, row, card=card.id, period=row.period)
    context: dict[str, Any] = {
        "matter_id": matter_id,
        "unit": presenters.unit(row),
        "period": row.period,
        "card": {"name": said(card.name), "version": card.version, "ours": card.ours},
        "panels": presenters.result_lines(row, book),
        "digest": row.result_digest,
        "last": presenters.points(last.total) if last else "",
        "last_place": last.place if last else None,
        "scored": bool(row.result),
        "again": assessing.replayed(row) if request.GET.get("again") and row.result else None,
        "asked_again": bool(request.GET.get("again")) and bool(row.result),
        "changes": CHANGES,
        "runs": ours,
        "typed": request.POST,
    }
    return again(request, "assessments/unit.html", context, refused)


def _sees(request: HttpRequest, matter_id: UUID) -> bool:
    """Whether the assessment itself is theirs to see; whoever is assessed sees their result alone."""
    try:
        matter(request.actor, matter_id=matter_id)
    except Refused:
        return False
    return True


def _back(request: HttpRequest, matter_id: UUID) -> str:
    return f"{reverse('assessments:one', args=[matter_id])}?{request.frame.query}"
