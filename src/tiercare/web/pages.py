"""What every page of ours does first: ask for the right, find the frame, and turn a refusal into a page."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language

from tiercare.apps.access import rules as access
from tiercare.apps.ledger import commands as ledger
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import OnRecord, Refusal, Refused
from tiercare.kernel.text import Text

from . import frame
from .refused import note

View = Callable[..., HttpResponse]


def page(right: access.Right) -> Callable[[View], View]:
    """A view for those who have ``right`` somewhere; it finds ``request.frame`` set.

    A ``Refused`` that the view lets through becomes a page that says why and what can be done instead.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                refusal = access.may(request.actor, right)
                if refusal is not None:
                    raise Refused(refusal)
                request.frame = frame.of(request)
                return view(request, *args, **kwargs)
            except Refused as refused:
                return refused_page(request, refused.refusals)

        return wrapped

    return decorate


# A form that is sent twice (a double click, a line that dropped) waits for its twin rather than scold.
_TRIES, _PAUSE = 40, 0.1  # seconds: four in all
FORM_KEY = "once"


def once(request: HttpRequest, done: str, work: Callable[[], str]) -> HttpResponse:
    """Do a form's one command, once however often the form is sent, say ``done`` and go where ``work`` answers.

    The key stands in the form itself (``{% once %}``); the record of it commits with the command.

    Raises:
        Refused: what the command refuses; the form may then be sent again with what was mended.
    """
    sent = request.POST.copy()
    sent.pop("csrfmiddlewaretoken", None)
    key = sent.get(FORM_KEY) or str(uuid7())
    for remaining in reversed(range(_TRIES)):
        try:
            with ledger.idempotent(
                request.actor,
                key=key,
                route=f"{request.method} {request.path}",
                body=sent.urlencode().encode(),
            ) as call:
                if call.replay is None:
                    call.answer(status=302, body=b"", content_type="text/html", location=work())
            break
        except OnRecord as refused:
            refused.leave_record()  # the transaction has undone the first note
            raise
        except Refused as refused:
            if refused.refusals[0].code != ledger.TWIN_IN_FLIGHT or not remaining:
                raise
            time.sleep(_PAUSE)
    answer = call.replay or call.given
    assert answer is not None
    messages.success(request, done)
    return HttpResponseRedirect(answer.location)


def refused_page(request: HttpRequest, refusals: Sequence[Refusal]) -> HttpResponse:
    """Why not, which clause says so, and a way on."""
    if not hasattr(request, "frame"):
        request.frame = frame.fallback(request)
    context = {"refusals": [told(refusal) for refusal in refusals]}
    return render(request, "shell/refused.html", context, status=refusals[0].status)


def told(refusal: Refusal) -> dict[str, Any]:
    """A refusal as templates show it: sentence, way on, clauses and the input it is about."""
    note(refusal)
    language = get_language() or "zh-hans"
    return {
        "code": refusal.code,
        "sentence": refusal.sentence(language),
        "way_on": refusal.way_on(language),
        "clauses": refusal.clauses,
        "at": refusal.at,
    }


def said(text: Text) -> str:
    """A sentence in the language of the request."""
    return text.in_language(get_language() or "zh-hans")


def english() -> bool:
    """True if the request is answered in English."""
    return (get_language() or "").startswith("en")
