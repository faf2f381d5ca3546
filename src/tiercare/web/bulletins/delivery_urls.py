"""Addresses of what was handed to whom."""

from __future__ import annotations

from django.urls import path

from . import delivering

app_name = "deliveries"
urlpatterns = [
    path("", delivering.listed, name="list"),
    path("/hand-over", delivering.handing, name="hand-over"),
    path("/<uuid:delivery_id>", delivering.one, name="one"),
    path("/<uuid:delivery_id>.docx", delivering.file, {"form": "docx"}, name="docx"),
    path("/<uuid:delivery_id>.xlsx", delivering.file, {"form": "xlsx"}, name="xlsx"),
    path("/<uuid:delivery_id>/receive", delivering.sign, name="receive"),
    path("/<uuid:delivery_id>/receipt", delivering.receipt, name="receipt"),
]
