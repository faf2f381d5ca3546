"""Addresses of the applications."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "applications"
urlpatterns = [
    path("", views.applications, name="list"),
    path("/<uuid:application_id>", views.application, name="detail"),
    path("/<uuid:application_id>/look", views.looked_at, name="look"),
    path("/<uuid:application_id>/return", views.give_back, name="return"),
    path("/<uuid:application_id>/<str:act>", views.act, name="act"),
]
