"""Bulletins and what was handed over: numbers of areas and institutions, for whoever draws them up, sends or receives them."""

from __future__ import annotations

from typing import Any

from tiercare.apps.access.rights import Right

from .matrix import Came, Row, names

_READ, _RUN = Right.EVALUATION_READ, Right.EVALUATION_RUN
_WUHU = "?region=wuhu"
# The city's own commission draws up; everybody else finds no such bulletin.
_OURS: dict[str, Any] = {"of": "region", "personal": False, "query": _WUHU}
_OUT = {"delivery_id": "delivery_out"}
# It was sent to the hospital that leads the consortium. The office of the township's centre is not that hospital.
_AT_THE_HOSPITAL = names("referral_office@sister")
_AT_THE_CENTRE = names("referral_office@own")
_SENT: dict[str, Any] = {
    "of": "hospital",
    "also": _AT_THE_HOSPITAL,
    "never": _AT_THE_CENTRE,
    "personal": False,
    "query": _WUHU,
}
# Only whom it was sent to says that it came, and nobody has yet: until then nothing can be taken along by them.
_TO_SIGN: dict[str, Any] = {
    **_SENT,
    "never": _AT_THE_CENTRE | names("commission@own", "insurance@own", "auditor@own"),
}
_UNREAD: dict[str, Any] = {
    **_SENT,
    "also": frozenset(),
    "never": _AT_THE_CENTRE | names("consortium_office@own", "insurance@own", "auditor@own"),
}
_CHOSEN = {"period": "2025", "title": "2025年通报", "words": "演示", "indicators": "primary_visit_share"}

BULLETINS: tuple[Row, ...] = (
    # A county's commission finds the page and is told that the city's draws them up; elsewhere nothing was computed.
    Row("GET", "bulletins", _RUN, personal=False, query=_WUHU),
    Row("GET", "bulletins/new", _RUN, **_OURS),
    Row("POST", "bulletins/new", _RUN, send=_CHOSEN, **_OURS),
    Row(
        "GET",
        "bulletins/values.xlsx",
        _READ,
        personal=False,
        query=_WUHU,
        ends=frozenset(Came) - {Came.BROKEN},
    ),
    Row(
        "GET",
        "bulletins/values.csv",
        _READ,
        personal=False,
        query=_WUHU,
        ends=frozenset(Came) - {Came.BROKEN},
    ),
    Row(
        "GET",
        "bulletins/values.gb.csv",
        _READ,
        personal=False,
        query=_WUHU,
        ends=frozenset(Came) - {Came.BROKEN},
    ),
    Row("GET", "bulletins/<uuid:bulletin_id>", _RUN, **_OURS),
    Row("GET", "bulletins/<uuid:bulletin_id>.docx", _RUN, **_OURS),
    Row("GET", "bulletins/<uuid:bulletin_id>.xlsx", _RUN, **_OURS),
    Row("GET", "bulletins/<uuid:bulletin_id>/edit", _RUN, **_OURS),
    Row("POST", "bulletins/<uuid:bulletin_id>/edit", _RUN, send=_CHOSEN, **_OURS),
    Row("POST", "bulletins/<uuid:bulletin_id>/<slug:act>", _RUN, path={"act": "submit"}, **_OURS),
    Row(
        "POST",
        "bulletins/<uuid:bulletin_id>/<slug:act>",
        _RUN,
        variant="withdraw",
        path={"act": "withdraw"},
        send={"why": "演示"},
        **_OURS,
    ),
    Row("GET", "deliveries", _READ, personal=False, query=_WUHU),
    Row("GET", "deliveries/hand-over", _RUN, personal=False, query=_WUHU),
    Row("POST", "deliveries/hand-over", _RUN, send={"what": "participation", "year": "2025"}, **_OURS),
    Row("GET", "deliveries/<uuid:delivery_id>", _READ, **_SENT),
    Row("GET", "deliveries/<uuid:delivery_id>.docx", _READ, **_UNREAD),
    Row("GET", "deliveries/<uuid:delivery_id>.xlsx", _READ, **_UNREAD),
    Row("POST", "deliveries/<uuid:delivery_id>/receive", _READ, **_TO_SIGN),
    Row("POST", "deliveries/<uuid:delivery_id>/receipt", _RUN, path=_OUT, send={"receipt": "演示1"}, **_OURS),
)
