"""Indicators, the cases behind them and scorecards: numbers of institutions, and rows of facts without names."""

from __future__ import annotations

from typing import Any

from tiercare.apps.access.rights import Right

from .matrix import Came, Row

# fmt: off
_READ, _CASES, _RUN = Right.EVALUATION_READ, Right.EVALUATION_CASES, Right.EVALUATION_RUN
# Where nothing has been computed, whoever may is told that there is no run.
_NO_RUN = frozenset({Came.PASSED, Came.NOT_FOUND})
# Of the whole region offices list no cases and see no breakdown by disease: their own are on other addresses.
_OFFICES = frozenset({"consortium_office", "referral_office"})
_PAGE: dict[str, Any] = {"query": "?region=wuhu", "personal": False}
_ONE = {"indicator": "primary_visit_share"}
_CARD = {"card": "wuhu_yearly"}

INDICATORS: tuple[Row, ...] = (
    Row("GET", "indicators", _READ, **_PAGE),
    Row("GET", "indicators/changes", _READ, **_PAGE),
    Row("GET", "indicators/spectrum", _CASES, ends=_NO_RUN, never=_OFFICES, **_PAGE),
    Row("GET", "indicators/<slug:indicator>", _READ, path=_ONE, **_PAGE),
    Row("GET", "indicators/<slug:indicator>/breakdown", _READ, path=_ONE, ends=_NO_RUN, never=_OFFICES, **_PAGE),
    Row("GET", "indicators/<slug:indicator>/cases", _CASES, path=_ONE, ends=_NO_RUN, never=_OFFICES, **_PAGE),
    Row("POST", "indicators/<slug:indicator>/cases", _CASES, path=_ONE, ends=_NO_RUN, never=_OFFICES,
        send={"side": "numerator"}, **_PAGE),
    Row("GET", "scorecards", _READ, **_PAGE),
    Row("GET", "scorecards/<slug:card>", _READ, path=_CARD, **_PAGE),
    Row("GET", "scorecards/<slug:card>/replay", _READ, path=_CARD, ends=_NO_RUN, **_PAGE),
    # The card takes no record of completion: whoever may is told so.
    Row("POST", "scorecards/<slug:card>/marks", _RUN, path=_CARD,
        send={"panel": "order", "complete": "yes", "evidence": "-"}, **_PAGE),
)
# fmt: on
