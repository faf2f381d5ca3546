"""An official changes a number in a copy of the pack: board, message and buttons follow."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy.load import own_folder

from .conftest import FRAME


@pytest.fixture
def lower_cap(settings, tmp_path: Path) -> None:
    """芜湖's pack with one number lower: a city hospital may partner with one county-led community only."""
    copy = tmp_path / "wuhu"
    shutil.copytree(own_folder() / "wuhu", copy)
    path = copy / "clauses" / "2-tasks.yaml"
    text, count = re.subn(
        r'(key: max_county_hospital_led, op: "[<=]+", value: )2', r"\g<1>1", path.read_text(encoding="utf-8")
    )
    assert count == 1
    path.write_text(text, encoding="utf-8")
    settings.POLICY_PACKS = [tmp_path]
    mandates.reload_packs()
    yield
    mandates.reload_packs()


@pytest.mark.clause("WH-29")
def test_the_board_follows_the_number(client_of, wuhu: str, lower_cap: None) -> None:
    client = client_of()
    board = client.get("/compliance", FRAME | {"state": "VIOLATED"}).content.decode()
    assert "WH-29" in board
    assert "tag-violated" in board
    page = client.get("/compliance/WH-29", FRAME).content.decode()
    assert "弋矶山医院" in page
    assert "批准例外" in page, "原则上: the commission may waive it there"
    rule = client.get("/rules/wuhu/tertiary_partner_caps", FRAME).content.decode()
    assert "tag-violated" in rule
    answer = client.get("/api/network/check", {"region": "wuhu", "on": "2019-07-01"}).json()
    assert answer["violations"] == 1


def test_without_the_change_the_board_has_no_violation(client_of, wuhu: str) -> None:
    answer = client_of().get("/api/network/check", {"region": "wuhu", "on": "2019-07-01"}).json()
    assert answer["violations"] == 0
