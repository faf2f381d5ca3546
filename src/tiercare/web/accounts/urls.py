"""Addresses of account administration."""

from __future__ import annotations

from django.urls import path

from . import acts, inviting, leaving, rights, views

app_name = "accounts"
urlpatterns = [
    path("", views.accounts, name="list"),
    path("/new", inviting.invite, name="new"),
    path("/grant", inviting.grant_colleague, name="grant"),
    path("/rights", rights.matrix, name="rights"),
    path("/holders", rights.who_can, name="holders"),
    path("/<uuid:account_id>", views.account, name="detail"),
    path("/<uuid:account_id>/roles", inviting.grant_here, name="give"),
    path("/<uuid:account_id>/revoke", acts.revoke, name="revoke"),
    path("/<uuid:account_id>/remove-factor", acts.remove_factor, name="remove-factor"),
    path("/<uuid:account_id>/leave", leaving.leave, name="leave"),
    path("/<uuid:account_id>/slip/<str:act>", acts.slip, name="slip"),
    path("/<uuid:account_id>/<str:act>", acts.act, name="act"),
]
