"""Addresses of planning."""

from __future__ import annotations

from django.urls import path

from . import exports, gapping, layering, searching, sponsors, versions, views

app_name = "planning"
urlpatterns = [
    path("", views.board, name="board"),
    path("/weigh", views.weigh, name="weigh"),
    path("/search", searching.ask, name="search"),
    path("/searches/<uuid:search_id>", searching.searched, name="searched"),
    path("/searches/<uuid:search_id>/stop", searching.stop, name="stop"),
    path("/plans", versions.versions, name="plans"),
    path("/plans/<int:number>/discuss", versions.discuss, name="discuss"),
    path("/compare", versions.beside, name="compare"),
    path("/sheet", exports.sheet, name="sheet"),
    path("/layers", layering.layers, name="layers"),
    path("/gaps", gapping.gaps, name="gaps"),
    path("/sponsors", sponsors.sponsors, name="sponsors"),
    path("/plan.<slug:kind>", exports.file, name="file"),
]
