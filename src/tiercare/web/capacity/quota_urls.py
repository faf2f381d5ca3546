"""Addresses of the quota board and the proof, for those who watch over an area or a hospital."""

from __future__ import annotations

from django.urls import path

from . import proving, quotas

app_name = "quotas"
urlpatterns = [
    path("", quotas.board, name="board"),
    path("/proof", proving.proof, name="proof"),
    path("/proof.xlsx", proving.file, {"kind": "xlsx"}, name="proof-xlsx"),
    path("/proof.json", proving.file, {"kind": "json"}, name="proof-json"),
]
