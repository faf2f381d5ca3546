"""What the register refuses, and that each refusal says what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tiercare.apps.terms.pinyin import initials
from tiercare.apps.terms.rules import Proposal, Surroundings, refusals
from tiercare.kernel.period import Period

GOOD = Proposal(
    "340210", "湾沚区", "市辖区", "3402", date(2020, 7, 1), point=(118.57, 31.13), population=300_000
)
AROUND = Surroundings(parent=Period(date(2018, 1, 1)), inside=True)


def codes(wanted: Proposal, around: Surroundings = AROUND) -> list[str]:
    found = refusals(wanted, around)
    for refusal in found:
        assert refusal.sentence("zh")
        assert refusal.way_on("zh")
        assert refusal.sentence("en") != refusal.sentence("zh")
        assert refusal.way_on("en")
    return [refusal.code for refusal in found]


def test_a_good_entry_passes() -> None:
    assert codes(GOOD) == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"code": "34021"}, "terms.division_code"),
        ({"code": "无为"}, "terms.division_code"),
        ({"name": " "}, "terms.division_name"),
        ({"kind": ""}, "terms.division_name"),
        ({"valid_to": date(2020, 7, 1)}, "terms.division_period"),
        ({"parent_code": "34"}, "terms.division_parent"),
        ({"parent_code": "芜湖"}, "terms.division_parent"),
        ({"parent_code": None}, "terms.division_parent"),
        ({"population": -1}, "terms.division_population"),
        ({"point": (31.13, 118.57)}, "terms.division_point"),
    ],
)
def test_a_bad_entry_is_refused_for_one_reason(changed: dict[str, object], code: str) -> None:
    assert codes(replace(GOOD, **changed)) == [code]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"parent": None}, "terms.division_parent"),
        ({"parent": Period(date(2018, 1, 1), date(2021, 1, 1))}, "terms.division_outlasts_parent"),
        ({"next_start": date(2022, 1, 1)}, "terms.division_overlap"),
        ({"inside": False}, "terms.division_point"),
    ],
)
def test_what_stands_around_it_can_refuse(changed: dict[str, object], code: str) -> None:
    assert codes(GOOD, replace(AROUND, **changed)) == [code]


@pytest.mark.parametrize("around", [{"children_open": True}, {"children_until": date(2024, 1, 1)}])
def test_an_end_does_not_orphan_what_lies_below(around: dict[str, object]) -> None:
    ending = replace(GOOD, valid_to=date(2023, 1, 1))
    assert codes(ending, replace(AROUND, **around)) == ["terms.division_children"]
    assert codes(GOOD, replace(AROUND, **around)) == []


def test_an_end_on_the_parents_last_day_or_the_next_entrys_first_is_fine() -> None:
    ending = replace(GOOD, valid_to=date(2021, 1, 1))
    until = replace(AROUND, parent=Period(date(2018, 1, 1), date(2021, 1, 1)), next_start=date(2021, 1, 1))
    assert codes(ending, until) == []


def test_a_province_has_no_parent() -> None:
    province = Proposal("34", "安徽省", "省", None, date(2018, 1, 1))
    assert codes(province, Surroundings(parent=None)) == []
    assert codes(replace(province, parent_code="3402"), Surroundings(parent=None)) == [
        "terms.division_parent"
    ]


def test_several_faults_are_told_at_once() -> None:
    assert codes(replace(GOOD, name="", population=-5)) == [
        "terms.division_name",
        "terms.division_population",
    ]


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("镜湖区", "jhq"),
        ("芜湖经济技术开发区", "whjjjskfq"),
        ("瀂港街道", "lgjd"),
        ("X线诊断专业", "xxzdzy"),
        ("", ""),
    ],
)
def test_pinyin_initials(name: str, keys: str) -> None:
    assert initials(name) == keys
