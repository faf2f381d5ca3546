"""Indicators through the API: runs, values page by page, and how demands stand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from tiercare.apps.access.rules import Role
from tiercare.apps.evaluation.commands.running import run

from ..evaluation.computed import run_once
from ..evaluation.facts_made import JINGHU, commission, lay, visits
from ..web.conftest import client_of
from .asking import problem

__all__ = ["client_of"]
pytestmark = pytest.mark.django_db
SHARE = "primary_visit_share"
Open = Callable[..., Client]


@pytest.fixture
def root(settings, tmp_path: Path, wuhu: str) -> Path:
    settings.FACTS_ROOT = lay(tmp_path / "facts")
    return settings.FACTS_ROOT


def asked(client: Client, what: str, **query: object):
    answer = client.get(f"/api/indicators/{what}", {"pack": "wuhu", **query})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_values_come_with_their_counts_and_demands_as_written(client_of: Open, root: Path) -> None:
    key = run_once(commission(), "wuhu")
    client = client_of(Role.COMMISSION)
    (kept,) = asked(client, "runs")
    assert (kept["id"], kept["spans"][:2], kept["synthetic"]) == (str(key), ["2018", "2019"], True)
    found = asked(client, "values", indicator=SHARE, span="2019", level="consortium", count=True)
    assert found["run"] == str(key) and found["synthetic"] and found["total"] == 2
    assert found["items"][0] == {
        "indicator": SHARE,
        "version": 1,
        "span": "2019",
        "level": "consortium",
        "key": JINGHU,
        "numerator": "6",
        "denominator": "10",
        "value": "0.6",
    }
    stands = asked(client, "standings", indicator="down_up_ratio")["items"]
    assert {each["clause"] for each in stands} >= {"WH-05"} and {each["op"] for each in stands} == {"up"}
    assert all(each["met"] == "no_data" and each["reason"]["en"] for each in stands)


def test_pages_stay_with_their_run(client_of: Open, root: Path) -> None:
    first = run_once(commission(), "wuhu")
    client = client_of(Role.COMMISSION)
    body = asked(client, "values", indicator=SHARE, limit=7)
    items = list(body["items"])
    lay(root, more=[{**row, "visit": f"more-{n}"} for n, row in enumerate(visits(2019)[:2])], seed="more")
    assert run(commission(), "wuhu") != first
    while body["next"]:
        body = client.get(body["next"]).json()
        assert body["run"] == str(first)
        items += body["items"]
    whole = asked(client, "values", indicator=SHARE, run=first, limit=200)["items"]
    assert items == whole and len(whole) > 14
    assert asked(client, "values", indicator=SHARE, limit=1)["run"] != str(first)


def test_what_cannot_be_asked_is_told(client_of: Open, root: Path) -> None:
    client = client_of(Role.COMMISSION)
    problem(client.get("/api/indicators/values?pack=wuhu"), 404)  # nothing was computed yet
    run_once(commission(), "wuhu")
    for query, status in (
        ("pack=wuhu&indicatr=x", 422),
        ("pack=wuhu&span=2019Q5", 422),
        ("pack=wuhu&level=village", 422),
        ("pack=wuhu&cursor=abcd", 422),
        ("pack=none", 404),
        ("run=00000000-0000-0000-0000-000000000001", 404),
    ):
        problem(client.get(f"/api/indicators/values?{query}"), status)
    problem(client_of(Role.COMMISSION, "3401").get("/api/indicators/values?pack=wuhu"), 404)
    problem(client_of(Role.CLINICIAN).get("/api/indicators/runs?pack=wuhu"), 403)
