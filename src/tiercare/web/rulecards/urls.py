"""Addresses of the rule pages."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "rules"
urlpatterns = [
    path("", views.rules, name="list"),
    path("/<str:pack_id>/<str:card_id>", views.card, name="card"),
]
