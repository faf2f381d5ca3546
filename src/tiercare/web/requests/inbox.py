"""What an office and its people were told of requests, with the alerts of a follow-up that wait for them; and the bell that
counts both: what was told until somebody has seen it, an alert until somebody has handled it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.exchange import commands, queries
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.records import queries as records
from tiercare.web.pages import once, page
from tiercare.web.records.followups import alert_lines

from . import presenters

_MOST = 100
# Alerts on top of what was told; how many there are besides is said, with the way to all of them.
_MOST_ALERTS = 20


@require_safe
@page(Right.REQUESTS_SEND)
def inbox(request: HttpRequest) -> HttpResponse:
    """``/requests/inbox``: what came, the latest first; ``?unseen=1`` only what nobody has seen."""
    unseen = request.GET.get("unseen") == "1"
    found = queries.notices(request.actor, unseen_only=unseen, limit=_MOST)
    rows = presenters.notices(found, now=ledger.now())
    waiting = queries.bell(request.actor)
    alerts = records.alerts_owed(request.actor, limit=_MOST_ALERTS) if waiting.alerts else []
    context = {
        "rows": rows,
        "alerts": alert_lines(request, alerts),
        "waiting": waiting.alerts,
        "unseen": unseen,
        "news": waiting.unseen,
        "most": _MOST if len(rows) == _MOST else 0,
    }
    return render(request, "requests/inbox.html", context)


@require_POST
@page(Right.REQUESTS_SEND)
def see_all(request: HttpRequest) -> HttpResponse:
    """``/requests/inbox/seen``: all of it is seen."""

    def work() -> str:
        commands.see_notices(request.actor)
        return f"{reverse('requests:inbox')}?{request.frame.query}"

    return once(request, _("都标为已看。"), work)


@require_POST
@page(Right.REQUESTS_SEND)
def open_one(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """``/requests/inbox/<request>``: what was told of it is seen, and the request opens."""

    def work() -> str:
        commands.see_notices(request.actor, request_id=request_id)
        return f"{reverse('requests:one', args=[request_id])}?{request.frame.query}"

    return once(request, "", work)


@require_safe
@page(Right.REQUESTS_SEND)
def bell(request: HttpRequest) -> HttpResponse:
    """``/requests/bell``: how much nobody has seen; asked for by the frame of a page once it is there."""
    return bell_shown(request)


def bell_shown(request: HttpRequest) -> HttpResponse:
    """The bell as a part of a page."""
    news = queries.bell(request.actor).all
    return render(request, "requests/_bell.html", {"bell_news": news, "bell_loaded": True})
