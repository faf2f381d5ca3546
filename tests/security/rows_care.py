"""Services of primary care that residents ask for: endpoints, the station's page, residents' pages for themselves and wards."""

from __future__ import annotations

from tiercare.apps.access.rights import Right

from .matrix import Row, names

# A table, one endpoint a line.
# fmt: off
_ANSWER, _SELF, _BOOK = Right.REQUESTS_ANSWER, Right.READS_OF_MINE, Right.CAPACITY_BOOK
_STAFF = names("referral_office", "clinician", "primary_doctor")  # they answer, each for their own institution
_ASKED = {"service": "home", "words": "示例：要换药"}
_KEY, _ID, _OF_WARD = {"key": "care"}, {"request_id": "care"}, {"request_id": "ward_care"}
_SOON, _NO = {"visit_at": "{slot_day}T09:00:00+08:00"}, {"words": "示例原因", "instead": "示例办法"}

CARE: tuple[Row, ...] = (
    # A request names its resident by id only. Residents are answered what they asked for themselves, whatever they name.
    Row("GET", "api/care", _SELF, reads="care", also=_STAFF),
    Row("POST", "api/care", _SELF, of="resident", send=_ASKED | {"resident": "{resident}"}),
    # Places and prices say nothing of anybody; whose they are for is opened as for a booking.
    Row("GET", "api/care/compared", _BOOK, of="resident", reads="booking", query="?resident={resident}&specialty=03.04"),
    Row("POST", "api/care/{key}/agree", _ANSWER, of="place", path=_KEY, send=_SOON),
    Row("POST", "api/care/{key}/decline", _ANSWER, of="place", path=_KEY, send=_NO),
    Row("POST", "api/care/{key}/finish", _ANSWER, of="place", path=_KEY),
    Row("POST", "api/care/{key}/withdraw", _SELF, of="care", path=_KEY),
    # The station: masked names, and recorded.
    Row("GET", "care", _ANSWER, reads="care"),
    Row("POST", "care/<uuid:request_id>/<str:act>", _ANSWER, of="place", path=_ID | {"act": "decline"}, send=_NO),
    # One's own.
    Row("GET", "me/care", _SELF, reads="care"),
    Row("POST", "me/care", _SELF, reads="care", send=_ASKED),
    Row("POST", "me/care/<uuid:request_id>/withdraw", _SELF, of="care", path=_ID),
    # A ward's, for whom the resident decides.
    Row("GET", "me/of/<uuid:ward>/care", _SELF, of="ward", reads="care"),
    Row("POST", "me/of/<uuid:ward>/care", _SELF, of="ward", reads="care", send=_ASKED),
    Row("POST", "me/of/<uuid:ward>/care/<uuid:request_id>/withdraw", _SELF, of="ward", path=_OF_WARD),
)
