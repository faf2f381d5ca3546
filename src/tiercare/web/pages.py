"""What every page of ours does first: ask for the right, find the frame, and turn a refusal into a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from tiercare.apps.access import rules as access
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from . import frame

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


def refused_page(request: HttpRequest, refusals: Sequence[Refusal]) -> HttpResponse:
    """Why not, which clause says so, and a way on."""
    if not hasattr(request, "frame"):
        request.frame = frame.fallback(request)
    context = {"refusals": [told(refusal) for refusal in refusals]}
    return render(request, "shell/refused.html", context, status=refusals[0].status)


def told(refusal: Refusal) -> dict[str, Any]:
    """A refusal as templates show it: sentence, way on, clauses and the input it is about."""
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
