"""Agreements, what falls due, councils and the verdict through the API; and the contract that they keep."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tiercare.api import papers
from tiercare.api.root import api as served
from tiercare.apps.network import models, queries
from tiercare.apps.network.queries.answers import as_json

from .asking import AUGUST, DAY, get, problem, walk


@pytest.fixture
def wired(wuhu: str, serve, api: Client) -> Client:
    """The commission of 芜湖, signed in, with the region laid down."""
    return api


def test_agreements_are_listed_and_read(wired: Client) -> None:
    whole = get(wired, "agreements", region="wuhu", limit=200, count="true")
    papers.AgreementPage.model_validate(whole)
    assert whole["total"] == len(whole["items"]) > 2
    assert walk(wired, "agreements", region="wuhu", limit=2) == whole["items"]
    drafts = get(wired, "agreements", region="wuhu", life="DRAFT")["items"]
    assert all(row["life"] == "DRAFT" for row in drafts)
    row = next(row for row in whole["items"] if row["signed_on"])
    answer = wired.get(f"/api/network/agreements/{row['id']}", {"on": AUGUST})
    told = papers.AgreementWhole.model_validate(answer.json())
    assert len(told.parties) == len(row["parties"])
    tag = {"If-None-Match": answer["ETag"]}
    path = f"/api/network/agreements/{row['id']}"
    assert wired.get(path, {"on": AUGUST}, headers=tag).status_code == 304
    models.Agreement.objects.filter(id=row["id"]).update(title="改过的标题")
    assert wired.get(path, {"on": AUGUST}, headers=tag).json()["title"] == "改过的标题"
    assert problem(wired.get(f"/api/network/agreements/{uuid4()}"), 404)


@pytest.fixture
def owed(wired: Client) -> models.Obligation:
    """Something owed in September, whose wording would start another line of a calendar."""
    agreement = models.Agreement.objects.filter(
        period__contains=DAY, signed_on__lte=DAY, consortium__isnull=False
    ).first()
    assert agreement is not None
    return models.Obligation.objects.create(
        agreement=agreement,
        debtor="gov:3402",
        creditor="gov:3402",
        text_zh="培训；甲,乙\r\nEND:VCALENDAR",
        text_en="Train",
        due=date(2019, 9, 1),
        clause="WH-30",
    )


def test_what_falls_due_stands_in_the_list_and_in_the_calendar(
    wired: Client, owed: models.Obligation
) -> None:
    query = {"region": "wuhu", "first": "2019-08-01", "last": "2019-12-31"}
    whole = get(wired, "obligations", limit=200, count="true", **query)
    papers.ItemPage.model_validate(whole)
    assert whole["total"] == len(whole["items"])
    assert [item["due"] for item in whole["items"]] == sorted(item["due"] for item in whole["items"])
    mine = [item for item in whole["items"] if item["target_key"].endswith(f"owed-{owed.id}")]
    assert [(item["due"], item["standing"], item["clause"]) for item in mine] == [
        ("2019-09-01", "DUE", "WH-30")
    ]
    assert walk(wired, "obligations", limit=1, **query) == whole["items"]
    assert mine[0] in get(wired, "obligations", kind="OBLIGATION", standing="DUE", **query)["items"]
    late = get(wired, "obligations", **{**query, "on": "2019-10-01", "standing": "OVERDUE"})["items"]
    assert mine[0] | {"standing": "OVERDUE"} in late
    feed = wired.get("/api/network/obligations", {**query, "on": AUGUST}, headers={"Accept": "text/calendar"})
    assert feed["Content-Type"].startswith("text/calendar")
    lines = feed.content.decode().split("\r\n")
    assert lines.count("BEGIN:VEVENT") == whole["total"] and lines.count("END:VCALENDAR") == 1
    assert "DTSTART;VALUE=DATE:20190901" in lines
    assert all(len(line.encode()) <= 75 for line in lines)
    models.Obligation.objects.filter(id=owed.id).update(met_on=date(2019, 8, 15))
    met = get(wired, "obligations", **{**query, "on": "2019-10-01", "standing": "OVERDUE"})["items"]
    assert mine[0] | {"standing": "OVERDUE"} not in met


@pytest.mark.parametrize(
    ("more", "at"),
    [
        ({"first": "2019-08-02", "last": "2019-08-01"}, "last"),
        ({"first": "1900-01-01"}, "first"),
        ({"on": "0001-01-01"}, "on"),
        ({"on": "9999-12-31"}, "on"),
        ({"standing": "SOON"}, "standing"),
        ({"region": "\0"}, "region"),
        ({"cursor": "a"}, "cursor"),
        ({"moon": "1"}, "moon"),
    ],
)
def test_a_hostile_span_is_refused_by_its_name(wired: Client, more: dict[str, str], at: str) -> None:
    answer = wired.get("/api/network/obligations", {"region": "wuhu", "on": AUGUST, **more})
    assert problem(answer, 422)["errors"][0]["at"].split(".")[0] == at


def test_the_council_of_a_consortium(wired: Client) -> None:
    consortium = models.ConsortiumVersion.objects.filter(period__contains=DAY).first()
    assert consortium is not None
    models.CouncilSeat.objects.create(
        consortium_id=consortium.consortium_id, held_by="芜湖市卫生健康委", office="理事", period=(DAY, None)
    )
    told = papers.CouncilOut.model_validate(get(wired, f"consortia/{consortium.consortium_id}/council"))
    assert ("理事", "芜湖市卫生健康委") in {(seat.office, seat.held_by) for seat in told.seats}
    before = get(wired, f"consortia/{consortium.consortium_id}/council", on="2019-07-31")
    assert "芜湖市卫生健康委" not in {seat["held_by"] for seat in before["seats"]}
    assert problem(wired.get(f"/api/network/consortia/{uuid4()}/council"), 404)


def test_the_verdict_can_be_narrowed_to_an_area_and_told_by_area(wired: Client) -> None:
    models.Membership.objects.filter(role="LEAD", period__contains=DAY).update(role="MEMBER")
    whole = get(wired, "check", region="wuhu", areas_below="true")
    shared = as_json(queries.check("wuhu", on=DAY))
    assert {key: whole[key] for key in shared} == json.loads(json.dumps(shared))
    assert whole["pending"] == []
    assert get(wired, "check", region="wuhu")["areas"] is None
    found = {area["code"]: area["total"] for area in whole["areas"]}
    assert found and any(found.values())
    worst = max(found, key=lambda code: found[code])
    part = get(wired, "check", region="wuhu", area=worst, areas_below="true")
    assert part["area"] == worst
    assert part["areas"] and {len(area["code"]) for area in part["areas"]} == {9}

    def findings(told: dict[str, Any]) -> int:
        return sum(len(card["findings"]) for card in told["cards"])

    assert 0 < findings(part) < findings(whole)
    assert (
        problem(wired.get("/api/network/check", {"region": "wuhu", "area": "3401"}), 422)["errors"][0]["at"]
        == "area"
    )


@pytest.mark.parametrize("path", ["agreements", "obligations", "check", "consortia", "registers/consortia"])
def test_reading_needs_a_role_and_a_known_region(wired: Client, path: str) -> None:
    assert problem(Client().get(f"/api/network/{path}", {"region": "wuhu"}), 401)
    assert problem(wired.get(f"/api/network/{path}", {"region": "atlantis"}), 404)
    assert problem(wired.get(f"/api/network/{path}"), 422)["errors"][0]["at"] == "region"


# --- the contract ----------------------------------------------------------------------------------------


def _operations() -> list[tuple[str, str, dict[str, Any]]]:
    paths = served.get_openapi_schema()["paths"]
    return [(m, p, op) for p, ops in paths.items() if p.startswith("/api/network") for m, op in ops.items()]


def test_every_operation_is_told_in_both_languages_with_its_failures() -> None:
    ids = [op["operationId"] for _, _, op in _operations()]
    assert len(ids) == len(set(ids)) > 30
    for method, path, op in _operations():
        assert op["description"], path
        zh, _, en = op["summary"].partition(" · ")
        assert en and not zh.isascii(), (path, op["summary"])
        statuses = set(map(str, op["responses"]))
        assert {"401", "403", "422"} <= statuses, path
        if method != "get" and not path.endswith("/try"):
            assert {"409", "428"} <= statuses, path
        if "{" in path:
            assert "404" in statuses, path
        for status, answer in op["responses"].items():
            if int(status) >= 400:
                schema = answer["content"]["application/json"]["schema"]["$ref"]
                assert schema.endswith(("/Problem", "/RowsProblem")), (path, status)


@pytest.mark.parametrize(
    ("method", "path"), [(m, p) for m, p, _ in _operations()], ids=lambda part: str(part)[-40:]
)
def test_every_operation_asks_who_it_is_and_whether_they_may(
    wired: Client, doctor, method: str, path: str
) -> None:
    address = path
    for name in ("{key}", "{row}", "{consortium_id}"):
        address = address.replace(f"registers/{name}", "registers/consortia").replace(name, str(uuid4()))
    body: dict[str, Any] = {
        "from": AUGUST,
        "cells": {"x": "1"},
        "region": "wuhu",
        "entries": [{"register": "consortia", "cells": {}}],
        "institution_id": str(uuid4()),
        "start": AUGUST,
        "end": AUGUST,
        "reason": "示例",
        "agreed": True,
        "division": "3402",
        "kind": "HEALTH_SYSTEM",
        "title": "示例",
        "adopted_on": AUGUST,
        "lines": [],
    }
    assert problem(getattr(Client(), method)(address, {}, content_type="application/json"), 401)
    doctor.grants.all().delete()
    wanted = {name: body[name] for name in _wanted(method, path)}
    if method == "get":
        answer = wired.get(address, {"region": "wuhu"} if _needs_region(path) else {})
    elif path.endswith("/imports"):
        answer = wired.post(address, {"region": "wuhu", "file": SimpleUploadedFile("x.csv", b"x")})
    else:
        answer = getattr(wired, method)(address, json.dumps(wanted), content_type="application/json")
    assert problem(answer, 403)["code"].startswith("access.")


def _needs_region(path: str) -> bool:
    ops = {p: op for m, p, op in _operations() if m == "get"}
    return any(each["name"] == "region" for each in ops[path].get("parameters", []))


def _wanted(method: str, path: str) -> tuple[str, ...]:
    if path.endswith(("/registers", "/try")) and method == "post":
        return ("region", "entries")
    if path.endswith("organizations/{key}"):
        return ("from", "cells")
    if path.endswith("/centres") and method == "post":
        return ("institution_id", "start")
    if path.endswith("/institution-plans"):
        return ("division", "kind", "title", "adopted_on", "start", "lines") if method == "post" else ()
    told = {"/end": ("end",), "/override": ("reason",), "/confirmation": ("agreed",)}
    if found := told.get(path[path.rindex("/") :]):
        return found
    return ("cells",) if method == "patch" else ()


NASTY = ("", "\0", "x" * 10_000, "-1", "1e9", "2019-02-30", "%", "\U0001f9ea'\"; --", "[]", "0", "9999-12-31")


@pytest.mark.parametrize("path", [p for m, p, _ in _operations() if m == "get"])
def test_no_value_of_any_parameter_breaks_a_read(wired: Client, path: str) -> None:
    op = next(op for m, p, op in _operations() if (m, p) == ("get", path))
    documented = {int(status) for status in op["responses"]}
    address = path.replace("registers/{key}", "registers/consortia")
    for name in ("{key}", "{row}", "{consortium_id}"):
        address = address.replace(name, str(uuid4()))
    names = [each["name"] for each in op.get("parameters", []) if each["in"] == "query"]
    always = {"region": "wuhu"} if "region" in names else {}
    seen = {wired.get(address, {**always, name: value}).status_code for name in names for value in NASTY}
    seen.add(wired.get(address, always).status_code)
    assert seen <= documented, (path, seen)
    assert seen & {200, 404}
