"""Addresses of signing in. Included at the root: ``/sign-in`` is ``settings.LOGIN_URL``."""

from __future__ import annotations

from django.urls import path

from . import views
from .confirming import Confirm
from .own_sessions import OwnSessions

app_name = "access"
urlpatterns = [
    path("sign-in", views.SignIn.as_view(), name="sign-in"),
    path("sign-in/code", views.SignInCode.as_view(), name="code"),
    path("sign-out", views.sign_out, name="sign-out"),
    path("switch", views.switch_person, name="switch"),
    path("forget-device", views.forget_device, name="forget-device"),
    path("sessions", OwnSessions.as_view(), name="sessions"),
    path("confirm", Confirm.as_view(), name="confirm"),
    path("role", views.ChooseRole.as_view(), name="role"),
    path("password", views.ChangePassword.as_view(), name="password"),
    path("language", views.change_language, name="language"),
]
