"""Assessments: numbers of consortia and counties for those who assess and are assessed; what is published for everybody."""

from __future__ import annotations

from typing import Any

from tiercare.apps.access.rights import Right, Role

from .matrix import ANYBODY, Row, names

# A table, one endpoint a line.
# fmt: off
_READ, _RUN, _ANSWER = Right.EVALUATION_READ, Right.EVALUATION_RUN, Right.SUPERVISION_ANSWER
_ANY: dict[str, Any] = {"personal": False, "query": "?region=wuhu"}
# The assessment is the city's; whoever is assessed finds their report, not the assessment.
_CITYS: dict[str, Any] = {"of": "assessment", "personal": False, "query": "?region=wuhu", "path": {"matter_id": "assessment", "key": "assessment"}}
_OFFICES = names("consortium_office@own", "referral_office@own")
_LOCKED: dict[str, Any] = _CITYS | {"path": {"matter_id": "assessment_locked", "assessed_id": "assessed"}}
# The report is owed by the hospital that leads, which stands in the next county: its commission sees it. The township's own
# office has no part in it.
_HOSPITAL = {"of": "self_report", "personal": False, "query": "?region=wuhu", "also": names("referral_office@sister", "primary_doctor@sister", "commission@sister"), "never": names("referral_office@own", "primary_doctor@own")}
_OPEN: dict[str, Any] = _HOSPITAL | {"path": {"matter_id": "self_report", "key": "self_report"}}
_SENT: dict[str, Any] = _HOSPITAL | {"path": {"matter_id": "self_report_sent", "proof_id": "self_report_proof"}}
_OWED: dict[str, Any] = _OPEN | {"also": names("referral_office@sister", "primary_doctor@sister"), "never": names("referral_office@own", "primary_doctor@own", "commission@own")}
_REVIEWED: dict[str, Any] = _SENT | {"also": frozenset(), "never": names("referral_office@own", "primary_doctor@own", "consortium_office@own")}
_FAR = frozenset(f"{role.value}@other" for role in Role)
_SEES_UNIT = names("referral_office@sister", "commission@sister", "insurance@sister", "auditor@sister")
_READERS = names("commission@sister", "insurance@sister", "auditor@sister", "consortium_office@sister", "referral_office@sister")
_FACTORS = {"active": "on", "uses": "award", "points": "60", "factor": "1", "since": "2026-01-01"}
_WORDS = {"words": "示例"}
_ISSUE = Right.SUPERVISION_ISSUE
_DECISION = {"unit": "consortium:{consortium_key}", "use": "award", "due_on": "2030-01-01"}
_PAY: dict[str, Any] = {"of": "pay_run", "personal": False, "query": "?region=wuhu", "path": {"matter_id": "pay_run"}}

ASSESSMENTS: tuple[Row, ...] = (
    Row("GET", "assessments", _READ, **_ANY),
    Row("GET", "assessments/new", _RUN, **_ANY),
    Row("POST", "assessments/new", _RUN, send={"period": "2024", "card": "card:wuhu_yearly", "due_on": "2030-01-01"}, **_ANY),
    Row("GET", "assessments/schemes", _READ, **_ANY),
    Row("GET", "assessments/schemes/new", _RUN, personal=False, query="?region=wuhu&card=wuhu_yearly"),
    Row("POST", "assessments/schemes/new", _RUN, personal=False, query="?region=wuhu&card=wuhu_yearly", send={"rows": "0"}),
    # How they are judged may be read by those below and around.
    Row("GET", "assessments/schemes/<uuid:scheme_id>", _READ, of="scheme", also=_READERS, **_ANY),
    Row("GET", "assessments/factors", _READ, **_ANY),
    Row("POST", "assessments/factors", _RUN, send=_FACTORS, **_ANY),
    Row("GET", "assessments/use/<slug:level>/<slug:key>", _READ, of="assessed", path={"level": "assessed_level", "key": "consortium_key"}, also=_SEES_UNIT, never=names("referral_office@own"), **_ANY),
    # Decisions on the ground of a result and pay runs: the commission's own, seen by those who oversee its area. Nothing is linked to
    # results in 芜湖, so that opening one is refused for want of a text, whoever may.
    Row("GET", "assessments/uses", _READ, **_ANY),
    Row("GET", "assessments/uses/new", _ISSUE, **_ANY),
    Row("POST", "assessments/uses/new", _ISSUE, send=_DECISION, **_ANY),
    Row("GET", "assessments/uses/pay/new", _ISSUE, **_ANY),
    Row("POST", "assessments/uses/pay/new", _ISSUE, send={"period": "2024", "due_on": "2030-01-01"}, **_ANY),
    Row("GET", "assessments/uses/pay/table", _ISSUE, **_ANY),
    Row("GET", "assessments/uses/<uuid:matter_id>", _READ, never=_OFFICES, **_PAY),
    Row("GET", "assessments/uses/<uuid:matter_id>/file", _READ, never=_OFFICES, **_PAY),
    Row("POST", "assessments/uses/<uuid:matter_id>/<slug:act>", _ISSUE, never=_OFFICES, send=_WORDS, **(_PAY | {"path": {"matter_id": "pay_run", "act": "submit"}})),
    Row("GET", "assessments/published", Right.POLICY_READ, **_ANY),
    Row("GET", "assessments/published/<uuid:publication_id>", Right.POLICY_READ, of="publication", never=_FAR, **_ANY),
    Row("POST", "assessments/published/<uuid:publication_id>/back", _RUN, of="publication", send={"why": "示例"}, **_ANY),
    Row("GET", "assessments/reports/<uuid:matter_id>", _ANSWER, **_OPEN),
    Row("POST", "assessments/reports/<uuid:matter_id>", _ANSWER, send=_WORDS, **_OWED),
    Row("POST", "assessments/reports/<uuid:matter_id>/review", _ANSWER, **_REVIEWED),
    Row("GET", "assessments/reports/<uuid:matter_id>/files/<uuid:proof_id>", _ANSWER, **_SENT),
    Row("GET", "assessments/<uuid:matter_id>", _READ, never=_OFFICES, **_CITYS),
    Row("POST", "assessments/<uuid:matter_id>/<slug:act>", _RUN, send=_WORDS, **(_CITYS | {"path": {"matter_id": "assessment", "act": "submit"}})),
    Row("GET", "assessments/<uuid:matter_id>/publish", _RUN, **_LOCKED),
    Row("POST", "assessments/<uuid:matter_id>/publish", _RUN, **_LOCKED),
    Row("GET", "assessments/<uuid:matter_id>/units/<uuid:assessed_id>", _READ, **(_LOCKED | {"never": names("referral_office@own"), "also": _SEES_UNIT})),
    Row("POST", "assessments/<uuid:matter_id>/units/<uuid:assessed_id>/adjust", _RUN, send={"change": "lead", "words": "示例"}, **_LOCKED),
    # Without signing in, and among the residents' own pages.
    Row("GET", "public/results/<slug:region>", ANYBODY, path={"region": "wuhu"}),
    Row("GET", "me/teams", Right.READS_OF_MINE),
    Row("GET", "me/of/<uuid:ward>/teams", Right.READS_OF_MINE, of="ward"),
    # The same for other systems.
    Row("GET", "api/assessments", _READ, personal=False),
    Row("GET", "api/assessments/published", Right.POLICY_READ, personal=False),
    Row("GET", "api/assessments/{key}", _READ, never=_OFFICES, **(_CITYS | {"query": ""})),
    Row("POST", "api/assessments/{key}/acts", _RUN, never=_OFFICES, send={"act": "submit", "words": "示例"}, **(_CITYS | {"query": ""})),
    Row("GET", "api/assessments/uses", _READ, personal=False),
    Row("GET", "api/assessments/uses/{key}", _READ, never=_OFFICES, **(_PAY | {"query": "", "path": {"key": "pay_run"}})),
    Row("POST", "api/assessments/reports/{key}", _ANSWER, send=_WORDS, **(_OWED | {"query": ""})),
    Row("GET", "api/public/results/{region}", ANYBODY, path={"region": "wuhu"}),
)
