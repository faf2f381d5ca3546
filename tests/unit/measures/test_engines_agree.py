"""The fused scans on DuckDB and the slow engine give the same values, to the digit, over random facts."""

from __future__ import annotations

from datetime import date
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from tiercare.engines.measures import grouping
from tiercare.engines.measures.by_hand import evaluate_by_hand
from tiercare.engines.measures.derived import columns_of
from tiercare.engines.measures.evaluate import evaluate
from tiercare.engines.measures.expressions import condition
from tiercare.engines.measures.indicators import Direction, Form, Indicator, Part, aggregate
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.schema import Attribution, facts
from tiercare.kernel.period import Period
from tiercare.kernel.text import Text

from .frames import REGION, Frames, rows_of

MONTHS = (202411, 202412, 202501, 202502)
SPANS = [span("2025-01"), span("2024Q4"), span("2025")]
GIVEN = {"chronic": ["I10", "E11"], "within": 14}
WORDS = Text("x", "x")


def part(fact: str, by: str, take: str, where: str | None = None, through: bool = False) -> Part:
    columns = columns_of(facts()[fact])
    limit = condition(where, columns, GIVEN) if where else None
    return Part(fact, Attribution(by), aggregate(take, facts()[fact], columns, GIVEN, limit), through)


def indicator(
    name: str,
    above: list[Part],
    below: list[Part],
    form: Form = Form.RATIO,
    per: int = 1,
    of: tuple[str, ...] = (),
) -> Indicator:
    return Indicator(
        id=name,
        version=1,
        name=WORDS,
        says=WORDS,
        source=WORDS,
        clauses=(),
        numerator=tuple(above),
        denominator=tuple(below),
        form=form,
        unit=WORDS,
        per=per,
        direction=Direction.UP,
        small=0,
        ours=False,
        period=Period(date.min),
        text={},
        of=of,
    )


SEEN = "kind in (outpatient, emergency)"
BOOK = [
    indicator(
        "primary_share",
        [part("visits", "visited", "count(tier == primary)", SEEN)],
        [part("visits", "visited", "count()", SEEN)],
        per=100,
    ),
    indicator(
        "in_county",
        [part("visits", "residence", "count(county(place) == county(home) or not tcm)")],
        [part("visits", "residence", "count(known(insured))")],
    ),
    indicator(
        "chronic_cost",
        [
            part(
                "visits",
                "visited",
                "sum(cost - fund, listed(diagnosis, chronic) and not (day_case or critical))",
            )
        ],
        [part("visits", "visited", "distinct(person, listed(diagnosis, chronic))")],
    ),
    indicator(
        "stay",
        [part("visits", "visited", "median(days(admitted, date), kind == inpatient)")],
        [part("visits", "visited", "count(kind == inpatient and known(admitted))")],
        Form.MEDIAN,
    ),
    indicator(
        "readmitted",
        [
            part(
                "visits",
                "visited",
                "count(since_stay <= given(within) and since_stay >= 0)",
                "kind == inpatient",
            )
        ],
        [part("visits", "visited", "count()", "kind == inpatient")],
    ),
    indicator(
        "down", [part("referrals", "sent", "count(direction == down and state == closed)")], [], Form.GROWTH
    ),
    indicator(
        "beds",
        [part("institutions", "visited", "sum(beds)")],
        [part("population", "residence", "sum(persons, group == permanent)")],
        Form.REQUIRED,
        per=30,
    ),
    indicator(
        "income",
        [part("institutions", "visited", "sum(service_income, tier == primary)", through=True)],
        [part("institutions", "visited", "sum(medical_income, tier == primary)", through=True)],
    ),
    indicator(
        "support",
        [
            part("support", "received", "sum(days * 2, direction == down)"),
            part("remote", "sent", "count(done)"),
        ],
        [],
        Form.NUMBER,
    ),
    indicator("share_of_shares", [], [], Form.QUOTIENT, of=("primary_share", "in_county")),
    indicator("cost_growth", [], [], Form.CHANGE, per=100, of=("chronic_cost",)),
]
TABLES = ("visits", "referrals", "institutions", "population", "support", "remote")
random_facts = st.fixed_dictionaries(
    {
        name: st.lists(rows_of(facts()[name], MONTHS), max_size=14 if name == "visits" else 5)
        for name in TABLES
    }
)


@settings(max_examples=6, deadline=None)
@given(random_facts)
def test_fused_scans_and_single_rows_give_the_same_values(
    everything: dict[str, list[dict[str, Any]]],
) -> None:
    fast = evaluate(Frames(everything), BOOK, SPANS, region=REGION)
    with patch.object(grouping, "WORTH_IT", 0):
        assert evaluate(Frames(everything), BOOK, SPANS, region=REGION) == fast, (
            "equal rows put together first"
        )
    slow = evaluate_by_hand(everything, BOOK, SPANS, region=REGION)
    assert {_place(v): v for v in fast} == {_place(v): v for v in slow}
    assert len(fast) == len({_place(v) for v in fast}), "one value for each"


def _place(value: Any) -> tuple[Any, ...]:
    return value.indicator, value.span, value.level, value.key
