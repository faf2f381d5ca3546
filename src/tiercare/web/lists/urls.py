"""Addresses of the named lists."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "lists"
urlpatterns = [
    path("", views.lists, name="list"),
    path("/<str:list_id>", views.edit, name="edit"),
]
