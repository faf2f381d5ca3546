"""Addresses of the residents' own bookings and messages, below those of their other pages."""

from __future__ import annotations

from django.urls import path

from . import own

app_name = "own_booking"
urlpatterns = [
    path("/messages", own.inbox, name="messages"),
    path("/bookings", own.bookings, name="bookings"),
    path("/bookings/new", own.search, name="book"),
    path("/bookings/new/<uuid:session_id>", own.session, name="book-session"),
    path("/bookings/<uuid:booking_id>", own.booking, name="booking"),
    path("/bookings/<uuid:booking_id>/move", own.move, name="booking-move"),
    path("/bookings/<uuid:booking_id>/<str:act>", own.act, name="booking-act"),
]
