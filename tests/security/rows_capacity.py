"""Endpoints about places: what is free, bookings and what becomes of them."""

from __future__ import annotations

from tiercare.apps.access.rights import Right

from .matrix import Row, names

# A table, one endpoint a line.
# fmt: off
_BOOK = Right.CAPACITY_BOOK
# The township booked at the hospital that leads it: both see the booking, others do not. Only the hospital sees
# somebody come.
_HOST = names("referral_office@sister", "clinician@sister", "primary_doctor@sister", "registrar@sister")
_BOOKER = names("referral_office@own", "clinician@own", "primary_doctor@own", "registrar@own", "resident@own")
_IT = {"key": "booking"}

CAPACITY: tuple[Row, ...] = (
    # Numbers of places: nothing of any resident.
    Row("GET", "api/capacity/slots", Right.CAPACITY_READ, query="?institution={hospital}&day={slot_day}", personal=False),
    Row("GET", "api/capacity/proof", Right.CAPACITY_PROVE, query="?first={slot_day}&last={slot_day}", personal=False),
    # For whom one looks after, or for oneself. A booking names its resident by id only.
    Row("POST", "api/capacity/bookings", _BOOK, of="place", send={"slot": "{other_slot}", "resident": "{resident}"}),
    Row("POST", "api/capacity/bookings", _BOOK, of="place", send={"slot": "{other_slot}", "resident": "{resident}", "hold": True}, variant="held"),
    Row("GET", "api/capacity/bookings", _BOOK, reads="bookings"),
    Row("POST", "api/capacity/bookings/{key}/move", _BOOK, of="booking", path=_IT, send={"slot": "{other_slot}"}, also=_HOST),
    Row("POST", "api/capacity/bookings/{key}/{act}", _BOOK, of="booking", path=_IT | {"act": "cancel"}, also=_HOST, variant="cancel"),
    Row("POST", "api/capacity/bookings/{key}/{act}", _BOOK, of="booking", path={"key": "held", "act": "confirm"}, variant="confirm"),
    Row("POST", "api/capacity/bookings/{key}/{act}", _BOOK, of="booking", path=_IT | {"act": "arrive"}, also=_HOST, never=_BOOKER, variant="arrive"),
    Row("POST", "api/capacity/bookings/{key}/{act}", _BOOK, of="booking", path=_IT | {"act": "attend"}, also=_HOST, never=_BOOKER, variant="attend"),
    Row("POST", "api/capacity/bookings/{key}/{act}", _BOOK, of="booking", path=_IT | {"act": "miss"}, also=_HOST, never=_BOOKER, variant="miss"),
)
