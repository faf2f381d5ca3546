"""Files through the API: uploaded, mended row by row, taken over; templates and exports."""

from __future__ import annotations

import io
import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from tiercare.api import import_shapes as shapes
from tiercare.apps.network import models
from tiercare.apps.network.rules.registers import REGISTERS
from tiercare.engines.sheets import read

from .asking import problem

DAY = "2019-07-01"
HEADER = "机构编码,机构名称,机构类别,级别,举办主体,隶属关系,县区代码,实有床位,生效日期"
GOOD = "new-clinic,新诊所（演示）,诊所、门诊部,未定级,社会办,无隶属,340202,0,2019-08-01"
BAD = (
    "bad-one,坏一,诊所、门诊部,九级,社会办,无隶属,340202,0,2019-08-01",
    "bad-two,坏二,诊所、门诊部,未定级,社会办,无隶属,349999,0,2019-08-01",
)


@pytest.fixture
def wired(wuhu: str, serve, api: Client) -> Client:
    """The commission of 芜湖, signed in, with the region laid down."""
    return api


def upload(
    client: Client, *lines: str, key: str | None = None, name: str = "机构.csv", **more: str
) -> HttpResponse:
    file = SimpleUploadedFile(name, "\r\n".join((HEADER, *lines)).encode())
    return client.post(
        "/api/network/imports",
        {"file": file, "region": "wuhu", "on": DAY, **more},
        headers={"Idempotency-Key": key or str(uuid4())},
    )


def act(client: Client, method: str, path: str, body: object = None, **headers: str) -> HttpResponse:
    return getattr(client, method)(
        f"/api/network/imports/{path}",
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid4()), **headers},
    )


def get(client: Client, path: str, **query: object) -> Any:
    answer = client.get(f"/api/network/imports{path}", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_file_is_uploaded_mended_and_taken_over(wired: Client) -> None:
    made = upload(wired, GOOD, *BAD)
    assert made.status_code == 201, made.content
    batch = shapes.ImportOut.model_validate(made.json())
    assert (batch.state, batch.registers["institutions"].ready, batch.registers["institutions"].bad) == (
        "CHECKED",
        1,
        2,
    )
    assert get(wired, f"/{batch.id}") == made.json()
    assert made.json() in get(wired, "", region="wuhu")["items"]
    first = get(wired, f"/{batch.id}/rows", limit=1, count="true")
    shapes.BadRowPage.model_validate(first)
    assert first["total"] == 2
    second = wired.get(first["next"]).json()
    assert second["next"] is None
    rows = [*first["items"], *second["items"]]
    assert [row["cells"]["code"] for row in rows] == ["bad-one", "bad-two"]
    assert [[p["column"] for p in row["problems"]] for row in rows] == [["level"], ["division"]]
    kept = problem(act(wired, "post", f"{batch.id}/take-over", {"skip_bad": False}), 422)
    assert kept["code"].startswith("import_")
    for row, cells in zip(rows, ({"level": "未定级"}, {"division": "340202"}), strict=True):
        answer = act(
            wired, "patch", f"{batch.id}/rows/{row['id']}", {"cells": cells}, **{"If-Match": row["etag"]}
        )
        assert answer.status_code == 200, answer.content
    assert get(wired, f"/{batch.id}/rows")["items"] == []
    assert not models.Institution.objects.filter(slug="bad-one").exists()
    taken = act(wired, "post", f"{batch.id}/take-over", {"skip_bad": False})
    assert (taken.status_code, taken.json()["state"]) == (200, "APPLIED"), taken.content
    assert models.Institution.objects.filter(slug__in=("new-clinic", "bad-one", "bad-two")).count() == 3
    assert problem(act(wired, "post", f"{batch.id}/discard"), 409)


def test_two_people_do_not_mend_one_row_over_each_other(wired: Client) -> None:
    key = upload(wired, GOOD, *BAD).json()["id"]
    row = get(wired, f"/{key}/rows")["items"][0]
    path = f"{key}/rows/{row['id']}"
    read_again = wired.get(f"/api/network/imports/{path}")
    assert read_again["ETag"] == row["etag"]
    assert (
        problem(act(wired, "patch", path, {"cells": {"level": "八级"}}), 428)["errors"][0]["at"] == "If-Match"
    )
    done = act(wired, "patch", path, {"cells": {"level": "八级"}}, **{"If-Match": row["etag"]})
    assert done.status_code == 200
    late = act(wired, "patch", path, {"cells": {"level": "七级"}}, **{"If-Match": row["etag"]})
    assert problem(late, 412)["code"] == "api.changed_meanwhile"
    assert get(wired, f"/{key}/rows/{row['id']}")["cells"]["level"] == "八级"
    assert problem(
        act(wired, "patch", f"{key}/rows/{uuid4()}", {"cells": {"level": "一级"}}, **{"If-Match": '"x"'}), 404
    )


def test_a_file_sent_twice_with_one_key_is_one_file(wired: Client) -> None:
    key = str(uuid4())
    first, again = (upload(wired, GOOD, key=key) for _ in range(2))
    assert first.status_code == 201 and first.content == again.content
    assert again["Idempotency-Replayed"] == "true"
    assert models.ImportBatch.objects.count() == 1
    assert problem(upload(wired, GOOD, BAD[0], key=key), 422)["code"].startswith("ledger.")
    file = SimpleUploadedFile("机构.csv", HEADER.encode())
    bare = wired.post("/api/network/imports", {"file": file, "region": "wuhu"})
    assert problem(bare, 428)["errors"][0]["at"] == "Idempotency-Key"


def test_a_bad_row_is_left_out_only_if_asked_and_a_file_can_be_discarded(wired: Client) -> None:
    key = upload(wired, GOOD, *BAD).json()["id"]
    taken = act(wired, "post", f"{key}/take-over", {"skip_bad": True})
    assert taken.json()["registers"]["institutions"]["created"] == 1, taken.content
    assert get(wired, f"/{key}/rows", count="true")["total"] == 2
    other = upload(wired, BAD[0]).json()["id"]
    assert act(wired, "post", f"{other}/recheck").json()["state"] == "CHECKED"
    assert act(wired, "post", f"{other}/discard").json()["state"] == "DISCARDED"
    assert problem(act(wired, "post", f"{other}/take-over", {"skip_bad": True}), 409)
    sheet = wired.get(f"/api/network/imports/{key}/bad-rows")
    book = read(sheet.content, "x.xlsx", is_header=lambda cells: "机构编码" in map(str, cells))
    assert sum(len(each.lines) for each in book.sheets) == 2
    assert problem(wired.get(f"/api/network/imports/{upload(wired, GOOD).json()['id']}/bad-rows"), 404)


def test_a_file_that_cannot_be_used_is_refused_and_not_kept(wired: Client) -> None:
    for name, content in (("x.xlsx", b"PK\x03\x04no"), ("moon.csv", b"a,b\r\n1,2"), ("empty.csv", b"")):
        answer = wired.post(
            "/api/network/imports",
            {"file": SimpleUploadedFile(name, content), "region": "wuhu"},
            headers={"Idempotency-Key": str(uuid4())},
        )
        assert problem(answer, 422)["errors"][0]["at"] == "file", name
    huge = SimpleUploadedFile("big.csv", b"0" * (50 * 1024 * 1024 + 1))
    answer = wired.post(
        "/api/network/imports",
        {"file": huge, "region": "wuhu"},
        headers={"Idempotency-Key": str(uuid4())},
    )
    assert problem(answer, 413)["way_on"]
    assert problem(upload(wired, GOOD, region="atlantis"), 404)
    for part, value in (("register", "moons"), ("on", "20190701"), ("region", "\0"), ("role", "commission")):
        found = problem(upload(wired, GOOD, **{part: value}), 422)
        assert part in {at for error in found["errors"] for at in error["at"].split(".")}
    none = wired.post("/api/network/imports", {"region": "wuhu"}, headers={"Idempotency-Key": str(uuid4())})
    assert problem(none, 422)["errors"][0]["at"] == "file"
    assert models.ImportBatch.objects.count() == 0


def test_who_sees_an_uploaded_file(wired: Client, doctor) -> None:
    key = upload(wired, GOOD).json()["id"]
    doctor.grants.update(division_code="3401")
    assert problem(wired.get(f"/api/network/imports/{key}"), 404)
    assert get(wired, "", region="wuhu")["items"] == []
    assert problem(act(wired, "post", f"{key}/take-over", {"skip_bad": True}), 404)
    assert problem(upload(wired, GOOD), 403)
    doctor.grants.update(role="auditor", division_code="3402")
    for path in ("", f"/{key}", f"/{key}/rows", f"/{key}/bad-rows", "/template", "/export"):
        assert problem(
            wired.get(f"/api/network/imports{path}", {"region": "wuhu"} if path in ("", "/export") else {}),
            403,
        )
        assert problem(Client().get(f"/api/network/imports{path}"), 401)


def test_templates_and_exports(wired: Client) -> None:
    template = wired.get("/api/network/imports/template", {"register": "memberships"})
    book = read(template.content, "x.xlsx", is_header=lambda cells: "机构编码" in str(cells))
    assert [sheet.name for sheet in book.sheets] == [REGISTERS["memberships"].name.zh]
    whole = wired.get("/api/network/imports/export", {"region": "wuhu", "on": DAY})
    assert whole["Content-Disposition"].startswith("attachment")
    book = read(whole.content, "x.xlsx", is_header=lambda cells: any("编码" in str(cell) for cell in cells))
    assert len(book.sheets) == len(REGISTERS)
    for encoding in ("utf-8", "gb18030"):
        query = {"region": "wuhu", "on": DAY, "register": "institutions", "format": encoding}
        text = wired.get("/api/network/imports/export", query).content.decode(encoding)
        assert "机构编码" in text
    zipped = wired.get("/api/network/imports/export", {"region": "wuhu", "on": DAY, "format": "utf-8"})
    assert zipped["Content-Type"] == "application/zip" and io.BytesIO(zipped.content).read(2) == b"PK"
    assert problem(wired.get("/api/network/imports/template", {"register": "moons"}), 404)
    assert problem(wired.get("/api/network/imports/export", {"region": "wuhu", "format": "doc"}), 422)


def test_a_cursor_of_quarantine_is_checked(wired: Client) -> None:
    key = upload(wired, *BAD).json()["id"]
    cursor = get(wired, f"/{key}/rows", limit=1)["next"].split("cursor=")[1]
    other = upload(wired, BAD[0]).json()["id"]
    assert (
        problem(wired.get(f"/api/network/imports/{other}/rows", {"cursor": cursor}), 422)["errors"][0]["at"]
        == "cursor"
    )
