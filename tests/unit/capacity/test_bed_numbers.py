"""What a clerk means by a row of bed numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.apps.capacity.rules.beds import MOST_AT_ONCE, bed_numbers
from tiercare.kernel.refusal import Refused


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("12", ["12"]),
        ("1-3", ["1", "2", "3"]),
        ("08-11", ["08", "09", "10", "11"]),
        ("A1-A3", ["A1", "A2", "A3"]),
        ("加1至3", ["加1", "加2", "加3"]),
        ("1、2，5～6, 2", ["1", "2", "5", "6"]),
        ("抢救1", ["抢救1"]),
    ],
)
def test_rows_are_read(typed: str, meant: list[str]) -> None:
    assert bed_numbers(typed) == meant


@pytest.mark.parametrize("typed", ["", " ,、", "5-1", "A1-B3", "0-9999", "1" * 13, "1\x002"])
def test_what_does_not_read_or_is_absurd_is_refused(typed: str) -> None:
    with pytest.raises(Refused):
        bed_numbers(typed)


@given(st.integers(0, 9000), st.integers(0, MOST_AT_ONCE + 3))
def test_a_row_has_as_many_beds_as_counting_says(first: int, more: int) -> None:
    typed = f"{first}-{first + more}"
    if more >= MOST_AT_ONCE:
        with pytest.raises(Refused):
            bed_numbers(typed)
    else:
        assert bed_numbers(typed) == [str(n) for n in range(first, first + more + 1)]
