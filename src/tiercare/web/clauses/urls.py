"""Addresses of the clause ledger."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "clauses"
urlpatterns = [
    path("", views.ledger, name="list"),
    path("/<str:clause_id>", views.clause, name="detail"),
]
