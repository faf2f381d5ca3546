"""Of what people are ill and for what they leave: the spectrum page over visits made by hand, and an indicator by what its rows say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tiercare.apps.access.rules import Role
from tiercare.apps.evaluation.commands.running import compute, keep
from tiercare.apps.mandates import queries as mandates

from ...unit.measures.frames import filled
from ..evaluation.computed import run_once
from ..evaluation.facts_made import commission, lay
from .indicators_desk import altered
from .test_indicator_clauses import Desk

# Twelve diseases, each ten stays of people of 镜湖: of the n-th so many were outside, in 合肥 or 南京.
CODES = ["C34", "I20", "I21", "I63", "J18", "J44", "K35", "K80", "M51", "N20", "O80", "S72"]
HEFEI, NANJING = "340102", "320102"


def stays() -> list[dict[str, Any]]:
    made = []
    for at, code in enumerate(CODES):
        for number in range(10):
            out = number < at - 1
            made.append(
                filled(
                    "visits",
                    visit=f"S-{code}-{number}",
                    person=f"Q-{code}-{number}",
                    kind="inpatient",
                    date=date(2019, 3, 1 + number),
                    institution="far" if out else "near",
                    tier="tertiary",
                    place=(HEFEI if number % 3 else NANJING) if out else "340202",
                    home="340202",
                    diagnosis=f"{code}.9",
                    days=3,
                )
            )
    return made


@pytest.fixture
def desk(settings, tmp_path: Path, wuhu: str, client_of: Callable[..., Client]) -> Desk:
    settings.FACTS_ROOT = lay(tmp_path / "facts", more=stays())
    run_once(commission(), "wuhu", years=[2019])
    return Desk(client_of(), "wuhu")


@pytest.mark.clause("TY-42")
def test_the_ten_diseases_for_which_most_leave(desk: Desk, settings, tmp_path: Path) -> None:
    for area in ("3402", "340202"):
        text = desk.read("/indicators/spectrum", span="2019", area=area)
        top = text.split("外转率前 10 位", 1)[1].split("疾病谱 13 种", 1)[0]
        assert "1 S72 100 % 10 / 10" in top.replace("股骨骨折 ", ""), top[:300]
        assert [top.index(code) for code in reversed(CODES[2:])] == sorted(top.index(c) for c in CODES[2:])
        assert "C34" not in top and "I20" not in top, "nobody left for these"
        assert "疾病谱 13 种" in text and "C34" in text, "they stand in the spectrum"
    with altered(
        settings, tmp_path / "packs", {"taiyuan": {r"(key: top_n, op: \"=\", value: )10": r"\g<1>3"}}
    ):
        text = desk.read("/indicators/spectrum", span="2019")
        top = text.split("外转率前 3 位", 1)[1].split("疾病谱", 1)[0]
        assert all(code in top for code in CODES[-3:]) and CODES[-4] not in top


@pytest.mark.clause("XH-81")
def test_stays_by_disease_and_where_those_who_left_went(desk: Desk) -> None:
    text = desk.read("/indicators/spectrum", span="2019", area="340202")
    line = text.split("S72", 1)[1][:120]
    assert "10 / 10" in line and "庐阳区" not in line
    assert "外地（340102） 6、外地（320102） 4" in text, "of ten, six in the one and four in the other"
    share = desk.read("/indicators/in_county_visit_share", span="2019", by="division")
    assert "镜湖区" in share


@pytest.mark.clause("NHC-29", "TY-07")
def test_a_share_by_disease_for_a_county(desk: Desk) -> None:
    text = desk.read(
        "/indicators/transfer_out_stay_rate/breakdown", column="diagnosis", span="2019", area="340202"
    )
    for at, code in enumerate(CODES):
        assert f"{max(at - 1, 0)} / 10" in text.split(code, 1)[1][:80], code


def test_small_numbers_are_hidden_from_who_may_not_see_cases(
    desk: Desk, client_of: Callable[..., Client]
) -> None:
    other = Desk(client_of(Role.INSURANCE), "wuhu")
    text = other.read("/indicators/transfer_out_stay_rate/breakdown", column="diagnosis", span="2019")
    assert "例数太少" in text and "不显示，也不能从别的数推出来" in text
    for at, code in enumerate(CODES):
        if 1 < at < len(CODES) - 1:
            assert f" {at - 1} / 10" not in text, code
    answer = other.client.get("/indicators/spectrum", {"region": "wuhu", "on": "2019-07-01"})
    assert answer.status_code == 403


def test_a_definition_that_changed_stands_beside_the_one_before(desk: Desk, settings, tmp_path: Path) -> None:
    again = """  - id: average_stay
    version: 2
    since: 2019-01-01
    name: {zh: 平均住院日, en: Average stay}
    says: {zh: 出院患者占用床日 ÷ 出院人次，当天出院的也算一天。, en: Days of stays ended ÷ stays ended}
    source: {zh: 试验, en: a trial}
    fact: visits
    attribution: visited
    where: kind == inpatient and known(days)
    numerator: sum(days)
    denominator: count()
    per: 2
    unit: days
    direction: down
"""
    edit = {r"(?m)^  - id: average_stay\n": again + "  - id: average_stay\n    until: 2019-01-01\n"}
    with altered(settings, tmp_path / "packs", {"cn": edit}):
        assert len(mandates.packs().packs) > 1
        keep(commission(), compute("wuhu", years=[2019]))
        text = desk.read("/indicators/average_stay", span="2019")
        assert (
            "口径变过：各版并列" in text
            and "第 1 版" in text
            and "第 2 版" in text
            and "2019-01-01 起" in text
        )
        both = desk.read("/indicators/average_stay", span="2019", compare="yes")
        part = both.split("口径变过：各版并列", 1)[1]
        assert "3 天" in part and "6 天" in part, "the same stays by both definitions"
