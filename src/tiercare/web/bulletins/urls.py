"""Addresses of bulletins."""

from __future__ import annotations

from django.urls import path

from . import acting, values, views

app_name = "bulletins"
urlpatterns = [
    path("", views.listed, name="list"),
    path("/new", views.new, name="new"),
    path("/values.xlsx", values.values, {"form": "xlsx"}, name="values"),
    path("/values.csv", values.values, {"form": "csv"}, name="values-csv"),
    path("/values.gb.csv", values.values, {"form": "gb.csv"}, name="values-gb"),
    path("/<uuid:bulletin_id>", views.one, name="one"),
    path("/<uuid:bulletin_id>/edit", views.edit, name="edit"),
    path("/<uuid:bulletin_id>.docx", views.file, {"form": "docx"}, name="docx"),
    path("/<uuid:bulletin_id>.xlsx", views.file, {"form": "xlsx"}, name="xlsx"),
    path("/<uuid:bulletin_id>/<slug:act>", acting.do, name="do"),
]
