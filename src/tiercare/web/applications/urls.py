"""Addresses of the applications."""

from __future__ import annotations

from django.urls import path

from . import speaking, views

app_name = "applications"
urlpatterns = [
    path("", views.applications, name="list"),
    path("/<uuid:application_id>", views.application, name="detail"),
    path("/<uuid:application_id>/look", views.looked_at, name="look"),
    path("/<uuid:application_id>/return", views.give_back, name="return"),
    path("/<uuid:application_id>/override", speaking.override, name="override"),
    path("/<uuid:application_id>/confirm", speaking.confirm, name="confirm"),
    path("/<uuid:application_id>/scores", speaking.scores, name="scores"),
    path("/<uuid:application_id>/<str:act>", views.act, name="act"),
]
