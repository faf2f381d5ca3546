"""Whether an institution has a drug: by name, by code, something alike, or nobody knows."""

from __future__ import annotations

import pytest

from tiercare.apps.records.rules.formularies import Held, Listed, compare, normalised, substance, wrong_item

LIST = [
    Listed("C08CA01", "苯磺酸氨氯地平片", "5 mg×28"),
    Listed("", "阿司匹林肠溶片", "100 mg"),
    Listed("XC07AABXX01", "琥珀酸美托洛尔缓释片", "47.5 mg"),
]


@pytest.mark.parametrize(
    ("code", "name", "held", "by"),
    [
        ("", "苯磺酸氨氯地平片", Held.HAS, 0),
        ("", " 苯磺酸　氨氯地平（片）", Held.HAS, 0),
        ("xc07aabxx01", "倍他乐克", Held.HAS, 2),
        ("C08CA01", "络活喜", Held.ALIKE, 0),  # an ATC code names a substance, not a medicine
        ("", "氨氯地平", Held.ALIKE, 0),
        ("", "马来酸氨氯地平胶囊", Held.ALIKE, 0),
        ("", "阿司匹林", Held.ALIKE, 1),
        ("", "酒石酸美托洛尔片", Held.ALIKE, 2),
        ("", "硫酸氢氯吡格雷片", Held.LACKS, None),
        ("B01AC04", "氯吡格雷", Held.LACKS, None),
    ],
)
def test_a_drug_is_found_by_name_or_code(code: str, name: str, held: Held, by: int | None) -> None:
    found = compare(code, name, LIST)
    assert (found.held, found.by) == (held, None if by is None else LIST[by])


def test_without_a_list_nobody_knows() -> None:
    assert compare("C08CA01", "苯磺酸氨氯地平片", None).held is Held.UNKNOWN
    assert compare("C08CA01", "苯磺酸氨氯地平片", []).held is Held.LACKS


def test_names_are_compared_without_their_dress() -> None:
    assert normalised("（Aspirin）　100") == "aspirin100"
    assert substance("盐酸二甲双胍缓释片") == "二甲双胍"
    assert substance("片") == "片"


@pytest.mark.parametrize(
    ("code", "name", "says"),
    [
        ("", " （）", "formulary_no_name"),
        ("高", "甲", "formulary_code"),
        ("C08CA", "甲", "formulary_class"),
        ("C", "甲", "formulary_class"),
        ("", "甲" * 101, "formulary_too_long"),
    ],
)
def test_what_cannot_stand_on_a_list(code: str, name: str, says: str) -> None:
    (refusal,) = wrong_item(code, name, "")
    assert refusal.code == f"records.{says}" and refusal.way_on() and refusal.way_on("en")
    assert wrong_item("C08CA01", "苯磺酸氨氯地平片", "5 mg") == []
