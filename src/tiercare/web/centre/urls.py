"""Addresses of the admission centre. Ids only: what identifies a person travels in bodies."""

from __future__ import annotations

from django.urls import path

from . import cases, opening, settings, worklist

app_name = "centre"
urlpatterns = [
    path("", worklist.worklist, name="list"),
    path("/new", opening.new, name="new"),
    path("/settings", settings.settings, name="settings"),
    path("/settings/<str:act>", settings.act, name="keep"),
    path("/cases/<uuid:case_id>", cases.case, name="case"),
    path("/cases/<uuid:case_id>/sheet", cases.sheet, name="sheet"),
    path("/cases/<uuid:case_id>/<str:act>", cases.act, name="act"),
]
