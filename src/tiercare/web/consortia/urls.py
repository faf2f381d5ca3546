"""Addresses of the consortia."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "consortia"
urlpatterns = [
    path("", views.consortia, name="list"),
    path("/<uuid:consortium_id>", views.consortium, name="detail"),
    path("/<uuid:consortium_id>/centres", views.centres, name="centres"),
]
