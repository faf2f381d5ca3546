"""Addresses of imports and exports."""

from __future__ import annotations

from django.urls import path

from . import downloads, views

app_name = "imports"
urlpatterns = [
    path("", views.imports, name="list"),
    path("/upload", views.upload, name="upload"),
    path("/template", downloads.template, name="template"),
    path("/export", downloads.export, name="export"),
    path("/<uuid:batch_id>", views.detail, name="detail"),
    path("/<uuid:batch_id>/rows/<uuid:row_id>", views.mend, name="mend"),
    path("/<uuid:batch_id>/recheck", views.recheck, name="recheck"),
    path("/<uuid:batch_id>/take-over", views.take_over, name="take-over"),
    path("/<uuid:batch_id>/discard", views.discard, name="discard"),
    path("/<uuid:batch_id>/bad-rows", downloads.bad_rows, name="bad-rows"),
]
