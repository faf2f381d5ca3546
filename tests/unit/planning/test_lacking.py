"""What is lacking against a standard, and the cheapest way to close it, against trying everything."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiercare.engines.planning.lacking import Area, Rounding, Standard, Way, gaps
from tiercare.kernel.text import Text

NAME = Text("名", "name")
BEDS = Standard("beds", NAME, "beds", 6, 1_000)
HOSPITALS = Standard("2a", NAME, "hospitals", 1, 300_000, rounding=Rounding.UP)


def way(key: str, gives: float, price: float, most: int = 1, what: str = "beds") -> Way:
    return Way(key, NAME, "a", what, gives, price, most)


def test_beds_on_paper() -> None:
    area = Area("a", "甲县", 50_000, {"beds": 240})
    [gap] = gaps([area], [BEDS], [way("open", 10, 5, most=10), way("new", 60, 33)])
    assert (gap.wanted, gap.lacking) == (300, 60)
    assert gap.taken == (("open", 6),)
    assert (gap.price, gap.left) == (30, 0)


def test_whole_hospitals_are_rounded_up_and_what_nothing_closes_is_left() -> None:
    area = Area("a", "甲县", 300_001, {})
    [gap] = gaps([area], [HOSPITALS], [way("upgrade", 1, 100, what="hospitals")])
    assert (gap.wanted, gap.taken, gap.left) == (2, (("upgrade", 1),), 1)


def test_who_has_enough_has_no_gap_and_the_widest_comes_first() -> None:
    areas = [
        Area("a", "甲", 1_000, {"beds": 5}),
        Area("b", "乙", 1_000, {"beds": 6}),
        Area("c", "丙", 1_000, {}),
    ]
    assert [gap.area for gap in gaps(areas, [BEDS], [])] == ["c", "a"]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 60),
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 20), st.integers(0, 3)), max_size=4),
)
def test_nothing_cheaper_closes_it(lacking: int, offered: list[tuple[int, int, int]]) -> None:
    ways = [way(f"w{k}", gives, price, most) for k, (gives, price, most) in enumerate(offered)]
    area = Area("a", "甲", lacking * 1_000 / 6, {})
    [gap] = gaps([area], [BEDS], ways)
    prices = [
        sum(each.price * times for each, times in zip(ways, some, strict=True))
        for some in itertools.product(*(range(each.most + 1) for each in ways))
        if sum(each.gives * times for each, times in zip(ways, some, strict=True)) >= lacking - 1e-6
    ]
    if prices:
        assert gap.left == pytest.approx(0, abs=1e-6)
        assert gap.price == pytest.approx(min(prices))
    else:
        assert gap.left > 0
        assert math.isclose(gap.left, lacking - sum(each.gives * each.most for each in ways))


def test_a_way_that_gives_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="w"):
        gaps([], [], [way("w", 0, 1)])
