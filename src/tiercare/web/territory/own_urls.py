"""Addresses of the residents' page about who provides what; one's own, and under ``/of/`` a ward's."""

from __future__ import annotations

from django.urls import path

from . import own

app_name = "own_territory"
urlpatterns = [
    path("/providers", own.providers, name="providers"),
    path("/of/<uuid:ward>/providers", own.providers, name="providers"),
]
