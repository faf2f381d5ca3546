"""Xinhui's plan and its annex through the pages: a small district that keeps every line by the least that is enough, then the
clauses' numbers raised in the pack."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tiercare.apps.evaluation.commands.running import keep
from tiercare.engines.measures.schema import Level

from ...unit.measures.examples import rows_of
from ...unit.measures.test_annex_whole import GOOD
from ..evaluation.facts_made import commission
from .indicators_desk import altered, by_hand, computed, lay
from .test_indicator_clauses import Desk, desk

__all__ = ["desk"]
# Clause → its indicator, and what it asks in words. Where nothing is said of the year, it is 2017.
ASKED = {
    "XH-02": ("in_county_visit_share", "90 % 左右"),
    "XH-03": ("primary_visit_share", "不低于 65 %"),
    "XH-18": ("connected_centre_share", "80 % 左右"),
    "XH-37": ("signing_coverage", "30 % 左右"),
    "XH-38": ("key_group_signing_coverage", "60 % 左右"),
    "XH-114": ("built_to_standard_share", "不低于 95 %"),
    "XH-115": ("primary_visit_share", "不低于 65 %"),
    "XH-81": ("in_county_visit_share", "90 % 左右"),
    "XH-119": ("in_county_stay_share", "90 % 左右"),
    "XH-123": ("signing_coverage", "不低于 30 %"),
    "XH-124": ("key_group_signing_coverage", "不低于 60 %"),
    "XH-133": ("urban_standard_management_hypertension", "不低于 40 %"),
    "XH-138": ("primary_tcm_visit_share", "不低于 30 %"),
}
HERE = "440705"
ROWS = rows_of(GOOD)
PARAMETERS = (
    "in_district_visit_share|primary_visit_share|community_township_coverage|signing_coverage|key_group_signing_coverage"
    "|primary_construction_pass_rate|in_county_hospitalisation_rate|standard_management_rate|primary_tcm_visit_share"
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay(tmp_path_factory.mktemp("facts") / "xinhui", HERE, ROWS)


def verdict_of(it: Desk, clause: str) -> str:
    """The line of a clause on its indicator's page, whole."""
    indicator = ASKED[clause][0]
    text = it.read(f"/indicators/{indicator}", span="2017")
    it.shows(by_hand("xinhui", ROWS, [indicator], "2017")[indicator, Level.REGION, HERE], text)
    line = text.split("条款要求", 1)[1].split(f" {clause} ", 1)[1]
    return line.split(" XH-", 1)[0][:160]


@pytest.mark.clause(*ASKED)
def test_lines_just_kept_are_met_as_written_and_a_higher_number_in_the_pack_turns_them(
    desk: Callable[..., Desk], store: Path, settings, tmp_path: Path
) -> None:
    it = desk("annex", "xinhui", HERE, store, [2017])
    for clause, (_, asked) in ASKED.items():
        line = verdict_of(it, clause)
        assert asked in line and "2017 年" in line, clause
        assert " 达到 " in f"{line} " and "未达到" not in line, line
        if "左右" in asked:
            assert "允许的幅度是平台拟定的" in line, "no text gives a tolerance"
    downwards(it)
    raised = {rf'(key: (?:{PARAMETERS}), op: "[^"]*", value: )[0-9.]+': r"\g<1>1"}
    with altered(settings, tmp_path, {"xinhui": raised}):
        keep(commission(HERE), computed("raised", "xinhui", store, [2017]))
        for clause in ASKED:
            assert "未达到" in verdict_of(it, clause), clause


def downwards(it: Desk) -> None:
    """XH-114, XH-115: down to the institution, and who does not meet it is named; XH-124: key groups one by one."""
    visits = it.read("/indicators/primary_visit_share", span="2017", by="institution")
    assert "1 / 1" in visits and "第 1 页" in visits
    built = it.read("/indicators/built_to_standard_share", span="2017", by="institution")
    missed = [
        row["institution"]
        for row in ROWS["institutions"]
        if not row["built_to_standard"] and row["tier"] == "primary"
    ]
    assert missed
    for each in missed:
        assert "0 % 0 / 1" in built.split(f" {each} ", 1)[1][:40]
    for group in ("elderly", "child", "pregnant", "hypertension", "diabetes", "disabled"):
        name = f"signing_coverage_{group}"
        text = it.read(f"/indicators/{name}", span="2017")
        it.shows(by_hand("xinhui", ROWS, [name], "2017")[name, Level.REGION, HERE], text)


@pytest.mark.clause("XH-05")
def test_full_coverage_is_asked_of_2020_and_basically_is_the_packs(
    desk, store: Path, settings, tmp_path: Path
) -> None:
    it = desk("annex", "xinhui", HERE, store, [2017])
    text = it.read("/indicators/signing_coverage", span="2017")
    line = text.split(" XH-05 ", 1)[1][:160]
    assert "100 % 左右" in line and "2020 年" in line and "暂无数据" in line
    assert "不低于 95 %" in line
    with altered(
        settings, tmp_path, {"cn": {r"(?m)^  basically:\n    value: 5$": "  basically:\n    value: 20"}}
    ):
        line = it.read("/indicators/signing_coverage", span="2017").split(" XH-05 ", 1)[1][:160]
        assert "不低于 80 %" in line
