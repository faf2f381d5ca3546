"""Addresses of booking for staff. Ids only: what identifies a person travels in bodies."""

from __future__ import annotations

from django.urls import path

from . import bookings, desk, places

app_name = "booking"
urlpatterns = [
    path("residents/<uuid:resident_id>/book", places.book, name="book"),
    path("residents/<uuid:resident_id>/book/<uuid:session_id>", places.session, name="session"),
    path("bookings", bookings.bookings, name="list"),
    path("bookings/desk", desk.desk, name="desk"),
    path("bookings/desk/<uuid:booking_id>", desk.check_in, name="check-in"),
    path("bookings/<uuid:booking_id>", bookings.booking, name="detail"),
    path("bookings/<uuid:booking_id>/slip", bookings.slip, name="slip"),
    path("bookings/<uuid:booking_id>/move", bookings.move, name="move"),
    path("bookings/<uuid:booking_id>/<str:act>", bookings.act, name="act"),
]
