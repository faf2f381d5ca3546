"""Days since an earlier row, looked up month by month, give what going through a person's rows gives."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiercare.engines.measures.by_hand import evaluate_by_hand
from tiercare.engines.measures.derived import certain, columns_of, reach, refuted
from tiercare.engines.measures.evaluate import evaluate
from tiercare.engines.measures.expressions import Node, condition
from tiercare.engines.measures.indicators import Form
from tiercare.engines.measures.looking_back import can_look_back
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.reference import holds, value
from tiercare.engines.measures.schema import facts

from .frames import REGION, Frames, Row, filled, rows_of
from .test_engines_agree import indicator, part

MONTHS = (202412, 202501, 202502)
SPANS = [span("2025-02"), span("2025")]
FIRST = "count(tier == primary or arrival in (referred_up, referred_down) or since_primary <= given(within))"
OUT = "kind != inpatient and not critical"
BOOK = [
    indicator(
        "first", [part("visits", "residence", FIRST, OUT)], [part("visits", "residence", "count()", OUT)]
    ),
    indicator(
        "costs", [part("visits", "visited", "sum(cost, since_primary < 9 and cost > 7)")], [], Form.NUMBER
    ),
    indicator(
        "not_late",
        [part("visits", "visited", "count(not (critical or tcm) and since_primary <= 31)")],
        [],
        Form.NUMBER,
    ),
    indicator(
        "same_day",
        [part("visits", "contract", "count(since_primary >= 0 and since_primary <= 0)")],
        [],
        Form.NUMBER,
    ),
    indicator("far", [part("visits", "visited", "count(since_primary <= 90)")], [], Form.NUMBER),
    indicator("late", [part("visits", "visited", "count(since_primary > 3)")], [], Form.NUMBER),
    indicator("none", [part("visits", "visited", "count(not (since_primary <= 14))")], [], Form.NUMBER),
]


def same(rows: list[Row]) -> None:
    everything = {"visits": rows}
    fast = evaluate(Frames(everything), BOOK, SPANS, region=REGION)
    slow = evaluate_by_hand(everything, BOOK, SPANS, region=REGION)
    assert {_place(v): v for v in fast} == {_place(v): v for v in slow}


def _place(each: Any) -> tuple[Any, ...]:
    return each.indicator, each.span, each.level, each.key


def test_which_parts_are_looked_up() -> None:
    found = {each.id: can_look_back(each.numerator[0]) for each in BOOK}
    assert found == {
        "first": True,
        "costs": True,
        "not_late": True,
        "same_day": True,
        "far": False,
        "late": False,
        "none": False,
    }


def test_days_are_counted_from_the_last_earlier_one() -> None:
    def seen(who: str, day: date, tier: str, **more: Any) -> Row:
        return filled(
            "visits",
            person=who,
            institution=f"h{who}",
            tier=tier,
            date=day,
            kind="outpatient",
            arrival="self",
            **more,
        )

    first = date(2025, 1, 10)
    rows = [
        row
        for days in (0, 1, 8, 9, 14, 15, 21, 22, 31, 32, 49)
        for row in (
            seen(f"p{days}", first, "primary"),
            seen(f"p{days}", first + timedelta(days), "tertiary"),
        )
    ]
    rows += [
        seen("again", first, "primary"),
        seen("again", date(2025, 1, 31), "primary"),
        seen("again", date(2025, 2, 28), "tertiary", admitted=date(2025, 1, 9)),
        seen("new_year", date(2024, 12, 31), "primary"),
        seen("new_year", date(2025, 1, 1), "tertiary"),
        seen("new_year", date(2025, 1, 1), "primary"),
        {**seen("astray", date(2025, 1, 30), "primary"), "month": 202502},
        {**seen("astray", date(2025, 3, 3), "tertiary"), "month": 202502},
        {**seen("astray", date(2024, 11, 3), "tertiary"), "month": 202501},
    ]
    same(rows)


@settings(max_examples=8, deadline=None)
@given(st.lists(rows_of(facts()["visits"], MONTHS), max_size=16))
def test_looked_up_and_gone_through_row_by_row(rows: list[Row]) -> None:
    same(rows)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("kind == inpatient and since_stay <= 30", 30),
        ("kind == inpatient and (tcm or since_stay < 9)", 9),
        ("since_stay <= 30 and since_stay <= 7", 7),
        ("since_stay <= 30 or since_stay <= 7", 30),
        ("kind == inpatient and since_stay > 7", None),
        ("not (since_stay <= 7)", None),
        ("kind == inpatient", 0),
    ],
)
def test_how_far_back_a_column_matters(text: str, days: int | None) -> None:
    """What a condition asks besides does not shorten it: who came in December is seen from January."""
    assert reach(condition(text, columns_of(facts()["visits"]), {}), "since_stay") == days


def test_a_stay_of_the_year_before_is_seen_through_a_window() -> None:
    def stay(admitted: date, day: date) -> Row:
        return filled("visits", person="a", kind="inpatient", admitted=admitted, date=day)

    rows = [stay(date(2024, 12, 1), date(2024, 12, 28)), stay(date(2025, 1, 3), date(2025, 1, 9))]
    back = [part("visits", "visited", "count(kind == inpatient and since_stay <= 14)")]
    book = [indicator("back", back, [], Form.NUMBER)]
    fast = evaluate(Frames({"visits": rows}), book, [span("2025")], region=REGION)
    slow = evaluate_by_hand({"visits": rows}, book, [span("2025")], region=REGION)
    assert {_place(v): v for v in fast} == {_place(v): v for v in slow}
    assert next(v for v in fast if v.key == REGION).value == 1


CONDITIONS = [
    "tier == primary or since_primary <= 14",
    "not (tcm or since_primary <= 14) and critical",
    "not (tcm and (since_primary <= 14 or known(insured)))",
    "since_primary <= 14 and not critical",
    "known(diagnosis) or not known(since_primary)",
]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(CONDITIONS),
    rows_of(facts()["visits"], MONTHS),
    st.none() | st.integers(0, 40),
)
def test_what_is_certain_needs_no_look(text: str, row: Row, days: int | None) -> None:
    node: Node = condition(text, columns_of(facts()["visits"]), {})
    whole = {**row, "since_primary": days}
    hidden = {"since_primary"}
    assert not holds(certain(node, hidden), whole) or holds(node, whole)
    assert not holds(refuted(node, hidden), whole) or value(node, whole) is False
