"""The API of records: a hospital's system sends visits, results and files once per key, and reads the timeline."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.records import commands
from tiercare.apps.records.rules.vocabulary import ContactKind
from tiercare.kernel.ids import uuid7

from ..records.conftest import ward
from ..records.test_timeline import PDF
from ..residents.conftest import given, register, site
from ..web.residents_desk import at_desk
from .asking import problem

__all__ = ["at_desk", "given", "register", "site", "ward"]
VISIT = {
    "kind": "OUTPATIENT",
    "complaint": "头晕三天",
    "conditions": [{"code": "I10", "name": "原发性高血压"}],
    "readings": [{"item": "sbp", "value": 172, "unit": "mmHg"}, {"item": "smoking", "words": "yes"}],
    "drugs": [{"name": "苯磺酸氨氯地平片", "dose": "5 mg 每日一次", "long_term": True}],
    "source": "his-01",
    "source_key": "MZ1",
}


@pytest.fixture
def doctor(at_desk, ward) -> Client:
    client: Client = at_desk(Role.PRIMARY_DOCTOR)
    client.raise_request_exception = False
    return client


def send(client: Client, path: str, body: dict[str, Any], key: str = "") -> Any:
    return client.post(
        f"/api/records/{path}",
        body,
        content_type="application/json",
        headers={"Idempotency-Key": key or str(uuid7())},
    )


def test_what_a_system_sends_is_read_in_order(doctor, ward) -> None:
    at = (ledger.now() - timedelta(minutes=2)).isoformat()
    first = send(doctor, f"{ward.resident}/visits", VISIT | {"started_at": at})
    assert first.status_code == 201, first.content
    again = send(
        doctor, f"{ward.resident}/visits", VISIT | {"started_at": at}
    )  # another key: the feed repeats
    assert again.json() == first.json()
    problem(send(doctor, f"{ward.resident}/visits", VISIT | {"started_at": at, "complaint": "别的"}), 409)
    said = {
        "title": "生化",
        "readings": [{"item": "K", "value": "6.1", "low": "3.5", "high": "5.3", "name": "血钾"}],
    }
    assert send(doctor, f"{ward.resident}/results", said).status_code == 201
    answer = doctor.get(f"/api/records/{ward.resident}/timeline?limit=1")
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body["items"][0]["readings"][0]["flag"] == "HIGH"
    following = doctor.get(body["next"]).json()
    (visit,) = following["items"]
    assert visit["id"] == first.json()["id"] and following["next"] is None
    assert (visit["source"], visit["body"]["complaint"], visit["drugs"][0]["long_term"]) == (
        "his-01",
        "头晕三天",
        True,
    )
    assert "source_key" not in visit["body"] and "clinician_account" not in visit["body"]
    problem(doctor.get(f"/api/records/{ward.resident}/timeline?cursor=abc"), 422)


def test_files_come_as_forms(doctor, ward) -> None:
    path = f"/api/records/{ward.resident}/documents"
    head = {"Idempotency-Key": str(uuid7())}
    form = {"kind": "REPORT", "title": "心电图"}

    def file(content: bytes = PDF, kind: str = "application/pdf") -> SimpleUploadedFile:
        return SimpleUploadedFile("x.pdf", content, kind)

    first = doctor.post(path, form | {"file": file()}, headers=head)
    assert first.status_code == 201, first.content
    again = doctor.post(path, form | {"file": file()}, headers=head)
    assert again["Idempotency-Replayed"] == "true" and again.json() == first.json()
    problem(doctor.post(path, form | {"file": file(b"MZ")}, headers=head), 422)  # the key with another file
    key = {"Idempotency-Key": str(uuid7())}
    problem(doctor.post(path, form | {"file": file(PDF, "image/png")}, headers=key), 415)
    problem(doctor.post(path, form, headers=key), 422)
    problem(doctor.post(path, form | {"file": file()}), 428)
    by_reference = doctor.post(path, form | {"reference": "urn:oid:1.2"}, headers=key)
    assert by_reference.status_code == 201


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"kind": "SOMETHING"}, 422),
        ({"started_at": "2026-11-22T10:00:00"}, 422),  # no zone
        ({"started_at": "2999-01-01T00:00:00+08:00"}, 422),
        ({"readings": [{"item": "sbp", "value": "NaN"}]}, 422),
        ({"readings": [{"item": "sbp", "value": 9999}]}, 422),
        ({"owner": "me"}, 422),
        ({"conditions": [{"code": "x", "name": "y"}]}, 422),
        ({"complaint": "x\x00"}, 422),
    ],
)
def test_bad_input_is_told_and_nothing_is_kept(doctor, ward, more, status) -> None:
    problem(send(doctor, f"{ward.resident}/visits", VISIT | more), status)
    assert doctor.get(f"/api/records/{ward.resident}/timeline").json()["items"] == []


def test_nobody_elses_resident(at_desk, ward) -> None:
    stranger = at_desk(Role.CLINICIAN, "stranger")
    problem(stranger.get(f"/api/records/{ward.resident}/timeline"), 403)
    problem(send(stranger, f"{ward.resident}/visits", VISIT), 403)
    problem(stranger.get(f"/api/records/{uuid7()}/timeline"), 403)


def test_contacts_are_listed_and_done_once(doctor, ward) -> None:
    key = commands.plan_contact(
        ward.doctor, resident_id=ward.resident, kind=ContactKind.FOLLOW_UP, due_on=ledger.today()
    )
    body = doctor.get("/api/records/contacts").json()
    assert [each["id"] for each in body["items"]] == [str(key)] and body["today"] == 1
    said = {"outcome": "REACHED", "answers": {"sbp": 188, "dbp": 112, "chest_pain": True}}
    once = str(uuid7())
    done = send(doctor, f"contacts/{key}/done", said, once)
    assert done.status_code == 200, done.content
    assert done.json() == {"id": str(key), "alerts": []}  # no disease is on the list yet
    assert send(doctor, f"contacts/{key}/done", said, once)["Idempotency-Replayed"] == "true"
    problem(send(doctor, f"contacts/{key}/done", said), 409)
    problem(send(doctor, f"contacts/{uuid7()}/done", said), 404)


def test_a_system_corrects_and_withdraws_what_it_sent(doctor, ward) -> None:
    at = (ledger.now() - timedelta(minutes=2)).isoformat()
    visits = f"{ward.resident}/visits"
    first = send(doctor, visits, VISIT | {"started_at": at}).json()["id"]
    corrected = VISIT | {"started_at": at, "complaint": "胸闷", "correction": True}
    second = send(doctor, visits, corrected)
    assert second.status_code == 201 and second.json()["id"] != first
    items = doctor.get(f"/api/records/{ward.resident}/timeline").json()["items"]
    assert [each["id"] for each in items if each["withdrawn"] is None] == [second.json()["id"]]
    assert [each["withdrawn"]["reason"] for each in items if each["withdrawn"]] == ["来源系统已更正"]
    by_key = {"what": "visit", "source": "his-01", "source_key": "MZ1", "reason": "记错患者"}
    answer = send(doctor, "withdrawals", by_key)
    assert (answer.status_code, answer.json()) == (200, {"lines": 4})
    problem(send(doctor, "withdrawals", by_key), 409)
    problem(send(doctor, "withdrawals", by_key | {"reason": " "}), 422)
    problem(send(doctor, "withdrawals", {"what": "drug", "id": str(uuid7()), "reason": "记错"}), 404)
    stale = send(doctor, visits, VISIT | {"started_at": at})
    assert problem(stale, 409)["code"] == "records.withdrawn_came_again"
