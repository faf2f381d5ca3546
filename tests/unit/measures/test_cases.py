"""The rows behind a number: as many as the hand-checked examples say, newest first, and nobody to be recognised in them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from tiercare.engines.measures.cases import NothingBehind, Side, cases, mark_of
from tiercare.engines.measures.chance import Law
from tiercare.engines.measures.indicators import Form
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.schema import Level, facts
from tiercare.engines.measures.scoring import law_of

from .examples import every_indicator, read_examples, rows_of
from .frames import REGION, Frames

COUNTED = [
    each
    for each in read_examples()
    if not every_indicator()[each.indicator].of and every_indicator()[each.indicator].form is not Form.GROWTH
]


@pytest.mark.parametrize("side", list(Side))
def test_the_rows_come_to_what_each_example_says(side: Side) -> None:
    for example in COUNTED[::6]:
        indicator = every_indicator()[example.indicator]
        level, key = example.place
        expected = example.expected[0 if side is Side.NUMERATOR else 1]
        if expected is None or (side is Side.DENOMINATOR and not indicator.denominator):
            continue
        found = cases(
            Frames(example.rows),
            indicator,
            side,
            example.span,
            level=level,
            key=key,
            region=example.region,
            most=3,
        )
        assert sum((each.amount for each in found), Fraction(0)) == expected, str(example)
        assert all(len(each.rows) == min(each.total, 3) for each in found)
        for each in found:
            assert not {"person", "doctor"} & set(each.columns)


def test_the_newest_come_first_and_no_more_than_asked_for() -> None:
    visits = [{"visit": f"V-2025-{at:06}", "date": date(2025, 1, 1 + at)} for at in range(9)]
    (found,) = cases(
        Frames(rows_of({"visits": visits})),
        every_indicator()["primary_visit_share"],
        Side.DENOMINATOR,
        span("2025"),
        level=Level.REGION,
        key=REGION,
        region=REGION,
        most=4,
    )
    assert (found.total, found.amount, len(found.rows)) == (9, 9, 4)
    assert [row["date"].day for row in found.rows] == [9, 8, 7, 6]
    assert found.rows[0]["mark"] == "…000008", "the end of its key"
    assert found.words.startswith("visits[visited].count()")


def test_where_somebody_lives_is_told_by_the_county_alone() -> None:
    rows = rows_of({"visits": [{"home": "340202001003", "place": "340203"}]})
    (found,) = cases(
        Frames(rows),
        every_indicator()["transfer_out_rate"],
        Side.NUMERATOR,
        span("2025"),
        level=Level.DIVISION,
        key="340202",
        region=REGION,
        most=5,
    )
    assert found.rows[0]["home"] == "340202"


def test_a_key_that_names_a_person_is_not_shown() -> None:
    fact = facts()["contracts"]
    row = {"person": "110101199001011234", "month": 202506}
    assert mark_of(fact, row) not in row["person"] and len(mark_of(fact, row)) == 6
    assert mark_of(fact, row) != mark_of(fact, {**row, "month": 202507})


def test_what_is_made_of_others_has_no_rows_of_its_own() -> None:
    made = next(each for each in every_indicator().values() if each.of)
    for side in Side:
        with pytest.raises(NothingBehind):
            cases(Frames({}), made, side, span("2025"), level=Level.REGION, key=REGION, region=REGION, most=5)
    home = every_indicator()["in_county_visit_share"]
    with pytest.raises(NothingBehind):
        cases(
            Frames({}),
            home,
            Side.NUMERATOR,
            span("2025"),
            level=Level.INSTITUTION,
            key="x",
            region=REGION,
            most=5,
        )


@pytest.mark.parametrize(
    ("indicator", "law"),
    [
        ("primary_visit_share", Law.BINOMIAL),
        ("transfer_out_patient_rate", Law.BINOMIAL),
        ("disease_visits_per_1000", Law.POISSON),
        ("average_stay", None),
        ("key_specialty_cases", None),
    ],
)
def test_the_law_of_chance_follows_from_the_definition(indicator: str, law: Law | None) -> None:
    assert law_of(every_indicator()[indicator]) is law
