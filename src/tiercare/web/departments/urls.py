"""Addresses of the departments' workspaces."""

from __future__ import annotations

from django.urls import path

from . import claims, views

app_name = "departments"
urlpatterns = [
    path("", views.index, name="list"),
    path("/posts/<uuid:post_id>/end", views.end, name="post-end"),
    path("/<slug:key>", views.one, name="one"),
    path("/<slug:key>/posts", views.post, name="post"),
    path("/<slug:key>/claims", claims.look, name="claims"),
    path("/<slug:key>/claims/listed", claims.listed, name="claims-listed"),
    path("/<slug:key>/claims/file", claims.file, name="claims-file"),
    path("/<slug:key>/claims/raise", claims.put, name="claims-raise"),
]
