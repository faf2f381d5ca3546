"""Addresses of the work on duplicates."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "duplicates"
urlpatterns = [
    path("", views.pairs, name="list"),
    path("/unclaimed", views.unclaimed, name="unclaimed"),
    path("/claim", views.claim, name="claim"),
    path("/merges", views.merges, name="merges"),
    path("/merges/<uuid:merge_id>/part", views.part, name="part"),
    path("/<uuid:one>/<uuid:other>", views.pair, name="pair"),
    path("/<uuid:one>/<uuid:other>/merge", views.merge, name="merge"),
    path("/<uuid:one>/<uuid:other>/dismiss", views.dismiss, name="dismiss"),
]
