"""Waiting lists and objections to absences: endpoints, pages of staff, and residents' pages for themselves and wards."""

from __future__ import annotations

from tiercare.apps.access.rights import Right

from .matrix import Row, names

# A table, one endpoint a line.
# fmt: off
_BOOK, _KEEP, _SELF = Right.CAPACITY_BOOK, Right.CAPACITY_KEEP, Right.READS_OF_MINE
_RESIDENTS = names("resident")  # they have pages of their own
# The township put the resident on the list of the hospital that leads it: both see the entry; the line is the hospital's.
_HOST = names("referral_office@sister", "clinician@sister", "primary_doctor@sister", "registrar@sister")
_BOOKER = names("referral_office@own", "clinician@own", "primary_doctor@own", "registrar@own")
# Its offices answer objections (they stand as ``sister``, and the consortium's as ``own``).
_HOSTS = names("referral_office@sister", "registrar@sister", "consortium_office@own")
_GUESTS = names("referral_office@own", "registrar@own", "consortium_office@sister")
_DAYS = {"first": "{slot_day}", "last": "{slot_day}"}
_WAIT = {"pool": "{pool}", "resident": "{resident}", **_DAYS}
_WORDS = {"words": "当天住院"}
_ANSWER = {"excused": True, "answer": "情况属实"}
_DECISION = {"decision": "excused", "answer": "情况属实"}
_KEY, _ID, _OF_HERS = {"key": "waiting"}, {"waiting_id": "waiting"}, {"booking_id": "booking"}
_OBJECTED = {"key": "appeal"}

WAITING: tuple[Row, ...] = (
    # An entry names its resident by id only. Residents are answered where they wait themselves, whatever they name.
    Row("POST", "api/capacity/waiting", _BOOK, of="place", send=_WAIT),
    Row("GET", "api/capacity/waiting", _BOOK, reads="waiting"),
    Row("GET", "api/capacity/waiting", _BOOK, of="place", reads="waiting", query="?pool={pool}", also=_HOST | _RESIDENTS, never=_BOOKER, variant="line"),
    Row("POST", "api/capacity/waiting/offer", _BOOK, of="place", also=_HOST, never=_BOOKER | _RESIDENTS, send={"pool": "{pool}"}),
    Row("POST", "api/capacity/waiting/{key}/withdraw", _BOOK, of="waiting", path=_KEY, also=_HOST),
    Row("POST", "api/capacity/appeals", _SELF, of="booking", send={"booking": "{booking}", **_WORDS}),
    Row("GET", "api/capacity/appeals", _KEEP, reads="appeals"),
    Row("POST", "api/capacity/appeals/{key}/decide", _KEEP, of="place", path=_OBJECTED, also=_HOSTS, never=_GUESTS, send=_ANSWER),
    # Staff.
    Row("GET", "waiting", _BOOK, reads="waiting", never=_RESIDENTS),
    Row("GET", "waiting/pools/<uuid:pool_id>", _BOOK, of="place", reads="waiting", also=_HOST, never=_BOOKER | _RESIDENTS),
    Row("POST", "waiting/pools/<uuid:pool_id>/offer", _BOOK, of="place", also=_HOST, never=_BOOKER | _RESIDENTS),
    Row("POST", "waiting/<uuid:waiting_id>/withdraw", _BOOK, of="waiting", also=_HOST, never=_RESIDENTS),
    Row("GET", "residents/<uuid:resident_id>/wait/<uuid:pool_id>", _BOOK, of="resident", reads="booking", never=_RESIDENTS),
    Row("POST", "residents/<uuid:resident_id>/wait/<uuid:pool_id>", _BOOK, of="place", reads="booking", never=_RESIDENTS, send=_DAYS),
    Row("GET", "absences", _KEEP, reads="appeals"),
    Row("POST", "absences/<uuid:appeal_id>", _KEEP, of="place", also=_HOSTS, never=_GUESTS, send=_DECISION),
    # One's own.
    Row("GET", "me/waiting/new/<uuid:pool_id>", _SELF),
    Row("POST", "me/waiting/new/<uuid:pool_id>", _SELF, send=_DAYS),
    Row("POST", "me/waiting/<uuid:waiting_id>/<str:act>", _SELF, of="waiting", path=_ID | {"act": "withdraw"}),
    Row("POST", "me/bookings/<uuid:booking_id>/appeal", _SELF, of="booking", reads="booking", send=_WORDS),
    # A ward's, for whom the resident decides.
    Row("GET", "me/of/<uuid:ward>/messages", _SELF, of="ward", reads="messages"),
    Row("GET", "me/of/<uuid:ward>/bookings", _SELF, of="ward", reads="bookings"),
    Row("GET", "me/of/<uuid:ward>/bookings/new", _SELF, of="ward", reads="booking"),
    Row("GET", "me/of/<uuid:ward>/bookings/new/<uuid:session_id>", _SELF, of="ward"),
    Row("POST", "me/of/<uuid:ward>/bookings/new/<uuid:session_id>", _SELF, of="ward", send={"slot": "{other_slot}"}),
    Row("GET", "me/of/<uuid:ward>/bookings/<uuid:booking_id>", _SELF, of="ward", reads="booking", path={"booking_id": "ward_booking"}),
    Row("GET", "me/of/<uuid:ward>/bookings/<uuid:booking_id>/move", _SELF, of="ward", reads="booking", path={"booking_id": "ward_booking"}),
    Row("POST", "me/of/<uuid:ward>/bookings/<uuid:booking_id>/move", _SELF, of="ward", path={"booking_id": "ward_booking"}, send={"slot": "{other_slot}"}),
    Row("POST", "me/of/<uuid:ward>/bookings/<uuid:booking_id>/<str:act>", _SELF, of="ward", path={"booking_id": "ward_booking", "act": "cancel"}),
    Row("POST", "me/of/<uuid:ward>/bookings/<uuid:booking_id>/appeal", _SELF, of="ward", reads="booking", path={"booking_id": "ward_booking"}, send=_WORDS),
    Row("GET", "me/of/<uuid:ward>/waiting/new/<uuid:pool_id>", _SELF, of="ward"),
    Row("POST", "me/of/<uuid:ward>/waiting/new/<uuid:pool_id>", _SELF, of="ward", send=_DAYS),
    Row("POST", "me/of/<uuid:ward>/waiting/<uuid:waiting_id>/<str:act>", _SELF, of="ward", path={"waiting_id": "ward_waiting", "act": "withdraw"}),
)
