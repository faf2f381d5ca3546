"""Planning by the API, as another system would: the ground read, a division tried and kept, a search asked for, a discussion opened."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.planning import commands
from tiercare.apps.planning.rules.plans import Stage
from tiercare.kernel.ids import uuid7

from ..web.conftest import client_of

__all__ = ["client_of"]
ON = "2019-07-01"
pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client_of, wuhu: str) -> Client:
    return client_of(Role.COMMISSION, wuhu)


def post(client: Client, address: str, key: str = "", **body: Any) -> Any:
    return client.post(
        f"/api/planning/{address}",
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": key or str(uuid7())},
    )


def ground(client: Client) -> dict[str, Any]:
    answer = client.get("/api/planning/ground", {"region": "wuhu", "on": ON})
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def today_of(found: dict[str, Any]) -> dict[str, str]:
    return {place["code"]: place["lead"] for place in found["places"]}


def test_a_division_is_tried_kept_and_read_back(office: Client) -> None:
    found = ground(office)
    assert len(found["places"]) == 79 and found["region"] == "3402" and found["wishes"]["farthest"] > 0
    division = today_of(found)
    tried = post(office, "try", region="wuhu", on=ON, lead_of=division).json()
    assert tried["moved"] == 0 and tried["costs"]["change"] == 0 and tried["cards_broken"] == []

    lead = next(x for x in found["leads"] if division[x["place"]] == x["consortium"])
    other = next(x for x in found["leads"] if x["consortium"] != lead["consortium"])
    apart = {**division, lead["place"]: other["consortium"]}
    tried = post(office, "try", region="wuhu", on=ON, lead_of=apart, wishes={"change": 7}).json()
    assert tried["broken"] and tried["moved"] > 0 and tried["costs"]["change"] == 7 * tried["moved"]

    key = str(uuid7())
    said = {
        "region": "wuhu",
        "on": ON,
        "title": "示例：今天的网格",
        "lead_of": division,
        "wishes": {"uneven": 3},
    }
    first, again = (post(office, "plans", key, **said) for _ in range(2))
    assert first.status_code == 201 and again.json() == first.json() == {"number": 1}
    kept = office.get("/api/planning/plans/1", {"region": "wuhu"}).json()
    assert kept["lead_of"] == division and kept["wishes"]["uneven"] == 3 and kept["source"] == "FILE"
    assert not kept["stale"] and kept["gap"] is None
    (line,) = office.get("/api/planning/plans", {"region": "3402"}).json()["items"]
    assert line["number"] == 1 and line["state"] is None


def test_a_search_is_a_job_that_can_be_followed(office: Client) -> None:
    answer = post(office, "searches", region="wuhu", on=ON, title="示例：方案", effort=0.5)
    assert answer.status_code == 202, answer.content
    key = answer.json()["id"]
    assert (
        post(office, "searches", region="wuhu", on=ON, title="示例").json()["code"]
        == "planning.search_waiting"
    )
    assert office.get(f"/api/planning/searches/{key}").json()["stage"] == "WAITING"
    assert commands.run_search(UUID(key)) is Stage.DONE
    found = office.get(f"/api/planning/searches/{key}").json()
    assert found["stage"] == "DONE" and found["progress"] and found["number"] == 1
    assert post(office, f"searches/{key}/stop").json()["code"] == "planning.search_over"


def test_a_discussion_is_opened_with_those_whom_it_concerns(office: Client) -> None:
    asked_for = post(
        office, "searches", region="wuhu", on=ON, title="示例：方案", effort=0.5, wishes={"change": 0}
    )
    assert commands.run_search(UUID(asked_for.json()["id"])) is Stage.DONE
    parties = office.get("/api/planning/plans/1/parties", {"region": "wuhu"}).json()["items"]
    assert parties
    asked = [{"area": each["area"], "institution_id": each["institution_id"]} for each in parties]
    day = ledger.today()
    days = {
        "opinions_by": str(day + timedelta(days=14)),
        "due_on": str(day + timedelta(days=30)),
        "start": str(day + timedelta(days=60)),
    }
    stranger = [{"area": "340223", "institution_id": str(uuid7())}]
    said = {"region": "wuhu", "words": "示例：请提意见", **days}
    assert (
        post(office, "plans/1/discussion", **said, parties=stranger).json()["code"] == "planning.no_parties"
    )
    opened = post(office, "plans/1/discussion", **said, parties=asked)
    assert opened.status_code == 201, opened.content
    shown = office.get(f"/api/supervision/matters/{opened.json()['id']}").json()
    assert len(shown["children"]) == len(parties)
    assert office.get("/api/planning/plans", {"region": "wuhu"}).json()["items"][0]["state"] == "OPEN"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"region": "wuhu", "title": "示例", "lead_of": {"340202012": "x"}}, "planning.misfit"),
        ({"region": "wuhu", "title": " ", "lead_of": {}}, "planning.no_title"),
        ({"region": "nowhere", "title": "示例", "lead_of": {}}, ""),
    ],
)
def test_what_is_wrong_is_said(office: Client, body: dict[str, Any], code: str) -> None:
    answer = post(office, "plans", **body)
    assert answer.status_code in {404, 422}
    assert not code or answer.json()["code"] == code
