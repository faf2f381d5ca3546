"""Addresses of the health card. Nothing of a card or a person stands in them but keys."""

from __future__ import annotations

from django.urls import path

from . import issuing, views

app_name = "cards"
urlpatterns = [
    path("", views.scan_page, name="scan"),
    path("/read", views.read, name="read"),
    path("/arrive", views.arrive, name="arrive"),
    path("/arrivals", views.arrivals, name="arrivals"),
    path("/lost", issuing.lost, name="lost"),
    path("/of/<uuid:resident_id>", issuing.card, name="of"),
    path("/of/<uuid:resident_id>/sheet", issuing.sheet, name="sheet"),
    path("/of/<uuid:resident_id>/<str:act>", issuing.act, name="act"),
]
