"""The pages on which a referral is written, and the residents' own: a draft is its author's institution's alone."""

from __future__ import annotations

from tiercare.apps.access.rights import Right

from .matrix import A_FILE, Came, Row, names

# A table, one endpoint a line.
# fmt: off
_SEND, _SELF = Right.REQUESTS_SEND, Right.READS_OF_MINE
_RESIDENTS = names("resident")  # they have pages of their own
# The hospital that leads the township: it sees what was sent to it, and no draft.
_HOST = names("referral_office@sister", "clinician@sister", "primary_doctor@sister")
_DRAFT, _SENT, _ASKED = {"request_id": "request_draft"}, {"request_id": "request"}, {"request_id": "asked"}
_TYPED = {"reason": "示例理由", "problem": "示例问题", "again": "示例：再一件事"}
_WRITES = {"of": "request", "reads": "request", "path": _DRAFT, "never": _RESIDENTS | _HOST}

REFERRALS_PAGES: tuple[Row, ...] = (
    # From the record: whoever may read it.
    Row("GET", "residents/<uuid:resident_id>/referrals", _SEND, of="resident", reads="requests", never=_RESIDENTS),
    Row("POST", "residents/<uuid:resident_id>/refer/<str:kind>", _SEND, of="resident", reads="criteria", never=_RESIDENTS, path={"kind": "up"}, send={"again": "示例"}),
    # The hospital's own patients who are marked: a list, masked and recorded.
    Row("GET", "referrals/ready", Right.RECORDS_WRITE, reads="going_down", never=_RESIDENTS),
    Row("POST", "referrals/ready/<uuid:encounter_id>", _SEND, reads="going_down", never=_RESIDENTS, path={"encounter_id": "nothing"}),
    Row("GET", "referrals/<uuid:request_id>/write", _SEND, **_WRITES),
    Row("POST", "referrals/<uuid:request_id>/write", _SEND, **_WRITES | {"reads": "package"}, send=_TYPED),
    Row("POST", "referrals/<uuid:request_id>/criteria", _SEND, **_WRITES),
    Row("GET", "referrals/<uuid:request_id>/destinations", _SEND, **_WRITES),
    Row("GET", "referrals/<uuid:request_id>/departments", _SEND, **_WRITES),
    # Institutions by name: nothing of anybody, but for whoever writes.
    Row("GET", "referrals/<uuid:request_id>/find", _SEND, query="?find=yy"),
    Row("POST", "referrals/<uuid:request_id>/attach", _SEND, **_WRITES, send=_TYPED | {"file": A_FILE}),
    Row("GET", "referrals/<uuid:request_id>/places", _SEND, **_WRITES),
    Row("POST", "referrals/<uuid:request_id>/hold", _SEND, **_WRITES, send={"slot": "{other_slot}"}),
    # A draft of another kind: sent on to where it is written.
    Row("GET", "referrals/<uuid:request_id>/plan", _SEND, **_WRITES),
    Row("POST", "referrals/<uuid:request_id>/plan", _SEND, **_WRITES | {"reads": "package"}, send=_TYPED),
    Row("GET", "referrals/<uuid:request_id>/ask", _SEND, **_WRITES),
    Row("POST", "referrals/<uuid:request_id>/ask", _SEND, **_WRITES | {"reads": "package"}, send=_TYPED),
    # Both sides see the answer; whoever answered is told that the question is not theirs to convert.
    Row("GET", "referrals/<uuid:request_id>/answer", _SEND, of="request", reads="request", path=_ASKED, also=_HOST, never=_RESIDENTS),
    Row("POST", "referrals/<uuid:request_id>/convert/<str:kind>", _SEND, of="request", reads="request", path=_ASKED | {"kind": "up"}, also=_HOST, never=_RESIDENTS),
    Row("GET", "referrals/<uuid:request_id>/supplement", _SEND, of="request", reads="request", path=_SENT, never=_RESIDENTS | _HOST),
    Row("POST", "referrals/<uuid:request_id>/supplement", _SEND, of="request", reads="package", path=_SENT, never=_RESIDENTS | _HOST, send={"findings": "示例"}),
    # One's own.
    Row("GET", "me/referrals", _SELF, reads="requests"),
    Row("GET", "me/referrals/<uuid:request_id>", _SELF, of="request", reads="request", path=_SENT),
    Row("GET", "me/of/<uuid:ward>/referrals", _SELF, of="ward", reads="requests"),
    # The ward has none: whoever decides for them is told so.
    Row("GET", "me/of/<uuid:ward>/referrals/<uuid:request_id>", _SELF, of="ward", reads="request", path=_SENT, ends=frozenset({Came.NOT_FOUND})),
)
