"""Addresses of the residents' bookings, waiting lists and messages. As their other pages, each exists twice: one's own,
and under ``/of/`` a ward's."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import path

from . import own, own_waiting

app_name = "own_booking"
_OF_A_PERSON: tuple[tuple[str, Callable[..., HttpResponseBase], str], ...] = (
    ("/messages", own.inbox, "messages"),
    ("/bookings", own.bookings, "bookings"),
    ("/bookings/new", own.search, "book"),
    ("/bookings/new/<uuid:session_id>", own.session, "book-session"),
    ("/bookings/<uuid:booking_id>", own.booking, "booking"),
    ("/bookings/<uuid:booking_id>/move", own.move, "booking-move"),
    ("/bookings/<uuid:booking_id>/appeal", own.appeal, "booking-appeal"),
    ("/bookings/<uuid:booking_id>/<str:act>", own.act, "booking-act"),
    ("/waiting/new/<uuid:pool_id>", own_waiting.wait, "booking-wait"),
    ("/waiting/<uuid:waiting_id>/<str:act>", own_waiting.act, "waiting-act"),
)
urlpatterns = [
    *(path(where, view, name=name) for where, view, name in _OF_A_PERSON),
    *(path(f"/of/<uuid:ward>{where}", view, name=name) for where, view, name in _OF_A_PERSON),
]
