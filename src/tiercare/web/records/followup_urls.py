"""Addresses of alerts and surveys."""

from __future__ import annotations

from django.urls import path

from . import followups

app_name = "followup"
urlpatterns = [
    path("/alerts", followups.alerts, name="alerts"),
    path("/alerts/<uuid:alert_id>", followups.alert, name="alert"),
    path("/alerts/<uuid:alert_id>/refer", followups.refer, name="refer"),
    path("/surveys", followups.surveys, name="surveys"),
    path("/surveys/<uuid:encounter_id>", followups.survey, name="survey"),
]
