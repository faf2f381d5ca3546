"""An indicator by disease, operation or department: the same definition over fewer rows."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tiercare.engines.measures.breakdown import CATEGORY, By, NotBrokenDown, broken_down, by_person
from tiercare.engines.measures.by_hand import evaluate_by_hand
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.schema import Level, facts

from .examples import every_indicator
from .frames import REGION, Frames, Row, filled, rows_of

YEAR = span("2025")
DAY = date(2025, 6, 15)
SHANGHAI = "310101"


def visit(at: int, **given: Any) -> Row:
    return filled("visits", **{"visit": f"v{at}", "person": f"p{at}", "date": DAY, **given})


def visits(*several: dict[str, Any]) -> dict[str, list[Row]]:
    """A visit for each; ``times`` repeats it, by somebody else."""
    rows: list[Row] = []
    for each in several:
        for _ in range(each.get("times", 1)):
            rows.append(visit(len(rows), **{name: value for name, value in each.items() if name != "times"}))
    return {"visits": rows}


def test_a_share_by_department_and_a_median_by_department() -> None:
    rows = visits(
        {"specialty": "03", "place": SHANGHAI},
        {"specialty": "03", "times": 3},
        {"specialty": "07", "kind": "inpatient", "wait_days": 2},
        {"specialty": "07", "kind": "inpatient", "wait_days": 5},
        {"place": SHANGHAI},
    )
    crossing = every_indicator()["cross_province_visit_share"]
    found = broken_down(Frames(rows), crossing, YEAR, [By("specialty")], region=REGION)
    assert [(each.key, each.numerator, each.denominator, each.value) for each in found] == [
        (("03",), 1, 4, Fraction(1, 4)),
        (("07",), 0, 2, 0),
    ]
    waits = broken_down(
        Frames(rows), every_indicator()["admission_wait"], YEAR, [By("specialty")], region=REGION
    )
    assert [(each.key, each.denominator, each.value) for each in waits] == [
        (("03",), 0, None),  # nobody waited on record: no value, not zero days
        (("07",), 2, Fraction(7, 2)),
    ]


def test_people_are_counted_once_and_residents_are_the_same_for_every_disease() -> None:
    rows = {
        **visits(
            {"diagnosis": "I10.x05", "person": "a", "times": 2}, {"diagnosis": "I10"}, {"diagnosis": "J06.9"}
        ),
        "population": [
            filled("population", division="340202", group="permanent", persons=2000, month=202506)
        ],
    }
    found = broken_down(
        Frames(rows), by_person(every_indicator()["disease_visits_per_1000"]), YEAR, [CATEGORY], region=REGION
    )
    assert [(each.key, each.numerator, each.denominator, each.value) for each in found] == [
        (("I10",), 2, 2000, 1),
        (("J06",), 1, 2000, Fraction(1, 2)),
    ]


@pytest.mark.parametrize(
    ("key", "column"),
    [
        ("grid_coverage", "diagnosis"),
        ("down_referral_growth", "diagnosis"),
        ("cross_province_visit_share", "cost"),
    ],
)
def test_what_cannot_be_broken_down_is_refused(key: str, column: str) -> None:
    with pytest.raises(NotBrokenDown, match=column):
        broken_down(Frames({}), every_indicator()[key], YEAR, [By(column)], region=REGION)


def test_what_counts_no_rows_of_people_counts_no_people() -> None:
    for key in ("grid_coverage", "primary_support_days"):
        with pytest.raises(NotBrokenDown):
            by_person(every_indicator()[key])


def test_without_data_there_is_nothing() -> None:
    assert (
        broken_down(
            Frames({}), every_indicator()["day_surgery_share"], YEAR, [By("specialty")], region=REGION
        )
        == []
    )


@given(rows=st.lists(rows_of(facts()["visits"], [202505, 202506]), max_size=12))
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_each_key_is_the_indicator_over_the_rows_of_that_key(rows: list[Row]) -> None:
    for key in ("transfer_out_rate", "admission_wait", "day_surgery_procedures"):
        indicator = every_indicator()[key]
        for each in broken_down(Frames({"visits": rows}), indicator, YEAR, [CATEGORY], region=REGION):
            mine = [
                row for row in rows if row["diagnosis"] is not None and row["diagnosis"][:3] == each.key[0]
            ]
            values = evaluate_by_hand({"visits": mine}, [indicator], [YEAR], region=REGION)
            whole = next(value for value in values if value.level is Level.REGION)
            assert (each.numerator, each.denominator, each.value) == (
                whole.numerator,
                whole.denominator,
                whole.value,
            )
