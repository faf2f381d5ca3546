"""Addresses of the compliance board."""

from __future__ import annotations

from django.urls import path

from . import places, views

app_name = "compliance"
urlpatterns = [
    path("", views.board, name="board"),
    path(".csv", views.export, name="export"),
    path("/places", places.places, name="places"),
    path("/<str:clause_id>", views.clause, name="clause"),
    path("/<str:clause_id>/waive", views.waive, name="waive"),
]
