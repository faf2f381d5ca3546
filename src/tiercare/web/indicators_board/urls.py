"""Addresses of the board."""

from __future__ import annotations

from django.urls import path

from . import views, wall

app_name = "board"
urlpatterns = [
    path("", views.board, name="board"),
    path("/run", views.run, name="run"),
    path("/wall", wall.wall, name="wall"),
]
