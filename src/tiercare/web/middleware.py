"""What every request passes: headers that browsers enforce, the language, who acts, and no writing by reading."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.crypto import constant_time_compare
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from tiercare.apps.access import queries as access
from tiercare.apps.access import rules
from tiercare.apps.access.queries import sessions
from tiercare.apps.access.rules.sessions import GRANT, SEEN_AT, SIGNED_IN_AT
from tiercare.apps.access.rules.staff import must_enrol
from tiercare.apps.ledger import guard
from tiercare.kernel.ids import uuid7

__all__ = ["GRANT", "SEEN_AT", "SIGNED_IN_AT"]  # names in the session, for those who fill one

Handler = Callable[[HttpRequest], HttpResponseBase]
View = TypeVar("View", bound=Callable[..., HttpResponseBase])

# What a key of ours looks like; anything else is not asked about.
_KEY = re.compile(r"[a-z0-9]{32}")

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


def residents_too(view: View) -> View:
    """Mark a page of the signed-in that residents may open; all others but their own (``/me``) lead them there."""
    vars(view)["residents_too"] = True
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
            if (
                not request.user.is_authenticated
            ):  # the session has just ended: nothing of it stays in the browser
                response.headers["Clear-Site-Data"] = '"storage"'
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


class Sessions(SessionMiddleware):
    """``request.session`` and ``request.user``, with all that is known of them from one statement.

    A session that is too old, or whose account is gone, disabled or has a new password, ends here. A visitor
    without a cookie costs no statement.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Read the session, the account and its grants; ``request.standing`` is ``None`` for a visitor."""
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        found = sessions.standing(key) if _KEY.fullmatch(key) else None
        session = self.SessionStore(None if found is None else key)
        session.hold({} if found is None else session.decode(found.stored))
        request.session, request.user, request.standing = session, AnonymousUser(), None
        if found is None or SESSION_KEY not in session:
            return
        now = access.wall_clock()
        seen = datetime.fromtimestamp(session.get(SEEN_AT, 0), UTC)
        signed_in = datetime.fromtimestamp(session.get(SIGNED_IN_AT, 0), UTC)
        if not _may_go_on(session, found) or rules.session_is_over(signed_in=signed_in, seen=seen, now=now):
            session.flush()
            return
        request.user, request.standing = found.account, found
        if now - seen >= rules.SEEN_STEP:
            session.mark_seen(now.timestamp(), stored=found.stored)


class ActingPerson:
    """``request.actor`` and ``request.grants``, from the session and the grants in force now.

    A disabled account, a changed password, a revoked grant and the two time limits count from the next
    request on. Pages are closed unless marked ``login_not_required``, and to residents unless marked
    ``residents_too``; the API refuses by itself.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = uuid7()
        channel = "api" if request.path_info.startswith("/api/") else "web"
        standing: sessions.Standing | None = request.standing
        request.grants = ()
        if standing is None or standing.account is None:
            request.actor = access.visitor(channel=channel, request_id=request_id)
            return self.get_response(request)
        request.today = standing.today
        if standing.account.resident_id is not None:
            request.actor = sessions.resident(standing.account, channel=channel, request_id=request_id)
            return self.get_response(request)
        request.grants = standing.grants
        waits = standing.account.must_change_password or _must_enrol(standing)
        grant = None if waits else _picked(request)
        request.actor = access.acting(standing.account, grant, channel=channel, request_id=request_id)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: object, kwargs: object
    ) -> HttpResponseBase | None:
        """Send whoever may not see a page yet to the page that comes before it."""
        if not getattr(view, "login_required", True) or "ninja" in request.resolver_match.app_names:
            return None
        if request.actor.account_id is None:
            return redirect_to(request, "access:sign-in")
        if request.actor.resident_id is not None:
            return None if getattr(view, "residents_too", False) else _to_their_own(request)
        first = None if getattr(view, "before_role", False) else _comes_first(request)
        return None if first is None else redirect_to(request, first)


def _to_their_own(request: HttpRequest) -> HttpResponseBase:
    """A resident who opens a page of staff, be it about themself, is led to their own pages; nothing is done."""
    own = reverse("me:card")
    response: HttpResponseBase = (
        HttpResponseClientRedirect(own) if request.htmx else HttpResponseRedirect(own)
    )
    vars(response)["refusal_codes"] = ("access.not_for_residents",)  # for the log
    return response


def _comes_first(request: HttpRequest) -> str | None:
    """The page that a signed-in person has to pass before any other: a password, a second factor, a role."""
    if request.user.must_change_password:
        return "access:password"
    if _must_enrol(request.standing):
        return "own:second-factor"
    return "access:role" if request.actor.role == rules.UNASSIGNED else None


class ReadsWriteNothing:
    """A GET that changes data is a defect: it fails at the cursor instead of doing so."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            return self.get_response(request)
        with guard.reads_only():
            return self.get_response(request)


def _must_enrol(standing: sessions.Standing) -> bool:
    """True while somebody of whom a second factor is demanded has none: no role counts before, in the API either."""
    account = standing.account
    return account is not None and must_enrol(
        {grant.role for grant in standing.grants},
        synthetic=account.synthetic,
        has_factor=standing.second_factor,
        of_all=settings.SECOND_FACTOR_OF_ALL,
    )


def _may_go_on(session: SessionBase, found: sessions.Standing) -> bool:
    """True if the account of the row is the session's, is open, and still has the password of its sign-in."""
    account = found.account
    return (
        account is not None
        and account.is_active
        and session[SESSION_KEY] == str(account.id)
        and constant_time_compare(session.get(HASH_SESSION_KEY, ""), account.get_session_auth_hash())
    )


def _picked(request: HttpRequest) -> access.GrantInForce | None:
    """The grant picked in this session if still in force; with none picked, the only one there is.

    A picked grant that has ended never silently becomes another: the person chooses again.
    """
    picked = request.session.get(GRANT)
    if picked is None:
        return request.grants[0] if len(request.grants) == 1 else None
    return next((grant for grant in request.grants if str(grant.id) == picked), None)


def redirect_to(request: HttpRequest, name: str, *, back: str | None = None) -> HttpResponseBase:
    """A redirect to the page called ``name`` that comes back to ``back``, or here if a GET can come back here."""
    if request.htmx:
        back = back or request.htmx.current_url_abs_path or "/"
        return HttpResponseClientRedirect(f"{reverse(name)}?{urlencode({'next': back})}")
    back = back or (request.get_full_path() if request.method == "GET" else "/")
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({'next': back})}")
