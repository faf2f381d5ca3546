"""Endpoints of the network and the policies: no personal data, so everybody who works here reads them anywhere."""

from __future__ import annotations

from typing import Any

from tiercare.apps.access.rights import Right

from .matrix import A_FILE, ANYBODY, Came, Row, names

# A table, one endpoint a line.
# fmt: off
_READ, _POLICY = Right.NETWORK_READ, Right.POLICY_READ
_APPLY, _DECIDE, _REPORT = Right.NETWORK_APPLY, Right.NETWORK_DECIDE, Right.NETWORK_REPORT
_WAIVE, _LISTS = Right.MANDATES_WAIVE, Right.MANDATES_EDIT_LIST
_FRAME = "?region=wuhu&on=2019-07-01"
_REGION = "?region=wuhu"
# The file was uploaded by the office of the hospital that leads the township: whoever keeps that hospital's registers
# sees it, whoever keeps the township's does not.
_FILE = {"of": "batch", "also": names("referral_office@sister"), "never": names("referral_office@own")}
# A county's commission and offices wherever they are bring rows and proposals of their own: hospitals work across
# regions. Each row is then asked for its institution, and the region's commission decides.
_BRINGS = names("commission@sister", "consortium_office", "referral_office")
_OFFICE = names("consortium_office")
_WAIVER = {"reason": "演示", "start": "2026-01-01", "end": "2026-12-31"}
_CARD = "wuhu/one_tertiary_partner_per_community"
_NUMBERS = Right.EVALUATION_READ
# Numbers of an area are for those who answer for areas; a county's see their own part.
_OF_AREAS: dict[str, Any] = {
    "of": "region",
    "never": names("consortium_office", "referral_office"),
    "also": names("commission@sister", "insurance@sister", "auditor@sister"),
    "ends": frozenset({Came.PASSED, Came.NOT_FOUND}),
}
# 芜湖's texts ask no institution to choose, so nobody is asked here; tests/integration/planning/test_proposals.py has those who are.
_NOBODY = names("commission", "consortium_office", "referral_office")
_SCORES: dict[str, Any] = {"of": "region", "also": names("consortium_office@own")}  # who applied
_PLAN_SENT = {"division": "3402", "kind": "INSTITUTION_SETTING", "title": "演示规划", "adopted_on": "2018-01-01", "start": "2030-01-01", "lines": [{"area": "340202", "subject": "beds", "allowed": 100}]}
_PLAN_TYPED = {"kind_of_plan": "HEALTH_SYSTEM", "title": "演示规划", "adopted_on": "2018-01-01", "start": "2030-01-01", "line-area": ["340202"], "line-subject": ["beds"], "line-kind": [""], "line-level": [""], "line-allowed": ["100"], "line-note": [""]}
_ROWS = {"region": "wuhu", "on": "2019-07-01", "entries": [{"register": "departments", "cells": {"institution": "x"}}]}


def _row(method: str, address: str, needs: Right | str, **more: Any) -> Row:
    frame = "" if address.startswith("api/") else _FRAME
    return Row(method, address, needs, **{"query": frame, "personal": False, **more})


def _all(needs: Right, query: str, *addresses: str, **more: Any) -> tuple[Row, ...]:
    return tuple(_row("GET", address, needs, query=query, **more) for address in addresses)


PAGES: tuple[Row, ...] = (
    _row("GET", "", _POLICY),
    *_all(_POLICY, _FRAME, "compliance", "compliance.csv", "compliance/places", "rules", "clauses", "waivers", "lists"),
    _row("GET", "compliance/<str:clause_id>", _POLICY, path={"clause_id": "WH-27"}),
    _row("GET", "clauses/<str:clause_id>", _POLICY, path={"clause_id": "WH-27"}),
    _row("GET", "rules/<str:pack_id>/<str:card_id>", _POLICY, path={"pack_id": "wuhu", "card_id": _CARD[5:]}),
    _row("GET", "lists/<str:list_id>", _POLICY, path={"list_id": "provincial_hospitals"}),
    *_all(_READ, _FRAME, "explorer", "institutions", "institutions/<uuid:institution_id>", "consortia"),
    *_all(_READ, _FRAME, "consortia/<uuid:consortium_id>", "applications", "applications/<uuid:application_id>"),
    *_all(_READ, _FRAME, "agreements", "agreements/new", "agreements/responsibilities", "agreements/charter"),
    *_all(_READ, _FRAME, "agreements/<uuid:agreement_id>", "calendar", "calendar.ics", "calendar/plans"),
    *_all(_READ, _FRAME, "changes/new", "changes/find", "changes/<uuid:application_id>"),
    _row("GET", "agreements/<uuid:agreement_id>/sections/<str:word>", _READ, path={"word": "purpose"}),
    *_all(_REPORT, _FRAME, "imports", "imports/template", "imports/export"),
    *_all(_REPORT, _FRAME, "imports/<uuid:batch_id>", "imports/<uuid:batch_id>/bad-rows", **_FILE),
    *_all(_READ, _FRAME, "institution-plans", "institution-plans/versions", "institution-plans/versions/template"),
    *_all(_READ, _FRAME, "institution-plans/versions/<uuid:plan_id>", "institution-plans/versions/<uuid:plan_id>/export", path={"plan_id": "institution_plan"}),
    # 芜湖's texts ask for neither list: whoever sees numbers there is told so, and nobody else gets as far.
    *_all(_NUMBERS, _FRAME, "institution-plans/surplus", "institution-plans/flows", **_OF_AREAS),
    # Trying out writes nothing; leading back to the application's page neither.
    _row("POST", "changes/new", _READ, send={"do": "try"}, query=f"{_FRAME}&act=leave"),
    _row("POST", "changes/<uuid:application_id>", _READ),
    _row("POST", "applications/<uuid:application_id>/look", _READ),
    # What writes. An application that exceeds nothing and ties nobody together needs no word: whoever may say it is told so.
    _row("POST", "institution-plans/versions", _DECIDE, of="region", send=_PLAN_TYPED),
    _row("POST", "institution-plans/versions/file", _DECIDE, of="region", send=_PLAN_TYPED | {"file": A_FILE}),
    _row("POST", "applications/<uuid:application_id>/override", _DECIDE, of="region", send={"override": "演示"}),
    _row("POST", "applications/<uuid:application_id>/confirm", _REPORT, never=_NOBODY, send={"agreed": "yes"}),
    _row("POST", "applications/<uuid:application_id>/scores", _DECIDE, **_SCORES),
    _row("POST", "compliance/<str:clause_id>/waive", _WAIVE, of="region", path={"clause_id": "WH-27"}, send={"card": _CARD, "subject": "x:y"} | _WAIVER),
    _row("POST", "waivers/<uuid:waiver_id>/revoke", _WAIVE, of="region"),
    _row("POST", "lists/<str:list_id>", _LISTS, of="region", path={"list_id": "provincial_hospitals"}, send={"items": "示例医院", "start": "2026-12-01"}),
    _row("POST", "institutions/<uuid:institution_id>/confirm", _REPORT, of="institution", never=_OFFICE, send={"register": "departments"}),
    _row("POST", "applications/<uuid:application_id>/return", _DECIDE, of="region", send={"reason": "请补充依据"}),
    _row("POST", "applications/<uuid:application_id>/<str:act>", _DECIDE, of="region", path={"act": "approve"}, variant="approve"),
    _row("POST", "applications/<uuid:application_id>/<str:act>", _APPLY, of="application", path={"act": "withdraw"}, variant="withdraw", never=names("commission")),
    _row("POST", "imports/upload", _REPORT, of="region", also=_BRINGS, send={"register": "departments", "file": A_FILE}),
    _row("POST", "imports/<uuid:batch_id>/rows/<uuid:row_id>", _REPORT, send={"cell.name": "演示科"}, **_FILE),
    _row("POST", "imports/<uuid:batch_id>/recheck", _REPORT, **_FILE),
    _row("POST", "imports/<uuid:batch_id>/take-over", _REPORT, **_FILE),
    _row("POST", "imports/<uuid:batch_id>/discard", _REPORT, **_FILE),
    _row("POST", "agreements/new", _APPLY, of="consortium", send={"consortium": "{consortium}", "kind": "cooperation", "title": "演示协议", "start": "2026-12-01", "end": "2027-12-01", "institutions": ["{institution}", "{hospital}"]}),
    _row("POST", "agreements/charter", _DECIDE, of="consortium", send={"consortium": "{consortium}", "adopted_on": "2026-11-01"}),
    _row("POST", "agreements/charter/seats", _APPLY, of="consortium", send={"consortium": "{consortium}", "office": "理事", "held_by": "演示", "seat_start": "2026-11-01"}),
    # The government owes it, so no office says that it was met.
    _row("POST", "consortia/<uuid:consortium_id>/centres", _DECIDE, of="consortium", send={"institution": "{institution}", "start": "2026-11-01"}),
    _row("POST", "agreements/obligations/<uuid:obligation_id>/meet", _APPLY, of="region", never=_OFFICE, send={"met_on": "2026-11-01"}),
    _row("POST", "agreements/<uuid:agreement_id>/sections/<str:word>", _APPLY, of="consortium", path={"agreement_id": "draft", "word": "purpose"}, send={"purpose": "演示"}),
    _row("POST", "agreements/<uuid:agreement_id>/do/<slug:act>", _APPLY, of="consortium", path={"agreement_id": "draft", "act": "discard"}, variant="discard"),
    _row("POST", "agreements/<uuid:agreement_id>/do/<slug:act>", _APPLY, of="consortium", path={"agreement_id": "draft", "act": "sign"}, variant="sign", send={"party": "{party}", "signed_by": "演示", "signed_on": "2026-11-01"}),
    _row("POST", "calendar/plans", _DECIDE, of="region", send={"division": "3402", "finished_on": "2026-11-01", "goal": "演示", "stages": "2026-12-01 演示"}),
    _row("POST", "calendar/plans/<uuid:milestone_id>/meet", _DECIDE, of="region", send={"met_on": "2026-11-01"}),
)

_SHELVES = ("organizations", "locations", "services", "practitioners", "practitioner-roles", "affiliations")
API: tuple[Row, ...] = (
    *_all(_READ, "?region=3402", "api/network/institution-plans", "api/network/institution-plans/comparison"),
    *_all(_NUMBERS, "?region=3402", "api/network/institution-plans/surplus", **_OF_AREAS),
    *_all(_NUMBERS, "?region=3402&first=2019-01-01&last=2019-06-30", "api/network/institution-plans/flows", **_OF_AREAS),
    _row("GET", "api/network/institution-plans/{key}", _READ, path={"key": "institution_plan"}),
    _row("POST", "api/network/institution-plans", _DECIDE, of="region", send=_PLAN_SENT),
    _row("GET", "api/network/applications/{key}/grounds", _READ, path={"key": "application"}),
    _row("POST", "api/network/applications/{key}/override", _DECIDE, of="region", path={"key": "application"}, send={"reason": "演示"}),
    _row("POST", "api/network/applications/{key}/confirmation", _REPORT, never=_NOBODY, path={"key": "application"}, send={"agreed": True}),
    _row("POST", "api/network/applications/{key}/scores", _DECIDE, **_SCORES, path={"key": "application"}, send={"said": []}),
    Row("GET", "api/openapi.json", ANYBODY, asked_by=names("anonymous", "registrar@own", "resident@own")),
    *_all(_POLICY, "", "api/policy/packs", "api/policy/clauses", "api/policy/rules"),
    _row("GET", "api/policy/parameter", _POLICY, query="?key=authorisation_basis&region=wuhu"),
    *_all(_READ, _REGION, "api/network/consortia", "api/network/check", "api/network/agreements", "api/network/obligations"),
    *_all(_READ, "", "api/network/consortia/{consortium_id}", "api/network/consortia/{consortium_id}/council", "api/network/consortia/{consortium_id}/centres"),
    *(_row("GET", f"api/network/{each}", _READ) for each in _SHELVES),
    # By the ids of what lies on the shelves; the last three hold nothing here, and say so to whoever may look.
    *(
        _row("GET", f"api/network/{each}/{{key}}", _READ, path={"key": key}, ends=frozenset({Came.PASSED, Came.NOT_FOUND}))
        for each, key in zip(_SHELVES, ("institution", "institution", "nothing", "nothing", "nothing", "nothing"), strict=True)
    ),
    _row("PATCH", "api/network/organizations/{key}", _DECIDE, of="region", path={"key": "institution"}, send={"from": "2026-12-01", "cells": {"name": "演示"}}, headers={"If-Match": "*"}),
    _row("POST", "api/network/consortia/{consortium_id}/centres", _DECIDE, of="consortium", send={"institution_id": "{institution}", "start": "2026-11-01"}),
    _row("POST", "api/network/centres/{key}/end", _DECIDE, of="region", path={"key": "centre_link"}, send={"end": "2026-12-01"}),
    *_all(_READ, "", "api/network/registers"),
    _row("GET", "api/network/registers/{key}", _READ, path={"key": "departments"}, query=_REGION),
    _row("GET", "api/network/agreements/{key}", _READ, path={"key": "agreement"}),
    _row("POST", "api/network/registers/try", _REPORT, send=_ROWS),
    _row("POST", "api/network/registers", _REPORT, of="region", also=_BRINGS, send=_ROWS),
    _row("GET", "api/network/imports", _REPORT, query=_REGION),
    _row("POST", "api/network/imports", _REPORT, of="region", also=_BRINGS, send={"region": "wuhu", "file": A_FILE}),
    *_all(_REPORT, "", "api/network/imports/template"),
    *_all(_REPORT, _REGION, "api/network/imports/export"),
    *(_row("GET", f"api/network/imports/{{key}}{rest}", _REPORT, path={"key": "batch"}, **_FILE) for rest in ("", "/rows", "/rows/{row}", "/bad-rows")),
    _row("PATCH", "api/network/imports/{key}/rows/{row}", _REPORT, path={"key": "batch"}, send={"cells": {"name": "演示科"}}, headers={"If-Match": '"x"'}, **_FILE),
    _row("POST", "api/network/imports/{key}/recheck", _REPORT, path={"key": "batch"}, **_FILE),
    _row("POST", "api/network/imports/{key}/take-over", _REPORT, path={"key": "batch"}, send={"skip_bad": False}, **_FILE),
    _row("POST", "api/network/imports/{key}/discard", _REPORT, path={"key": "batch"}, **_FILE),
    _row("POST", "api/changes/applications", _APPLY, of="region", also=names("commission@sister", "consortium_office"), send={"region": "3402", "title": "演示", "entries": [], "submit": False}),
    _row("POST", "api/changes/applications/{key}/return", _DECIDE, of="region", path={"key": "application"}, send={"reason": "请补充依据"}),
    _row("POST", "api/changes/applications/{key}/{act}", _DECIDE, of="region", path={"key": "application", "act": "approve"}),
    _row("POST", "api/changes/waivers", _WAIVE, of="region", send={"pack": "wuhu", "card": _CARD, "subject": "x:y", "subject_name": "演示"} | _WAIVER),
    _row("POST", "api/changes/waivers/{key}/revoke", _WAIVE, of="region", path={"key": "waiver"}),
)

NETWORK: tuple[Row, ...] = (*PAGES, *API)
