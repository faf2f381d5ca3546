"""``planning.yaml`` of packs: numbers from clauses, which institutions count, and what is wrong in a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tiercare.engines.planning.lacking import Rounding, Standard
from tiercare.engines.planning.standards import Which, load_planning, standards_of
from tiercare.engines.policy import load_packs
from tiercare.engines.policy.load import PackErrors, own_folder
from tiercare.kernel.text import Text

ON = date(2019, 7, 1)
NAME = Text("名", "name")
WAY = "ways:\n  - {id: w, standard: s, name: {zh: 办, en: way}, gives: 1, price: 1, most: 1}\n"
ROW = "standards:\n  - {id: s, name: {zh: 床, en: beds}, unit: {zh: 张, en: beds}, measure: beds, amount: 6, people: 1000"


def folder(tmp_path: Path, text: str) -> Path:
    (tmp_path / "planning.yaml").write_text(text, "utf-8")
    return tmp_path


def test_numbers_come_from_the_clauses_that_name_them() -> None:
    packs = load_packs()
    book = load_planning(own_folder() / name for name in ("cn", "xinhui"))
    nation = {each.standard.id: each for each in standards_of(book, packs, "cn", on=ON)}
    local = {each.standard.id: each for each in standards_of(book, packs, "xinhui", on=ON)}
    assert nation["beds"].ours and nation["beds"].standard.clauses == ()
    assert (local["beds"].ours, local["beds"].standard.clauses, local["beds"].by) == (False, ("XH-14",), 2020)
    assert local["beds"].standard.amount == packs.parameters["XH-14.beds_per_1000"][0].value
    assert local["general_hospitals"].standard.people == packs.parameters["XH-116.per_population"][0].value
    assert {each.standard for each in book.means} <= set(local)


def test_a_local_text_counts_from_the_day_it_is_in_force() -> None:
    packs = load_packs()
    book = load_planning(own_folder() / name for name in ("cn", "xinhui"))
    before = date(2016, 12, 31)
    assert standards_of(book, packs, "xinhui", on=before) == []


@pytest.mark.parametrize(
    ("rounding", "people", "wanted"),
    [
        (Rounding.NONE, 450_000, 1.5),
        (Rounding.UP, 450_000, 2),
        (Rounding.UP, 600_000, 2),
        (Rounding.DOWN, 599_999, 1),
        (Rounding.DOWN, 100_000, 1),
        (Rounding.DOWN, 600_000, 2),
    ],
)
def test_rounding(rounding: Rounding, people: int, wanted: float) -> None:
    assert Standard("s", NAME, "s", 1, 300_000, (), rounding).wanted(people) == wanted


def test_which_institutions_count() -> None:
    second = Which(frozenset({"GENERAL"}), 2, "A", above=True, below=False)
    assert second.takes("GENERAL", 2, "A") and second.takes("GENERAL", 3, "")
    assert not second.takes("GENERAL", 2, "B") and not second.takes("TCM", 3, "A")
    only = Which(frozenset({"GENERAL"}), 2, "A", above=False, below=False)
    assert not only.takes("GENERAL", 3, "A")
    not_yet = Which(frozenset({"GENERAL"}), 2, "A", above=True, below=True)
    assert not_yet.takes("GENERAL", 2, "B") and not_yet.takes("GENERAL", 1, "A")
    assert not not_yet.takes("GENERAL", 2, "A") and not not_yet.takes("GENERAL", 3, "B")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ROW + "}\n", "写明条款，或标明 ours"),
        (ROW + ", ours: true, clauses: [XH-14]}\n", "写明条款，或标明 ours"),
        (WAY, "没有标准“s”"),
        (ROW + ", ours: true, surprise: 1}\n", "surprise"),
        ("standards: 3\n", "standards"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(PackErrors) as caught:
        load_planning([folder(tmp_path, text)])
    assert said in str(caught.value) or any(said in each.sentence() for each in caught.value.problems)


def test_a_folder_without_the_file_says_nothing(tmp_path: Path) -> None:
    book = load_planning([tmp_path])
    assert (book.standards, book.means) == ((), ())
