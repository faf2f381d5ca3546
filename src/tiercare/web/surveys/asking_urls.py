"""Addresses of asking: whom one's institution may ask now."""

from __future__ import annotations

from django.urls import path

from . import asking

app_name = "survey_asking"
urlpatterns = [
    path("", asking.listed, name="list"),
    path("/<uuid:invitation_id>", asking.one, name="one"),
    path("/<uuid:invitation_id>/call", asking.call, name="call"),
    path("/<uuid:invitation_id>/decline", asking.decline, name="decline"),
]
