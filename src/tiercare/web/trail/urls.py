"""Addresses of the audit trail."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "events"
urlpatterns = [path("", views.events, name="list")]
