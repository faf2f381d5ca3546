"""Beginning a session, whole or half, for whoever has just shown who they are."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.contrib import auth
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from tiercare.apps.access import queries
from tiercare.apps.access.commands.signing_in import HalfOpen
from tiercare.apps.access.rules import sessions as rules
from tiercare.web.source import source

_BACKEND = "django.contrib.auth.backends.ModelBackend"


def start_session(request: HttpRequest, account: AbstractBaseUser) -> None:
    """Sign ``account`` in under a new session key, so that a key planted before is worth nothing."""
    request.session.flush()
    now = queries.wall_clock().timestamp()
    request.session[rules.SIGNED_IN_AT] = request.session[rules.SEEN_AT] = now
    request.session[rules.SOURCE] = source(request)
    request.session[rules.DEVICE] = rules.device_words(request.headers.get("User-Agent", ""))
    auth.login(request, account, backend=_BACKEND)


def start_half(request: HttpRequest, half: HalfOpen) -> None:
    """A session under a new key that can do nothing but show a code, and that for five minutes."""
    request.session.flush()
    request.session[rules.HALF] = {
        "account": half.account_id.hex,
        "proof": half.proof,
        "at": queries.wall_clock().timestamp(),
    }
    request.session.set_expiry(rules.HALF_OPEN_LIMIT)


def half_open(request: HttpRequest) -> HalfOpen | None:
    """The half of a sign-in that this session holds, if it is not too late for the other."""
    held = request.session.get(rules.HALF)
    if held is None:
        return None
    began = datetime.fromtimestamp(held["at"], UTC)
    if rules.half_is_over(began, now=queries.wall_clock()):
        return None
    return HalfOpen(UUID(held["account"]), held["proof"])
