"""Addresses of trying a change."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "changes"
urlpatterns = [
    path("/new", views.new, name="new"),
    path("/find", views.find, name="find"),
    path("/<uuid:application_id>", views.edit, name="edit"),
]
