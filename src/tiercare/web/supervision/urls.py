"""Addresses of supervision. Ids only."""

from __future__ import annotations

from django.urls import path

from . import acting, board, case, goals, landing, planning, reports, sheet

app_name = "supervision"
urlpatterns = [
    path("", board.matters, name="board"),
    path("/new", planning.new, name="new"),
    path("/goals", goals.goals, name="goals"),
    path("/reports", reports.library, name="library"),
    path("/reports/<slug:topic>", reports.topic, name="topic"),
    path("/quality", reports.quality, name="quality"),
    path("/proofs/<uuid:proof_id>", case.download, name="proof"),
    path("/matters/<uuid:matter_id>", case.one, name="one"),
    path("/matters/<uuid:matter_id>/sheet", sheet.sheet, name="sheet"),
    path("/matters/<uuid:matter_id>/joins.csv", landing.joins, name="joins"),
    path("/matters/<uuid:matter_id>/judge", acting.judge, name="judge"),
    path("/matters/<uuid:matter_id>/rectify", acting.rectify, name="rectify"),
    path("/matters/<uuid:matter_id>/<str:act>", acting.act, name="act"),
]
