"""The cookie of a device: who has signed in on this browser. Signed, so that nobody else can say so."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from tiercare.apps.access.rules.sessions import DEVICE_DAYS, Device

_SALT = "tiercare.access.device"
_AGE = timedelta(days=DEVICE_DAYS)


def known_device(request: HttpRequest) -> Device | None:
    """The device that the cookie names; ``None`` without one, or if it is forged, altered or too old."""
    cookie = request.COOKIES.get(settings.DEVICE_COOKIE_NAME)
    if not cookie:
        return None
    try:
        held = signing.loads(cookie, salt=_SALT, max_age=_AGE)
    except signing.BadSignature:
        return None
    return Device(held["id"], tuple(UUID(each) for each in held["accounts"]))


def remember(request: HttpRequest, response: HttpResponse, account_id: UUID) -> None:
    """Note in the cookie that this account has signed in here."""
    device = known_device(request) or Device(secrets.token_hex(16))
    after = device.with_account(account_id)
    held = {"id": after.id, "accounts": [each.hex for each in after.accounts]}
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps(held, salt=_SALT),
        max_age=_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget(response: HttpResponse) -> None:
    """Take the cookie back."""
    response.delete_cookie(settings.DEVICE_COOKIE_NAME, samesite="Lax")
