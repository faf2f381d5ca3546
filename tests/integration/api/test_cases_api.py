"""The API of the admission centre: a case opened and taken on step by step, what the centre keeps, and its figures."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.queries.cases import open_cases
from tiercare.apps.capacity.rules.cases import CaseKind, checklist
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.ids import uuid7

from ..capacity.admitting import centre
from ..capacity.conftest import hospital, later, synthetic_clock
from ..residents.conftest import given, register, site
from ..web.residents_desk import at_desk
from .asking import problem

__all__ = ["at_desk", "centre", "given", "hospital", "register", "site", "synthetic_clock"]


@pytest.fixture
def desk(at_desk) -> Client:
    """The hospital's desk."""
    client: Client = at_desk(Role.REGISTRAR, "county_hospital")
    client.raise_request_exception = False
    return client


def send(client: Client, path: str, body: dict[str, Any], *, method: str = "post", key: str = "") -> Any:
    return getattr(client, method)(
        f"/api/capacity/{path}",
        body,
        content_type="application/json",
        headers={"Idempotency-Key": key or str(uuid7())},
    )


def whom(centre, name: str = "王小明", **more: Any) -> dict[str, Any]:
    values = {"kind": "ADMISSION", "resident": str(centre.patient(name)), "department": str(centre.surgery)}
    return values | more


def test_a_case_is_opened_once_and_taken_on_to_its_end(centre, desk) -> None:
    body, key = whom(centre, disease="肺炎"), str(uuid7())
    first, again = send(desk, "cases", body, key=key), send(desk, "cases", body, key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true" and first.json() == again.json()
    assert open_cases(centre.hospital.office).total == 1
    case = first.json()["id"]
    assert first.json()["steps"][2]["checklist"] == [
        text.zh for text in checklist(CaseKind.ADMISSION, "admission")
    ]
    for step in [each["step"] for each in first.json()["steps"]]:
        answer = send(desk, f"cases/{case}/steps/{step}", {"ticked": [0, 1], "note": "好"})
        assert answer.status_code == 200, answer.content
    assert answer.json()["state"] == "CLOSED"
    assert desk.get("/api/capacity/cases").json() == {"items": [], "total": 0, "green": 0, "late": 0}
    assert desk.get(f"/api/capacity/cases/{case}").json()["steps"][0]["note"] == "好"


def test_who_goes_first_is_not_to_be_claimed(centre, desk) -> None:
    plain = send(desk, "cases", whom(centre))
    later(hours=1)
    brought = {
        "kind": "ADMISSION",
        "resident": str(centre.patient("李小红", request=uuid4())),
        "department": str(centre.surgery),
    }
    green = send(desk, "cases", brought)
    assert (plain.json()["green"], green.json()["green"]) == (False, True)
    listed = desk.get("/api/capacity/cases").json()
    assert [each["id"] for each in listed["items"]] == [green.json()["id"], plain.json()["id"]]
    assert listed["green"] == 1
    for claim in ({"green": True}, {"source": str(uuid4())}, {"institution": str(uuid4())}):
        problem(send(desk, "cases", brought | claim), 422)


def test_what_cannot_be_is_a_problem_with_a_way_on(centre, desk, at_desk) -> None:
    problem(send(desk, "cases", whom(centre, department=str(uuid4()))), 422)
    problem(send(desk, "cases", whom(centre, "李小红", kind="DAY_SURGERY")), 422)
    problem(send(desk, "cases", whom(centre, "张小军", disease="病" * 81)), 422)
    case = send(desk, "cases", whom(centre, "赵小燕")).json()["id"]
    assert "步骤" in problem(send(desk, f"cases/{case}/steps/admission", {"ticked": [0, 1]}), 409)["detail"]
    problem(send(desk, f"cases/{case}/steps/exam_booking", {"not_needed": True}), 422)
    problem(send(desk, f"cases/{case}/steps/nothing", {}), 422)
    problem(desk.post(f"/api/capacity/cases/{case}/cancel", {"reason": "甲"}, "application/json"), 428)
    problem(send(desk, f"cases/{case}/cancel", {"reason": " "}), 422)
    stranger = at_desk(Role.REGISTRAR, "stranger")
    problem(stranger.get(f"/api/capacity/cases/{case}"), 404)
    problem(send(stranger, f"cases/{case}/cancel", {"reason": "越权"}), 404)
    answer = send(desk, f"cases/{case}/cancel", {"reason": "改去外院"})
    assert answer.json()["state"] == "CANCELLED"
    problem(send(desk, f"cases/{case}/cancel", {"reason": "再来"}), 404)


def test_the_centre_its_catalogue_and_its_criteria(centre, desk) -> None:
    answer = send(desk, "centre", {"functions": ["admission"], "day_surgery": True}, method="put")
    assert answer.json() == {"functions": ["admission"], "day_surgery": True, "level": 3}
    problem(send(desk, "centre", {"functions": ["operation"], "day_surgery": True}, method="put"), 422)
    assert desk.get("/api/capacity/centre").json()["functions"] == ["admission"]
    made = send(desk, "day-procedures", {"name": "疝修补术"})
    assert made.status_code == 201
    problem(send(desk, "day-procedures", {"name": "疝修补术"}), 409)
    body = whom(centre, kind="DAY_SURGERY", procedure=made.json()["id"])
    assert send(desk, "cases", body).json()["procedure"] == "疝修补术"
    assert [each["name"] for each in desk.get("/api/capacity/day-procedures").json()["items"]] == ["疝修补术"]
    assert send(desk, f"day-procedures/{made.json()['id']}/retire", {}).status_code == 200
    assert desk.get("/api/capacity/day-procedures").json()["items"] == []
    kept = send(desk, "criteria", {"disease": "肺炎", "stage": "DISCHARGE", "items": ["体温正常"]})
    assert kept.status_code == 201
    problem(send(desk, "criteria", {"disease": "肺炎", "stage": "DISCHARGE", "items": []}), 422)
    (listed,) = desk.get("/api/capacity/criteria", {"disease": "肺炎"}).json()["items"]
    assert (listed["version"], listed["items"]) == (1, ["体温正常"])
    assert send(desk, f"criteria/{listed['id']}/end", {}).status_code == 200
    assert desk.get("/api/capacity/criteria").json()["items"] == []


def test_all_criteria_met_propose_the_way_down(centre, desk) -> None:
    send(desk, "centre", {"functions": ["admission"], "day_surgery": False}, method="put")
    send(desk, "criteria", {"disease": "肺炎", "stage": "DISCHARGE", "items": ["体温正常", "能进食"]})
    case = send(desk, "cases", whom(centre, disease="肺炎")).json()["id"]
    send(desk, f"cases/{case}/steps/admission", {"ticked": [0, 1]})
    step = f"cases/{case}/steps/discharge"
    problem(send(desk, step, {"ticked": [0, 1], "met": ["体温正常"]}), 422)
    problem(send(desk, step, {"ticked": [0, 1], "met": ["别的"]}), 409)
    answer = send(desk, step, {"ticked": [0, 1], "met": ["体温正常", "能进食"]})
    assert answer.json()["propose_down_referral"] is True


def test_figures_are_those_of_the_institution_or_the_area(centre, desk, at_desk) -> None:
    case = send(desk, "cases", whom(centre)).json()["id"]
    later(hours=3)
    send(desk, f"cases/{case}/steps/exam_booking", {})
    today = ledger.today().isoformat()
    found = desk.get("/api/capacity/admissions", {"first": today, "last": today}).json()
    (time,) = found["times"]
    assert (time["step"], time["hours"], time["cases"]) == ("exam_booking", 3.0, 1)
    assert (found["waits"], found["operations"], found["deadline"]) == ([], [], None)
    other = at_desk(Role.REGISTRAR, "stranger").get(
        "/api/capacity/admissions", {"first": today, "last": today}
    )
    assert other.json()["times"] == []
    problem(desk.get("/api/capacity/admissions", {"first": today, "last": "2020-01-01"}), 422)
