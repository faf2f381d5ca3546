"""Addresses of requests for services of primary care, for the institution that answers. Ids only."""

from __future__ import annotations

from django.urls import path

from . import desk

app_name = "care"
urlpatterns = [
    path("", desk.asked, name="list"),
    path("/<uuid:request_id>/<str:act>", desk.act, name="act"),
]
