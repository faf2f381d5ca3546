"""Addresses of the drug list."""

from __future__ import annotations

from django.urls import path

from . import formularies

app_name = "formulary"
urlpatterns = [
    path("", formularies.formulary, name="list"),
    path("/file", formularies.upload, name="file"),
    path("/template", formularies.template, name="template"),
    path("/export", formularies.export, name="export"),
    path("/<uuid:item_id>/end", formularies.end, name="end"),
]
