"""Addresses of signing in. Included at the root: ``/sign-in`` is ``settings.LOGIN_URL``."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "access"
urlpatterns = [
    path("sign-in", views.SignIn.as_view(), name="sign-in"),
    path("sign-out", views.sign_out, name="sign-out"),
    path("role", views.ChooseRole.as_view(), name="role"),
    path("password", views.ChangePassword.as_view(), name="password"),
    path("language", views.change_language, name="language"),
]
