"""What every request passes: headers that browsers enforce, the language, who acts, and no writing by reading."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from tiercare.apps.access import queries as access
from tiercare.apps.access import rules
from tiercare.apps.ledger import guard
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.ids import uuid7

Handler = Callable[[HttpRequest], HttpResponseBase]
View = TypeVar("View", bound=Callable[..., HttpResponseBase])

# Names in the session. It holds when, and which grant was picked; who and what is read afresh each time.
SIGNED_IN_AT = "signed_in_at"
SEEN_AT = "seen_at"
GRANT = "grant"

# Everything from this server, nothing inline. ``data:`` images are the icons inside Tabler's style sheet.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def before_role(view: View) -> View:
    """Mark a page that a signed-in person may open before a role is picked or the password is changed."""
    vars(view)["before_role"] = True
    return view


class SecurityHeaders:
    """Outermost, so that errors and static files carry the headers too."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        actor = getattr(request, "actor", None)
        if actor is not None and actor.account_id is not None:
            # A shared computer: after sign-out the "back" button must not show the last patient.
            response.headers["Cache-Control"] = "no-store"
        return response


class ChosenLanguage:
    """Chinese, unless this person picked English: browsers in clinics are often installed in English."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        picked = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = picked if picked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Cookie",))
        return response


class ActingPerson:
    """``request.actor`` and ``request.grants``, from the session and the grants in force now.

    A disabled account, a changed password, a revoked grant and the two time limits count from the next
    request on. Pages are closed unless marked ``login_not_required``; the API refuses by itself.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = uuid7()
        channel = "api" if request.path_info.startswith("/api/") else "web"
        _end_session_that_is_over(request)
        request.grants = ()
        if not request.user.is_authenticated:
            request.actor = access.visitor(channel=channel, request_id=request_id)
            return self.get_response(request)
        request.today = ledger.today()
        request.grants = access.grants_in_force(request.user.id, on=request.today)
        grant = None if request.user.must_change_password else _picked(request)
        request.actor = access.acting(request.user, grant, channel=channel, request_id=request_id)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: object, kwargs: object
    ) -> HttpResponseBase | None:
        """Send whoever may not see a page yet to the page that comes before it."""
        if not getattr(view, "login_required", True) or "ninja" in request.resolver_match.app_names:
            return None
        if request.actor.account_id is None:
            return _to(request, "access:sign-in")
        if getattr(view, "before_role", False):
            return None
        if request.user.must_change_password:
            return _to(request, "access:password")
        if request.actor.role == rules.UNASSIGNED:
            return _to(request, "access:role")
        return None


class ReadsWriteNothing:
    """A GET that changes data is a defect: it fails at the cursor instead of doing so."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            return self.get_response(request)
        with guard.reads_only():
            return self.get_response(request)


def _end_session_that_is_over(request: HttpRequest) -> None:
    """End a session that is too old, or whose account is gone, disabled or has a new password."""
    if SESSION_KEY not in request.session:
        return
    now = access.wall_clock()
    signed_in = datetime.fromtimestamp(request.session.get(SIGNED_IN_AT, 0), UTC)
    seen = datetime.fromtimestamp(request.session.get(SEEN_AT, 0), UTC)
    if not request.user.is_authenticated or rules.session_is_over(signed_in=signed_in, seen=seen, now=now):
        logout(request)
    elif now - seen >= rules.SEEN_STEP:
        request.session[SEEN_AT] = now.timestamp()


def _picked(request: HttpRequest) -> access.GrantInForce | None:
    """The grant picked in this session if still in force; with none picked, the only one there is.

    A picked grant that has ended never silently becomes another: the person chooses again.
    """
    picked = request.session.get(GRANT)
    if picked is None:
        return request.grants[0] if len(request.grants) == 1 else None
    return next((grant for grant in request.grants if str(grant.id) == picked), None)


def _to(request: HttpRequest, name: str) -> HttpResponseBase:
    """A redirect to the page called ``name`` that comes back here, to where a GET can come back to."""
    back = request.get_full_path() if request.method == "GET" else "/"
    if request.htmx:
        back = request.htmx.current_url_abs_path or "/"
        return HttpResponseClientRedirect(f"{reverse(name)}?{urlencode({'next': back})}")
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({'next': back})}")
