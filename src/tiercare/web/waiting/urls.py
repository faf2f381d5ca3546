"""Addresses of waiting lists for staff. Ids only."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "waiting"
urlpatterns = [
    path("waiting", views.lists, name="lists"),
    path("waiting/pools/<uuid:pool_id>", views.line, name="line"),
    path("waiting/pools/<uuid:pool_id>/offer", views.offer, name="offer"),
    path("waiting/<uuid:waiting_id>/withdraw", views.withdraw, name="withdraw"),
    path("residents/<uuid:resident_id>/wait/<uuid:pool_id>", views.wait, name="wait"),
]
