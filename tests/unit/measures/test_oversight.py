"""What supervision does, read from the packs: faults by file and line, what is more local instead of what is above it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tiercare.engines.measures.load import load_book
from tiercare.engines.measures.oversight import Mode, Oversight
from tiercare.engines.measures.oversight_load import load_oversight
from tiercare.engines.policy import PackSet, load_packs
from tiercare.engines.policy.load import PackErrors

PACKS = load_packs()


def with_file(tmp_path: Path, pack: str, text: str) -> PackSet:
    """Our packs with one more file of supervision in a pack."""
    folder = tmp_path / pack
    shutil.copytree(PACKS.packs[pack].folder, folder)
    (folder / "oversight").mkdir(exist_ok=True)
    (folder / "oversight" / "9-more.yaml").write_text(text, "utf-8")
    return PackSet({**PACKS.packs, pack: replace(PACKS.packs[pack], folder=folder)})


@pytest.mark.parametrize("pack", sorted(PACKS.packs))
def test_every_pack_is_whole(pack: str) -> None:
    found = load_oversight(PACKS, pack, indicators=load_book(PACKS, pack).indicators)
    assert isinstance(found, Oversight)
    assert {"pilot_assessment", "member_quality", "signal_check"} <= set(found.inspections)
    assert all(each.template in found.inspections for each in found.alerts.values() if each.template)
    assert all(each.items and each.days > 0 for each in found.inspections.values())
    assert set(found.severities) == {"minor", "serious", "grave"}


def test_a_region_has_its_own_and_what_stands_above_it() -> None:
    wuhu = load_oversight(PACKS, "wuhu")
    assert wuhu.inspections["effect_evaluation"].modes == (
        Mode.DATA_ANALYSIS,
        Mode.SITE_VISIT,
        Mode.MYSTERY_VISIT,
    )
    assert "experience" not in wuhu.reports and "experience" in load_oversight(PACKS, "chuxiong").reports
    assert load_oversight(PACKS, "xinhui").goals["primary_visits"].target == Decimal("0.65")
    assert load_oversight(PACKS, "yunnan").reports["maturity"].until == date(2020, 12, 31)


def test_the_more_local_takes_the_place(tmp_path: Path) -> None:
    text = """
reports:
  - id: quality_rules
    name: {zh: 本地制度, en: Local rules}
    says: {zh: 每季一次, en: Every quarter}
    clauses: [NHC-13]
    by: leads
    per: quarter
    days: 5
"""
    found = load_oversight(with_file(tmp_path, "wuhu", text), "wuhu").reports["quality_rules"]
    assert (found.per, found.days, found.name.zh) == ("quarter", 5, "本地制度")


_A = "id: a, name: {zh: 甲, en: A}"
_ITEMS = "days: 3, items: [{id: b, party: residents, name: {zh: 乙, en: B}}]"
_GOAL = f"goals:\n  - {{{_A}, clauses: [NHC-87], owner: division"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f"inspections:\n  - {{{_A}, clauses: [NHC-999], modes: [survey], subjects: [division], {_ITEMS}}}\n",
            "NHC-999",
        ),
        ("quality: [no_such_indicator]\n", "no_such_indicator"),
        (f"{_GOAL}}}\n", "indicator"),
        (f"{_GOAL}, unit: {{zh: 项, en: items}}, target: NHC-87.frequency}}\n", "NHC-87.frequency"),
        (
            f"reports:\n  - {{{_A}, says: {{zh: 甲, en: A}}, clauses: [], by: leads, per: year, days: 3, until: WH-54.modes}}\n",
            "日期",
        ),
        (
            f"inspections:\n  - {{{_A}, clauses: [], modes: [survey], listed_in: WH-54.modes, subjects: [division], {_ITEMS}}}\n",
            "mystery_visit",
        ),
        (
            f"reports:\n  - {{{_A}, says: {{zh: 甲, en: a}}, clauses: [], by: primary, per: year, days: 3, "
            f"listed_in: NHC-57.programmes, sheet: [{{{_A}, type: text}}]}}\n",
            "community_hospital_pilot",
        ),
        (f"severities:\n  - {{{_A}, days: 0}}\n", "days"),
        (f"severities:\n  - {{{_A}, days: 3}}\n  - {{{_A}, days: 3}}\n", "两次"),
        (f"alerts:\n  - {{{_A}, clauses: [], signal: a, days: 3, template: nowhere}}\n", "nowhere"),
        ("unknown: []\n", "unknown"),
        ("reports: [\n", "9-more.yaml"),
    ],
)
def test_a_fault_is_told_by_file_and_line(tmp_path: Path, text: str, said: str) -> None:
    packs = with_file(tmp_path, "wuhu", text)
    with pytest.raises(PackErrors) as caught:
        load_oversight(packs, "wuhu", indicators=load_book(PACKS, "wuhu").indicators)
    (first, *_) = caught.value.problems
    told = f"{first.file}:{first.line} {first.key} {first.sentence('zh')}"
    assert said in told and first.line >= 1
    assert "oversight" in first.file
