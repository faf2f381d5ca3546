"""Addresses of indicators."""

from __future__ import annotations

from django.urls import path

from . import book, breakdown, cases, changes, one, spectrum

app_name = "indicators"
urlpatterns = [
    path("", book.book, name="list"),
    path("/changes", changes.changes, name="changes"),
    path("/spectrum", spectrum.spectrum, name="spectrum"),
    path("/<slug:indicator>", one.one, name="one"),
    path("/<slug:indicator>/breakdown", breakdown.breakdown, name="breakdown"),
    path("/<slug:indicator>/cases", cases.behind, name="cases"),
]
