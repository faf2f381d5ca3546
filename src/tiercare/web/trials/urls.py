"""Addresses of trials."""

from __future__ import annotations

from django.urls import path

from . import exports, views

app_name = "trials"
urlpatterns = [
    path("", views.board, name="board"),
    path("/new", views.new, name="new"),
    path("/<uuid:trial_id>", views.one, name="one"),
    path("/<uuid:trial_id>/stop", views.stop, name="stop"),
    path("/<uuid:trial_id>/again", views.again, name="again"),
    path("/<uuid:trial_id>.<slug:kind>", exports.file, name="file"),
]
