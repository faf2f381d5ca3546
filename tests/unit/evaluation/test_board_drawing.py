"""What the board draws: bands add up to their ends, lines need two points, columns are as tall as they are many."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tiercare.web.indicators_board.drawing import Went, columns, line, sankey, shares, together

TIERS = {"primary": "基层", "secondary": "二级", "tertiary": "三级"}


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(sorted(TIERS)), st.sampled_from(sorted(TIERS))), st.integers(1, 10**6)
    )
)
def test_bands_start_and_end_within_their_nodes(counts: dict[tuple[str, str], int]) -> None:
    flows = [Went(a, b, count, "way-up", f"{a} {b}") for (a, b), count in counts.items()]
    drawn = sankey(flows, TIERS, TIERS)
    if not counts:
        assert drawn is None
        return
    assert drawn is not None and len(drawn.bands) == len(counts)
    left = [each for each in drawn.nodes if not each.right]
    right = [each for each in drawn.nodes if each.right]
    assert sum(each.count for each in left) == sum(each.count for each in right) == sum(counts.values())
    for side in (left, right):
        ends = [(float(each.y), float(each.y) + float(each.height)) for each in side]
        assert ends[0][0] >= 0 and ends[-1][1] <= drawn.height + 1
        assert all(before[1] < after[0] for before, after in pairwise(ends))
    for band in drawn.bands:
        y = float(re.match(r"M[\d.]+ ([\d.]+)C", band.path).group(1))
        assert min(float(each.y) for each in left) - 0.2 <= y <= drawn.height


def test_what_nobody_draws_is_no_picture() -> None:
    assert sankey([Went("primary", "tertiary", 0, "", "")], TIERS, TIERS) is None
    assert line([("2019", 0.5, "50%", False)], shown=str) is None
    assert columns([("19Q1", 0, 0)]) is None
    assert shares({"primary": 0}) == []


def test_a_line_reaches_to_what_is_demanded_and_marks_what_fell() -> None:
    drawn = line([("2019-01", 0.2, "20%", False), ("2019-02", 0.1, "10%", True)], [(0.9, "≥ 90%")], shown=str)
    assert drawn is not None
    ((level, text),) = drawn.levels
    assert text == "≥ 90%" and float(level) < min(float(each.y) for each in drawn.points)
    assert [each.fell for each in drawn.points] == [False, True]
    assert float(drawn.points[1].y) > float(drawn.points[0].y)  # lower values stand lower
    assert (drawn.low, drawn.high, drawn.said) == ("0.1", "0.2", "2019-01 20%；2019-02 10%")


def test_columns_are_as_tall_as_they_are_many() -> None:
    drawn = columns([("19Q1", 10, 5), ("19Q2", 0, 10)])
    assert drawn is not None and drawn.most == 10
    first, second = drawn.columns
    assert float(first.here[2]) == float(second.there[2]) == 2 * float(first.there[2])
    assert float(second.here[2]) == 0 and first.texts == (10, 5)


def test_flows_are_added_up_by_some_of_their_words() -> None:
    flows = [
        ("self", "primary", "outpatient", 3),
        ("self", "primary", "inpatient", 2),
        ("self", "other", "x", 1),
    ]
    assert together(flows, 0, 1) == {("self", "primary"): 5, ("self", "other"): 1}
    assert together(flows, 2)[("outpatient",)] == 3
