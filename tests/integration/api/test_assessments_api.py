"""Assessments by the API: lists, one, acts, a report; what residents read needs no sign-in."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.test import Client

from tiercare.apps.access.rules import Role
from tiercare.apps.evaluation.commands.publishing import publish
from tiercare.apps.evaluation.queries.publishing import Audience

from ..evaluation import assessments as made
from ..evaluation.assessments import CONTROL, JINGHU, commission
from ..web.test_assessments import as_, lead

pytestmark = pytest.mark.django_db
__all__ = ["as_"]


@pytest.fixture(autouse=True)
def _facts(wuhu: str, settings, tmp_path) -> None:
    settings.FACTS_ROOT = tmp_path / "facts"


def send(client: Client, where: str, body: dict, key: str = ""):
    return client.post(
        where,
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": key or str(uuid4())},
    )


def test_an_assessment_goes_its_way_by_the_api(as_) -> None:
    made.planted()
    matter = made.opened()
    city, office = as_(Role.COMMISSION), as_(Role.CONSORTIUM_OFFICE, "340202", lead())
    (listed,) = city.get("/api/assessments").json()["items"]
    assert (listed["id"], listed["state"], listed["card"]) == (str(matter), "OPEN", "test_scheme")
    one = city.get(f"/api/assessments/{matter}").json()
    report = next(each["report"] for each in one["assessed"] if each["key"] == JINGHU)
    wrong = {"lines": {CONTROL: {"numerator": "x", "denominator": "2"}}, "words": "x"}
    refused = send(office, f"/api/assessments/reports/{report}", wrong)
    assert refused.status_code == 422 and "evaluation.not_a_number" in refused.content.decode()
    body = {"lines": {CONTROL: {"numerator": "144", "denominator": "240"}}, "words": "已核对"}
    key = str(uuid4())
    first = send(office, f"/api/assessments/reports/{report}", body, key)
    assert first.json() == {"state": "SUBMITTED"}
    assert send(office, f"/api/assessments/reports/{report}", body, key).json() == first.json()
    made.review(commission(), matter_id=report, decisions={CONTROL: {"take": "unit", "why": "属实"}})
    for each in made.units_of(commission(), matter):
        if each.report_id and each.report_state == "OPEN":
            made.report(made.owner_of(each), matter_id=each.report_id, lines={}, words="已核对")
            made.review(commission(), matter_id=each.report_id, decisions={})
    for act in ("submit", "approve", "lock"):
        answer = send(city, f"/api/assessments/{matter}/acts", {"act": act, "words": "已核对"})
        assert answer.status_code == 200, answer.content
    mine = next(each for each in answer.json()["assessed"] if each["key"] == JINGHU)
    assert (mine["total"], mine["place"]) == ("75.000000000000", 1)
    assert send(city, f"/api/assessments/{matter}/acts", {"act": "reopen", "words": "x"}).status_code == 409


def test_residents_read_without_signing_in_and_nothing_more(as_) -> None:
    made.planted()
    matter = made.locked()
    anybody = Client()
    assert anybody.get("/api/public/results/wuhu").json() == {"items": []}
    publish(commission(), assessment_id=matter, audience=Audience.RESIDENTS)
    publish(commission(), assessment_id=matter, audience=Audience.SECTOR)
    (found,) = anybody.get("/api/public/results/wuhu").json()["items"]
    assert found["audience"] == "RESIDENTS" and "total" not in json.dumps(found["content"])
    assert anybody.get("/api/public/results/nowhere").status_code == 404
    assert anybody.get("/api/assessments/published").status_code == 401
    both = as_(Role.COMMISSION).get("/api/assessments/published").json()["items"]
    assert {each["audience"] for each in both} == {"RESIDENTS", "SECTOR"}
