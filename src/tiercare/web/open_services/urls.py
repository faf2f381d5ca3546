"""Addresses of the directory; a region is named by its pack."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "open_services"
urlpatterns = [path("/<slug:region>", views.directory, name="directory")]
