"""Addresses of work programmes and projects. A project itself is a matter and has its page there."""

from __future__ import annotations

from django.urls import path

from . import acting, board, opening, opening_page, standing

app_name = "projects"
urlpatterns = [
    path("", board.board, name="board"),
    path("/list", board.listing, name="list"),
    path("/list.csv", board.file, {"form": "csv"}, name="list-csv"),
    path("/list.xlsx", board.file, {"form": "xlsx"}, name="list-xlsx"),
    path("/opening", opening_page.shown, name="opening"),
    path("/new", opening.new, name="new"),
    path("/yearly", opening.yearly, name="yearly"),
    path("/standards/<slug:standard>", standing.compared, name="standard"),
    path("/standards/<slug:standard>/table.xlsx", standing.file, name="standard-file"),
    path("/<uuid:matter_id>/parts", acting.part, name="part"),
]
