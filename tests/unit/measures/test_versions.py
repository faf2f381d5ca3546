"""Definitions change: every period goes by those of its time, a rise is one of things, and both ways can be seen side by side."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction as F
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tiercare.cli.main import app
from tiercare.engines.measures.assessment import assess, in_force
from tiercare.engines.measures.comparing import changed, compared
from tiercare.engines.measures.load import Book, load_book
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.schema import Level
from tiercare.engines.measures.targets import Met
from tiercare.engines.policy import load_packs

from .frames import Frames, Row, filled
from .made import put
from .test_scorecards_load import CLAUSES, PACK

REGION = "3402"
INDICATORS = """
indicators:
- id: primary_share
  version: 1
  name: {zh: 基层占比, en: Primary share}
  says: {zh: 基层人次÷全部人次, en: Primary visits over all visits}
  source: {zh: 试, en: try}
  fact: visits
  numerator: count(tier == primary)
  denominator: count()
  direction: up
  until: 2025-01-01
- id: primary_share
  version: 2
  name: {zh: 基层占比, en: Primary share}
  says: {zh: 基层门急诊人次÷门急诊人次, en: Primary outpatient visits over outpatient visits}
  source: {zh: 试, en: try}
  fact: visits
  where: kind != inpatient
  numerator: count(tier == primary)
  denominator: count()
  direction: up
  since: 2025-01-01
- id: tcm_share
  name: {zh: 中医占比, en: TCM share}
  says: {zh: 中医人次÷全部人次, en: TCM visits over all visits}
  source: {zh: 试, en: try}
  fact: visits
  numerator: count(tcm)
  denominator: count()
- id: both
  name: {zh: 两者之比, en: The one over the other}
  says: {zh: 基层占比÷中医占比, en: Primary share over TCM share}
  source: {zh: 试, en: try}
  form: quotient
  of: [primary_share, tcm_share]
targets:
- {id: rises, indicator: primary_share, clause: T-01}
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack whose definition of primary care's share changed with 2025."""
    folder = tmp_path / "t"
    (folder / "clauses").mkdir(parents=True)
    (folder / "indicators").mkdir()
    (folder / "pack.yaml").write_text(PACK, "utf-8")
    (folder / "clauses" / "01.yaml").write_text(CLAUSES, "utf-8")
    (folder / "indicators" / "01.yaml").write_text(INDICATORS, "utf-8")
    return folder


@pytest.fixture
def book(pack: Path) -> Book:
    """Its book."""
    return load_book(load_packs([pack]), "t")


def visits(year: int) -> list[Row]:
    """Of four outpatient visits two in primary care, and two stays elsewhere: 1/3 by the first definition, 1/2 by the second."""
    kinds = (
        [("primary", "outpatient")] * 2 + [("tertiary", "outpatient")] * 2 + [("tertiary", "inpatient")] * 2
    )
    return [
        filled(
            "visits",
            visit=f"{year}{at}",
            person="a",
            tier=tier,
            kind=kind,
            tcm=at < 3,
            date=date(year, 6, 1 + at),
        )
        for at, (tier, kind) in enumerate(kinds)
    ]


def test_every_period_goes_by_the_definitions_of_its_time(book: Book) -> None:
    tables = Frames({"visits": [row for year in (2023, 2024, 2025) for row in visits(year)]})
    found = assess(tables, book, [span("2024"), span("2025")], region=REGION)
    values = {year: found.regional("primary_share", span(year)) for year in ("2023", "2024", "2025")}
    assert {year: (v.version, v.value) for year, v in values.items() if v} == {
        "2023": (1, F(1, 3)),
        "2024": (1, F(1, 3)),
        "2025": (2, F(1, 2)),
    }
    assert [v.value for v in found.of("both") if v.level is Level.REGION] == [F(2, 3), F(1)]
    # Nothing rose but the definition: the year before is held against it in the words of the year.
    (before, after) = found.standings
    assert (before.met, after.met) == (Met.NOT_MET, Met.NOT_MET)


def test_the_order_of_periods_does_not_matter(book: Book) -> None:
    tables = Frames({"visits": [row for year in (2023, 2024, 2025) for row in visits(year)]})
    one, other = (
        assess(tables, book, [span(each) for each in years], region=REGION)
        for years in (("2024", "2025"), ("2025", "2024"))
    )
    assert sorted(one.values, key=repr) == sorted(other.values, key=repr)


def test_before_the_first_and_after_the_last_the_nearest_counts(book: Book) -> None:
    assert [each.version for each in in_force(book, date(1990, 1, 1))] == [1, 1, 1]
    assert [each.version for each in in_force(book, date(2024, 12, 31))] == [1, 1, 1]
    assert [each.version for each in in_force(book, date(2025, 1, 1))] == [2, 1, 1]


def test_both_definitions_over_the_same_rows(book: Book) -> None:
    tables = Frames({"visits": visits(2025)})
    both = compared(tables, book, "primary_share", span("2025"), region=REGION)
    assert both.differ and [way.versions for way in both.ways] == ["1", "2"]
    assert both.places[0] == (Level.REGION, REGION) and (Level.INSTITUTION, "x") in both.places
    shares = [way.at(Level.INSTITUTION, "x") for way in both.ways]
    assert [each.value for each in shares if each] == [F(1, 3), F(1, 2)]
    made = compared(tables, book, "both", span("2025"), region=REGION)
    assert [way.versions for way in made.ways] == ["1 (1, 1)", "1 (2, 1)"], "what it is made of changed"
    assert [way.since for way in made.ways] == [date(2024, 1, 1), date(2025, 1, 1)]
    assert not compared(tables, book, "tcm_share", span("2025"), region=REGION).differ
    with pytest.raises(KeyError):
        compared(tables, book, "nothing", span("2025"), region=REGION)


@pytest.mark.parametrize(
    ("period", "differs"),
    [
        ("2024", False),
        ("2024-12", False),
        ("2025", True),
        ("2025Q1", True),
        ("2025Q2", False),
        ("2026", False),
    ],
)
def test_where_there_is_something_to_compare(book: Book, period: str, differs: bool) -> None:
    assert changed(book, "primary_share", span(period)) is changed(book, "both", span(period)) is differs


def test_the_command_shows_both(pack: Path, tmp_path: Path) -> None:
    facts = tmp_path / "facts"
    put(facts, "visits", {202506: [{k: v for k, v in row.items() if k != "month"} for row in visits(2025)]})

    def run(*more: str) -> Result:
        asked = ["evaluate", "--pack", "t", "--packs", str(pack), "--facts", str(facts), *more]
        return CliRunner().invoke(app, asked, env={"COLUMNS": "200"}, catch_exceptions=False)

    shown = run("--indicator", "primary_share").stdout
    assert "口径有变" in shown and "（2 / 6）" in shown and "（2 / 4）" in shown
    said = json.loads(run("--indicator", "primary_share", "--json").stdout)
    (one,) = [each for each in said["compared"] if each["period"] == "2025"]
    regions = [next(v for v in way["values"] if v["level"] == "region") for way in one["ways"]]
    assert [(each["numerator"], each["denominator"]) for each in regions] == [("2", "6"), ("2", "4")]
    assert [way["since"] for way in one["ways"]] == ["2024-01-01", "2025-01-01"]
    assert "口径有变" not in run("--indicator", "tcm_share").stdout
    assert json.loads(run("--indicator", "tcm_share", "--json").stdout)["compared"] == []
