"""Facts through the API: an extract checked, taken, dropped; batches with their quality."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from tiercare.api.evaluation import importing as shapes

from ..evaluation.extracts import extract, visit, with_faults
from .asking import problem

HERE = "/api/evaluation/facts"


@pytest.fixture(autouse=True)
def facts_root(settings, tmp_path: Path) -> Path:
    settings.FACTS_ROOT = tmp_path / "facts"
    return settings.FACTS_ROOT


@pytest.fixture
def wired(wuhu: str, serve, api: Client) -> Client:
    """The commission of 芜湖, signed in, with the region laid down."""
    return api


def check(client: Client, content: bytes, key: str = "", **more: str) -> HttpResponse:
    file = SimpleUploadedFile("门诊.csv", content)
    return client.post(
        f"{HERE}/check",
        {"file": file, "region": "wuhu", **more},
        headers={"Idempotency-Key": key or str(uuid4())},
    )


def act(client: Client, key: str, what: str) -> HttpResponse:
    return client.post(
        f"{HERE}/uploads/{key}/{what}",
        "{}",
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid4())},
    )


def mapping_of(drafted: dict[str, Any]) -> str:
    """A draft as it is sent back, with the office's name."""
    known = set(shapes.MappingIn.model_fields)
    return json.dumps({**{k: v for k, v in drafted.items() if k in known}, "source": "市医保局"})


def test_an_extract_is_drafted_checked_with_its_mapping_and_taken(wired: Client) -> None:
    answer = check(wired, with_faults())
    assert answer.status_code == 201, answer.content
    draft = shapes.UploadOut(**answer.json())
    assert (draft.state, draft.fact, draft.quality) == ("DRAFT", "visits", None)
    answer = check(wired, with_faults(), mapping=mapping_of(draft.mapping))
    assert answer.status_code == 201, answer.content
    found = shapes.UploadOut(**answer.json())
    assert found.state == "CHECKED" and found.quality is not None
    assert (found.quality.came, found.quality.kept, found.quality.quarantined) == (8, 4, 4)
    assert {each.code for each in found.quality.findings} >= {
        "no_day",
        "unknown_institution",
        "copy",
        "negative",
    }
    assert any(each.indicator == "primary_visit_share" for each in found.moved)
    answer = act(wired, str(found.id), "take")
    assert answer.status_code == 200, answer.content
    batch = answer.json()["batch"]
    listed = wired.get(f"{HERE}/batches", {"region": "wuhu", "fact": "visits", "month": 202503}).json()[
        "items"
    ]
    assert [each["id"] for each in listed] == [batch] and listed[0]["rows"] == 4
    one = shapes.OneBatchOut(**wired.get(f"{HERE}/batches/{batch}", {"region": "3402"}).json())
    assert one.quality is not None and one.quality.kept == 4
    # The same again, and once more with the same key: refused, and refused again.
    assert problem(check(wired, with_faults()), 409)["code"] == "facts_batch_known"
    # Next month needs no mapping.
    april = extract([visit(n, 就诊日期="2025-04-02") for n in range(20, 23)])
    key = str(uuid4())
    first, again = check(wired, april, key), check(wired, april, key)
    assert first.json()["state"] == "CHECKED" and again.content == first.content
    assert again["Idempotency-Replayed"] == "true"
    assert act(wired, first.json()["id"], "drop").json()["state"] == "DROPPED"
    assert problem(act(wired, first.json()["id"], "take"), 409)["code"] == "facts_upload_ended"


def test_what_cannot_be_used_says_why(wired: Client) -> None:
    assert problem(check(wired, with_faults(), mapping="{"), 422)["code"] == "facts_mapping"
    assert problem(check(wired, with_faults(), mapping='{"fact": "visits"}'), 422)["code"] == "facts_mapping"
    half = json.dumps({"fact": "visits", "source": "x", "columns": {"就诊流水号": "visit"}})
    assert problem(check(wired, with_faults(), mapping=half), 422)["code"] == "facts_mapping"
    assert problem(check(wired, with_faults(), fact="nothing"), 404)["code"] == "facts_no_such_table"
    assert problem(check(wired, with_faults(), surplus="1"), 422)["code"] == "api.unknown_parameter"
    assert (
        problem(wired.get(f"{HERE}/batches/none", {"region": "wuhu"}), 404)["code"] == "facts_no_such_batch"
    )
    assert problem(wired.get(f"{HERE}/uploads/{uuid4()}"), 404)["code"] == "facts_no_such_upload"
    assert problem(wired.get(f"{HERE}/batches", {"region": "xinhui"}), 403)
