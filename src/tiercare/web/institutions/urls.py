"""Addresses of the institutions."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "institutions"
urlpatterns = [
    path("", views.institutions, name="list"),
    path("/<uuid:institution_id>", views.institution, name="detail"),
    path("/<uuid:institution_id>/confirm", views.confirm, name="confirm"),
]
