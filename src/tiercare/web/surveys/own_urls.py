"""Addresses of the residents' rounds. As their other pages, each exists twice: one's own, and under ``/of/`` a ward's."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import path

from . import own

app_name = "own_surveys"
_OF_A_PERSON: tuple[tuple[str, Callable[..., HttpResponseBase], str], ...] = (
    ("/asked", own.listed, "asked"),
    ("/asked/<uuid:round_id>", own.one, "one"),
    ("/asked/<uuid:round_id>/decline", own.decline, "decline"),
)
urlpatterns = [
    *(path(where, view, name=name) for where, view, name in _OF_A_PERSON),
    *(path(f"/of/<uuid:ward>{where}", view, name=name) for where, view, name in _OF_A_PERSON),
]
