"""Endpoints of requests between institutions and of referrals."""

from __future__ import annotations

from tiercare.apps.access.rights import Right

from .matrix import Row, names

# A table, one endpoint a line.
# fmt: off
_SEND, _ANSWER = Right.REQUESTS_SEND, Right.REQUESTS_ANSWER
# The township sent it to the hospital that leads it: both sides see it. The consortium's office sits at the hospital and
# sees what came up the line; others do not learn that it is there.
_SENDERS = names("referral_office@own", "clinician@own", "primary_doctor@own")
_HOST = names("referral_office@sister", "clinician@sister", "primary_doctor@sister")
_IT, _DRAFT, _ASKED = {"key": "request"}, {"key": "request_draft"}, {"key": "asked"}
_WHY = {"words": "示例原因"}
_BACK = {"code": "incomplete", "words": "示例原因", "alternative": {"missing": "示例材料"}}
_REPORT = {"content": {"diagnosis": "示例诊断", "advice": "示例意见"}}
_BEGIN = {"kind": "up", "resident": "{resident}", "again": "示例"}
_TAG = {"If-Match": "*"}
_AT_HOST = {"of": "request", "path": _IT, "also": _HOST, "never": _SENDERS}
_BY_SENDER = {"of": "request", "path": _IT, "never": _HOST}

REQUESTS_API: tuple[Row, ...] = (
    Row("GET", "api/requests", _SEND, reads="requests", query="?box=out"),
    Row("POST", "api/requests", _SEND, of="place", send=_BEGIN),
    Row("POST", "api/requests/search", _SEND, reads="requests", send={"box": "out", "text": "gml"}),
    Row("GET", "api/requests/inbox", _SEND, reads=""),
    Row("POST", "api/requests/inbox/seen", _SEND),
    Row("GET", "api/requests/{key}", _SEND, of="request", reads="request", path=_IT, also=_HOST | names("consortium_office@own")),
    Row("GET", "api/requests/filings", _SEND, reads="filings"),
    Row("GET", "api/requests/{key}/filing", _SEND, of="request", path=_IT, also=_HOST | names("consortium_office@own")),
    Row("POST", "api/requests/{key}/filing/again", _SEND, of="request", path=_IT, also=_HOST),
    Row("POST", "api/requests/{key}/filing/number", _SEND, of="request", path=_IT, also=_HOST, send={"number": "示例-1"}),
    Row("POST", "api/requests/{key}/filing/undone", _SEND, of="request", path=_ASKED, also=_HOST),
    Row("PATCH", "api/requests/{key}", _SEND, of="request", path=_DRAFT, send={"problem": "示例问题"}, headers=_TAG, never=_HOST),
    Row("POST", "api/requests/{key}/place", _SEND, of="request", path=_DRAFT, send={"slot": "{other_slot}"}, never=_HOST),
    Row("POST", "api/requests/{key}/acts/{act}", _ANSWER, **_AT_HOST | {"path": _IT | {"act": "accept"}}, variant="accept"),
    Row("POST", "api/requests/{key}/acts/{act}", _ANSWER, **_AT_HOST | {"path": _IT | {"act": "return"}}, send=_BACK, variant="return"),
    Row("POST", "api/requests/{key}/acts/{act}", _SEND, **_BY_SENDER | {"path": _IT | {"act": "withdraw"}}, send=_WHY, variant="withdraw"),
    Row("POST", "api/requests/{key}/acts/{act}", _SEND, of="request", reads="package", path=_DRAFT | {"act": "submit"}, never=_HOST, variant="submit"),
    Row("POST", "api/requests/{key}/receive", _ANSWER, **_AT_HOST),
    Row("POST", "api/requests/{key}/assign", _ANSWER, of="request", path=_IT, also=_HOST),
    # Whoever has a ground to write in the record; the hospital's has ended here.
    Row("POST", "api/requests/{key}/documents", _SEND, of="request", reads="request", path=_IT, never=_HOST, send={"kind": "IMAGE", "title": "CT", "reference": "urn:oid:1.2"}),
    # What the criteria say of the resident is read from their record; destinations say nothing of who they are.
    Row("GET", "api/referrals/proposal", _SEND, of="resident", reads="criteria", query="?resident={resident}"),
    Row("GET", "api/referrals/destinations", _SEND, of="place", query="?resident={resident}"),
    Row("GET", "api/referrals/ready", _SEND, reads="going_down"),
    # Numbers: nothing of any resident.
    Row("GET", "api/referrals/statistics", Right.REQUESTS_OVERSEE, query="?first={today}&last={today}", personal=False),
    Row("GET", "api/referrals/statistics/first-contact", Right.REQUESTS_OVERSEE, query="?first={today}&last={today}", personal=False),
    Row("GET", "api/referrals/statistics/hops", Right.REQUESTS_OVERSEE, query="?first={today}&last={today}", personal=False),
    Row("POST", "api/referrals", _SEND, of="resident", reads="criteria", send=_BEGIN),
    Row("POST", "api/referrals/down", _SEND, reads="going_down", send={"visit": "{nothing}"}),
    Row("POST", "api/referrals/{key}/send", _SEND, of="request", reads="package", path=_DRAFT, never=_HOST),
    Row("POST", "api/referrals/{key}/supplement", _SEND, of="request", reads="package", path=_IT, send={"content": {"findings": "示例"}}, never=_HOST),
    # Whoever answered it sees it, and is told that it is not theirs to convert.
    Row("POST", "api/referrals/{key}/convert", _SEND, of="request", reads="request", path=_ASKED, also=_HOST),
    Row("GET", "api/referrals/{key}/package", _SEND, of="request", reads="package", path=_IT, also=_HOST),
)
