"""The office's pages of requests: both sides see one, only the receiver answers it; a commission what came up to it."""

from __future__ import annotations

from tiercare.apps.access.rights import Right

from .matrix import ANYBODY, Came, Row, names

# A table, one endpoint a line.
# fmt: off
_SEND, _ANSWER = Right.REQUESTS_SEND, Right.REQUESTS_ANSWER
_RESIDENTS = names("resident")  # they have pages of their own
# The request went from the township ("own") to the hospital ("sister").
_RECEIVERS = names("referral_office@sister", "clinician@sister", "primary_doctor@sister")
_SENDERS = names("referral_office@own", "clinician@own", "primary_doctor@own")
# They oversee: the lists are theirs, the request itself only once it came up to them.
_ABOVE = names("commission", "consortium_office")
# The consortium's office sits at the hospital and sees what its institution has a part in.
_READERS = _RECEIVERS | names("consortium_office@own")
_ACT = {"request_id": "request", "act": "accept"}

REQUESTS_PAGES: tuple[Row, ...] = (
    Row("GET", "requests", _SEND, reads="requests", also=_ABOVE, never=_RESIDENTS),
    Row("POST", "requests", _SEND, reads="requests", also=_ABOVE, never=_RESIDENTS, send={"text": "甘"}),
    Row("POST", "requests/bulk", _ANSWER, reads="requests", never=_RESIDENTS, send={"act": "accept", "request": "{request}.1", "box": "in"}),
    Row("GET", "requests/board", _ANSWER, reads="requests", never=_RESIDENTS),
    # Institutions by name; nothing of any resident.
    Row("GET", "requests/elsewhere", _SEND, also=_ABOVE, never=_RESIDENTS, query="?find=a"),
    Row("GET", "requests/bell", _SEND, never=_RESIDENTS),
    Row("GET", "requests/inbox", _SEND, reads="contacts", never=_RESIDENTS),
    Row("POST", "requests/inbox/seen", _SEND, never=_RESIDENTS),
    Row("POST", "requests/inbox/<uuid:request_id>", _SEND, never=_RESIDENTS),
    Row("GET", "requests/filings", _SEND, reads="filings", never=_RESIDENTS),
    Row("GET", "requests/settings", _SEND, also=_ABOVE, never=_RESIDENTS),
    Row("POST", "requests/settings", Right.REQUESTS_DESK, never=_RESIDENTS, send={"name": "转诊办公室"}),
    Row("POST", "requests/settings/absence", _SEND, never=_RESIDENTS),
    Row("POST", "requests/settings/absence/<uuid:stand_in_id>/end", _SEND, never=_RESIDENTS, path={"stand_in_id": "nothing"}, ends=frozenset({Came.NOT_FOUND})),
    Row("GET", "requests/<uuid:request_id>", _SEND, of="request", reads="request", also=_READERS, never=_RESIDENTS),
    Row("GET", "requests/<uuid:request_id>/sheet", _SEND, of="request", reads="request", also=_READERS, never=_RESIDENTS),
    Row("POST", "requests/<uuid:request_id>/receive", _ANSWER, of="request", also=_RECEIVERS, never=_SENDERS | _RESIDENTS),
    # What was told of a request that is another's is nothing: nobody learns whether it exists.
    Row("POST", "requests/<uuid:request_id>/seen", _SEND, never=_RESIDENTS),
    # Whose it is not to give away is told so on the request's page, which is theirs to read.
    Row("POST", "requests/<uuid:request_id>/assign", _ANSWER, of="request", reads="request", also=_RECEIVERS, never=_RESIDENTS),
    Row("POST", "requests/<uuid:request_id>/filing/<str:step>", _SEND, of="request", path={"request_id": "request", "step": "again"}, also=_RECEIVERS, never=_RESIDENTS),
    Row("POST", "requests/<uuid:request_id>/<str:act>", _ANSWER, of="request", path=_ACT, also=_RECEIVERS, never=_SENDERS | _RESIDENTS),
    # Four signs are asked for, and counted; without them nothing is told.
    Row("GET", "r/<str:number>", ANYBODY, path={"number": "request"}),
    Row("POST", "r/<str:number>", ANYBODY, path={"number": "request"}, send={"last_four": "00"}),
)
