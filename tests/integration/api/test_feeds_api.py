"""A hospital's own system sends its slots and files over the API: once per sequence, conflicts named, files all or none."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.commands import book
from tiercare.apps.capacity.models import Slot
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.ids import uuid7

from ..capacity.conftest import hospital, synthetic_clock
from ..residents.conftest import given, register, site
from ..web.residents_desk import at_desk
from .asking import problem

__all__ = ["at_desk", "given", "hospital", "register", "site", "synthetic_clock"]


@pytest.fixture
def office(at_desk) -> Client:
    client: Client = at_desk(Role.REGISTRAR, "county_hospital")
    client.raise_request_exception = False
    return client


@pytest.fixture
def day() -> date:
    return ledger.today() + timedelta(days=3)


def post(client: Client, path: str, body: dict[str, Any], key: str = "") -> Any:
    return client.post(
        f"/api/capacity/{path}",
        body,
        content_type="application/json",
        headers={"Idempotency-Key": key or str(uuid7())},
    )


def message(day: date, sequence: int, sold: int = 0, **more: Any) -> dict[str, Any]:
    slot = {"key": "s1", "starts": f"{day}T08:00:00+08:00", "ends": f"{day}T09:00:00+08:00"}
    session = {
        "key": "a",
        "pool": "zj",
        "starts": slot["starts"],
        "ends": slot["ends"],
        "slots": [slot | {"capacity": 3, "sold_elsewhere": sold}],
    }
    return {"sequence": sequence, "kind": "delta", "sessions": [session]} | more


def test_slots_go_on_offer_and_a_conflict_is_named_and_mended(hospital, office, register, day):
    hospital.pool("zj")
    first = post(office, "feeds/his-1", message(day, 1, kind="full", days=[str(day)]))
    assert first.status_code == 200, first.content
    assert first.json() == {
        "sequence": 1,
        "news": 1,
        "old": [],
        "conflicts": 0,
        "missing": [],
        "again": False,
    }
    again = post(office, "feeds/his-1", message(day, 1, kind="full", days=[str(day)]))
    assert again.json()["again"] is True
    (place,) = office.get(f"/api/capacity/slots?institution={hospital.id}&day={day}").json()["items"]
    assert place["free"] == 3
    book(hospital.family_doctor, slot_id=Slot.objects.get().id, resident_id=register("王小明"))

    assert post(office, "feeds/his-1", message(day, 3, sold=3)).json()["conflicts"] == 1
    (feed,) = office.get("/api/capacity/feeds").json()["items"]
    assert (feed["missing"], feed["conflicts"], feed["on_offer"]) == ([2], 1, 1)
    (conflict,) = office.get("/api/capacity/feeds/his-1/conflicts").json()["items"]
    assert (conflict["kind"], conflict["said"], conflict["kept"], conflict["slot"]) == (
        "OVERSOLD",
        0,
        1,
        "s1",
    )
    assert conflict["ways"] == ["move", "extra"] and "1" in conflict["message"]["zh"]

    at = f"feeds/his-1/conflicts/{conflict['id']}"
    assert problem(post(office, at, {"way": "move"}), 422)["code"] == "capacity.conflict_without_reason"
    key = str(uuid7())
    for _ in range(2):
        answer = post(office, at, {"way": "extra", "reason": "窗口已售出"}, key)
        assert answer.json() == {"id": conflict["id"], "stands": False}
    assert office.get("/api/capacity/feeds/his-1/conflicts").json()["items"] == []
    (settled,) = office.get("/api/capacity/feeds/his-1/conflicts?state=settled").json()["items"]
    assert settled["way"] == "extra"


def test_what_is_wrong_with_a_message_is_named_by_its_place(hospital, office, day):
    wrong = message(day, 1)
    wrong["sessions"][0]["slots"][0] |= {"capacity": 9_999}
    answer = problem(post(office, "feeds/his-1", wrong), 422)
    assert answer["code"] == "capacity.feed_count"
    assert "sessions[a].slots[s1]" in answer["detail"]
    assert problem(post(office, "feeds/HIS 1", message(day, 1)), 422)["code"] == "capacity.feed_source"
    wrong = message(day, 1) | {"institution": str(hospital.id)}
    assert post(office, "feeds/his-1", wrong).status_code == 422  # nobody says whose it is
    post(office, "feeds/his-1", message(day, 2))
    other = post(office, "feeds/his-1", message(day, 2, sold=1))
    assert problem(other, 409)["code"] == "capacity.feed_other_content"


def test_a_file_is_checked_then_taken_over_all_or_none(hospital, office):
    def upload(content: str) -> Any:
        file = SimpleUploadedFile("床位.csv", content.encode("gb18030"))
        return office.post("/api/capacity/imports", {"file": file}, headers={"Idempotency-Key": str(uuid7())})

    bad = upload("病区,床号,收治性别\n一病区,1,男\n一病区,2,猫\n").json()
    assert (
        bad["bad"] == 1 and bad["faults"][0]["column"] == "sex" and bad["faults"][0]["place"].endswith("!3")
    )
    refused = post(office, f"imports/{bad['id']}/take-over", {})
    assert problem(refused, 422)["code"] == "capacity.file_rows_are_bad"
    good = upload("病区,床号,收治性别\n一病区,1,男\n一病区,2,女\n").json()
    assert good["changes"] == 2 and good["rows"]["beds"]["created"] == 2
    assert post(office, f"imports/{good['id']}/take-over", {}).json()["state"] == "TAKEN"
    assert post(office, f"imports/{bad['id']}/discard", {}).json()["state"] == "DISCARDED"
    export = office.get("/api/capacity/imports/export?register=beds&format=gb18030").content
    assert "一病区,2,女" in export.decode("gb18030")
    assert {each["state"] for each in office.get("/api/capacity/imports").json()["items"]} == {
        "TAKEN",
        "DISCARDED",
    }
    assert office.get("/api/capacity/imports/template").content.startswith(b"PK")


def test_the_six_registers_are_answered_to_who_may_see_the_proof(hospital, office, at_desk):
    stranger = at_desk(Role.REFERRAL_OFFICE, "stranger")
    (own,) = stranger.get("/api/capacity/registers").json()["items"]
    assert own["institution"] == str(hospital.site.stranger)
    assert [each["kind"] for each in own["registers"]][-3:] == ["CLINIC", "BED", "EXAM"]
    assert own["limit"] and all(each["stale"] for each in own["registers"][-3:])
    assert problem(office.get("/api/capacity/registers"), 403)
