"""Addresses of service areas; an institution by its id."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "serving"
urlpatterns = [
    path("", views.board, name="board"),
    path("/list", views.file, name="file"),
    path("/<uuid:institution_id>", views.lay, name="lay"),
]
