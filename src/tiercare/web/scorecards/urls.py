"""Addresses of scorecards."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "scorecards"
urlpatterns = [
    path("", views.cards, name="list"),
    path("/<slug:card>", views.one, name="one"),
    path("/<slug:card>/marks", views.mark, name="mark"),
    path("/<slug:card>/replay", views.replayed, name="replay"),
]
