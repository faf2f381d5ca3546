"""``/supervision/reports``: the library by topic and period; a topic's page with who filed, who has not, and what they said."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.commands import reporting, supervision
from tiercare.apps.evaluation.queries.library import library as shelves
from tiercare.apps.evaluation.queries.library import shelf
from tiercare.apps.evaluation.queries.quality import quality_work
from tiercare.apps.evaluation.rules import oversight_refusals as refusals
from tiercare.apps.evaluation.rules import periods
from tiercare.apps.evaluation.rules.standing import LONGEST_WORDS
from tiercare.engines.measures.oversight import Topic
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.pages import once, page, said, told

from . import presenters
from .acting import files_of, said_in


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.SUPERVISION_ANSWER)
def library(request: HttpRequest) -> HttpResponse:
    """All shelves; a POST asks everybody who owes a report for one."""
    if request.method != "POST":
        return _library(request)
    topic, period = request.POST.get("topic", "")[:60], given.text(request.POST, "period", longest=10)

    def work() -> str:
        reporting.ask_reports(request.actor, topic=topic, period=period)
        return f"{reverse('supervision:topic', args=[topic])}?{request.frame.query}&period={period}"

    try:
        return once(request, _("已通知应报单位。"), work)
    except Refused as refused:
        return _library(request, refused)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.SUPERVISION_ANSWER)
def topic(request: HttpRequest, topic: str) -> HttpResponse:
    """``/supervision/reports/<topic>?period=``; a POST files one that nobody asked for."""
    asked = supervision.asked_of(request.actor).reports.get(topic)
    if asked is None:
        raise Refused(refusals.NO_TOPIC)
    if request.method != "POST":
        return _topic(request, asked)

    def work() -> str:
        told_ = said_in(request, [each.id for each in asked.sheet])
        key = reporting.file_unasked(
            request.actor,
            topic=topic,
            words=told_.words,
            figures={name: str(value) for name, value in told_.figures.items()},
            files=files_of(request),
        )
        return f"{reverse('supervision:one', args=[key])}?{request.frame.query}"

    try:
        return once(request, _("已报送。"), work)
    except Refused as refused:
        return _topic(request, asked, refused)


@require_safe
@page(Right.SUPERVISION_ANSWER)
def quality(request: HttpRequest) -> HttpResponse:
    """``/supervision/quality``: rules, checks and open deficiencies of each consortium."""
    found = [
        {
            "name": each.name,
            "rules": presenters.lines(each.rules, on=request.today),
            "checks": presenters.lines(each.checks, on=request.today),
            "open": presenters.lines(each.open, on=request.today),
        }
        for each in quality_work(request.actor)
    ]
    context = {"rows": sorted(found, key=lambda each: (-len(each["open"]), -len(each["checks"])))}
    return render(request, "supervision/quality.html", context)


def _library(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    known = supervision.asked_of(request.actor).reports
    errors = [told(each) for each in refused.refusals] if refused else []
    context: dict[str, Any] = {
        "shelves": [
            {
                "topic": each.topic,
                "name": said(known[each.topic].name) if each.topic in known else each.topic,
                "period": each.period,
                "filed": len(each.filed),
                "missing": len(each.missing),
                "late": each.late,
            }
            for each in shelves(request.actor)
        ],
        "topics": [_shown(each, request) for each in known.values()],
        "issues": access.may(request.actor, Right.SUPERVISION_ISSUE) is None,
        "files": request.actor.institution_id is not None,
        "refusals": errors,
        "typed": {name: request.POST.get(name, "") for name in ("topic", "period")},
    }
    return render(
        request, "supervision/library.html", context, status=refused.refusals[0].status if refused else 200
    )


def _shown(each: Topic, request: HttpRequest) -> dict[str, Any]:
    return {
        "id": each.id,
        "name": said(each.name),
        "says": said(each.says),
        "clauses": each.clauses,
        "per": each.per,
        "period": periods.current(each.per, request.today),
        "until": each.until,
        "unasked": each.per == "unasked",
    }


def _topic(request: HttpRequest, asked: Topic, refused: Refused | None = None) -> HttpResponse:
    period = request.GET.get("period", "")[:10]
    found = shelf(request.actor, asked, period=period)
    known = presenters.named([*found.filed, *found.missing], on=request.today)
    errors = [told(each) for each in refused.refusals] if refused else []
    answers = {field.id: {one.id: said(one.name) for one in field.answers} for field in asked.sheet}
    context: dict[str, Any] = {
        "topic": _shown(asked, request),
        "period": period,
        "fields": [(field.id, said(field.name)) for field in asked.sheet],
        "filed": [
            presenters.line(each, known)
            | {
                "answers": [
                    answers[field.id].get(
                        each.standing.result.get(field.id, ""), each.standing.result.get(field.id, "—")
                    )
                    for field in asked.sheet
                ],
                "score": found.scores.get(str(each.id)),
            }
            for each in found.filed
        ],
        "missing": [presenters.line(each, known) for each in found.missing],
        "late": found.late,
        "counts": [
            (
                said(field.name),
                [(said(one.name), found.counts[field.id].get(one.id, 0)) for one in field.answers],
            )
            for field in asked.sheet
            if field.answers
        ],
        "scored": bool(found.scores),
        "may_file": asked.per == "unasked" and request.actor.institution_id is not None,
        "sheet": [
            {
                "id": field.id,
                "name": said(field.name),
                "type": field.type,
                "optional": field.optional,
                "answers": [(one.id, said(one.name)) for one in field.answers],
                "value": request.POST.get(field.id, ""),
            }
            for field in asked.sheet
        ],
        "file_needed": asked.file,
        "typed": request.POST,
        "longest": LONGEST_WORDS,
        "refusals": errors,
        "at": {error["at"]: error for error in errors},
    }
    return render(
        request, "supervision/topic.html", context, status=refused.refusals[0].status if refused else 200
    )
