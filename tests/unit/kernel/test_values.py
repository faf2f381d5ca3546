"""Periods, money, texts, keys: the values everything else is made of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.kernel.clock import day_of
from tiercare.kernel.ids import stable_id, uuid7
from tiercare.kernel.money import Money
from tiercare.kernel.period import Period
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

days = st.dates(date(2015, 1, 1), date(2030, 1, 1))


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = draw(days)
    length = draw(st.one_of(st.none(), st.integers(1, 900)))
    return Period(start, start + timedelta(days=length) if length else None)


@given(periods(), periods(), days)
def test_the_intersection_holds_just_the_days_of_both(one: Period, other: Period, day: date) -> None:
    both = one.intersection(other)
    assert (day in one and day in other) == (both is not None and day in both)
    assert (both is None) == (not one.overlaps(other))
    assert one.overlaps(other) == other.overlaps(one)


def test_adjacent_periods_do_not_overlap_and_empty_ones_are_refused() -> None:
    first = Period(date(2019, 1, 1), date(2020, 1, 1))
    assert not first.overlaps(Period(date(2020, 1, 1)))
    assert date(2020, 1, 1) not in first
    with pytest.raises(ValueError, match="must end after it starts"):
        Period(date(2019, 1, 1), date(2019, 1, 1))


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 1000), min_size=1, max_size=20))
def test_a_split_sums_to_the_fen_and_is_fair_to_the_fen(fen: int, weights: list[int]) -> None:
    if sum(weights) == 0:
        with pytest.raises(ValueError, match="weights"):
            Money(fen).split(weights)
        return
    parts = Money(fen).split(weights)
    assert sum(part.fen for part in parts) == fen
    exact = [fen * w / sum(weights) for w in weights]
    assert all(abs(part.fen - share) < 1.0001 for part, share in zip(parts, exact, strict=True))


def test_money_is_exact() -> None:
    assert Money.yuan("0.10") + Money.yuan("0.20") == Money(30)
    assert str(-Money.yuan("1234.5")) == "-1234.50"
    assert Money(5).share(Decimal("0.5")) == Money(3)
    with pytest.raises(ValueError, match="whole number of fen"):
        Money.yuan("0.001")


@given(st.lists(st.none(), min_size=50, max_size=50))
def test_keys_sort_by_time_of_making(_: list[None]) -> None:
    key = uuid7()
    assert key.version == 7
    assert key.variant == "specified in RFC 4122"
    made = datetime.fromtimestamp((key.int >> 80) / 1000, tz=UTC)
    assert abs(datetime.now(UTC) - made) < timedelta(minutes=1)


def test_stable_keys_depend_on_every_part() -> None:
    assert stable_id("a", "b") == stable_id("a", "b") != stable_id("ab")


def test_a_text_fills_texts_of_its_own_language() -> None:
    text = Text("{who}有 {count} 家", "{who} has {count}")
    fields = {"who": Text("市二院", "Second Hospital"), "count": 3}
    assert text.fill(fields) == "市二院有 3 家"
    assert text.fill(fields, "en-gb") == "Second Hospital has 3"
    assert text.field_names == {"who", "count"}
    with pytest.raises(KeyError):
        text.fill({"who": "x"})


def test_a_refusal_says_why_and_what_instead() -> None:
    refusal = Refusal(
        code="full",
        message=Text("{n} 号已满", "{n} is full"),
        instead=Text("请改约", "Choose another"),
        fields={"n": 7},
    )
    assert (refusal.sentence(), refusal.way_on("en")) == ("7 号已满", "Choose another")
    assert str(Refused(refusal)) == "full: 7 is full"
    with pytest.raises(ValueError, match="at least one"):
        Refused()


def test_the_day_is_the_day_in_china() -> None:
    assert day_of(datetime(2026, 11, 21, 16, 0, tzinfo=UTC)) == date(2026, 11, 22)
    with pytest.raises(ValueError, match="time zone"):
        day_of(datetime(2026, 11, 21, 16, 0, tzinfo=UTC).replace(tzinfo=None))
