"""Before something weighty is signed: has this person shown lately who they are?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from tiercare.apps.access import queries as access
from tiercare.apps.access.rules import sessions as rules

from .access.confirming import confirm_page
from .middleware import redirect_to

View = Callable[..., HttpResponseBase]


def is_fresh(request: HttpRequest, minutes: int = rules.FRESH_MINUTES) -> bool:
    """True if the person signed in or confirmed at most so many minutes ago."""
    session = request.session
    shown = session.get(rules.FRESH_AT) or session.get(rules.SIGNED_IN_AT, 0)
    return rules.is_fresh(datetime.fromtimestamp(shown, UTC), now=access.wall_clock(), minutes=minutes)


def recently_confirmed(minutes: int = rules.FRESH_MINUTES) -> Callable[[View], View]:
    """A view that asks first whether it is still the same person, where that was not shown lately.

    It is asked when the form is opened, so that nothing typed is in the way. Should the time run out while a
    form is filled in, what was typed is carried along and sent again after the confirmation.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(request, *args, **kwargs) if is_fresh(request, minutes) else ask_first(request)

        return wrapped

    return decorate


def ask_first(request: HttpRequest) -> HttpResponseBase:
    """The page that asks, with the way back: for a POST also with what was typed."""
    if request.method == "POST" and not request.htmx:
        return confirm_page(request, going_on=request.get_full_path(), kept=request.POST)
    return redirect_to(request, "access:confirm")
