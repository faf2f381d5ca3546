"""Addresses of the calendar and of the plans whose milestones stand in it."""

from __future__ import annotations

from django.urls import path

from . import plans, views

app_name = "calendar"
urlpatterns = [
    path("", views.month, name="month"),
    path(".ics", views.download, name="download"),
    path("/plans", plans.plans, name="plans"),
    path("/plans/<uuid:milestone_id>/meet", plans.meet, name="meet"),
]
