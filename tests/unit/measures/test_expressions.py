"""The language of the indicators: what means something is read, what means nothing is refused with what would do."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiercare.engines.measures.derived import columns_of
from tiercare.engines.measures.expressions import Meaningless, condition, parse
from tiercare.engines.measures.indicators import aggregate
from tiercare.engines.measures.on_ibis import on_ibis
from tiercare.engines.measures.reference import value
from tiercare.engines.measures.schema import facts

from .frames import connection, filled, rows_of

VISITS = columns_of(facts()["visits"])
GIVEN = {"chronic": ["I10", "E11"], "within": 30, "tiers": ["primary"]}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("kind == inpatient", True),
        ("kind != inpatient", False),
        ("kind in (outpatient, emergency)", False),
        ("kind not in (outpatient, emergency)", True),
        ("tcm", False),
        ("not tcm and critical", True),
        ("begins(diagnosis, 'I10')", True),
        ("listed(diagnosis, chronic)", True),
        ("listed(tier, tiers)", False),
        ("county(place) == county(home)", True),
        ("place == home", False),
        ("province(place) == province(home)", True),
        ("town(place) == '340202001'", True),
        ("contains(specialty, 'b')", True),
        ("contains(specialty, 'ab')", False),
        ("contains(procedure, 'b')", None),
        ("days(admitted, date) <= given(within)", True),
        ("days(admitted, date) == 9", True),
        ("cost - fund == own", True),
        ("cost * 2 > 2000 and fund + own == cost", False),
        ("known(procedure)", False),
        ("not known(procedure)", True),
        ("procedure == '01.1'", None),
        ("not procedure == '01.1'", None),
        ("procedure == '01.1' or critical", True),
        ("procedure == '01.1' and tcm", False),
        ("surgery_level >= 3", None),
    ],
)
def test_what_is_written_holds_or_not_or_is_open(text: str, holds: bool | None) -> None:
    row = filled(
        "visits",
        kind="inpatient",
        tier="tertiary",
        date=date(2025, 3, 10),
        admitted=date(2025, 3, 1),
        diagnosis="I10.x05",
        specialty="a|b|abc",
        critical=True,
        place="340202001",
        home="340202",
        cost=1000,
        fund=700,
        own=300,
    )
    node = condition(text, VISITS, GIVEN)
    assert value(node, row) is holds
    frame = pa.Table.from_pylist([row], schema=facts()["visits"].arrow)
    table = ibis.memtable(frame)
    assert connection().to_pyarrow(table.select(found=on_ibis(node, table))).to_pylist() == [{"found": holds}]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tire == primary", "did you mean “tier”"),
        ("tier == primry", "none of primary, secondary, tertiary, other"),
        ("tier == 3", "not to be compared"),
        ("tier < primary", "only == and != compare it"),
        ("diagnosis == I10", "a code is put in quotes"),
        ("date + 1 > 3", "number is asked for"),
        ("cost", "truth is asked for"),
        ("cost and tcm", "truth is asked for"),
        ("date == admitted or", "cannot be read"),
        ("listed(diagnosis, chronik)", "the packs give no list “chronik”"),
        ("given(chronic) == 1", "no such whole number"),
        ("county(person) == '340202'", "holds a division"),
        ("days(cost, date) == 1", "date is asked for"),
        ("__import__('os').system('true')", "is none of"),
        ("open('x') == 1", "there is no “open()”"),
        ("person.upper() == 'A'", "is none of"),
        ("[1 for _ in (1, 2)] == 1", "is none of"),
        ("1 < surgery_level < 4", "is none of"),
        ("tcm == critical", "not to be compared"),
        ("True", "is none of"),
    ],
)
def test_what_means_nothing_is_refused_with_what_would_do(text: str, told: str) -> None:
    with pytest.raises(Meaningless, match=re.escape(told)):
        condition(text, VISITS, GIVEN)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("count", "is none of"),
        ("mean(cost)", "is none of"),
        ("count(cost)", "is no condition"),
        ("sum()", "takes a column and a condition"),
        ("sum(tier)", "only numbers are added up"),
        ("median(date)", "only numbers are added up"),
        ("sum(cost, tcm, critical)", "takes a column and a condition"),
    ],
)
def test_an_aggregate_that_means_nothing_is_refused(text: str, told: str) -> None:
    with pytest.raises(Meaningless, match=re.escape(told)):
        aggregate(text, facts()["visits"], VISITS, GIVEN, None)


conditions = st.recursive(
    st.sampled_from(
        [
            "tcm",
            "day_case",
            "kind == inpatient",
            "surgery_level >= 3",
            "begins(diagnosis, 'I10', 'E')",
            "technique in (open, other)",
            "known(consortium)",
            "days(admitted, date) > 5",
            "county(insured) == county(home)",
            "cost - own > fund",
            "arrival != self",
            "role == lead",
            "contains(specialty, 'I10')",
            "town(home) == '340202001'",
        ]
    ),
    lambda inner: st.one_of(
        inner.map(lambda a: f"not ({a})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) and ({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) or ({two[1]})"),
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(text=conditions, rows=st.lists(rows_of(facts()["visits"], (202501, 202502)), min_size=1, max_size=5))
def test_ibis_and_the_reference_agree_on_any_condition_and_any_row(
    text: str, rows: list[dict[str, Any]]
) -> None:
    node = parse(text, VISITS, GIVEN)
    table = ibis.memtable(pa.Table.from_pylist(rows, schema=facts()["visits"].arrow))
    fast = connection().to_pyarrow(table.select(found=on_ibis(node, table))).to_pylist()
    assert [row["found"] for row in fast] == [value(node, row) for row in rows]
