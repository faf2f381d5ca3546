"""The address a request comes from, as far as it can be believed."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from tiercare.apps.access.rules.sessions import source_of


def source(request: HttpRequest) -> str:
    """The peer's address, or what the proxies of ``settings.TRUSTED_PROXIES`` say; ``local`` on a socket file."""
    peer = request.META.get("REMOTE_ADDR") or "local"
    return source_of(peer, request.META.get("HTTP_X_FORWARDED_FOR", ""), settings.TRUSTED_PROXIES)
