"""Who comes to these pages: whoever sends requests, answers them, or sees to those that came up the line."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.web.pages import page

View = Callable[..., HttpResponse]


def sends(request: HttpRequest) -> bool:
    """True for those who send and answer requests of an institution."""
    return access.may(request.actor, Right.REQUESTS_SEND, institution_id=request.actor.institution_id) is None


def oversees(request: HttpRequest) -> bool:
    """True for those to whom what is overdue comes up."""
    actor = request.actor
    return (
        access.may(
            actor,
            Right.REQUESTS_OVERSEE,
            institution_id=actor.institution_id,
            division=actor.division_code,
        )
        is None
    )


def working(view: View) -> View:
    """A page for both."""
    for_senders, for_overseers = page(Right.REQUESTS_SEND)(view), page(Right.REQUESTS_OVERSEE)(view)

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return (for_overseers if oversees(request) and not sends(request) else for_senders)(
            request, *args, **kwargs
        )

    return wrapped
