"""Registers through the API: what stands, what rows would do, taking them over; both say the same."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tiercare.api import registers, tries
from tiercare.apps.network import models
from tiercare.apps.network.rules.registers import REGISTERS

from .asking import AUGUST, DAY, problem

Row = dict[str, Any]


@pytest.fixture
def wired(wuhu: str, serve, api: Client) -> Client:
    """The commission of 芜湖, signed in, with the region laid down."""
    return api


def row(register: str, op: str = "PUT", **cells: object) -> Row:
    return {"register": register, "op": op, "cells": {"from": AUGUST, **cells}}


CLINIC = {
    "code": "new-clinic",
    "name": "新诊所（演示）",
    "category": "诊所、门诊部",
    "level": 0,
    "owner": "社会办",
    "affiliation": "无隶属",
    "division": "340202",
    "beds": 0,
}


def send(
    client: Client, path: str, entries: Sequence[Row], key: str | None = None, **more: object
) -> HttpResponse:
    body = {"region": "wuhu", "on": AUGUST, "entries": entries, **more}
    headers = {} if path.endswith("/try") else {"Idempotency-Key": key or str(uuid4())}
    return client.post(
        f"/api/network/{path}", json.dumps(body), content_type="application/json", headers=headers
    )


def tried(client: Client, entries: Sequence[Row]) -> dict[str, Any]:
    answer = send(client, "registers/try", entries)
    assert answer.status_code == 200, answer.content
    return answer.json()


def second_partner() -> list[Row]:
    """A second tertiary partner for a county community that has one."""
    joining = models.Joining.objects.filter(
        parent__kind="URBAN_RURAL", child__kind="COUNTY_COMMUNITY", period__contains=DAY
    ).first()
    assert joining is not None
    led = models.Membership.objects.get(consortium=joining.parent_id, role="LEAD", period__contains=DAY)
    other = (
        models.InstitutionVersion.objects.filter(
            division_code__startswith="3402",
            level=3,
            category="GENERAL",
            owner="PUBLIC",
            period__contains=DAY,
        )
        .exclude(institution=led.institution_id)
        .order_by("name")
        .values_list("institution__slug", flat=True)[0]
    )
    return [
        row("consortia", code="second-partner", name="第二城乡医联体", kind="城乡医联体", division="3402"),
        row("memberships", consortium="second-partner", institution=other, role="牵头医院"),
        row("joinings", parent="second-partner", child=joining.child.slug),
    ]


@pytest.mark.clause("WH-27")
def test_a_second_tertiary_partner_is_tried_with_its_card_and_refused_in_the_same_words(
    wired: Client,
) -> None:
    told = tried(wired, second_partner())
    assert (told["ok"], told["problems"], told["counts"]["created"]) == (False, [], 3)
    card = next(card for card in told["broken"] if card["card"] == "one_tertiary_partner_per_community")
    assert card["clauses"] == ["WH-27"] and card["parameters"]
    finding = card["findings"][0]
    assert finding["message"]["zh"] and finding["message"]["en"] and finding["remedy"]["zh"]
    assert set(finding["rows"]) <= {"entries.0", "entries.1", "entries.2"} and finding["rows"]
    assert not models.Consortium.objects.filter(slug="second-partner").exists()
    refused = problem(send(wired, "registers", second_partner()), 422)
    assert refused["broken"] == told["broken"]
    assert set(refused["clauses"]) == {clause for card in told["broken"] for clause in card["clauses"]}
    assert refused["code"] == "one_tertiary_partner_per_community" and refused["clauses"][0] == "WH-27"
    assert finding["message"]["zh"] in {error["detail"] for error in refused["errors"]}
    assert not models.Consortium.objects.filter(slug="second-partner").exists()


def test_rows_that_cannot_be_taken_are_named_one_by_one_and_nothing_is_half_loaded(wired: Client) -> None:
    rows = [
        row("institutions", **CLINIC),
        row("institutions", **{**CLINIC, "code": "other", "level": "九级", "moon": 1}),
        row("memberships", consortium="nowhere", institution="new-clinic", role="成员单位"),
        row("institutions", **{**CLINIC, "code": "far", "division": "340111"}),
    ]
    told = tried(wired, rows)
    assert [(p["place"], p["column"]) for p in told["problems"]] == [
        ("entries.1", "moon"),
        ("entries.1", "level"),
        ("entries.2", "consortium"),
        ("entries.3", "division"),
    ]
    assert told["problems"][1]["value"] == "九级"
    assert all(p["message"][lang] and p["fix"][lang] for p in told["problems"] for lang in ("zh", "en"))
    assert [(r["place"], r["outcome"]) for r in told["rows"]] == [("entries.0", "created")]
    refused = problem(send(wired, "registers", rows), 422)
    assert refused["rows"] == told["problems"]
    assert [error["at"] for error in refused["errors"]] == [
        "entries.1.cells.moon",
        "entries.1.cells.level",
        "entries.2.cells.consortium",
        "entries.3.cells.division",
    ]
    assert not models.Institution.objects.filter(slug="new-clinic").exists()
    readable = [rows[0], *rows[2:]]
    unknown = problem(send(wired, "registers", readable), 422)
    assert [error["at"] for error in unknown["errors"]] == [
        "entries.1.cells.consortium",
        "entries.2.cells.division",
    ]
    assert unknown["rows"] == tried(wired, readable)["problems"]


def test_a_row_is_taken_over_once_per_key_and_says_what_trying_said(wired: Client) -> None:
    rows = [row("institutions", **CLINIC)]
    told = tried(wired, rows)
    assert told["ok"] is True
    key = str(uuid4())
    first, again = (send(wired, "registers", rows, key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content and again["Idempotency-Replayed"] == "true"
    taken = first.json()
    assert (taken["counts"], taken["rows"]) == (told["counts"], told["rows"])
    assert models.InstitutionVersion.objects.filter(institution__slug="new-clinic").count() == 1
    other = problem(send(wired, "registers", [row("institutions", **{**CLINIC, "beds": 3})], key), 422)
    assert other["code"].startswith("ledger.")
    assert send(wired, "registers", rows).json()["counts"]["unchanged"] == 1
    void = [row("institutions", "VOID", **CLINIC)]
    assert tried(wired, void)["counts"]["voided"] == 1
    assert send(wired, "registers", void).json()["counts"]["voided"] == 1
    assert not models.InstitutionVersion.objects.filter(institution__slug="new-clinic").exists()


def test_a_write_needs_its_key_and_a_known_region(wired: Client) -> None:
    body = json.dumps({"region": "wuhu", "entries": [row("institutions", **CLINIC)]})
    bare = wired.post("/api/network/registers", body, content_type="application/json")
    assert problem(bare, 428)["errors"][0]["at"] == "Idempotency-Key"
    for path in ("registers", "registers/try"):
        assert problem(send(wired, path, [row("institutions", **CLINIC)], region="atlantis"), 404)


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({"region": "wuhu", "entries": []}, "entries"),
        ({"region": "wu\0hu", "entries": [{"register": "institutions", "cells": {}}]}, "region"),
        ({"region": "x" * 10_000, "entries": [{"register": "institutions", "cells": {}}]}, "region"),
        ({"region": "wuhu", "entries": [{"register": "moons", "cells": {}}]}, "entries.0.register"),
        (
            {"region": "wuhu", "entries": [{"register": "consortia", "op": "DROP", "cells": {}}]},
            "entries.0.op",
        ),
        ({"region": "wuhu", "on": "20190801", "entries": [{"register": "consortia", "cells": {}}]}, "on"),
        ({"region": "wuhu", "entries": [{"register": "consortia", "cells": []}]}, "entries.0.cells"),
    ],
)
def test_a_hostile_body_is_refused_by_the_name_of_its_part(
    wired: Client, body: Mapping[str, object], at: str
) -> None:
    answer = wired.post("/api/network/registers/try", json.dumps(body), content_type="application/json")
    assert problem(answer, 422)["errors"][0]["at"] == at


@pytest.mark.parametrize("value", ["\0", "x" * 10_000, "{name}", "=1+1", "１２", "2019-02-30", 1e308, True])
def test_a_hostile_cell_is_a_problem_of_its_row_or_taken_as_text(wired: Client, value: object) -> None:
    for column in ("code", "name", "division", "level", "licence_until", "beds"):
        answer = send(wired, "registers/try", [row("institutions", **{**CLINIC, column: value})])
        assert answer.status_code == 200, (column, answer.content)
        told = answer.json()
        assert {p["column"] for p in told["problems"]} <= {column}
        assert told["problems"] or told["rows"]


def test_who_may_try_and_who_may_take_over(wired: Client, doctor) -> None:
    rows = [row("institutions", **CLINIC)]
    doctor.grants.update(division_code="3401")
    assert problem(send(wired, "registers", rows), 403)
    assert [p["column"] for p in tried(wired, rows)["problems"]] == ["division"]
    doctor.grants.update(role="auditor", division_code="3402")
    for path in ("registers", "registers/try"):
        assert problem(send(wired, path, rows), 403)["code"] == "access.not_your_right"
        assert problem(Client().post(f"/api/network/{path}", "{}", content_type="application/json"), 401)
    assert wired.get("/api/network/registers/institutions", {"region": "wuhu"}).status_code == 200


def test_the_columns_of_every_register_are_told(wired: Client) -> None:
    answer = wired.get("/api/network/registers")
    told = [registers.RegisterOut.model_validate(each) for each in answer.json()]
    assert [each.key for each in told] == list(REGISTERS) == list(tries.Named.__args__)
    level = next(column for column in told[0].columns if column.key == "level")
    assert level.words["3"].zh == "三级" and level.required
    again = wired.get("/api/network/registers", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("key", REGISTERS)
def test_what_stands_in_a_register_comes_back_to_it_unchanged(wired: Client, key: str) -> None:
    path = f"/api/network/registers/{key}"
    items, query = [], {"region": "3402", "on": AUGUST, "limit": 7, "count": "true"}
    body = wired.get(path, query).json()
    registers.RegisterPage.model_validate(body)
    while True:
        items += body["items"]
        if body["next"] is None:
            break
        body = wired.get(body["next"]).json()
    assert len(items) == body["total"]
    whole = wired.get(path, query, headers={"Accept": "text/csv"})
    assert whole["Content-Type"].startswith("text/csv")
    lines = list(csv.reader(io.StringIO(whole.content.decode("utf-8-sig"))))
    assert len(lines) == len(items) + 1
    assert lines[0] == [column.name.zh for column in REGISTERS[key].columns]
    if items:
        told = tried(wired, [{"register": key, "cells": cells} for cells in items])
        assert told["problems"] == []
        assert told["counts"] == {"created": 0, "changed": 0, "unchanged": len(items), "voided": 0}


def test_a_register_is_not_read_again_until_it_changed(wired: Client) -> None:
    path, query = "/api/network/registers/institutions", {"region": "wuhu", "on": AUGUST}
    tag = wired.get(path, query)["ETag"]
    with CaptureQueriesContext(connection) as asked:
        again = wired.get(path, query, headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert not any("network_institution" in query["sql"] for query in asked.captured_queries)
    as_csv = wired.get(path, query, headers={"If-None-Match": tag, "Accept": "text/csv"})
    assert as_csv.status_code == 200
    assert send(wired, "registers", [row("institutions", **CLINIC)]).status_code == 201
    assert wired.get(path, query, headers={"If-None-Match": tag}).status_code == 200


def test_what_is_no_register_region_or_form_is_said(wired: Client) -> None:
    query = {"region": "wuhu", "on": AUGUST}
    assert (
        problem(wired.get("/api/network/registers/moons", query), 404)["code"] == "network.no_such_register"
    )
    assert problem(wired.get("/api/network/registers/institutions", {"region": "atlantis"}), 404)
    wanted = wired.get("/api/network/registers/institutions", query, headers={"Accept": "image/png"})
    assert problem(wanted, 406)["errors"][0]["at"] == "Accept"
    for name, value in (("cursor", "abc"), ("institution", "1"), ("on", "1"), ("regoin", "wuhu")):
        answer = wired.get("/api/network/registers/institutions", {**query, name: value})
        assert problem(answer, 422)["errors"][0]["at"].split(".")[0] == name
