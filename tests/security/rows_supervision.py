"""Supervision: matters between commissions, lead hospitals and institutions; nothing of any resident."""

from __future__ import annotations

from typing import Any

from tiercare.apps.access.rights import Right

from .matrix import Row, names

# A table, one endpoint a line.
# fmt: off
_ANSWER, _ISSUE = Right.SUPERVISION_ANSWER, Right.SUPERVISION_ISSUE
# The matter is the city commission's and owed by the township: the lead hospital has no part in it.
_PARTY: dict[str, Any] = {"of": "matter", "never": names("consortium_office@own"), "personal": False, "path": {"key": "matter", "matter_id": "matter"}}
_INSPECTION: dict[str, Any] = {"of": "matter", "never": names("consortium_office@own", "referral_office@own", "primary_doctor@own"), "personal": False, "path": {"key": "inspection", "matter_id": "inspection"}}
_ANY: dict[str, Any] = {"personal": False}
_READERS = names("insurance", "auditor")
_PLAN = {"template": "member_quality", "mode": "quality_check", "subject": "institution:{institution_slug}", "owner": ""}
_GOAL = {"goal": "key_task", "subject": "institution:{institution_slug}", "target": "5"}
_JUDGE = {"item": "drugs", "judgement": "met", "words": "示例：符合"}
_MEND = {"entry": "{finding}", "owner": ""}
_NOTE = {"words": "示例：进展"}

SUPERVISION: tuple[Row, ...] = (
    Row("GET", "supervision", _ANSWER, **_ANY),
    Row("GET", "supervision/new", _ISSUE, query="?template=member_quality", **_ANY),
    Row("POST", "supervision/new", _ISSUE, send=_PLAN, **_ANY),
    Row("GET", "supervision/goals", _ANSWER, **_ANY),
    # Who issues nothing is told so by the command.
    Row("POST", "supervision/goals", _ISSUE, send=_GOAL | {"year": "2030"}, **_ANY),
    Row("GET", "supervision/reports", _ANSWER, **_ANY),
    Row("POST", "supervision/reports", _ISSUE, send={"topic": "quality_rules", "period": "2030"}, **_ANY),
    Row("GET", "supervision/reports/<slug:topic>", _ANSWER, path={"topic": "quality_rules"}, **_ANY),
    # Here nobody files a report unasked: the text of another region asks for that.
    Row("POST", "supervision/reports/<slug:topic>", _ANSWER, path={"topic": "quality_rules"}, send={"words": "示例"}, **_ANY),
    Row("GET", "supervision/quality", _ANSWER, **_ANY),
    Row("GET", "supervision/proofs/<uuid:proof_id>", _ANSWER, **_PARTY),
    Row("GET", "supervision/matters/<uuid:matter_id>", _ANSWER, **_PARTY),
    Row("GET", "supervision/matters/<uuid:matter_id>/sheet", _ANSWER, **_INSPECTION),
    Row("GET", "supervision/matters/<uuid:matter_id>/joins.csv", _ANSWER, **_PARTY),
    Row("POST", "supervision/matters/<uuid:matter_id>/judge", _ANSWER, send=_JUDGE, **_INSPECTION),
    Row("POST", "supervision/matters/<uuid:matter_id>/rectify", _ISSUE, send=_MEND, **_INSPECTION),
    Row("POST", "supervision/matters/<uuid:matter_id>/<str:act>", _ANSWER, of="matter", never=names("consortium_office@own", "commission@own"), personal=False, path={"matter_id": "matter", "act": "note"}, send=_NOTE),
    # The same for other systems.
    Row("GET", "api/supervision/templates", _ANSWER, **_ANY),
    # Insurers and auditors of the area read along; they do nothing.
    Row("GET", "api/supervision/matters", _ANSWER, also=_READERS, **_ANY),
    Row("GET", "api/supervision/matters/{key}", _ANSWER, also=names("insurance@own", "auditor@own"), **_PARTY),
    Row("GET", "api/supervision/goals", _ANSWER, query="?year=2030", also=_READERS, **_ANY),
    Row("POST", "api/supervision/inspections", _ISSUE, send=_PLAN, **_ANY),
    Row("POST", "api/supervision/goals", _ISSUE, send=_GOAL | {"year": 2030}, **_ANY),
    Row("POST", "api/supervision/reports", _ISSUE, send={"topic": "quality_rules", "period": "2030"}, **_ANY),
    Row("POST", "api/supervision/matters/{key}/judgements", _ANSWER, send=_JUDGE, **_INSPECTION),
    Row("POST", "api/supervision/matters/{key}/rectifications", _ISSUE, send=_MEND, **_INSPECTION),
    Row("POST", "api/supervision/matters/{key}/acts/{act}", _ANSWER, of="matter", never=names("consortium_office@own", "commission@own"), personal=False, path={"key": "matter", "act": "note"}, send=_NOTE),
)
