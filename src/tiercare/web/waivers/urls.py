"""Addresses of the exceptions."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "waivers"
urlpatterns = [
    path("", views.waivers, name="list"),
    path("/<uuid:waiver_id>/revoke", views.revoke, name="revoke"),
]
