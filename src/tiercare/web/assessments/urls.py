"""Addresses of assessments."""

from __future__ import annotations

from django.urls import path

from . import lists, one, paying, publishing, reporting, scheming, uses, using

app_name = "assessments"
urlpatterns = [
    path("", lists.assessments, name="list"),
    path("/new", lists.new, name="new"),
    path("/schemes", scheming.schemes, name="schemes"),
    path("/schemes/new", scheming.new, name="scheme-new"),
    path("/schemes/<uuid:scheme_id>", scheming.one, name="scheme"),
    path("/factors", using.factors, name="factors"),
    path("/use/<slug:level>/<slug:key>", using.sheet, name="use"),
    path("/uses", uses.uses, name="uses"),
    path("/uses/new", uses.new, name="use-new"),
    path("/uses/pay/new", paying.new, name="pay-new"),
    path("/uses/pay/table", paying.template, name="pay-table"),
    path("/uses/<uuid:matter_id>", uses.one, name="use-one"),
    path("/uses/<uuid:matter_id>/file", paying.file, name="pay-file"),
    path("/uses/<uuid:matter_id>/<slug:act>", uses.act, name="use-act"),
    path("/published", publishing.published, name="published"),
    path("/published/<uuid:publication_id>", publishing.publication, name="publication"),
    path("/published/<uuid:publication_id>/back", publishing.back, name="take-back"),
    path("/reports/<uuid:matter_id>", reporting.report, name="report"),
    path("/reports/<uuid:matter_id>/review", reporting.review, name="review"),
    path("/reports/<uuid:matter_id>/files/<uuid:proof_id>", reporting.proof, name="proof"),
    path("/<uuid:matter_id>", one.assessment, name="one"),
    path("/<uuid:matter_id>/publish", publishing.publish, name="publish"),
    path("/<uuid:matter_id>/<slug:act>", one.act, name="act"),
    path("/<uuid:matter_id>/units/<uuid:assessed_id>", one.unit, name="unit"),
    path("/<uuid:matter_id>/units/<uuid:assessed_id>/adjust", one.adjust, name="adjust"),
]
