"""Every page: answers, names its region and day, holds nothing inline, writes nothing when read."""

from __future__ import annotations

import re
from datetime import date
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import models
from tiercare.kernel.ids import uuid7
from tiercare.web import labels

from .conftest import FRAME

PAGES = {
    "home": "/",
    "board": "/compliance",
    "clause standing": "/compliance/WH-27",
    "consortia": "/consortia",
    "rules": "/rules",
    "rule": "/rules/wuhu/one_tertiary_partner_per_community",
    "ledger": "/clauses",
    "clause": "/clauses/WH-27",
    "waivers": "/waivers",
    "lists": "/lists",
    "list": "/lists/tertiary_general_hospitals",
    "events": "/events",
    "explorer": "/explorer",
    "institutions": "/institutions",
    "agreements": "/agreements",
    "new agreement": "/agreements/new",
    "responsibilities": "/agreements/responsibilities",
    "charter": "/agreements/charter",
    "calendar": "/calendar",
    "plans": "/calendar/plans",
    "imports": "/imports",
    "applications": "/applications",
    "try a change": "/changes/new",
}
_INLINE = re.compile(r"<style\b|\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)|javascript:", re.IGNORECASE)


def _consortium() -> str:
    return f"/consortia/{models.Consortium.objects.get(slug__endswith='city-jinghu').id}"


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_answers_and_holds_nothing_inline(client_of, path: str) -> None:
    response = client_of().get(path, FRAME)
    assert response.status_code == 200
    page = response.content.decode()
    assert _INLINE.findall(page) == []
    assert "2019-07-01" in page
    assert "style-src 'self'" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-store"


def test_a_synthetic_database_says_so_on_every_page(client_of, monkeypatch) -> None:
    """Also at the door, and never in a database of real people."""
    client = client_of()
    for synthetic in (True, False):
        monkeypatch.setattr(
            ledger, "installation", lambda synthetic=synthetic: SimpleNamespace(synthetic=synthetic)
        )
        for path in PAGES.values():
            assert ("演示数据（合成）" in client.get(path, FRAME).content.decode()) is synthetic, path
        assert ("演示数据（合成）" in Client().get("/sign-in").content.decode()) is synthetic


def test_the_page_of_a_consortium(client_of) -> None:
    page = client_of().get(_consortium(), FRAME).content.decode()
    for word in ("镜湖区城市医联体", "芜湖市第二人民医院", "文件载明", "镜湖区网格", "演示数据"):
        assert word in page
    assert _INLINE.findall(page) == []


def test_a_visitor_is_sent_to_sign_in(wuhu) -> None:
    response = Client().get("/compliance", FRAME)
    assert response.status_code == 302
    assert response.url.startswith("/sign-in?next=%2Fcompliance%3Fregion%3Dwuhu")


@pytest.mark.parametrize(
    "path", ["/waivers/00000000-0000-0000-0000-000000000000/revoke", "/compliance/WH-27/waive"]
)
def test_what_changes_something_answers_no_get(client_of, path: str) -> None:
    assert client_of().get(path).status_code == 405


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"region": "atlantis"}, 404, "现有政策包"),
        ({"region": "wuhu", "on": "2019-02-30"}, 400, "请按 2019-07-01 的样子填写日期"),
        ({"region": "wuhu", "on": "9999-12-31"}, 400, "不是可用的日期"),
    ],
)
def test_a_wrong_frame_is_told_what_would_be_right(client_of, query, status: int, words: str) -> None:
    response = client_of().get("/compliance", query)
    assert response.status_code == status
    assert words in response.content.decode()


@pytest.mark.parametrize(
    "path", ["/compliance/XX-99", "/clauses/XX-99", "/rules/wuhu/nothing", "/lists/nothing", "/none"]
)
def test_what_does_not_exist_is_a_page_with_a_way_on(client_of, path: str) -> None:
    response = client_of().get(path, FRAME)
    assert response.status_code == 404
    assert "回到首页" in response.content.decode()


def test_only_those_with_the_right_see_the_trail(client_of) -> None:
    refused = client_of(Role.CLINICIAN).get("/events", FRAME)
    assert refused.status_code == 403
    assert "审计人员" in refused.content.decode()  # whom to ask
    menu = client_of(Role.OPERATOR).get("/", FRAME).content.decode()
    assert "/events" not in menu


def test_the_trail_shows_the_auditor_his_own_area_only(client_of) -> None:
    here = client_of(Role.AUDITOR).get("/events", FRAME).content.decode()
    elsewhere = client_of(Role.AUDITOR, area="5323").get("/events", FRAME).content.decode()
    assert "政策包生效" in here
    assert "没有符合条件的记录" in elsewhere


def test_every_kind_of_event_has_a_name() -> None:
    kinds = {
        kind.KIND
        for app in ("access", "ledger", "mandates", "network", "residents", "terms")
        for kind in vars(import_module(f"tiercare.apps.{app}.events")).values()
        if isinstance(kind, type) and hasattr(kind, "KIND")
    }
    assert kinds - set(labels.GROUPS["event"]) == set()


def test_healthz_needs_nobody(db) -> None:
    response = Client().get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_the_list_of_consortia_takes_the_same_queries_however_long_it_is(client_of) -> None:
    client = client_of()
    client.get("/consortia", FRAME)
    with CaptureQueriesContext(
        connection,
    ) as before:
        shown = client.get("/consortia", FRAME).content.decode().count("<tr data-row>")
    for number in range(10):
        consortium = models.Consortium.objects.create(
            id=uuid7(), slug=f"more-{number}", kind="SPECIALTY_ALLIANCE", specialty_code=f"07.{number:02}"
        )
        models.ConsortiumVersion.objects.create(
            consortium=consortium,
            name=f"更多联盟{number}",
            division_code="3402",
            period=(date(2019, 1, 1), None),
        )
    with CaptureQueriesContext(connection) as after:
        longer = client.get("/consortia", FRAME).content.decode().count("<tr data-row>")
    assert longer == shown + 10
    assert len(after) == len(before)


@pytest.mark.parametrize(
    ("path", "queries"),
    [("/clauses", 3), ("/rules", 9), ("/compliance", 8), ("/consortia", 10), ("/waivers", 4), ("/", 16)],
)
def test_pages_take_exactly_their_queries(client_of, path: str, queries: int) -> None:
    client = client_of()
    with CaptureQueriesContext(connection) as asked:
        client.get(path, FRAME)
    assert len(asked) == queries, [query["sql"][:90] for query in asked]
