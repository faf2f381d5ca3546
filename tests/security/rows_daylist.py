"""The day at the hospital: only the hospital sees its queue, and only it calls and takes who walks in."""

from __future__ import annotations

from tiercare.apps.access.rights import Right

from .matrix import Row, names

# A table, one endpoint a line.
# fmt: off
_BOOK = Right.CAPACITY_BOOK
# The township booked at the hospital that leads it: it sees the booking, but the queue is the hospital's.
_HOST = names("referral_office@sister", "clinician@sister", "primary_doctor@sister", "registrar@sister")
_OTHERS = names("referral_office@own", "clinician@own", "primary_doctor@own", "registrar@own", "resident")
_RESIDENTS = names("resident")
_IT = {"session_id": "session", "booking_id": "booking"}
_AT = "daylist/<uuid:session_id>"
_TO_SLOT = {"resident": "{resident}", "slot": "{other_slot}"}

DAYLIST: tuple[Row, ...] = (
    # Numbers of patients: nothing of any resident.
    Row("GET", "daylist", _BOOK, never=_RESIDENTS),
    Row("GET", "daylist/waits", _BOOK, never=_RESIDENTS),
    Row("GET", f"{_AT}/screen", _BOOK, of="booking", also=_HOST, never=_OTHERS),
    # The queue: masked names, and recorded.
    Row("GET", _AT, _BOOK, of="booking", reads="bookings", also=_HOST, never=_OTHERS),
    # A refusal is told on the queue's page.
    Row("POST", f"{_AT}/<str:act>", _BOOK, of="booking", reads="bookings", also=_HOST, never=_OTHERS, path=_IT | {"act": "call"}),
    Row("POST", f"{_AT}/<uuid:booking_id>/<str:act>", _BOOK, of="booking", reads="bookings", also=_HOST, never=_OTHERS, path=_IT | {"act": "arrive"}),
    Row("GET", "api/capacity/sessions", _BOOK, query="?day={slot_day}", never=_RESIDENTS),
    Row("GET", "api/capacity/waits", _BOOK, query="?first={slot_day}&last={slot_day}", never=_RESIDENTS),
    Row("GET", "api/capacity/sessions/{key}/queue", _BOOK, of="booking", path={"key": "session"}, reads="bookings", also=_HOST, never=_OTHERS),
    Row("POST", "api/capacity/sessions/{key}/call", _BOOK, of="booking", path={"key": "session"}, send={}, also=_HOST, never=_OTHERS),
    Row("POST", "api/capacity/queue/{key}/call", _BOOK, of="booking", path={"key": "booking"}, send={}, also=_HOST, never=_OTHERS),
    Row("POST", "api/capacity/sessions/{key}/walk-ins", _BOOK, of="booking", path={"key": "session"}, send={"resident": "{resident}"}, also=_HOST, never=_OTHERS),
    # The hospital has not seen this resident yet: nobody has a ground.
    Row("POST", "api/capacity/overbookings", _BOOK, of="booking", send=_TO_SLOT, never=_OTHERS),
)
