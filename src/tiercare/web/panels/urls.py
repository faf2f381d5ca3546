"""Addresses of panels."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "panels"
urlpatterns = [
    path("", views.listed, name="list"),
    path("/<slug:panel>.xlsx", views.file, name="file"),
    path("/<slug:panel>", views.one, name="one"),
]
