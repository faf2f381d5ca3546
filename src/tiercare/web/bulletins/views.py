"""``/bulletins``: what the commission draws up of a period's indicators, as a list, a form and the paper itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tiercare.apps.access.rules import Right, may
from tiercare.apps.evaluation.commands import bulletins as commands
from tiercare.apps.evaluation.queries import bulletins as queries
from tiercare.apps.evaluation.queries.composing import compose
from tiercare.apps.evaluation.queries.deliveries import outbox
from tiercare.apps.evaluation.queries.runs import newest_runs, run_of
from tiercare.apps.evaluation.rules import bulletins as rules
from tiercare.apps.evaluation.rules.bulletins import Choice
from tiercare.apps.evaluation.workflow import Act, State
from tiercare.kernel.refusal import Refused, refuse
from tiercare.web import given
from tiercare.web.capacity.typed import again
from tiercare.web.pages import once, page

from . import presenters
from .files import download
from .paper import paper_of

_MOST_RECEIVERS = 500


@require_safe
@page(Right.EVALUATION_RUN)
def listed(request: HttpRequest) -> HttpResponse:
    """Drafts that wait, what was sent and how many have read it, what is filed away."""
    frame = request.frame
    run = next(iter(newest_runs(request.actor, frame.pack.id)), None)
    context = {
        "rows": [presenters.line(each) for each in queries.bulletins(request.actor)],
        "run": run,
        "years": "、".join(run.years) if run else "",
        "circular": queries.circulation_of(frame.pack.id).circular,
        "may_draft": may(request.actor, Right.EVALUATION_RUN, division=frame.pack.region) is None,
    }
    return render(request, "bulletins/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.EVALUATION_RUN)
def new(request: HttpRequest) -> HttpResponse:
    """Choose the period, the indicators, the title and the words of a new bulletin."""
    refuse(may(request.actor, Right.EVALUATION_RUN, division=request.frame.pack.region))
    run = queries.newest_run(request.actor, request.frame.pack.id)
    period = request.GET.get("period", "")
    offered = rules.periods_offered(run.spans)
    choice = queries.first_choice(run, period=period if period in offered else "")
    if request.method != "POST":
        return _form(request, choice, offered, run.pack)
    choice = _typed(request, run.id)
    try:
        return once(
            request,
            _("通报已拟好，请核对后报审。"),
            lambda: _at(request, commands.draft(request.actor, choice)),
        )
    except Refused as refused:
        return _form(request, choice, offered, run.pack, refused)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.EVALUATION_RUN)
def edit(request: HttpRequest, bulletin_id: UUID) -> HttpResponse:
    """Choose otherwise, as long as it is not submitted."""
    found = queries.bulletin(request.actor, bulletin_id)
    run = run_of(request.actor, found.choice.run)
    offered = rules.periods_offered(run.spans)
    if request.method != "POST":
        return _form(request, found.choice, offered, run.pack, of=bulletin_id)
    choice = _typed(request, run.id)

    def work() -> str:
        commands.change(request.actor, bulletin_id, choice)
        return _at(request, bulletin_id)

    try:
        return once(request, _("已修改。"), work)
    except Refused as refused:
        return _form(request, choice, offered, run.pack, refused, of=bulletin_id)


@require_safe
@page(Right.EVALUATION_RUN)
def one(request: HttpRequest, bulletin_id: UUID) -> HttpResponse:
    """The paper as it would be sent, and beside it what can be done now and who has read it."""
    return shown(request, bulletin_id)


@require_safe
@page(Right.EVALUATION_RUN)
def file(request: HttpRequest, bulletin_id: UUID, form: str) -> HttpResponse:
    """The paper as .docx or .xlsx; a draft as it would be now."""
    found = queries.bulletin(request.actor, bulletin_id)
    content = found.content or compose(request.actor, found.choice)
    return download(content, form, sha256=found.sha256)


def shown(request: HttpRequest, bulletin_id: UUID, refused: Refused | None = None) -> HttpResponse:
    """The page of one bulletin."""
    found = queries.bulletin(request.actor, bulletin_id)
    standing = found.shown.standing
    content = found.content or compose(request.actor, found.choice)
    sent = outbox(request.actor, matter_id=bulletin_id, limit=_MOST_RECEIVERS)
    can = {step.act for step in found.shown.steps}
    to = (
        queries.receivers(standing.pack, standing.owner.area, on=request.today)
        if not sent and standing.state not in {State.WITHDRAWN, State.LOCKED}
        else []
    )
    context: dict[str, Any] = {
        "bulletin": found,
        "standing": standing,
        "state": presenters.state(found.state, sent),
        "paper": paper_of(content, sha256=found.sha256),
        "frozen": found.content is not None,
        "sent": [presenters.sent(each) for each in sent],
        "unread": sum(each.waits for each in sent),
        "to": to,
        "can": {act.value for act in can},
        "can_change": Act.NOTE in can,
        "history": [presenters.entry(each) for each in found.shown.entries],
    }
    return again(request, "bulletins/one.html", context, refused)


def _form(
    request: HttpRequest,
    choice: Choice,
    offered: list[str],
    pack: str,
    refused: Refused | None = None,
    of: UUID | None = None,
) -> HttpResponse:
    context = {
        "choice": choice,
        "periods": [(each, presenters.period(each)) for each in offered],
        "groups": presenters.indicator_groups(pack, choice.indicators),
        "count": len(choice.indicators),
        "of": of,
        "most_title": rules.LONGEST_TITLE,
        "most_words": rules.LONGEST_WORDS,
    }
    return again(request, "bulletins/edit.html", context, refused)


def _typed(request: HttpRequest, run: UUID) -> Choice:
    return Choice(
        run,
        given.text(request.POST, "period", longest=10),
        tuple(dict.fromkeys(request.POST.getlist("indicators"))),
        given.text(request.POST, "title"),
        given.text(request.POST, "words"),
    )


def _at(request: HttpRequest, bulletin_id: UUID) -> str:
    return f"{reverse('bulletins:one', args=[bulletin_id])}?{request.frame.query}"
