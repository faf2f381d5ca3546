"""Work programmes read from the packs: what a clause lists is in force, what it does not is gone, faults by file and line."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tiercare.apps.network.rules.words import EQUIPMENT_NAMES
from tiercare.engines.measures.programmes import Known, Works
from tiercare.engines.measures.programmes_load import load_programmes
from tiercare.engines.policy import PackSet, load_packs
from tiercare.engines.policy.load import PackErrors
from tiercare.engines.policy.model import Value

PACKS = load_packs()
DAY = date(2019, 7, 1)
KNOWN = Known(EQUIPMENT_NAMES, {"signing_coverage"}, {"breakthrough"})


def changed(name: str, value: Value) -> PackSet:
    """Our packs with one parameter of another value."""
    clause = PACKS.clause[name.partition(".")[0]]
    pack = PACKS.packs[clause.pack]
    other = replace(
        clause,
        parameters=tuple(replace(p, value=value) if p.name == name else p for p in clause.parameters),
    )
    clauses = tuple(other if each.id == clause.id else each for each in pack.clauses)
    return PackSet({**PACKS.packs, pack.id: replace(pack, clauses=clauses)})


def with_file(tmp_path: Path, pack: str, text: str) -> PackSet:
    """Our packs with one more file of programmes in a pack."""
    folder = tmp_path / pack
    shutil.copytree(PACKS.packs[pack].folder, folder)
    (folder / "programmes").mkdir(exist_ok=True)
    (folder / "programmes" / "9-more.yaml").write_text(text, "utf-8")
    return PackSet({**PACKS.packs, pack: replace(PACKS.packs[pack], folder=folder)})


def works(pack: str, packs: PackSet = PACKS, on: date = DAY) -> Works:
    return load_programmes(packs, pack, on=on)


def words(packs: Sequence[str]) -> list[str]:
    return list(packs)


@pytest.mark.parametrize("pack", sorted(PACKS.packs))
def test_every_pack_is_whole(pack: str) -> None:
    found = works(pack)
    assert {"centre_candidate", "county_capability", "weak_specialty"} <= set(found.programmes)
    assert all(each.programme in found.programmes for each in found.standards.values())
    assert set(found.tops) == set(found.programmes)


def test_every_task_of_a_region_with_priorities_stands_under_exactly_one() -> None:
    found = works("chuxiong")
    listed = words(PACKS.parameters["CX-01.focus"][-1].value)
    assert set(found.tops.values()) == set(listed)
    assert sum(len(found.below(top)) for top in listed) == len(found.programmes)


def test_a_priority_goes_with_what_it_takes_and_names_its_clause() -> None:
    listed = words(PACKS.parameters["CX-01.focus"][-1].value)
    found = works("chuxiong", changed("CX-01.focus", [each for each in listed if each != "county_capacity"]))
    gone = {"county_capacity", "county_capability", "weak_specialty"}
    assert not gone & set(found.programmes) and found.unlisted == dict.fromkeys(gone, "CX-01")
    assert "weak_specialties" not in found.standards
    assert "county_capability" in works("wuhu", changed("CX-01.focus", [])).programmes, "elsewhere it stands"


def test_before_the_text_was_in_force_there_is_none() -> None:
    found = works("chuxiong", on=date(2018, 10, 10))
    assert not found.programmes.keys() & set(words(PACKS.parameters["CX-01.focus"][-1].value))


def test_parts_stand_in_the_order_of_the_clauses() -> None:
    parts = [each.id for each in works("xinhui").programmes["roll_out"].parts]
    entry = str(PACKS.parameters["XH-01.entry"][-1].value)
    assert parts == [entry, *words(PACKS.parameters["XH-01.breakthrough"][-1].value)]
    other = changed("XH-01.breakthrough", ["chronic", "common"])
    assert [each.id for each in works("xinhui", other).programmes["roll_out"].parts] == [
        entry,
        "chronic",
        "common",
    ]


def test_a_domain_takes_its_fields_along() -> None:
    sheet = works("wuhu").programmes["county_capability"].sheet
    assert {each.part for each in sheet} >= {"talent", "technique", "specialty"}
    without = works("wuhu", changed("NHC-27.core", ["talent", "specialty"]))
    assert "technique" not in {each.part for each in without.programmes["county_capability"].sheet}


def test_answers_columns_and_needs_are_those_of_the_clause() -> None:
    packs = changed("NHC-30.measures", ["talent", "alliance"])
    found = works("wuhu", packs)
    assert [each.value for each in found.standards["weak_specialties"].columns] == ["talent", "alliance"]
    blank = next(each for each in found.programmes["weak_specialty"].plan if each.field.id == "measure")
    assert [each.id for each in blank.field.answers] == ["talent", "alliance"]
    fewer = works("wuhu", changed("NHC-30.weak_specialties", ["icu"]))
    assert [each.id for each in fewer.standards["weak_specialties"].needs] == ["icu"]


_HEAD = "id: a, name: {zh: 甲, en: A}, says: {zh: 甲, en: A}, of: counties, days: 3"
_STANDARD = "id: s, name: {zh: 甲, en: A}, says: {zh: 甲, en: A}, clauses: [], of: county_hospitals, columns: [talent]"
_NEED = "id: n, name: {zh: 乙, en: B}, codes: ['20']"


@pytest.mark.parametrize(
    ("pack", "text", "said"),
    [
        ("wuhu", f"programmes:\n  - {{{_HEAD}, clauses: [NHC-999]}}\n", "NHC-999"),
        ("wuhu", f"programmes:\n  - {{{_HEAD}, clauses: [], listed_in: NHC-87.nothing}}\n", "NHC-87.nothing"),
        ("wuhu", f"programmes:\n  - {{{_HEAD}, clauses: [], listed_in: NHC-23.measures}}\n", "investment"),
        ("wuhu", f"programmes:\n  - {{{_HEAD}, clauses: [], parts_in: [NHC-27.core]}}\n", "talent"),
        (
            "wuhu",
            f"programmes:\n  - {{{_HEAD}, clauses: [], plan: [{{id: b, name: {{zh: 乙, en: B}}}}]}}\n",
            "选项",
        ),
        (
            "wuhu",
            f"programmes:\n  - {{{_HEAD}, clauses: [], sheet: [{{id: b, name: {{zh: 乙, en: B}}, type: text, part: c}}]}}\n",
            "“c”",
        ),
        (
            "wuhu",
            f"programmes:\n  - {{{_HEAD}, clauses: []}}\n  - {{{_HEAD}, clauses: []}}\n",
            "两次",
        ),
        ("wuhu", f"programmes:\n  - {{{_HEAD}, clauses: [], takes: [nobody]}}\n", "nobody"),
        ("chuxiong", f"programmes:\n  - {{{_HEAD}, clauses: []}}\n", "没有归入任何重点工作"),
        (
            "chuxiong",
            f"programmes:\n  - {{{_HEAD}, clauses: [], priority: true, takes: [weak_specialty]}}\n",
            "两个重点工作",
        ),
        (
            "chuxiong",
            f"programmes:\n  - {{{_HEAD}, clauses: [], priority: true, takes: [consortium]}}\n",
            "不能归在另一个之下",
        ),
        ("wuhu", f"standards:\n  - {{{_STANDARD}, programme: nobody, needs: [{{{_NEED}}}]}}\n", "nobody"),
        (
            "wuhu",
            f"standards:\n  - {{{_STANDARD}, programme: weak_specialty, needs: [{{{_NEED}, kinds: [rocket]}}]}}\n",
            "rocket",
        ),
        (
            "wuhu",
            f"standards:\n  - {{{_STANDARD}, programme: weak_specialty, needs: [{{{_NEED}, answers: {{specialty: none}}}}]}}\n",
            "选项",
        ),
        (
            "wuhu",
            f"programmes:\n  - {{{_HEAD}, clauses: [], opens: {{indicator: signing_coverage, panel: none}}}}\n",
            "“none”",
        ),
        ("wuhu", "programmes: [\n", "9-more.yaml"),
    ],
)
def test_a_fault_is_told_by_file_and_line(tmp_path: Path, pack: str, text: str, said: str) -> None:
    with pytest.raises(PackErrors) as caught:
        load_programmes(with_file(tmp_path, pack, text), pack, on=DAY, known=KNOWN)
    told = "\n".join(
        f"{each.file}:{each.line} {each.key} {each.sentence('zh')}" for each in caught.value.problems
    )
    assert said in told and "programmes" in told
