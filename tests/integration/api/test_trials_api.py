"""A policy tried by the API, as another system would: levers read, a trial asked for once, followed, read, run again."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tiercare.apps.access.rules import Role
from tiercare.apps.trials import commands
from tiercare.apps.trials.rules.trials import MARK, Stage
from tiercare.engines.twin.levers import LEVERS
from tiercare.kernel.ids import uuid7

from ..web.conftest import client_of

__all__ = ["client_of"]
pytestmark = pytest.mark.django_db
SMALL = {
    "region": "wuhu",
    "on": "2019-07-01",
    "title": "示例：少报四成",
    "b": {"unreferred_cut": 40},
    "residents": 2000,
    "seeds": 3,
}


@pytest.fixture
def office(client_of, wuhu: str) -> Client:
    return client_of(Role.COMMISSION, wuhu)


def post(client: Client, address: str = "", key: str = "", **body: Any) -> Any:
    return client.post(
        f"/api/trials{address}",
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": key or str(uuid7())},
    )


def test_levers_are_read_with_their_clauses(office: Client) -> None:
    found = office.get("/api/trials/levers", {"region": "wuhu", "on": "2019-07-01"}).json()["items"]
    by_name = {each["name"]: each for each in found}
    assert list(by_name) == list(LEVERS)
    assert (by_name["payment_mode"]["value"], by_name["payment_mode"]["clause"]) == ("dip", "WH-63")
    assert by_name["secondments"]["ours"] is True


def test_a_trial_is_asked_for_once_followed_and_read(office: Client) -> None:
    once = str(uuid7())
    first, again = (post(office, key=once, **SMALL) for _ in range(2))
    assert first.status_code == again.status_code == 202, first.content
    assert first.json() == again.json()
    key = first.json()["id"]
    assert post(office, **SMALL).status_code == 409, "one of a region at a time"
    waiting = office.get(f"/api/trials/{key}").json()
    assert (waiting["stage"], waiting["result"], waiting["simulated"]["zh"]) == ("WAITING", None, MARK.zh)
    assert commands.run_trial(UUID(key)) is Stage.DONE
    done = office.get(f"/api/trials/{key}").json()
    assert done["done"] >= done["seeds"] == 3 and not done["stale"]
    first_contact = next(each for each in done["result"]["differences"] if each["outcome"] == "primary_first")
    assert first_contact["mean"] > 0
    more = post(office, f"/{key}/again", seeds=4)
    assert more.status_code == 202
    stopped = post(office, f"/{more.json()['id']}/stop")
    assert stopped.status_code == 200, stopped.content
    lines = office.get("/api/trials", {"region": "wuhu"}).json()["items"]
    assert [each["stage"] for each in lines] == ["STOPPED", "DONE"]


def test_faults_name_their_field(office: Client) -> None:
    answer = post(office, **(SMALL | {"b": {"reserve_share": 3}, "a": {"nothing": 1}}))
    assert answer.status_code == 422
    said = json.dumps(answer.json())
    assert "b.reserve_share" in said and "a.nothing" in said
    assert post(office, **(SMALL | {"b": {"reserve_share": [1]}})).status_code == 422
    assert post(office, **(SMALL | {"owner": "me"})).status_code == 422


def test_others_may_not(client_of, wuhu: str, office: Client) -> None:
    key = post(office, **SMALL).json()["id"]
    stranger = client_of(Role.COMMISSION, "4407")
    assert stranger.get(f"/api/trials/{key}").status_code == 404
    assert stranger.get("/api/trials", {"region": "wuhu"}).json()["items"] == []
    assert post(stranger, f"/{key}/stop").status_code == 404
    assert post(client_of(Role.AUDITOR), **SMALL).status_code == 403
