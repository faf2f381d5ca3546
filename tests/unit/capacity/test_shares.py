"""Shares: a promise is rounded in its own favour, exactly; a reserve is spread in proportion, always the same way."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.apps.capacity.rules.shares import (
    EXPERT_SLOT,
    OUTPATIENT_SLOT,
    RESOURCE_NAMES,
    keeps,
    promised,
    resources_of,
    spread,
)
from tiercare.apps.capacity.rules.vocabulary import GRADES, Grade, Kind

units = st.integers(0, 3_000)
thousandths = st.integers(0, 1_000)
capacities = st.lists(st.integers(0, 60), max_size=12)


@st.composite
def fitting(draw: st.DrawFn) -> tuple[int, list[int]]:
    """Units, and sessions that hold them."""
    sessions = draw(capacities)
    return draw(st.integers(0, sum(sessions))), sessions


@given(offered=units, share=thousandths)
def test_what_is_promised_is_the_least_that_reaches_the_share(offered: int, share: int) -> None:
    exact = Fraction(share, 1_000)
    kept = promised(offered, share / 1_000)
    assert Fraction(kept) >= exact * offered
    assert kept == 0 or Fraction(kept - 1) < exact * offered
    assert kept <= offered


@given(offered=st.integers(1, 3_000), hundredths=st.integers(0, 100))
def test_a_share_that_comes_out_even_is_not_rounded_up_by_binary_fractions(
    offered: int, hundredths: int
) -> None:
    assert promised(offered * 100, hundredths / 100) == offered * hundredths


@given(offered=units, share=thousandths)
def test_one_unit_less_than_promised_breaks_the_promise(offered: int, share: int) -> None:
    kept = promised(offered, share / 1_000)
    assert keeps(offered, kept, share / 1_000)
    assert keeps(offered, kept + 1, share / 1_000)
    assert kept == 0 or not keeps(offered, kept - 1, share / 1_000)


@given(offered=units, more=units, share=thousandths)
def test_more_on_offer_never_promises_less(offered: int, more: int, share: int) -> None:
    assert promised(offered, share / 1_000) <= promised(offered + more, share / 1_000)
    # Rounded once over a day, never session by session: parts promise no less than the whole.
    parts = promised(offered, share / 1_000) + promised(more, share / 1_000)
    assert promised(offered + more, share / 1_000) <= parts


@given(share=thousandths)
def test_of_nothing_nothing_is_promised(share: int) -> None:
    assert promised(0, share / 1_000) == 0
    assert keeps(0, 0, share / 1_000)


@given(given_=fitting())
def test_a_reserve_is_spread_whole_and_no_session_gets_more_than_it_holds(
    given_: tuple[int, list[int]],
) -> None:
    reserve, sessions = given_
    parts = spread(reserve, sessions)
    assert len(parts) == len(sessions)
    assert sum(parts) == reserve
    assert all(0 <= part <= places for part, places in zip(parts, sessions, strict=True))


@given(given_=fitting())
def test_each_part_is_its_exact_proportion_rounded_up_or_down(given_: tuple[int, list[int]]) -> None:
    reserve, sessions = given_
    total = sum(sessions)
    for part, places in zip(spread(reserve, sessions), sessions, strict=True):
        assert total == 0 or abs(part - Fraction(reserve * places, total)) < 1


@given(given_=fitting())
def test_larger_sessions_and_of_equals_the_earlier_come_first(given_: tuple[int, list[int]]) -> None:
    reserve, sessions = given_
    parts = spread(reserve, sessions)
    for one in range(len(sessions)):
        for other in range(len(sessions)):
            if sessions[one] > sessions[other] or (sessions[one] == sessions[other] and one < other):
                assert parts[one] >= parts[other]


@given(given_=fitting())
def test_the_same_schedule_gives_the_same_reserve(given_: tuple[int, list[int]]) -> None:
    reserve, sessions = given_
    assert spread(reserve, sessions) == spread(reserve, tuple(sessions))


@given(sessions=capacities, more=st.integers(1, 10))
def test_what_does_not_fit_is_not_spread(sessions: list[int], more: int) -> None:
    for wrong, into in (
        (sum(sessions) + more, sessions),
        (-more, sessions),
        (0, [*sessions, -more]),
    ):
        with pytest.raises(ValueError, match="do not fit"):
            spread(wrong, into)


def test_every_pool_counts_under_a_resource_that_has_a_name() -> None:
    for kind in Kind:
        for grade in GRADES[kind]:
            found = resources_of(kind, grade)
            assert found and found <= set(RESOURCE_NAMES)
    assert all(name.zh and name.en for name in RESOURCE_NAMES.values())


def test_every_visit_is_an_outpatient_slot_and_only_an_experts_an_expert_slot() -> None:
    by_grade = {grade: resources_of(Kind.CLINIC, grade) for grade in GRADES[Kind.CLINIC]}
    assert all(OUTPATIENT_SLOT in found for found in by_grade.values())
    assert {grade for grade, found in by_grade.items() if EXPERT_SLOT in found} == {Grade.EXPERT, Grade.NAMED}
