"""Panels on paper: rows by place and by what they say, a year before beside, help counted by who gives it, groups by codes; and the
numbers are those of the indicators, whatever the facts."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tiercare.engines.measures.breakdown import By, broken_down
from tiercare.engines.measures.evaluate import evaluate
from tiercare.engines.measures.load import load_book
from tiercare.engines.measures.panel_rows import lay_out, strengthened, total
from tiercare.engines.measures.panels import Column, Dimension, Panel, Show
from tiercare.engines.measures.panels_load import load_panels
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.schema import Level, facts
from tiercare.engines.policy import PackSet
from tiercare.engines.policy.load import PackErrors
from tiercare.kernel.text import Text

from .examples import book, every_indicator, packs
from .frames import REGION, Frames, Row, filled, rows_of

YEAR, QUARTER = span("2025"), span("2025Q2")
DAY, BEFORE = date(2025, 6, 15), date(2024, 6, 15)
SHANGHAI = "310101"
HELP = "Acts of help by county hospitals}\n        only: {column: sender"
TOWN, OTHER_TOWN = "340221102", "340221101"


@cache
def panels(pack: str = "xinhui") -> dict[str, Panel]:
    return dict(load_panels(packs(), pack, book(pack)))


def visits(*several: dict[str, Any]) -> list[Row]:
    """A visit for each; ``times`` repeats it, by somebody else."""
    rows: list[Row] = []
    for each in several:
        for _ in range(each.get("times", 1)):
            own = {name: value for name, value in each.items() if name != "times"}
            at = len(rows)
            rows.append(filled("visits", **{"visit": f"v{at}", "person": f"p{at}", "date": DAY, **own}))
    return rows


def shown(panel: Panel, rows: dict[str, list[Row]], when: Any = YEAR) -> list[tuple[Any, ...]]:
    """Key, what stands in the columns, and the changes."""
    return [
        (
            *row.key,
            *(
                None if each is None else each.shown(column.show)
                for each, column in zip(row.now, panel.columns, strict=True)
            ),
            *(row.change(panel, at) for at in range(len(panel.columns))),
        )
        for row in lay_out(Frames(rows), panel, when, region=REGION)
    ]


def test_two_shares_of_every_hospital_by_the_quarter_against_the_year_before() -> None:
    hospital = {"institution": "A", "tier": "tertiary"}
    rows = visits(
        {**hospital, "diagnosis": "I10", "times": 3},
        {**hospital, "diagnosis": "J06.9", "times": 1},
        {**hospital, "diagnosis": "C34.9", "times": 4},
        {**hospital, "diagnosis": "I10", "date": date(2025, 3, 31), "times": 9},  # another quarter
        {**hospital, "diagnosis": "I10", "date": BEFORE, "times": 1},
        {**hospital, "diagnosis": "J06.9", "date": BEFORE, "times": 1},
        {"institution": "B", "tier": "secondary", "diagnosis": "I10", "times": 1},
        {"institution": "C", "tier": "primary", "diagnosis": "I10", "times": 5},  # no hospital
    )
    assert shown(panels()["hospital_outpatient"], {"visits": rows}, QUARTER) == [
        # B saw nobody a year before: there is nothing to compare with.
        ("B", 1, 0, None, None),
        ("A", Fraction(3, 8), Fraction(1, 8), Fraction(-1, 8), Fraction(-3, 8)),
    ]


def test_minor_illness_of_a_town_stands_beside_the_help_of_county_hospitals() -> None:
    ill = {"diagnosis": "J06.9", "home": TOWN}
    rows = {
        "visits": visits(
            {**ill, "place": TOWN, "tier": "primary", "times": 3},
            {**ill, "place": TOWN, "tier": "secondary"},
            {**ill, "place": OTHER_TOWN, "tier": "primary"},
            {**ill, "home": f"{TOWN}003", "place": TOWN, "tier": "primary"},  # a village of the town
        ),
        "support": [
            filled(
                "support",
                act=f"s{at}",
                direction="down",
                sender_tier="secondary",
                receiver_tier="primary",
                **{"month": 202503, **each},
            )
            for at, each in enumerate(
                [
                    {"sender": "H", "receiver_division": TOWN, "days": 5},
                    {"sender": "H", "receiver_division": TOWN, "days": 2, "month": 202504},
                    {"sender": "CITY", "receiver_division": TOWN, "days": 90},  # not the county's
                    {"sender": "H", "receiver_division": OTHER_TOWN, "days": 1},
                ]
            )
        ],
        "institutions": [
            filled("institutions", institution="H", county_hospital=True, tier="secondary", month=202512),
            filled("institutions", institution="CITY", county_hospital=False, tier="tertiary", month=202512),
        ],
    }
    found = shown(replace(panels()["town_minor_illness"], change=False), rows)
    assert found == [
        (TOWN, Fraction(5, 6), Fraction(2, 3), 2, 7, None, None, None, None),
        (OTHER_TOWN, None, None, 1, 1, None, None, None, None),
    ]


def test_cost_and_control_stand_together_by_institution_and_disease() -> None:
    def patient(person: str, institution: str, month: int, cost: int, **given: Any) -> Row:
        plain = {"disease": "hypertension", "managed": True, "measured": True, **given}
        return filled("patients", person=person, institution=institution, month=month, cost=cost, **plain)

    rows = [
        *(patient("a", "A", 202500 + month, 1000) for month in range(1, 13)),
        *(patient("b", "A", 202500 + month, 500, controlled=True) for month in range(1, 13)),
        patient("c", "A", 202512, 300, disease="diabetes", controlled=True),
        patient("d", "B", 202512, 700),
        patient("a", "A", 202412, 4000, controlled=True),
    ]
    assert shown(panels()["chronic_cost_and_control"], {"patients": rows}) == [
        # 12 × (1000 + 500) fen over two patients, one of them controlled; a year before one with 4000, controlled.
        ("A", "hypertension", 9000, Fraction(1, 2), 5000, Fraction(-1, 2)),
        ("A", "diabetes", 300, 1, None, None),
        ("B", "hypertension", 700, 0, None, None),
    ]


def test_without_any_data_of_the_year_before_nothing_is_zero() -> None:
    rows = {"visits": visits({"specialty": "19", "place": SHANGHAI}, {"specialty": "19"})}
    (row,) = lay_out(Frames(rows), panels()["cross_province_by_specialty"], YEAR, region=REGION)
    assert row.key == ("19",) and row.before == (None, None, None)
    assert row.now[0] is not None and row.now[0].value == Fraction(1, 2)
    nobody = total(Frames({}), panels()["cross_province_by_specialty"], YEAR, region=REGION)
    assert nobody.now == (None, None, None)


def test_the_total_holds_what_stands_in_no_row() -> None:
    rows = {
        "visits": visits({"specialty": "19", "place": SHANGHAI}, {"place": SHANGHAI}, {"specialty": "03"})
    }
    panel = panels()["cross_province_by_specialty"]
    whole = total(Frames(rows), panel, YEAR, region=REGION).now[0]
    assert whole is not None and (whole.numerator, whole.denominator) == (2, 3)
    assert [row.key for row in lay_out(Frames(rows), panel, YEAR, region=REGION)] == [("19",), ("03",)]


def test_what_people_cross_the_province_for_and_under_which_specialty() -> None:
    rows = {
        "visits": visits(
            {"diagnosis": "C34.9", "specialty": "19", "place": SHANGHAI, "procedure": "32.4", "times": 3},
            {"diagnosis": "C34.1", "specialty": "03", "place": SHANGHAI},
            {"diagnosis": "P07.3", "specialty": "07.01", "place": SHANGHAI, "times": 2},
            {"diagnosis": "Q21.0", "place": SHANGHAI},
            {"diagnosis": "J06.9", "specialty": "03", "times": 9},  # nobody leaves for it
        )
    }
    found = lay_out(Frames(rows), panels()["cross_province_by_disease"], YEAR, region=REGION)
    assert [(row.key[0], row.now[0].numerator, row.specialty) for row in found if row.now[0]] == [
        ("C34", 4, "19"),
        ("P07", 2, "07.01"),
        ("Q21", 1, None),
    ]
    (operation,) = lay_out(Frames(rows), panels()["cross_province_by_operation"], YEAR, region=REGION)
    assert operation.key == ("32.4",) and operation.specialty == "19"
    assert operation.now[0] is not None and operation.now[0].shown(Show.NUMERATOR) == 3


def test_diseases_by_how_many_leave_with_the_endemic_marked_and_the_specialties_to_strengthen() -> None:
    rows = {
        "visits": visits(
            {"diagnosis": "I63.9", "specialty": "03.05", "place": "340102", "times": 2},
            {"diagnosis": "I63.9", "specialty": "03.05", "times": 2},
            {"diagnosis": "B65.2", "specialty": "16", "place": "340102"},
            {"diagnosis": "C34.9", "specialty": "19", "place": SHANGHAI},
            {"diagnosis": "K00.6", "specialty": "12", "person": "k", "times": 3},
        ),
        "population": [
            filled("population", division="340202", group="permanent", persons=1000, month=202506)
        ],
    }
    panel = panels()["diseases_to_strengthen"]
    found = lay_out(Frames(rows), panel, YEAR, region=REGION)
    assert [(row.key[0], *(c.shown(Show.VALUE) if c else None for c in row.now[1:])) for row in found] == [
        ("I63", Fraction(1, 2), 4),
        ("B65", 1, 1),
        ("C34", 1, 1),
        ("K00", 0, 1),  # one person, three times
    ]
    assert panel.marks is not None
    assert [panel.marks.on(row.key[0]) for row in found] == [False, True, False, True]
    assert strengthened(panel, found) == [("03.05", 2), ("16", 1), ("19", 1)]


def test_groups_that_a_panel_names_stand_in_its_order_even_where_nothing_is_known() -> None:
    rows = {
        "visits": visits(
            {"specialty": "16", "place": SHANGHAI},
            {"specialty": "16.01", "times": 2},
            {"specialty": "04", "procedure": "51.23"},
            {
                "specialty": "160"
            },  # 16 is not 160, but codes of that length do not exist: beginnings are what is asked
        ),
        "staff": [
            filled("staff", person=name, institution="A", specialty=code, month=202512)
            for name, code in (("a", "16"), ("b", "16"), ("c", "04"), ("d", "05.01"))
        ],
    }
    found = {row[0]: row[1:4] for row in shown(panels()["named_specialties"], rows)}
    assert list(found)[:2] == ["infection", "psychiatry"] and len(found) == 12
    assert found["infection"] == (2, 3, Fraction(1, 4))
    assert found["laparoscopic_surgery"] == (2, 1, 0)
    assert found["rehab"] == (0, 0, None)


def test_the_groups_of_xinhui_are_those_of_its_clause() -> None:
    clause = packs().clause["XH-77"]
    named = [
        value
        for each in clause.parameters
        if each.key in {"specialties", "techniques"}
        for value in each.value
    ]
    assert [group.id for group in panels()["named_specialties"].groups] == named


@pytest.mark.parametrize(
    ("before", "after", "key", "says"),
    [
        ("- {indicator: hospital_chronic_visit_share}", "- {indicator: hospital_share}", "columns.0.indicator", "no indicator"),
        ("clauses: [XH-52]", "clauses: [XX-99]", "clauses.0", "XX-99"),
        ("per: quarter", "per: week", "per", "week"),
        ("list: endemic_diseases", "list: rare_diseases", "marks.list", "rare_diseases"),
        ("rows: [institution, managed_disease]", "rows: [town, operation]", "columns.0.indicator", "by operation"),
        ("rows: [town]", "rows: [institution]", "columns.0.indicator", "by institution"),
        ("rows: [county]", "rows: [group]", "groups", "need groups"),
        (HELP, HELP.replace("sender", "helper"), "columns.2.indicator", "column or flag"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(
    tmp_path: Path, before: str, after: str, key: str, says: str
) -> None:
    known = packs()
    copy = tmp_path / "cn"
    shutil.copytree(known.packs["cn"].folder, copy)
    path = copy / "panels" / "10-panels.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")
    altered = PackSet({**known.packs, "cn": replace(known.packs["cn"], folder=copy)})
    with pytest.raises(PackErrors) as errors:
        load_panels(altered, "wuhu", load_book(altered, "wuhu"))
    found = errors.value.problems[0]
    assert found.file == "cn/panels/10-panels.yaml" and found.line > 1
    assert found.key.endswith(key) and says in f"{found.message.en} {found.message.zh}"


def one_column(indicator: str, *rows: Dimension) -> Panel:
    text = Text("试", "try")
    like = panels()["cross_province_by_specialty"]
    column = Column(every_indicator()[indicator], Show.VALUE, text)
    return replace(like, rows=rows, columns=(column,), change=False, alliances=False)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(rows_of(facts()["visits"], [202501, 202506]), max_size=30))
def test_whatever_the_facts_the_numbers_are_those_of_the_indicator(rows: list[Row]) -> None:
    tables = Frames({"visits": rows})
    name = "hospital_chronic_visit_share"
    panel = one_column(name, Dimension.INSTITUTION)
    mine = {row.key[0]: row.now[0] for row in lay_out(tables, panel, YEAR, region=REGION)}
    theirs = {
        each.key: each
        for each in evaluate(tables, [every_indicator()[name]], [YEAR], region=REGION)
        if each.level is Level.INSTITUTION and each.denominator
    }
    assert {key: (each.numerator, each.denominator, each.value) for key, each in mine.items() if each} == {
        key: (each.numerator, each.denominator, each.value) for key, each in theirs.items()
    }
    crossing = every_indicator()["cross_province_visit_share"]
    panel = one_column("cross_province_visit_share", Dimension.SPECIALTY)
    by_row = {row.key: row.now[0].value for row in lay_out(tables, panel, YEAR, region=REGION) if row.now[0]}
    assert by_row == {
        each.key: each.value for each in broken_down(tables, crossing, YEAR, [By("specialty")], region=REGION)
    }
