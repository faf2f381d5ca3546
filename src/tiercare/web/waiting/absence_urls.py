"""Addresses of objections to absences."""

from __future__ import annotations

from django.urls import path

from . import absences

app_name = "absences"
urlpatterns = [
    path("", absences.appeals, name="list"),
    path("/<uuid:appeal_id>", absences.decide, name="decide"),
]
