"""Endpoints of signing in, of oneself, of accounts, and what machines ask."""

from __future__ import annotations

from tiercare.apps.access.rights import Right

from .matrix import ANYBODY, FIRST_STEP, SIGNED_IN, Came, Row, names

# A table, one endpoint a line.
# fmt: off
_ACCOUNT = {"needs": Right.ACCESS_MANAGE, "of": "account"}
_STAFFS = names("resident")  # residents have neither password nor role
_TO_THE_DOOR = frozenset({Came.REFUSED})  # signing out ends where signing in begins

PLATFORM: tuple[Row, ...] = (
    Row("GET", "healthz", ANYBODY),
    Row("GET", "api/session", SIGNED_IN),
    # Signing in.
    Row("GET", "sign-in", ANYBODY),
    Row("POST", "sign-in", ANYBODY),
    Row("GET", "sign-in/code", FIRST_STEP),
    Row("POST", "sign-in/code", FIRST_STEP),
    Row("POST", "sign-out", ANYBODY, ends=_TO_THE_DOOR),
    Row("POST", "switch", ANYBODY, ends=_TO_THE_DOOR),
    Row("POST", "forget-device", ANYBODY, ends=_TO_THE_DOOR),
    Row("POST", "language", ANYBODY, send={"language": "en"}),
    Row("GET", "invitation", ANYBODY),
    Row("POST", "invitation", ANYBODY, send={"token": "0000-0000", "password": "four unrelated green herons", "again": "four unrelated green herons"}),
    Row("GET", "invitation/done", ANYBODY),
    # Oneself.
    Row("GET", "sessions", SIGNED_IN),
    Row("POST", "sessions", SIGNED_IN),
    Row("GET", "confirm", SIGNED_IN, never=_STAFFS),
    Row("POST", "confirm", SIGNED_IN, never=_STAFFS),
    Row("GET", "role", SIGNED_IN, never=_STAFFS),
    Row("POST", "role", SIGNED_IN, never=_STAFFS),
    Row("GET", "password", SIGNED_IN, never=_STAFFS),
    Row("POST", "password", SIGNED_IN, never=_STAFFS),
    Row("GET", "second-factor", SIGNED_IN, never=_STAFFS),
    Row("GET", "second-factor/qr.svg", SIGNED_IN, never=_STAFFS, ends=frozenset({Came.NOT_FOUND})),  # none is being set up
    Row("POST", "second-factor/begin", SIGNED_IN, never=_STAFFS, ends=_TO_THE_DOOR),
    Row("POST", "second-factor/confirm", SIGNED_IN, never=_STAFFS),
    Row("POST", "second-factor/codes", SIGNED_IN, never=_STAFFS),
    Row("POST", "second-factor/off", SIGNED_IN, never=_STAFFS),
    # Accounts of staff.
    Row("GET", "accounts", Right.ACCESS_MANAGE),
    Row("POST", "accounts", Right.ACCESS_MANAGE, send={"q": "受邀"}),
    Row("GET", "accounts/new", Right.ACCESS_MANAGE),
    Row("POST", "accounts/new", Right.ACCESS_MANAGE, send={"username": "s.new", "display_name": "新同事", "role": "auditor", "area": "3402", "start": "2026-12-01"}),
    Row("GET", "accounts/grant", Right.ACCESS_MANAGE),
    Row("POST", "accounts/grant", Right.ACCESS_MANAGE),
    Row("GET", "accounts/rights", Right.ACCESS_MANAGE),
    Row("GET", "accounts/holders", Right.ACCESS_MANAGE),
    Row("GET", "accounts/<uuid:account_id>", **_ACCOUNT),
    Row("POST", "accounts/<uuid:account_id>/roles", **_ACCOUNT),
    Row("POST", "accounts/<uuid:account_id>/revoke", send={"grant_id": "{grant}"}, **_ACCOUNT),
    Row("POST", "accounts/<uuid:account_id>/remove-factor", **_ACCOUNT),
    Row("GET", "accounts/<uuid:account_id>/leave", **_ACCOUNT),
    Row("POST", "accounts/<uuid:account_id>/leave", **_ACCOUNT),
    Row("POST", "accounts/<uuid:account_id>/slip/<str:act>", path={"act": "again"}, **_ACCOUNT),
    Row("POST", "accounts/<uuid:account_id>/<str:act>", path={"act": "disable"}, **_ACCOUNT),
    # The trail and the reviews.
    Row("GET", "events", Right.LEDGER_READ, query="?resident={resident}"),
    Row("GET", "reviews", Right.GLASS_REVIEW),
    Row("GET", "reviews/objections", Right.GLASS_REVIEW),
    Row("GET", "reviews/<uuid:glass_id>", Right.GLASS_REVIEW, of="glass", reads="review"),
    Row("POST", "reviews/<uuid:glass_id>", Right.GLASS_REVIEW, of="glass", send={"outcome": "justified"}),
    Row("GET", "reviews/objections/<uuid:objection_id>", Right.GLASS_REVIEW, of="objection", reads="review"),
    Row("POST", "reviews/objections/<uuid:objection_id>", Right.GLASS_REVIEW, of="objection", send={"upheld": "1", "answer": "已核实"}),
)
