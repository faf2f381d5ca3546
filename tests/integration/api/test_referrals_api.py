"""The API of referrals: criteria, destinations, a referral with a place and its package, advice, and the way down."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.exchange.workflow import Act, State
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.ids import uuid7

from ..capacity.conftest import hospital, session, slot_of
from ..referrals.test_loop import PLAN, patient, stay_of
from ..residents.care import synthetic_clock
from ..residents.conftest import given, register, site
from ..web.residents_desk import at_desk
from .asking import problem
from .test_requests_api import act
from .test_requests_api import send as send_request

__all__ = ["at_desk", "given", "hospital", "patient", "register", "session", "site", "synthetic_clock"]


def send(client: Client, path: str, body: Any, *, key: str = "", **headers: str) -> Any:
    return client.post(
        f"/api/referrals{path}",
        body,
        content_type="application/json",
        headers={"Idempotency-Key": key or str(uuid7()), **headers},
    )


@pytest.fixture
def doctor(at_desk) -> Client:
    client: Client = at_desk(Role.PRIMARY_DOCTOR)
    client.raise_request_exception = False
    return client


@pytest.fixture
def clinician(at_desk) -> Client:
    client: Client = at_desk(Role.CLINICIAN, "county_hospital")
    client.raise_request_exception = False
    return client


def begun(doctor: Client, patient, kind: str = "up", **more: Any) -> str:
    made = send(doctor, "", {"kind": kind, "resident": str(patient), **more})
    assert made.status_code == 201, made.content
    key: str = made.json()["id"]
    return key


def test_the_criteria_say_why_on_whose_word_and_how_surely(doctor, clinician, patient, at_desk) -> None:
    told = doctor.get("/api/referrals/proposal", {"resident": str(patient)}).json()
    first = told["held"][0]
    assert (told["problem_code"], told["urgency"], first["disease"]) == ("I10", "URGENT", "hypertension")
    assert first["source"]["zh"] and first["confidence"] in {"seen", "high", "medium", "ours"}
    assert {each["fact"] for each in first["because"]} and len(told["version"]) >= 8
    asked = {each["id"] for each in told["ask"]}
    assert asked and asked >= {name for each in told["unsure"] for name in each["missing"]}
    problem(doctor.get("/api/referrals/proposal", {"resident": str(uuid4())}), 403)
    problem(
        at_desk(Role.CLINICIAN, "stranger").get("/api/referrals/proposal", {"resident": str(patient)}), 403
    )
    problem(doctor.get("/api/referrals/proposal", {"resident": str(patient), "on": "2020-01-01"}), 422)


def test_destinations_are_sorted_with_reasons_and_the_first_place(doctor, hospital, patient, session) -> None:
    session({Channel.REFERRAL: 2})
    ask = {"resident": str(patient), "specialty": "03.04", "limit": 60}
    found = doctor.get("/api/referrals/destinations", ask)
    assert found.status_code == 200, found.content
    items = found.json()["items"]
    lead = next(each for each in items if each["institution"] == str(hospital.id))
    assert lead["first"]["channel"] == "REFERRAL" and lead["first"]["free"] == 2
    assert lead["reasons"] and all(each["text"]["zh"] and each["text"]["en"] for each in lead["reasons"])
    assert len(doctor.get("/api/referrals/destinations", ask | {"limit": 1}).json()["items"]) == 1
    problem(doctor.get("/api/referrals/destinations", ask | {"specialty": "x"}), 422)
    problem(doctor.get("/api/referrals/destinations", {"resident": str(uuid4())}), 403)


def test_up_with_a_place_and_its_package_once(doctor, clinician, hospital, patient, session, at_desk) -> None:
    slot = str(slot_of(session({Channel.REFERRAL: 1})))
    key = begun(doctor, patient)
    draft = doctor.get(f"/api/requests/{key}").json()
    assert draft["payload"]["ground"]["criterion"] and draft["basis"]["rows"]
    problem(doctor.get(f"/api/referrals/{key}/package"), 404)
    assert send_request(doctor, f"/{key}/place", {"slot": slot}).status_code == 201
    once = str(uuid7())
    body = {
        "problem": "高血压3级",
        "payload": {"wanted": "评估靶器官损害", "choice": {"by": "resident", "offered": 3}},
    }
    first, again = (send(doctor, f"/{key}/send", body, key=once) for _ in range(2))
    assert first.status_code == 200, first.content
    assert first.json() == again.json() and again["Idempotency-Replayed"] == "true"
    assert (first.json()["state"], first.json()["owner"]["institution"]) == ("SUBMITTED", str(hospital.id))
    told = problem(send(doctor, f"/{key}/send", {}), 409)
    assert set(told["acts"]) == {"withdraw", "die"}
    package = clinician.get(f"/api/referrals/{key}/package").json()
    assert [each["code"] for each in package["content"]["problems"]] == ["I10"]
    assert set(package["content"]) == {"problems", "drugs", "results", "visits", "documents"}
    problem(at_desk(Role.CLINICIAN, "stranger").get(f"/api/referrals/{key}/package"), 404)
    added = send(doctor, f"/{key}/supplement", {"content": {"findings": "心电图：左室高电压"}})
    assert added.status_code == 200, added.content
    shown = clinician.get(f"/api/requests/{key}").json()
    assert shown["payload"]["findings"] == "心电图：左室高电压"
    assert shown["steps"][-1]["act"] == "supplement"
    problem(send(clinician, f"/{key}/supplement", {"content": {"findings": "甲"}}), 404)


def test_all_that_is_missing_is_told_at_once_and_nothing_goes(doctor, patient, hospital) -> None:
    key = begun(doctor, patient)
    bare = send(doctor, f"/{key}/send", {"payload": {"reason": ""}})
    told = problem(bare, 422)
    assert {each["at"] for each in told["errors"]} >= {"reason", "to"}
    assert doctor.get(f"/api/requests/{key}").json()["state"] == "DRAFT"
    twice = problem(send(doctor, "", {"kind": "up", "resident": str(patient)}), 409)
    assert (twice["code"], twice["errors"][0]["at"]) == ("exchange.open_already", "again")
    begun(doctor, patient, again="另一科室也要看")
    problem(send(doctor, "", {"kind": "sideways", "resident": str(patient)}), 422)


def test_a_question_answered_becomes_a_referral(doctor, clinician, hospital, patient) -> None:
    key = begun(doctor, patient, "advice")
    body = {"to": str(hospital.id), "payload": {"question": "是否需要住院？"}}
    assert send(doctor, f"/{key}/send", body).status_code == 200
    problem(send(doctor, f"/{key}/convert", {}), 409)
    act(clinician, key, "accept")
    problem(send_request(clinician, f"/{key}/acts/arrive", {}), 409)
    act(clinician, key, "report", content={"advice": "建议上转"})
    made = send(doctor, f"/{key}/convert", {"kind": "up"})
    assert made.status_code == 201, made.content
    child = doctor.get(f"/api/requests/{made.json()['id']}").json()
    assert (child["parent"], child["payload"]["reason"]) == (key, "是否需要住院？")


def test_who_is_ready_goes_down_with_a_plan(doctor, clinician, hospital, patient) -> None:
    stay = stay_of(hospital, patient, hospital.site.actor(Role.CLINICIAN, "county_hospital"))
    (ready,) = clinician.get("/api/referrals/ready").json()["items"]
    assert (ready["visit"], ready["stage"], ready["days"]) == (str(stay), "POSTOP_RECOVERY", 0)
    problem(send(clinician, "/down", {"visit": str(uuid4())}), 409)
    made = send(clinician, "/down", {"visit": str(stay)})
    assert made.status_code == 201, made.content
    key = made.json()["id"]
    body = {
        "to": str(hospital.site.township),
        "without_place": True,
        "payload": {
            "reason": "术后恢复良好",
            "group": "convalescent",
            "plan": PLAN | {"next_visit_on": (ledger.today() + timedelta(days=7)).isoformat()},
            "guidance": [{"due_on": (ledger.today() + timedelta(days=14)).isoformat(), "words": "电话"}],
        },
    }
    sent = send(clinician, f"/{key}/send", body)
    assert sent.status_code == 200, sent.content
    assert clinician.get("/api/referrals/ready").json() == {
        part: [] for part in ("items", "discharged", "met", "prompts", "elsewhere")
    }
    act(doctor, key, "accept")
    assert doctor.get("/api/requests").json()["items"][0]["state"] == "ACCEPTED"


def test_what_became_of_them_is_counted_for_whoever_oversees(doctor, at_desk, hospital, patient) -> None:
    key = begun(doctor, patient)
    send(doctor, f"/{key}/send", {"to": str(hospital.id)})
    office = at_desk(Role.REFERRAL_OFFICE, "county_hospital")
    act(office, key, "return", code="no_capacity", words="本周已满", alternative={"advice": "请转市二院"})
    day = ledger.today().isoformat()
    found = office.get("/api/referrals/statistics", {"first": day, "last": day, "side": "in"})
    assert found.status_code == 200, found.content
    body = found.json()
    assert (body["counts"]["sent"], body["counts"]["up"], body["counts"]["bounced"]) == (1, 1, 1)
    assert [(each["act"], each["code"], each["cases"]) for each in body["bounced"]] == [
        ("return", "no_capacity", 1)
    ]
    problem(office.get("/api/referrals/statistics", {"first": day, "last": "2019-01-01"}), 422)
    problem(doctor.get("/api/referrals/statistics", {"first": day, "last": day}), 403)


def test_the_mapping_names_every_state_and_act() -> None:
    """``docs/fhir-mapping-referrals.md`` says of each how another system would be told."""
    text = (Path(__file__).resolve().parents[3] / "docs" / "fhir-mapping-referrals.md").read_text("utf-8")
    states, acts = text.partition("## 操作 Acts")[::2]
    for state in State:
        assert f"| `{state}` |" in states, state
    for each in Act:
        assert f"`{each}`" in acts, each
