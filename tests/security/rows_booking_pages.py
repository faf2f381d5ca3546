"""Pages of booking: from a resident's record, the institution's bookings, the desk, and the residents' own."""

from __future__ import annotations

from tiercare.apps.access.rights import Right

from .matrix import Row, names

# A table, one endpoint a line.
# fmt: off
_BOOK, _SELF = Right.CAPACITY_BOOK, Right.READS_OF_MINE
_RESIDENTS = names("resident")  # they have pages of their own
# The township booked at the hospital that leads it: both see the booking, only the hospital sees somebody come.
_HOST = names("referral_office@sister", "clinician@sister", "primary_doctor@sister", "registrar@sister")
_BOOKER = names("referral_office@own", "clinician@own", "primary_doctor@own", "registrar@own")
_A_SLOT = {"slot": "{other_slot}"}
_OF_HERS = {"booking_id": "booking"}

BOOKING_PAGES: tuple[Row, ...] = (
    # From the record: whoever may read it. Places say nothing of anybody.
    Row("GET", "residents/<uuid:resident_id>/book", _BOOK, of="resident", reads="booking", never=_RESIDENTS),
    Row("GET", "residents/<uuid:resident_id>/book/<uuid:session_id>", _BOOK, of="resident", reads="booking", never=_RESIDENTS),
    Row("POST", "residents/<uuid:resident_id>/book/<uuid:session_id>", _BOOK, of="place", never=_RESIDENTS, send=_A_SLOT),
    # The bookings: masked names, and recorded.
    Row("GET", "bookings", _BOOK, reads="bookings", never=_RESIDENTS, query="?when=coming"),
    Row("GET", "bookings/<uuid:booking_id>", _BOOK, of="booking", reads="booking", also=_HOST, never=_RESIDENTS),
    Row("GET", "bookings/<uuid:booking_id>/slip", _BOOK, of="booking", reads="booking", also=_HOST, never=_RESIDENTS),
    Row("GET", "bookings/<uuid:booking_id>/move", _BOOK, of="booking", reads="booking", also=_HOST, never=_RESIDENTS),
    Row("POST", "bookings/<uuid:booking_id>/move", _BOOK, of="booking", also=_HOST, never=_RESIDENTS, send=_A_SLOT),
    Row("POST", "bookings/<uuid:booking_id>/<str:act>", _BOOK, of="booking", also=_HOST, never=_RESIDENTS, path=_OF_HERS | {"act": "cancel"}),
    Row("GET", "bookings/desk", _BOOK, never=_RESIDENTS),
    Row("POST", "bookings/desk", _BOOK, of="place", reads="booking", also=_HOST, never=_RESIDENTS | _BOOKER, send={"text": "{booking}"}),
    Row("POST", "bookings/desk/<uuid:booking_id>", _BOOK, of="booking", also=_HOST, never=_RESIDENTS | _BOOKER),
    # One's own.
    Row("GET", "me/messages", _SELF, reads="messages"),
    Row("GET", "me/bookings", _SELF, reads="bookings"),
    Row("GET", "me/bookings/new", _SELF, reads="booking"),
    Row("GET", "me/bookings/new/<uuid:session_id>", _SELF),
    Row("POST", "me/bookings/new/<uuid:session_id>", _SELF, send=_A_SLOT),
    Row("GET", "me/bookings/<uuid:booking_id>", _SELF, of="booking", reads="booking"),
    Row("GET", "me/bookings/<uuid:booking_id>/move", _SELF, of="booking", reads="booking"),
    Row("POST", "me/bookings/<uuid:booking_id>/move", _SELF, of="booking", send=_A_SLOT),
    Row("POST", "me/bookings/<uuid:booking_id>/<str:act>", _SELF, of="booking", path=_OF_HERS | {"act": "cancel"}),
)
