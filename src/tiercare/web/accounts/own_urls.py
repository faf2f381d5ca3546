"""Addresses of what people do for themselves: the second factor, and the slip that opens an account."""

from __future__ import annotations

from django.urls import path

from . import invitation, second_factor

app_name = "own"
urlpatterns = [
    path("second-factor", second_factor.overview, name="second-factor"),
    path("second-factor/qr.svg", second_factor.qr, name="second-factor-qr"),
    path("second-factor/begin", second_factor.begin, name="second-factor-begin"),
    path("second-factor/confirm", second_factor.confirm, name="second-factor-confirm"),
    path("second-factor/codes", second_factor.renew, name="second-factor-codes"),
    path("second-factor/off", second_factor.off, name="second-factor-off"),
    path("invitation", invitation.Accept.as_view(), name="invitation"),
    path("invitation/done", invitation.done, name="invitation-done"),
]
