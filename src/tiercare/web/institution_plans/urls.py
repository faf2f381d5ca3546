"""Addresses of the plans of institutions and of the lists beside them."""

from __future__ import annotations

from django.urls import path

from . import comparing, flowing, keeping, turning

app_name = "institution_plans"
urlpatterns = [
    path("", comparing.comparison, name="comparison"),
    path("/versions", keeping.versions, name="versions"),
    path("/versions/file", keeping.upload, name="file"),
    path("/versions/template", keeping.template, name="template"),
    path("/versions/<uuid:plan_id>", keeping.version, name="version"),
    path("/versions/<uuid:plan_id>/export", keeping.export, name="export"),
    path("/surplus", turning.surplus, name="surplus"),
    path("/flows", flowing.flows, name="flows"),
]
