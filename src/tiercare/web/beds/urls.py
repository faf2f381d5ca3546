"""Addresses of the bed board. Ids only: what identifies a person travels in bodies."""

from __future__ import annotations

from django.urls import path

from . import acting, bed, board, day, entering, placing

app_name = "beds"
urlpatterns = [
    path("", board.board, name="board"),
    path("/sheet", board.sheet, name="sheet"),
    path("/day", day.timeline, name="day"),
    path("/use", day.use, name="use"),
    path("/new", entering.new, name="new"),
    path("/for/<uuid:resident_id>", placing.place, name="for"),
    path("/<uuid:bed_id>", bed.bed, name="bed"),
    path("/<uuid:bed_id>/plan", bed.plan, name="plan"),
    path("/<uuid:bed_id>/keep", entering.keep, name="keep"),
    path("/stays/<uuid:stay_id>/change", placing.change, name="change"),
    path("/stays/<uuid:stay_id>/<str:act>", acting.act, name="act"),
]
