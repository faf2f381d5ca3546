"""Addresses of the residents' surveys. As their other pages, each exists twice: one's own, and under ``/of/`` a ward's."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import path

from . import own

app_name = "own_records"
_OF_A_PERSON: tuple[tuple[str, Callable[..., HttpResponseBase], str], ...] = (
    ("/surveys", own.surveys, "surveys"),
    ("/surveys/<uuid:encounter_id>", own.survey, "survey"),
)
urlpatterns = [
    *(path(where, view, name=name) for where, view, name in _OF_A_PERSON),
    *(path(f"/of/<uuid:ward>{where}", view, name=name) for where, view, name in _OF_A_PERSON),
]
