"""The API of beds: entered, kept, taken, changed and left by a hospital's own system, once per key."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.ids import uuid7

from ..capacity.conftest import hospital, later, synthetic_clock
from ..capacity.test_beds import patient
from ..residents.conftest import given, register, site
from ..web.residents_desk import at_desk
from .asking import problem

__all__ = ["at_desk", "given", "hospital", "patient", "register", "site", "synthetic_clock"]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def ward(at_desk) -> Client:
    """The desk of the county hospital's wards."""
    client: Client = at_desk(Role.REGISTRAR, "county_hospital")
    client.raise_request_exception = False
    return client


def send(client: Client, method: str, path: str, body: dict[str, Any], key: str = "") -> Any:
    return getattr(client, method)(
        f"/api/capacity/{path}",
        body,
        content_type="application/json",
        headers={"Idempotency-Key": key or str(uuid7())},
    )


def entered(client: Client, number: str, **more: Any) -> str:
    answer = send(client, "put", "beds", {"ward": "内科一区", "number": number, **more})
    assert answer.status_code == 200, answer.content
    return str(answer.json()["id"])


def board(client: Client) -> list[dict[str, Any]]:
    return list(client.get("/api/capacity/beds").json()["items"])


def kept(client: Client, bed: str, resident: UUID, starts: Any, until: Any = None) -> dict[str, Any]:
    body = {"bed": bed, "resident": str(resident), "starts": starts.isoformat()}
    answer = send(client, "post", "stays", body | ({"until": until.isoformat()} if until else {}))
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_a_stay_goes_its_way(ward, patient) -> None:
    one, other, person, now = entered(ward, "1"), entered(ward, "2"), patient(), ledger.now()
    stay = kept(ward, one, person, now)
    assert (stay["state"], stay["ends_at"]) == ("PLANNED", None)
    assert send(ward, "post", f"stays/{stay['id']}/admit", {}).json()["state"] == "IN"
    assert [bed["free"] for bed in board(ward)] == [False, True]
    later(minutes=5)
    problem(send(ward, "post", f"stays/{stay['id']}/change", {}), 422)
    moved = send(ward, "post", f"stays/{stay['id']}/change", {"bed": other}).json()
    assert (moved["bed"], moved["state"]) == (other, "IN") and moved["id"] != stay["id"]
    later(minutes=5)
    assert send(ward, "post", f"stays/{moved['id']}/discharge", {}).json()["state"] == "OUT"
    assert all(bed["free"] for bed in board(ward))


def test_a_taken_bed_says_from_when_until_when(ward, patient) -> None:
    bed, now = entered(ward, "1"), ledger.now()
    stay = kept(ward, bed, patient(), now + DAY, now + 2 * DAY)
    body = {"bed": bed, "resident": str(patient("李小红")), "starts": (now + HOUR).isoformat()}
    found = problem(send(ward, "post", "stays", body), 409)
    assert "已有安排" in found["detail"] and "月" in found["detail"]
    until = {"until": (now + DAY).isoformat()}
    assert send(ward, "post", "stays", body | until).status_code == 201
    assert send(ward, "post", f"stays/{stay['id']}/cancel", {}).json()["state"] == "CANCELLED"


def test_the_same_request_keeps_one_bed(ward, patient) -> None:
    body = {"bed": entered(ward, "1"), "resident": str(patient()), "starts": ledger.now().isoformat()}
    key = str(uuid7())
    first, again = (send(ward, "post", "stays", body, key) for _ in range(2))
    assert first.json() == again.json() and again["Idempotency-Replayed"] == "true"
    assert board(ward)[0]["planned"] == 1


def test_what_names_no_time_or_another_institution_is_refused(ward, patient, at_desk) -> None:
    bed, person, now = entered(ward, "1"), str(patient()), ledger.now()
    naive = {"bed": bed, "resident": person, "starts": "2026-11-24T08:00"}
    problem(send(ward, "post", "stays", naive), 422)
    claimed = {"bed": bed, "resident": person, "starts": now.isoformat(), "institution": str(uuid7())}
    problem(send(ward, "post", "stays", claimed), 422)
    stay = kept(ward, bed, UUID(person), now)
    stranger = at_desk(Role.REGISTRAR, "stranger")
    stranger.raise_request_exception = False
    problem(send(stranger, "post", f"stays/{stay['id']}/admit", {}), 404)
    assert stranger.get("/api/capacity/beds").json()["items"] == []


def test_day_use_has_no_value_without_a_day_bed(ward, patient) -> None:
    today = ledger.today()
    asked = {"first": (today - DAY).isoformat(), "last": today.isoformat()}
    bed, now = entered(ward, "1", day=True), ledger.now()
    stay = kept(ward, bed, patient(), now, now + HOUR)
    assert send(ward, "post", f"stays/{stay['id']}/admit", {}).status_code == 200
    found = ward.get("/api/capacity/day-use", asked).json()["items"]
    assert [(each["beds"], each["patients"], each["per_bed"]) for each in found] == [
        (0, 0, None),
        (1, 1, 1.0),
    ]
    entered(ward, "2", day=True, out_of_use="维修")
    assert ward.get("/api/capacity/day-use", asked).json()["items"][1]["per_bed"] == 1.0
