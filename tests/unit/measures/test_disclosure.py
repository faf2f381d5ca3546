"""Small numbers do not leave, and nobody can work them out from what does."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiercare.engines.measures.disclosure import TOTAL, published, shown, shown_share


@pytest.mark.parametrize(
    ("count", "small", "base", "leaves"),
    [
        (9, 10, 1, None),
        (10, 10, 1, 10),
        (12, 10, 5, 10),
        (13, 10, 5, 15),
        (15, 10, 10, 20),
        (0, 1, 1, None),
        (0, 0, 5, 0),
    ],
)
def test_a_count_leaves_rounded_or_not_at_all(count: int, small: int, base: int, leaves: int | None) -> None:
    assert shown(count, small=small, base=base) == leaves


def test_a_share_is_hidden_when_either_side_of_it_is_few() -> None:
    assert shown_share(40, 100, small=10) == (40, 100, Fraction(2, 5))
    assert shown_share(4, 100, small=10) is None
    assert shown_share(97, 100, small=10) is None, "the three outside are few too"
    assert shown_share(0, 5, small=10) is None


def test_one_hidden_cell_takes_a_second_with_it() -> None:
    """40 + 3 + 25 = 68: with the sum shown, hiding the 3 alone hides nothing; the next smallest goes too."""
    table = published({("甲", "人"): 40, ("乙", "人"): 3, ("丙", "人"): 25}, small=5)
    assert table == {("甲", "人"): 40, ("乙", "人"): None, ("丙", "人"): None, (TOTAL, "人"): 68}


def test_in_a_table_four_corners_are_hidden() -> None:
    counts = {("a", "x"): 2, ("a", "y"): 30, ("a", "z"): 31, ("b", "x"): 20, ("b", "y"): 21, ("b", "z"): 40}
    table = published(counts, small=5)
    assert {cell for cell, count in table.items() if count is None} == {
        ("a", "x"),
        ("a", "y"),
        ("b", "x"),
        ("b", "y"),
    }
    assert table[TOTAL, TOTAL] == 144 and table["a", TOTAL] == 63


def test_two_zeros_do_not_protect_each_other() -> None:
    """Their sum of nothing gives both away; something that is there has to be hidden with them."""
    table = published({("a", "n"): 0, ("b", "n"): 0, ("c", "n"): 12, ("d", "n"): 50}, small=3)
    assert table["c", "n"] is None and table["d", "n"] == 50


tables = st.tuples(st.integers(1, 3), st.integers(1, 3)).flatmap(
    lambda size: st.fixed_dictionaries(
        {(f"r{r}", f"c{c}"): st.integers(0, 5) for r in range(size[0]) for c in range(size[1])}
    )
)


@settings(max_examples=40, deadline=None)
@given(tables, st.integers(1, 3))
def test_no_hidden_cell_can_be_derived(counts: dict[tuple[str, str], int], small: int) -> None:
    """Every table that would be published alike is tried out: each hidden cell has at least ``small`` other numbers."""
    table = published(counts, small=small)
    assert all(count is None or count >= small for count in table.values())
    hidden = sorted(cell for cell, count in table.items() if count is None)
    inner = [cell for cell in hidden if cell in counts]
    if len(inner) > 4 or any(
        count is not None and cell in counts and count != counts[cell] for cell, count in table.items()
    ):
        return
    could: dict[tuple[str, str], set[int]] = {cell: set() for cell in hidden}
    for guess in product(range(9), repeat=len(inner)):
        world = counts | dict(zip(inner, guess, strict=True))
        sums = {cell: _sum(world, cell) for cell in table}
        if all(count is None or sums[cell] == count for cell, count in table.items()):
            for cell in hidden:
                could[cell].add(sums[cell])
    assert all(len(numbers) > small or len(table) == 1 for numbers in could.values()), (table, could)


def _sum(world: dict[tuple[str, str], int], cell: tuple[str, str]) -> int:
    return sum(
        count
        for (row, column), count in world.items()
        if cell[0] in {row, TOTAL} and cell[1] in {column, TOTAL}
    )
