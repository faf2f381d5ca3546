"""Addresses of the day at the hospital. Ids only: what identifies a person travels in bodies."""

from __future__ import annotations

from django.urls import path

from . import acting, views

app_name = "daylist"
urlpatterns = [
    path("", views.day, name="day"),
    path("/waits", views.waits, name="waits"),
    path("/<uuid:session_id>", views.session, name="session"),
    path("/<uuid:session_id>/screen", views.screen, name="screen"),
    path("/<uuid:session_id>/<str:act>", acting.at_session, name="act"),
    path("/<uuid:session_id>/<uuid:booking_id>/<str:act>", acting.at_booking, name="turn"),
]
