"""The law of points and factors, what goes against a result, and pay to the fen."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.apps.evaluation.rules.uses import Law, Outcome, Pay, Without, against, paid


def law(points: tuple[int, ...], factors: tuple[str, ...]) -> Law:
    return Law(
        ("performance_pay",),
        tuple(Fraction(each) for each in points),
        tuple(Fraction(each) for each in factors),
        Without.REFUSE,
        False,
        Fraction(60),
        Fraction(90),
        "YN-91",
    )


KNOWN = law((60, 80, 95), ("0.8", "1", "1.1"))
FACTORS = st.decimals(min_value=0, max_value=3, places=4)
ROWS = st.lists(st.builds(Pay, st.integers(0, 10**13), FACTORS), max_size=30)


@pytest.mark.parametrize(
    ("points", "factor"),
    [
        ("0.0", "0.8000"),
        ("60.0", "0.8000"),
        ("70.0", "0.9000"),
        ("79.9", "0.9990"),
        ("80.0", "1.0000"),
        ("87.5", "1.0500"),
        ("90.0", "1.0667"),
        ("95.0", "1.1000"),
        ("100.0", "1.1000"),
    ],
)
def test_the_factor_by_hand(points: str, factor: str) -> None:
    assert str(KNOWN.factor(Decimal(points))) == factor


@given(st.decimals(0, 100, places=1), st.decimals(0, 100, places=1))
def test_more_points_are_never_a_smaller_factor_and_no_step_is_a_cliff(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    assert KNOWN.factor(low) <= KNOWN.factor(high)
    assert KNOWN.factor(high) - KNOWN.factor(low) <= (high - low) * Decimal("0.01") + Decimal("0.0001")


def test_what_goes_against_a_result() -> None:
    for points, granted, declined in (("59.9", True, False), ("60.0", False, False), ("90.0", False, True)):
        assert against(Outcome.GRANTED, points, low="60", high="90") is granted
        assert against(Outcome.DECLINED, points, low="60", high="90") is declined
    assert not against(Outcome.GRANTED, "", low="60", high="90"), "without a result nothing goes against it"
    assert not against(Outcome.GRANTED, "1.0", low="", high=""), "nor where the pack draws no line"


def test_the_remainder_by_hand() -> None:
    """333 fen at 0.5, three times: 166.5 each, 499.5 in all, which is 500; two of three get the half fen."""
    assert paid([Pay(333, Decimal("0.5"))] * 3, kept=False) == [167, 167, 166]
    # 100 fen kept among factors 1, 1 and 1: 33 1/3 each of 100.
    assert paid([Pay(34, Decimal(1)), Pay(33, Decimal(1)), Pay(33, Decimal(1))], kept=True) == [34, 33, 33]
    # Kept: 200 fen by 1.1 and 0.9 on equal amounts are 110 and 90.
    assert paid([Pay(100, Decimal("1.1")), Pay(100, Decimal("0.9"))], kept=True) == [110, 90]
    assert paid([], kept=True) == [] == paid([], kept=False)


@given(ROWS)
def test_parts_make_the_whole_to_the_fen(rows: list[Pay]) -> None:
    parts = paid(rows, kept=False)
    exact = [each.fen * Fraction(each.factor) for each in rows]
    assert sum(parts) == (sum(exact, Fraction(0)) * 2 + 1) // 2, "rounded half up once"
    assert all(abs(part - each) < 1 and part >= 0 for part, each in zip(parts, exact, strict=True))
    assert all(part == 0 for part, each in zip(parts, exact, strict=True) if not each)


@given(ROWS.filter(lambda rows: any(each.fen and each.factor for each in rows)))
def test_a_whole_that_is_kept_is_kept(rows: list[Pay]) -> None:
    parts = paid(rows, kept=True)
    assert sum(parts) == sum(each.fen for each in rows)
    whole = sum((each.fen * Fraction(each.factor) for each in rows), Fraction(0))
    for part, each in zip(parts, rows, strict=True):
        assert abs(part - sum(parts) * (each.fen * Fraction(each.factor)) / whole) < 1


def test_what_cannot_be_shared_is_said() -> None:
    with pytest.raises(ValueError, match="share"):
        paid([Pay(100, Decimal(0))], kept=True)
    with pytest.raises(ValueError, match="negative"):
        paid([Pay(-1, Decimal(1))], kept=False)
