"""What chance gives: against sums made by hand, and exact limits against brute force."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiercare.engines.measures.chance import (
    Law,
    binomial_tail,
    chi_square_tail,
    discoveries,
    limits,
    normal_tail,
    ordinary,
    student_tail,
    unevenness,
)


def test_tails_are_those_of_the_tables() -> None:
    assert normal_tail(1.959964) == pytest.approx(0.025, rel=1e-5)
    assert student_tail(2.570582, 5) == pytest.approx(0.025, rel=1e-5)
    assert student_tail(-2.570582, 5) == pytest.approx(0.975, rel=1e-5)
    assert chi_square_tail(16.918978, 9) == pytest.approx(0.05, rel=1e-5)
    assert chi_square_tail(2.0, 9) == pytest.approx(0.991468, rel=1e-5)
    assert chi_square_tail(0, 9) == 1


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(0, 41), st.floats(0.01, 0.99))
def test_binomial_tail_is_the_sum_of_its_terms(of: int, count: int, share: float) -> None:
    plain = sum(math.comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(count, of + 1))
    assert binomial_tail(count, of, share) == pytest.approx(plain, rel=1e-9, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 25), st.integers(0, 25), st.fractions(0, 1, max_denominator=20))
def test_exact_limits_are_those_of_counting(of: int, count: int, share: Fraction) -> None:
    count = min(count, of)
    terms = [math.comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(of + 1)]
    plain = min(sum(terms[: count + 1]), sum(terms[count:])) > Fraction(1, 40)
    assert ordinary(Law.BINOMIAL, count, Fraction(of), share, Fraction(1, 20)) is plain


def test_nine_of_ten_where_half_is_usual_is_beyond_chance_and_eight_is_not() -> None:
    """P(≥ 9 of 10) = 11/1024 = 1.07 % < 2.5 %; P(≥ 8) = 56/1024 = 5.5 %."""
    half, alpha = Fraction(1, 2), Fraction(1, 20)
    assert limits(Law.BINOMIAL, Fraction(10), half, alpha) == (2, 8)
    assert not ordinary(Law.BINOMIAL, 9, Fraction(10), half, alpha)


def test_counts_without_a_whole_follow_poisson() -> None:
    """Of an expected 4: P(≥ 9) = 2.14 %, P(≥ 8) = 5.1 %, P(0) = 1.8 %, P(≤ 1) = 9.2 %."""
    assert limits(Law.POISSON, Fraction(8), Fraction(1, 2), Fraction(1, 20)) == (1, 8)


def test_limits_narrow_as_the_denominator_grows() -> None:
    third = Fraction(1, 3)
    widths = []
    for of in (30, 300, 3_000, 300_000):
        low, high = limits(Law.BINOMIAL, Fraction(of), third, Fraction(1, 500))
        assert low / of < third < high / of
        widths.append((high - low) / of)
    assert widths == sorted(widths, reverse=True)


def test_where_places_differ_anyway_limits_are_wider() -> None:
    """Shares of 40, 45, 55, 60 % of 1,000 each around a half: z² = 40, 10, 10, 40; the mean is 25; two cut in: 10."""
    half, of = Fraction(1, 2), Fraction(1000)
    places = [(count, of) for count in (400, 450, 550, 600)]
    assert unevenness(Law.BINOMIAL, places, half, cut=Fraction(0)) == 25
    assert unevenness(Law.BINOMIAL, places, half, cut=Fraction(1, 4)) == 10
    assert unevenness(Law.BINOMIAL, [(500, of)], half, cut=Fraction(0)) == 1
    low, high = limits(Law.BINOMIAL, of, half, Fraction(1, 20), uneven=Fraction(25))
    assert (low, high) == (346, 654), "1.96 × 5 × √250 = 154.9"


@settings(max_examples=40, deadline=None)
@given(st.integers(1001, 10**7), st.fractions(0, 1, max_denominator=10**6), st.sampled_from(list(Law)))
def test_limits_of_large_places_are_where_the_score_test_turns(of: int, centre: Fraction, law: Law) -> None:
    low, high = limits(law, Fraction(of), centre, Fraction(1, 20), uneven=Fraction(2))
    spread = float(centre * of * ((1 - centre) if law is Law.BINOMIAL else 1) * 2) ** 0.5 * 1.959964
    middle = float(centre * of)
    assert low == pytest.approx(max(0, middle - spread), abs=1.001)
    assert high == pytest.approx(min(middle + spread, of if law is Law.BINOMIAL else math.inf), abs=1.001)


def test_many_findings_at_once() -> None:
    """Benjamini and Hochberg at 5 %: limits are 1.25, 2.5, 3.75 and 5 %; the third falls, and the two before stand."""
    assert discoveries([0.001, 0.5, 0.02, 0.04], 0.05) == (True, False, True, False)
    assert discoveries([], 0.05) == ()
