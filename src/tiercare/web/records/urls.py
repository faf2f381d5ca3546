"""Addresses of the record: they stand below the residents'."""

from __future__ import annotations

from django.urls import path

from . import contacts, documents, timeline, visits, withdrawing

app_name = "records"
urlpatterns = [
    path("residents/<uuid:resident_id>/record", timeline.timeline, name="timeline"),
    path("residents/<uuid:resident_id>/record/visit", visits.visit, name="visit"),
    path("residents/<uuid:resident_id>/record/document", documents.add, name="add"),
    path("residents/<uuid:resident_id>/record/contact", contacts.plan, name="plan"),
    path(
        "residents/<uuid:resident_id>/record/documents/<uuid:document_id>",
        documents.download,
        name="document",
    ),
    path("record-entries/<str:what>/<uuid:entry_id>", withdrawing.withdraw, name="withdraw"),
    path("record-entries/document/<uuid:document_id>/file", documents.withdrawn, name="withdrawn-file"),
    path("encounters/<uuid:encounter_id>/stage", visits.stage, name="stage"),
    path("encounters/<uuid:encounter_id>/end", visits.end, name="end"),
]
