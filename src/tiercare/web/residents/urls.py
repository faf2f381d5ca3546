"""Addresses of the residents' pages. Ids only: what identifies a person travels in bodies."""

from __future__ import annotations

from django.urls import path

from . import areas, correcting, keeping, record, registering, searching

app_name = "residents"
urlpatterns = [
    path("", searching.residents, name="list"),
    path("/search", searching.search, name="search"),
    path("/areas", areas.areas, name="areas"),
    path("/new", registering.new, name="new"),
    path("/new/from", registering.new_from, name="new-from"),
    path("/new/check", registering.check, name="check"),
    path("/<uuid:resident_id>", record.resident, name="detail"),
    path("/<uuid:resident_id>/reveal", record.reveal, name="reveal"),
    path("/<uuid:resident_id>/print", record.printed, name="print"),
    path("/<uuid:resident_id>/correct", correcting.correct, name="correct"),
    path("/<uuid:resident_id>/double", correcting.double, name="double"),
    path("/<uuid:resident_id>/<str:act>", keeping.act, name="act"),
]
