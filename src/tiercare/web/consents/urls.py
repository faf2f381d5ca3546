"""Addresses of the desk's side of consent."""

from __future__ import annotations

from django.urls import path

from . import emergency, views

app_name = "consents"
urlpatterns = [
    path("/<uuid:resident_id>", views.consents, name="of"),
    path("/<uuid:resident_id>/find", views.find_grantee, name="find"),
    path("/<uuid:resident_id>/<uuid:consent_id>/withdraw", views.withdraw, name="withdraw"),
    path("/<uuid:resident_id>/move", views.move, name="move"),
    path("/<uuid:resident_id>/glass", emergency.glass, name="glass"),
]
