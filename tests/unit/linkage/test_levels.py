"""What Python and DuckDB see is the same; what is learnt makes sense."""

from __future__ import annotations

from itertools import pairwise
from math import log2

from hypothesis import given
from hypothesis import strategies as st

from tiercare.engines.linkage.features import features
from tiercare.engines.linkage.levels import COMPARISONS, Comparison
from tiercare.engines.linkage.model import Chances, parameters_from, shipped
from tiercare.engines.linkage.register import database, lay_down
from tiercare.engines.linkage.training import descending


def _case(comparison: Comparison) -> str:
    column = comparison.column
    told = " ".join(f"WHEN {level.sql} THEN '{level.key}'" for level in comparison.levels[:-1])
    unknown = f"{column}_l IS NULL OR {column}_r IS NULL"
    return f"CASE WHEN {unknown} THEN NULL {told} ELSE '{comparison.levels[-1].key}' END"


def test_the_desk_and_the_batch_see_the_same_levels(labelled) -> None:
    register = labelled(600, 3)
    seen: set[str | None] = set()
    with database(threads=1, memory="1GB") as connection:
        lay_down(connection, register.table())
        records = connection.table("records")
        columns = records.columns
        left, right = (
            records.project(", ".join(f"{column} AS {column}_{side}" for column in columns)).set_alias(side)
            for side in "lr"
        )
        # neighbours in many orders: alike names, alike dates, one household, anybody
        near = "alike_l = alike_r OR birth_l = birth_r OR home_l = home_r OR surname_l = surname_r OR (record_l + record_r) % 40 = 0"
        pairs = left.join(right, f"record_l < record_r AND ({near})")
        cases = ", ".join(_case(comparison) for comparison in COMPARISONS)
        rows = pairs.project(f"record_l, record_r, {cases}").fetchall()
    forms = [features(person) for person in register.records]
    for a, b, *told in rows:
        expected = [comparison.level(forms[a], forms[b]) for comparison in COMPARISONS]
        assert told == expected, (a, b)
        seen.update(expected)
    assert len(rows) > 5_000
    assert seen >= {level.key for comparison in COMPARISONS for level in comparison.levels}


def test_every_level_is_learnt_and_stronger_agreement_weighs_more() -> None:
    levels = shipped().levels
    assert set(levels) == {level.key for comparison in COMPARISONS for level in comparison.levels}
    for comparison in COMPARISONS:
        weights = [log2(levels[level.key].m / levels[level.key].u) for level in comparison.levels]
        assert weights[0] > 0 > weights[-1]
        if comparison.graded:
            assert weights == sorted(weights, reverse=True)


chances = st.floats(1e-6, 1).map(lambda value: float(f"{value:.6g}"))


@given(st.lists(st.builds(Chances, chances, chances), min_size=1, max_size=6))
def test_levels_thrown_together_descend_and_keep_their_sums(levels: list[Chances]) -> None:
    pooled = descending(levels)
    assert len(pooled) == len(levels)
    assert all(a.m / a.u >= b.m / b.u * (1 - 1e-9) for a, b in pairwise(pooled))
    for letter in "mu":
        before, after = (sum(getattr(level, letter) for level in some) for some in (levels, pooled))
        assert abs(before - after) < 1e-9 * len(levels)


def test_parameters_are_read_as_they_are_written() -> None:
    raw = {"matches_per_record": 0.1, "levels": {"name.same": {"m": 0.5, "u": 0.25}}}
    assert parameters_from(raw).levels["name.same"] == Chances(0.5, 0.25)
