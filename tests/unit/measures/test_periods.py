"""Months, quarters, years: read as they are written, and moved."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.engines.measures.periods import NoPeriod, Span, span

texts = st.one_of(
    st.integers(1949, 2200).map(str),
    st.tuples(st.integers(1949, 2200), st.integers(1, 4)).map(lambda two: f"{two[0]}Q{two[1]}"),
    st.tuples(st.integers(1949, 2200), st.integers(1, 12)).map(lambda two: f"{two[0]}-{two[1]:02}"),
)


@given(texts)
def test_what_is_read_is_written_the_same(text: str) -> None:
    assert str(span(text)) == text


@given(texts, st.integers(-600, 600))
def test_moved_there_and_back(text: str, months: int) -> None:
    found = span(text)
    assert found.moved(months).moved(-months) == found
    assert found.moved(months).length == found.length == len(found.months())


@pytest.mark.parametrize(
    "text", ["", "20", "2025-13", "2025Q5", "2025-1", "2025 ", "1812", "２０２５", "2025Q", "2025-1²"]
)
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(NoPeriod):
        span(text)


def test_before_and_a_year_before() -> None:
    assert str(span("2025Q1").before()) == "2024Q4"
    assert str(span("2025").before()) == "2024"
    assert str(span("2025-01").before()) == "2024-12"
    assert str(span("2025-03").a_year_before()) == "2024-03"
    assert str(Span(202411, 202502)) == "2024-11..2025-02"
    assert 202412 in span("2024Q4") and 202501 not in span("2024Q4")
