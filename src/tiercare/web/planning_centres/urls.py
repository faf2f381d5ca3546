"""Addresses of planned medical centres; a centre is named by its series."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "planning_centres"
urlpatterns = [
    path("", views.board, name="board"),
    path("/new", views.new, name="new"),
    path("/list", views.file, name="file"),
    path("/<uuid:key>", views.one, name="one"),
]
