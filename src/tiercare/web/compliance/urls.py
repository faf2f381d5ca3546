"""Addresses of the compliance board."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "compliance"
urlpatterns = [
    path("", views.board, name="board"),
    path(".csv", views.export, name="export"),
    path("/<str:clause_id>", views.clause, name="clause"),
    path("/<str:clause_id>/waive", views.waive, name="waive"),
]
