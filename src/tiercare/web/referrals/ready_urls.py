"""Addresses of the patients who are ready to go down."""

from __future__ import annotations

from django.urls import path

from . import ready

app_name = "going_down"
urlpatterns = [
    path("", ready.ready, name="list"),
    path("/<uuid:encounter_id>", ready.go_down, name="start"),
]
