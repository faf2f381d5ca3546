"""Addresses of agreements, charters and responsibilities."""

from __future__ import annotations

from django.urls import path

from . import charters, drafting, views

app_name = "agreements"
urlpatterns = [
    path("", views.agreements, name="list"),
    path("/new", drafting.new, name="new"),
    path("/responsibilities", views.responsibilities, name="responsibilities"),
    path("/charter", charters.charter, name="charter"),
    path("/charter/seats", charters.seats, name="seats"),
    path("/obligations/<uuid:obligation_id>/meet", views.meet, name="meet"),
    path("/<uuid:agreement_id>", views.agreement, name="detail"),
    path("/<uuid:agreement_id>/sections/<str:word>", drafting.section, name="section"),
    path("/<uuid:agreement_id>/do/<slug:act>", views.do, name="do"),
]
