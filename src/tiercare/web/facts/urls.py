"""Addresses of the facts."""

from __future__ import annotations

from django.urls import path

from . import batches, deciding, importing, overview, tables

app_name = "facts"
urlpatterns = [
    path("", overview.facts, name="list"),
    path("/import", importing.start, name="import"),
    path("/import/upload", importing.upload, name="upload"),
    path("/import/<uuid:upload_id>", deciding.detail, name="decide"),
    path("/import/<uuid:upload_id>/table", deciding.table, name="other-table"),
    path("/import/<uuid:upload_id>/columns", deciding.columns, name="columns"),
    path("/import/<uuid:upload_id>/check", deciding.check, name="check"),
    path("/import/<uuid:upload_id>/take", deciding.take, name="take"),
    path("/import/<uuid:upload_id>/drop", deciding.drop, name="drop"),
    path("/import/<uuid:upload_id>/quarantine", deciding.quarantine, name="trial-quarantine"),
    path("/batches/<str:batch_id>", batches.detail, name="batch"),
    path("/batches/<str:batch_id>/quarantine", batches.quarantine, name="quarantine"),
    path("/tables/<str:table>", tables.detail, name="table"),
    path("/tables/<str:table>/template", tables.template, name="template"),
]
