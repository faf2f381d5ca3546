"""One organisation changed through the API by somebody who has read it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client

from .asking import AUGUST, get, problem

LISTS = ("organizations", "locations", "affiliations")


@pytest.fixture
def wired(wuhu: str, serve, api: Client) -> Client:
    """The commission of 芜湖, signed in, with the region laid down."""
    return api


def restate(client: Client, key: str, cells: Mapping[str, object], **headers: str) -> HttpResponse:
    """Change one organisation from August on, as somebody who has just read it."""
    tag = client.get(f"/api/network/organizations/{key}", {"on": AUGUST}).headers.get("ETag", "")
    return client.patch(
        f"/api/network/organizations/{key}",
        json.dumps({"from": AUGUST, "cells": cells}),
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid4()), "If-Match": tag, **headers},
    )


@pytest.fixture
def hospital(wired: Client) -> dict[str, Any]:
    return get(wired, "organizations", type="institution", level=3, area="3402")["items"][0]


def test_one_thing_is_restated_from_a_day_on_and_keeps_what_was_before(
    wired: Client, hospital: dict[str, Any]
) -> None:
    answer = restate(wired, hospital["id"], {"beds": hospital["beds"] + 7})
    assert answer.json()["outcome"] == "changed", answer.content
    assert answer.json()["organization"]["beds"] == hospital["beds"] + 7
    path = f"organizations/{hospital['id']}"
    assert get(wired, path, on="2019-07-31")["beds"] == hospital["beds"]
    assert get(wired, path)["beds"] == hospital["beds"] + 7
    assert get(wired, path)["name"] == hospital["name"]
    same = restate(wired, hospital["id"], {"beds": hospital["beds"] + 7})
    assert same.json()["outcome"] == "unchanged"


def test_a_consortium_is_restated_in_its_own_register(wired: Client) -> None:
    group = get(wired, "organizations", kind="CITY_GROUP")["items"][0]
    answer = restate(wired, group["id"], {"name": "芜湖市新名医联体（演示）"})
    assert answer.status_code == 200, answer.content
    assert get(wired, f"organizations/{group['id']}")["name"] == "芜湖市新名医联体（演示）"


def test_what_changed_since_it_was_read_is_not_overwritten(wired: Client, hospital: dict[str, Any]) -> None:
    tag = wired.get(f"/api/network/organizations/{hospital['id']}", {"on": AUGUST})["ETag"]
    assert restate(wired, hospital["id"], {"beds": hospital["beds"] + 1}).status_code == 200
    late = restate(wired, hospital["id"], {"beds": 1}, **{"If-Match": tag})
    assert problem(late, 412)["code"] == "api.changed_meanwhile"
    assert get(wired, f"organizations/{hospital['id']}")["beds"] == hospital["beds"] + 1
    weak = restate(wired, hospital["id"], {"beds": 1}, **{"If-Match": f"W/{tag}"})
    assert problem(weak, 412)["way_on"]
    path = f"/api/network/organizations/{hospital['id']}"
    body = json.dumps({"from": AUGUST, "cells": {"beds": 1}})
    bare = wired.patch(path, body, content_type="application/json", headers={"Idempotency-Key": str(uuid4())})
    assert problem(bare, 428)["errors"][0]["at"] == "If-Match"
    keyless = wired.patch(path, body, content_type="application/json", headers={"If-Match": tag})
    assert problem(keyless, 428)["errors"][0]["at"] == "Idempotency-Key"


def test_a_cell_that_cannot_be_taken_is_named(wired: Client, hospital: dict[str, Any]) -> None:
    for cells, at in (
        ({"beds": "许多"}, "cells.beds"),
        ({"moon": "1"}, "cells.moon"),
        ({"code": "other"}, "cells.code"),
        ({"level": "九级"}, "cells.level"),
    ):
        found = problem(restate(wired, hospital["id"], cells), 422)
        assert [error["at"] for error in found["errors"]] == [at]
    gone = wired.patch(
        f"/api/network/organizations/{hospital['id']}",
        json.dumps({"from": "1900-01-01", "cells": {"beds": 1}}),
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid4()), "If-Match": "*"},
    )
    assert problem(gone, 404)["errors"][0]["at"] == "from"


def test_who_may_read_and_who_may_restate(wired: Client, doctor, hospital: dict[str, Any]) -> None:
    assert problem(Client().get("/api/network/organizations"), 401)
    doctor.grants.update(division_code="3401")
    assert problem(restate(wired, hospital["id"], {"beds": 1}), 403)["code"].startswith("access.")
    doctor.grants.update(role="auditor", division_code="3402")
    for name in LISTS:
        assert get(wired, name, limit=1)["items"]
    assert problem(restate(wired, hospital["id"], {"beds": 1}), 403)
    assert get(wired, f"organizations/{hospital['id']}")["beds"] == hospital["beds"]
