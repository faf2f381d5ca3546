"""When a number may receive codes: at once if it is the first, three days after it took another's place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.apps.residents.rules.telephone import SERVES_AFTER, Telephone, replaced_message, serves

MONDAY = datetime(2026, 11, 16, 1, 30, tzinfo=UTC)
YEARS, HOUR = timedelta(days=1000), timedelta(hours=1)
A, B = b"a" * 16, b"b" * 16


def test_the_first_number_serves_at_once() -> None:
    first = Telephone(A, MONDAY)
    assert serves(first, [first], at=MONDAY)


@pytest.mark.parametrize(
    ("after", "yes"),
    [
        (timedelta(0), False),
        (SERVES_AFTER - timedelta(seconds=1), False),
        (SERVES_AFTER, True),
        (SERVES_AFTER + HOUR, True),
    ],
)
def test_one_in_the_place_of_another_waits(after: timedelta, yes: bool) -> None:
    before, now = Telephone(A, MONDAY - YEARS, MONDAY), Telephone(B, MONDAY)
    assert serves(now, [before, now], at=MONDAY + after) is yes


def test_a_number_taken_away_first_and_given_later_waits_too() -> None:
    """Two steps are no way around: what stood once was somebody's."""
    before, now = Telephone(A, MONDAY - YEARS, MONDAY), Telephone(B, MONDAY + HOUR)
    assert not serves(now, [before, now], at=MONDAY + 2 * HOUR)


def test_what_is_put_back_in_time_serves_on() -> None:
    old = Telephone(A, MONDAY - YEARS, MONDAY)
    slip = Telephone(B, MONDAY, MONDAY + HOUR)
    back = Telephone(A, MONDAY + HOUR)
    assert serves(back, [old, slip, back], at=MONDAY + HOUR)
    assert serves(back, [old, slip, back], at=MONDAY + SERVES_AFTER), "and does not stop in between"


def test_what_comes_back_later_or_never_served_waits() -> None:
    long_ago = Telephone(A, MONDAY - YEARS, MONDAY - SERVES_AFTER)
    other, back = Telephone(B, MONDAY - SERVES_AFTER, MONDAY), Telephone(A, MONDAY)
    assert not serves(back, [long_ago, other, back], at=MONDAY)
    # Put in, taken out and put in again within a day: it never served.
    true, planted = Telephone(A, MONDAY - YEARS, MONDAY), Telephone(B, MONDAY, MONDAY + HOUR)
    again = Telephone(B, MONDAY + 2 * HOUR)
    assert not serves(again, [true, planted, again], at=MONDAY + 3 * HOUR)


moments = st.integers(0, 400).map(lambda hours: MONDAY + timedelta(hours=hours))
numbers = st.builds(
    lambda blind, since, lasts: Telephone(blind, since, since + timedelta(hours=lasts) if lasts else None),
    st.sampled_from([A, B, b"c" * 16]),
    moments,
    st.integers(0, 200),
)


@given(numbers, st.lists(numbers, max_size=6), moments)
def test_nothing_new_serves_within_the_wait_unless_it_was_the_first_or_stood_before(
    number: Telephone, others: list[Telephone], at: datetime
) -> None:
    among = [number, *others]
    if serves(number, among, at=at) and at - number.since < SERVES_AFTER:
        first = all(each.blind == number.blind or each.since >= number.since for each in among)
        before = any(each.blind == number.blind and each.since < number.since for each in among)
        assert first or before


@given(numbers, st.lists(numbers, max_size=6), moments)
def test_who_serves_goes_on_serving(number: Telephone, others: list[Telephone], at: datetime) -> None:
    among = [number, *others]
    if at >= number.since and serves(number, among, at=at):
        assert serves(number, among, at=at + HOUR)


def test_the_message_says_when_who_and_what_to_do() -> None:
    text = replaced_message(at=MONDAY, institution="示例卫生院")
    assert "11月16日09:30" in text and "示例卫生院" in text
    assert f"{int(SERVES_AFTER / HOUR)} 小时" in text and "不是您要求的" in text
