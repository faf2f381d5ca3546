"""The admission centre: its desk sees the patients of its own institution; whoever keeps what it runs sees none."""

from __future__ import annotations

from tiercare.apps.access.rights import Right

from .matrix import Row, names
from .world import NUMBER

# A table, one endpoint a line.
# fmt: off
_KEEP = Right.CAPACITY_KEEP
# The case is the hospital's: its desk (``sister``) works on it; the township's desk does not, nor the office of the
# consortium, which keeps what the hospital runs and sees nobody in it.
_DESK = names("referral_office@sister", "registrar@sister")
_OTHERS = names("referral_office@own", "registrar@own", "consortium_office")
_OFFICE = names("consortium_office")
# What the hospital runs: its offices, that of the consortium among them.
_HOSTS = names("referral_office@sister", "registrar@sister", "consortium_office@own")
_GUESTS = names("referral_office@own", "registrar@own", "consortium_office@sister")
# A desk sees its own institution's figures without seeing proofs.
_DESKS = names("registrar")
_IT = {"case_id": "case"}
_STEP = {"step": "admission", "ticked": ["0", "1"]}
_WHO = {"kind": "ADMISSION", "resident": "{resident}", "department": "{case_department}"}
_PERIOD = "?first={slot_day}&last={slot_day}"

CENTRE: tuple[Row, ...] = (
    # The list is of whichever institution; who keeps no patients is sent on to what the centre runs.
    Row("GET", "centre", _KEEP, reads="cases"),
    Row("GET", "centre/new", _KEEP, never=_OFFICE, personal=False),
    Row("GET", "centre/new", _KEEP, of="resident", reads="booking", never=_OFFICE, query="?resident={resident}", variant="whom"),
    Row("POST", "centre/new", _KEEP, reads="identity", never=_OFFICE, send={"text": NUMBER}),
    Row("GET", "centre/cases/<uuid:case_id>", _KEEP, of="case", reads="case", path=_IT, also=_DESK, never=_OTHERS),
    Row("GET", "centre/cases/<uuid:case_id>/sheet", _KEEP, of="case", reads="case", path=_IT, also=_DESK, never=_OTHERS),
    Row("POST", "centre/cases/<uuid:case_id>/<str:act>", _KEEP, of="case", reads="case", path=_IT | {"act": "step"}, also=_DESK, never=_OTHERS, send=_STEP, variant="step"),
    Row("POST", "centre/cases/<uuid:case_id>/<str:act>", _KEEP, of="case", reads="case", path=_IT | {"act": "cancel"}, also=_DESK, never=_OTHERS, send={"reason": "改去外院"}, variant="cancel"),
    # Of one's own institution: nothing of any resident.
    Row("GET", "centre/settings", _KEEP, personal=False),
    Row("POST", "centre/settings/<str:act>", _KEEP, path={"act": "unit"}, personal=False, send={"functions": "admission"}, variant="unit"),
    Row("POST", "centre/settings/<str:act>", _KEEP, of="place", path={"act": "retire"}, also=_HOSTS, never=_GUESTS, personal=False, send={"procedure": "{procedure}"}, variant="retire"),
    Row("GET", "centre/figures", Right.CAPACITY_PROVE, also=_DESKS, personal=False),
    # The same for machines; a case names its resident by id only.
    Row("GET", "api/capacity/cases", _KEEP, reads="cases", never=_OFFICE),
    Row("POST", "api/capacity/cases", _KEEP, of="place", reads="case", never=_OFFICE, send=_WHO),
    Row("GET", "api/capacity/cases/{key}", _KEEP, of="case", reads="case", path={"key": "case"}, also=_DESK, never=_OTHERS),
    Row("POST", "api/capacity/cases/{key}/steps/{step}", _KEEP, of="case", reads="case", path={"key": "case", "step": "admission"}, also=_DESK, never=_OTHERS, send={"ticked": [0, 1]}),
    Row("POST", "api/capacity/cases/{key}/cancel", _KEEP, of="case", reads="case", path={"key": "case"}, also=_DESK, never=_OTHERS, send={"reason": "改去外院"}),
    Row("GET", "api/capacity/centre", _KEEP, personal=False),
    Row("PUT", "api/capacity/centre", _KEEP, personal=False, send={"functions": ["admission"], "day_surgery": False}),
    Row("GET", "api/capacity/day-procedures", _KEEP, personal=False),
    Row("POST", "api/capacity/day-procedures", _KEEP, personal=False, send={"name": "另一示例术式"}),
    Row("POST", "api/capacity/day-procedures/{key}/retire", _KEEP, of="place", path={"key": "procedure"}, also=_HOSTS, never=_GUESTS, personal=False, send={}),
    Row("GET", "api/capacity/criteria", _KEEP, personal=False),
    Row("POST", "api/capacity/criteria", _KEEP, personal=False, send={"disease": "示例", "stage": "ADMISSION", "items": ["甲"]}),
    Row("POST", "api/capacity/criteria/{key}/end", _KEEP, of="place", path={"key": "criteria"}, also=_HOSTS, never=_GUESTS, personal=False, send={}),
    Row("GET", "api/capacity/admissions", Right.CAPACITY_PROVE, also=_DESKS, personal=False, query=_PERIOD),
)
