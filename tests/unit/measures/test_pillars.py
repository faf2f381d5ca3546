"""XH-06: a panel for each pillar with its indicators; established only when all four have been recorded as complete."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tiercare.cli.main import app
from tiercare.engines.measures.assessment import assess
from tiercare.engines.measures.load import load_book
from tiercare.engines.measures.periods import Span, span
from tiercare.engines.measures.scoring import Result, load_marks, load_scorecards, outcomes
from tiercare.engines.measures.store import Store
from tiercare.engines.policy import PackErrors, PackSet, load_packs

PILLARS = ("first_contact", "two_way_referral", "acute_chronic_separation", "vertical_linkage")


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up 2020 of 新会."""
    root = tmp_path_factory.mktemp("xinhui") / "facts"
    arguments = ["facts", "synth", "--region", "xinhui", "--years", "1", "--from", "2020", "--rows", "2000"]
    assert CliRunner().invoke(app, [*arguments, "--facts", str(root)]).exit_code == 0
    return root


def marks_of(folder: Path, *panels: str, on: str = "2020-12-20") -> Path:
    lines = [f"  - {{panel: {each}, by: 区卫生计生局, on: {on}, evidence: 年度自评报告}}" for each in panels]
    file = folder / "marks.yaml"
    file.write_text("marks:\n" + "\n".join(lines) + "\n", "utf-8")
    return file


@pytest.mark.clause("XH-06")
def test_the_four_pillars_are_established_when_all_are_recorded(facts: Path, tmp_path: Path) -> None:
    packs = load_packs()
    book = load_book(packs, "xinhui")
    card = load_scorecards(packs, "xinhui", book)["xinhui_four_pillars"]
    mine = {measure.indicator for measure in card.measures}
    indicators = {key: versions for key, versions in book.indicators.items() if key in mine}
    targets = tuple(each for each in book.targets if each.indicator in mine)
    year = span("2020")
    with Store(facts) as store:
        found = assess(store, replace(book, indicators=indicators, targets=targets), [year], region="440705")

    def result(*panels: str, year: Span = year) -> Result:
        marks = load_marks(marks_of(tmp_path, *panels), PILLARS, today=date(2021, 1, 1)) if panels else ()
        (outcome,) = outcomes([card], found, year, marks)
        return outcome.region

    assert result().established is result(*PILLARS[:3]).established is False
    assert [each.complete for each in result(*PILLARS[:3]).panels] == [True, True, True, False]
    assert result(*PILLARS).established is True
    assert result(*PILLARS, year=span("2019")).established is False, (
        "what was recorded in 2020 says nothing of 2019"
    )
    assert [each.panel for each in result(*PILLARS).panels] == list(PILLARS)
    assert all(panel.measures for panel in card.panels), "indicators under each"


@pytest.mark.clause("XH-06")
def test_the_command_prints_it(facts: Path, tmp_path: Path) -> None:
    arguments = ["evaluate", "--pack", "xinhui", "--period", "2020", "--facts", str(facts)]
    said = CliRunner().invoke(
        app, [*arguments, "--marks", str(marks_of(tmp_path, *PILLARS))], env={"COLUMNS": "200"}
    )
    assert said.exit_code == 0
    assert "全面建立 established" in said.stdout and "✓ 已记为完成" in said.stdout


@pytest.mark.clause("XH-06")
def test_what_the_clause_lists_is_what_the_card_must_have() -> None:
    packs = load_packs()
    book = load_book(packs, "xinhui")
    assert "xinhui_four_pillars" in load_scorecards(packs, "xinhui", book)
    with pytest.raises(PackErrors) as refused:
        load_scorecards(with_pillars(packs, *PILLARS, "prevention"), "xinhui", book)
    assert "XH-06.pillars" in str(refused.value) and "prevention" in str(refused.value)


def with_pillars(packs: PackSet, *pillars: str) -> PackSet:
    """The packs, with other pillars in the clause."""
    pack = packs.packs["xinhui"]
    clauses = tuple(
        replace(
            clause,
            parameters=tuple(
                replace(each, value=list(pillars)) if each.key == "pillars" else each
                for each in clause.parameters
            ),
        )
        if clause.id == "XH-06"
        else clause
        for clause in pack.clauses
    )
    return PackSet({**packs.packs, "xinhui": replace(pack, clauses=clauses)})


@pytest.mark.parametrize(
    ("panel", "on", "told"),
    [
        ("first_contacts", "2020-12-20", "没有“first_contacts”这一栏"),
        ("first_contact", "2999-01-01", "还没有到"),
    ],
)
def test_a_mark_that_cannot_be_is_refused_with_its_line(
    tmp_path: Path, panel: str, on: str, told: str
) -> None:
    marks = marks_of(tmp_path, panel, on=on)
    arguments = ["evaluate", "--pack", "xinhui", "--facts", str(tmp_path / "facts"), "--marks", str(marks)]
    found = CliRunner().invoke(app, arguments)
    assert found.exit_code == 1 and told in found.stderr and "marks.yaml:2" in found.stderr
