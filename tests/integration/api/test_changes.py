"""Writing through the API: once per key, refused with the card's words, never claiming who acts."""

from __future__ import annotations

import json
from datetime import date
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse
from django.test import Client

from tiercare.apps.mandates.models import Waiver
from tiercare.apps.network import models

AUGUST = "2019-08-01"


@pytest.fixture
def wired(wuhu: str, serve, api: Client) -> Client:
    """The commission of 芜湖, signed in, with the region laid down."""
    return api


def _post(client: Client, path: str, body: dict[str, object], key: str | None = None) -> HttpResponse:
    headers = {"Idempotency-Key": key} if key else {"Idempotency-Key": str(uuid4())}
    return client.post(f"/api{path}", json.dumps(body), content_type="application/json", headers=headers)


WAIVER = {
    "pack": "wuhu",
    "card": "wuhu/one_tertiary_partner_per_community",
    "subject": "consortium:x",
    "subject_name": "繁昌县人民医院医共体",
    "reason": "过渡期",
    "start": AUGUST,
    "end": "2020-01-01",
}


def test_a_waiver_sent_twice_with_one_key_is_one_waiver(wired: Client) -> None:
    key = str(uuid4())
    first, again = (_post(wired, "/changes/waivers", WAIVER, key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert again["Idempotency-Replayed"] == "true"
    assert Waiver.objects.count() == 1
    other = _post(wired, "/changes/waivers", WAIVER | {"reason": "别的理由"}, key)
    assert other.status_code == 422
    revoked = _post(wired, f"/changes/waivers/{first.json()['id']}/revoke", {})
    assert revoked.json()["revoked"] is True


def test_a_must_rule_is_not_waived_and_says_why(wired: Client) -> None:
    answer = _post(wired, "/changes/waivers", WAIVER | {"card": "wuhu/one_alliance_per_specialty"})
    problem = answer.json()
    assert answer.status_code == 422
    assert (problem["code"], problem["clauses"]) == ("waiver_not_allowed", ["WH-43"])
    assert problem["way_on"]
    assert Waiver.objects.count() == 0


def test_the_body_never_says_who_acts(wired: Client) -> None:
    answer = _post(wired, "/changes/waivers", WAIVER | {"granted_by_name": "市长", "role": "operator"})
    assert answer.status_code == 422
    assert {"granted_by_name", "role"} <= {error["at"].split(".")[-1] for error in answer.json()["errors"]}


_CELLS = {
    "parent": "wuhu-urban-rural-second",
    "child": "wuhu-community-fanchang-hospital",
    "from": AUGUST,
}
JOINING = {"register": "joinings", "cells": _CELLS}
PROPOSAL = {"region": "3402", "title": "繁昌加入市二院城乡医联体", "entries": [JOINING]}


def test_a_proposal_is_a_second_pair_of_eyes_and_a_broken_rule_leaves_it_waiting(wired: Client) -> None:
    draft = _post(wired, "/changes/applications", PROPOSAL | {"submit": False})
    assert (draft.status_code, draft.json()["state"]) == (201, "DRAFT"), draft.content
    key = draft.json()["id"]
    refused = _post(wired, f"/changes/applications/{key}/apply", {})
    assert refused.status_code == 422
    assert "one_tertiary_partner_per_community" in refused.content.decode()
    moved = _post(wired, f"/changes/applications/{key}/submit", {})
    assert (moved.json()["state"], moved.json()["decided_by_division"]) == ("SUBMITTED", "3402")
    own = _post(wired, f"/changes/applications/{key}/approve", {})
    assert (own.status_code, own.json()["code"]) == (403, "application_own")
    assert models.Application.objects.get(id=UUID(key)).state == "SUBMITTED"
    assert not models.Joining.objects.filter(
        child__slug="wuhu-community-fanchang-hospital",
        parent__slug="wuhu-urban-rural-second",
        period__contains=date(2019, 8, 1),
    ).exists()
    withdrawn = _post(wired, f"/changes/applications/{key}/withdraw", {})
    assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "WITHDRAWN")


def test_a_row_that_cannot_be_read_is_told_by_its_number(wired: Client) -> None:
    wrong = JOINING | {"cells": _CELLS | {"from": "七月"}}
    answer = _post(wired, "/changes/applications", PROPOSAL | {"entries": [JOINING, wrong]})
    assert answer.status_code == 422
    assert answer.json()["code"] == "row_cannot_be_read"
    assert models.Application.objects.count() == 0
    unknown = _post(wired, "/changes/applications", PROPOSAL | {"entries": [{"register": "x", "cells": {}}]})
    assert unknown.status_code == 422


def test_a_write_without_a_key_is_refused(wired: Client) -> None:
    answer = wired.post("/api/changes/waivers", json.dumps(WAIVER), content_type="application/json")
    assert answer.status_code == 428
