"""``/deliveries``: what came to one's office and what it sent, with receipts; and handing results and reports over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiercare.apps.access.rules import Right, may
from tiercare.apps.evaluation.commands import bulletins as commands
from tiercare.apps.evaluation.commands import handing as handing_over
from tiercare.apps.evaluation.queries import deliveries as queries
from tiercare.apps.evaluation.queries.bulletins import circulation_of
from tiercare.apps.evaluation.queries.reports_up import above, locked, years_of
from tiercare.apps.evaluation.queries.runs import newest_runs
from tiercare.apps.evaluation.rules import bulletins as rules
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.capacity.typed import again
from tiercare.web.pages import once, page
from tiercare.web.referral_statistics.asking import number_of

from . import presenters
from .files import download
from .paper import paper_of

IN, OUT = "in", "out"


@require_safe
@page(Right.EVALUATION_READ)
def listed(request: HttpRequest) -> HttpResponse:
    """``?box=in|out&unread=1``: what came first, for those who send too."""
    sends = may(request.actor, Right.EVALUATION_RUN) is None or request.actor.institution_id is None
    box = request.GET.get("box", IN) if sends else IN
    unread, number = request.GET.get("unread") == "1", number_of(request)
    ask = queries.outbox if box == OUT else queries.inbox
    found = ask(request.actor, unread=unread, page=number)
    context = {
        "box": box,
        "sends": sends,
        "hands_over": may(request.actor, Right.EVALUATION_RUN) is None,
        "unread": unread,
        "rows": [presenters.sent(each) for each in found],
        "number": number,
        "more": len(found) == queries.PAGE,
        "waiting": len(queries.inbox(request.actor, unread=True)),
    }
    return render(request, "deliveries/list.html", context)


@require_safe
@page(Right.EVALUATION_READ)
def one(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """A paper that came or was sent; whoever it was sent to says that it came before it opens."""
    return _shown(request, delivery_id)


@require_safe
@page(Right.EVALUATION_READ)
def file(request: HttpRequest, delivery_id: UUID, form: str) -> HttpResponse:
    """The paper as .docx or .xlsx, once it was received."""
    found = queries.delivery(request.actor, delivery_id)
    if not found.content:
        raise Refused(rules.NO_SUCH_DELIVERY)
    return download(found.content, form, number=found.number, sha256=found.sha256)


@require_POST
@page(Right.EVALUATION_READ)
def sign(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Say that it came."""

    def work() -> str:
        commands.receive(request.actor, delivery_id)
        return _at(request, delivery_id)

    try:
        return once(request, _("已签收。"), work)
    except Refused as refused:
        return _shown(request, delivery_id, refused)


@require_POST
@page(Right.EVALUATION_RUN)
def receipt(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Write down the number of the receipt of somebody outside."""

    def work() -> str:
        handing_over.note_receipt(request.actor, delivery_id, given.text(request.POST, "receipt"))
        return _at(request, delivery_id)

    try:
        return once(request, _("回执已登记。"), work)
    except Refused as refused:
        return _shown(request, delivery_id, refused)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.EVALUATION_RUN)
def handing(request: HttpRequest) -> HttpResponse:
    """What this region's texts ask to be handed on: locked results, participation of provincial hospitals, counts."""
    if request.method != "POST":
        return _handing(request)
    what = request.POST.get("what", "")
    if what not in _WAYS:
        return _handing(request, Refused(rules.NOT_ASKED_FOR))
    way, done = _WAYS[what]
    try:
        return once(request, str(done), lambda: way(request))
    except Refused as refused:
        return _handing(request, refused)


def _result(request: HttpRequest) -> str:
    key = given.key(request.POST, "matter")
    made = handing_over.hand_over_result(request.actor, key, given.text(request.POST, "feed", longest=60))
    return _at(request, made[0]) if len(made) == 1 else _outbox(request)


def _participation(request: HttpRequest) -> str:
    year = given.text(request.POST, "year", longest=4)
    return _at(request, handing_over.report_participation(request.actor, request.frame.pack.id, year))


def _counts(request: HttpRequest) -> str:
    year = given.text(request.POST, "year", longest=4)
    return _at(request, handing_over.report_counts(request.actor, request.frame.pack.id, year))


_WAYS: dict[str, tuple[Callable[[HttpRequest], str], Any]] = {
    rules.RESULT: (_result, gettext_lazy("已移交，编号见文件；收到回执后请登记。")),
    rules.PARTICIPATION: (_participation, gettext_lazy("已汇总并登记报送；收到回执后请登记。")),
    rules.COUNTS: (_counts, gettext_lazy("已汇总并登记报送；收到回执后请登记。")),
}


def _handing(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    frame = request.frame
    asked = circulation_of(frame.pack.id)
    run = next(iter(newest_runs(request.actor, frame.pack.id)), None)
    handed = {
        (each.matter_id, each.feed): each.number
        for each in queries.outbox(request.actor, purpose=rules.RESULT, limit=500)
        if each.withdrawn_at is None
    }
    results = [
        {
            "of": each.standing,
            "feeds": [{"feed": feed, "number": handed.get((each.id, feed.key), "")} for feed in asked.feeds],
        }
        for each in locked(request.actor)
    ]
    context = {
        "asked": asked,
        "results": results,
        "years": years_of(run.spans) if run else [str(request.today.year - 1)],
        "this_year": request.today.year,
        "above": above(frame.pack.region),
        "typed": request.POST,
    }
    return again(request, "deliveries/hand_over.html", context, refused)


def _shown(request: HttpRequest, delivery_id: UUID, refused: Refused | None = None) -> HttpResponse:
    found = queries.delivery(request.actor, delivery_id)
    context = {
        "sent": presenters.sent(found),
        "of": found,
        "paper": paper_of(found.content, number=found.number, sha256=found.sha256) if found.content else None,
        "may_sign": queries.received_by(request.actor, found) and found.waits,
        "may_note": queries.sends(request.actor, found) and not found.on_platform,
        "sends": queries.sends(request.actor, found),
    }
    return again(request, "deliveries/one.html", context, refused)


def _at(request: HttpRequest, delivery_id: UUID) -> str:
    return f"{reverse('deliveries:one', args=[delivery_id])}?{request.frame.query}"


def _outbox(request: HttpRequest) -> str:
    return f"{reverse('deliveries:list')}?{request.frame.query}&box={OUT}"
