"""Scorecards of a pack: what a file may say, and what is said about one that cannot be used."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction as F
from pathlib import Path

import pytest

from tiercare.engines.measures.load import Book
from tiercare.engines.measures.scoring import Scorecard, load_scorecards
from tiercare.engines.policy import PackErrors, load_packs

from .test_scoring import BOOK, WORDS, target

TARGETS = (
    target("primary", "~=", F(9, 10), key="enough", tolerance=F(1, 20)),
    target("", "", None, key="nobody", reason=WORDS),
)
INDICATORS = Book({name: (each,) for name, each in BOOK.items()}, TARGETS, {})
PACK = """
id: t
region: "3402"
level: prefecture
name: {zh: 试, en: try}
documents:
  - {id: T, title: {zh: 试, en: try}, number: null, issued_by: {zh: 试, en: try}, in_force_from: 2018-01-01, date_basis: assumed}
"""
CLAUSES = """
clauses:
- id: T-01
  document: T
  section: 一
  gist: {zh: 试, en: try}
  kind: indicator
  capability: evaluation
  force: must
  parameters:
    - {key: weight, op: "=", value: 40, type: integer, from: 2018-01-01}
"""
CARD = """
id: yearly
version: 1
name: {zh: 年度考核, en: Yearly}
source: {zh: 试, en: try}
ours: true
covered: 0.8
alpha: 0.002
panels:
  - id: first_contact
    name: {zh: 基层首诊, en: First contact}
    marked: true
    measures:
      - {indicator: primary, weight: T-01.weight, target: enough, zero: 0.5, law: binomial}
      - {indicator: signed, weight: 60, curve: [[0.1, 0], [0.3, 0.5], [0.6, 1]]}
      - {indicator: stays}
"""


def cards(folder: Path, text: str) -> Mapping[str, Scorecard]:
    pack = folder / "t"
    (pack / "clauses").mkdir(parents=True)
    (pack / "scorecards").mkdir()
    (pack / "pack.yaml").write_text(PACK, "utf-8")
    (pack / "clauses" / "1.yaml").write_text(CLAUSES, "utf-8")
    (pack / "scorecards" / "yearly.yaml").write_text(text, "utf-8")
    return load_scorecards(load_packs(own=folder), "t", INDICATORS)


def test_a_card_is_read_with_its_weights_and_targets_where_they_stand(tmp_path: Path) -> None:
    card = cards(tmp_path, CARD)["yearly"]
    first, second, third = card.measures
    assert (first.weight, second.weight, third.weight) == (40, 60, 0) and card.weight == 100
    assert first.curve is not None and first.curve.knots == ((F(1, 2), F(0)), (F(17, 20), F(1))), (
        "90 % 左右 less 5 points"
    )
    assert second.curve is not None and second.curve.at(F(45, 100)) == F(3, 4)
    assert third.curve is None and card.panels[0].marked and card.covered == F(4, 5)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("weight: 60", "weight: 50", 9, "合计是90"),
        ("indicator: signed", "indicator: singed", 15, "signed"),
        ("target: enough", "target: enouhg", 14, "enough"),
        ("T-01.weight", "T-01.wait", 14, "T-01.wait"),
        ("zero: 0.5", "zero: 0.85", 14, "差一点点"),
        ("zero: 0.5, ", "", 14, "zero"),
        ("[0.3, 0.5]", "[0.1, 0.5]", 15, "曲线"),
        ("weight: 60", "weight: -60", 15, "负数"),
        ("{indicator: stays}", "{indicator: signed}", 16, "两次"),
        ("{indicator: stays}", "{indicator: stays, target: enough}", 16, "primary"),
        ("{indicator: stays}", "{weight: 0}", 16, "没有指标"),
        ("covered: 0.8", "covered: 80", 7, "0到1"),
        ("law: binomial", "low: binomial", 14, "low"),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    assert old in CARD
    with pytest.raises(PackErrors) as refused:
        cards(tmp_path, CARD.replace(old, new, 1))
    sentences = [problem.sentence() for problem in refused.value.problems]
    assert any(f"yearly.yaml:{line} " in said and says in said for said in sentences), sentences


def test_a_target_that_nothing_computes_is_on_the_card_with_its_reason(tmp_path: Path) -> None:
    text = CARD.replace("{indicator: stays}", "{target: nobody}")
    (card,) = cards(tmp_path, text).values()
    asked = card.measures[2].target
    assert asked is not None and asked.reason == WORDS
