"""Addresses of the patients who are ready to go down."""

from __future__ import annotations

from django.urls import path

from . import ready

app_name = "going_down"
urlpatterns = [
    path("", ready.ready, name="list"),
    path("/criteria/<uuid:case_id>", ready.by_criteria, name="criteria"),
    path("/visit/<uuid:prompt_id>", ready.at_visit, name="visit"),
    path("/decline/<str:ground>/<uuid:source_id>", ready.decline, name="decline"),
    path("/<uuid:encounter_id>", ready.go_down, name="start"),
]
