"""Surveys by the API: a round opened, people asked, and the results, as another system would."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.ids import uuid7

from ..evaluation.test_surveys import AREA, Asked, asked
from ..residents.care import synthetic_clock
from ..residents.conftest import given, register, site
from ..web.conftest import client_of
from ..web.residents_desk import at_desk

__all__ = ["asked", "at_desk", "client_of", "given", "register", "site", "synthetic_clock"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client_of: Callable[..., Client]) -> Client:
    return client_of(Role.COMMISSION, AREA)


def post(client: Client, address: str, **body: Any) -> Any:
    return client.post(
        f"/api/surveys{address}",
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid7())},
    )


def opened(office: Client, **other: Any) -> Any:
    today = ledger.today()
    days = {"first": today.isoformat(), "last": (today + timedelta(days=9)).isoformat()}
    return post(office, "", **{"survey": "first_choice", "area": AREA, "wanted": 20, **days, **other})


def test_a_round_by_the_api(asked: Asked, office: Client, at_desk, register) -> None:
    asked.people += [register(f"甲{chr(0x4E00 + at)}") for at in range(4)]
    answer = opened(office)
    assert answer.status_code == 201, answer.content
    key = UUID(answer.json()["id"])
    (line,) = office.get("/api/surveys").json()["items"]
    assert (line["id"], line["drawn"], line["recall_weeks"]) == (str(key), 12, 2)

    desk = at_desk(Role.PRIMARY_DOCTOR)
    waiting = desk.get("/api/surveys/asking").json()["items"]
    assert len(waiting) == 12 and waiting[0]["questions"][0]["kind"] == "flag"
    assert "近 2 周" in waiting[0]["questions"][0]["ask"]
    told = [asked.went(asked.primary)] * 6 + [{"ill": True, "first": "bought"}] * 5
    for each, answers in zip(waiting, told, strict=False):
        done = post(desk, f"/asking/{each['id']}/answers", how="TELEPHONE", answers=answers)
        assert done.status_code == 200, done.content
    again = post(desk, f"/asking/{waiting[0]['id']}/answers", how="DOOR", answers={"ill": False})
    assert again.status_code == 404 and again.json()["code"] == "surveys.not_yours_to_ask"
    assert post(desk, f"/asking/{waiting[11]['id']}/decline", how="DOOR").status_code == 200

    found = office.get(f"/api/surveys/{key}").json()
    assert (found["answered"], found["declined"], found["waiting"]) == (11, 1, 0)
    assert (found["numerator"], found["denominator"], found["clause"]) == (None, None, "XH-125"), (
        "one township: nobody who was well would be told by the others"
    )
    assert post(office, f"/{key}/stop").status_code == 200
    assert post(office, f"/{key}/stop").json()["code"] == "surveys.ended"


def test_what_cannot_be_is_a_problem(asked: Asked, office: Client, at_desk) -> None:
    assert opened(office, wanted=1).json()["code"] == "surveys.sample"
    assert opened(office, survey="none").status_code == 404
    assert opened(office, area="34'").status_code == 422
    assert opened(office, area="340202").status_code == 403
    assert opened(office).status_code == 201
    assert opened(office).json()["code"] == "surveys.overlaps"
    desk = at_desk(Role.PRIMARY_DOCTOR)
    (first, *_) = desk.get("/api/surveys/asking").json()["items"]
    wrong = post(
        desk,
        f"/asking/{first['id']}/answers",
        how="DOOR",
        answers={"ill": True, "first": "institution", "institution": "none"},
    )
    assert wrong.status_code == 422 and wrong.json()["code"] == "forms.no_institution"
    own = post(desk, f"/asking/{first['id']}/answers", how="OWN", answers={"ill": False})
    assert own.status_code == 422
    assert office.get(f"/api/surveys/{uuid7()}").status_code == 404
