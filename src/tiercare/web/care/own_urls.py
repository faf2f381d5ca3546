"""Addresses of the residents' requests for services. As their other pages, each exists twice: one's own, and under
``/of/`` a ward's. The names begin as those of bookings do, under whose tab they stand."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import path

from . import own

app_name = "own_care"
_OF_A_PERSON: tuple[tuple[str, Callable[..., HttpResponseBase], str], ...] = (
    ("/care", own.care, "book-care"),
    ("/care/<uuid:request_id>/withdraw", own.withdraw, "book-care-withdraw"),
)
urlpatterns = [
    *(path(where, view, name=name) for where, view, name in _OF_A_PERSON),
    *(path(f"/of/<uuid:ward>{where}", view, name=name) for where, view, name in _OF_A_PERSON),
]
