"""Addresses of the rounds. Ids only."""

from __future__ import annotations

from django.urls import path

from . import rounds

app_name = "surveys"
urlpatterns = [
    path("", rounds.listed, name="list"),
    path("/<uuid:round_id>", rounds.one, name="one"),
    path("/<uuid:round_id>/stop", rounds.stop, name="stop"),
    path("/<uuid:round_id>/table", rounds.table, name="table"),
]
