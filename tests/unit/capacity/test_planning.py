"""What is wrong with a session is said before anything is written; what is right is cut without a gap."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tiercare.apps.capacity.rules.planning import (
    MOST_UNITS,
    Planned,
    at,
    faults,
    shares_of,
    slots_of,
)
from tiercare.apps.capacity.rules.vocabulary import RESERVED, Channel, Grade, Kind
from tiercare.kernel.clock import ZONE

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 1, 12, tzinfo=ZONE)
FAMILY, REFERRAL, MEMBER, OPEN = Channel.FAMILY_DOCTOR, Channel.REFERRAL, Channel.MEMBER, Channel.OPEN


def planned(**more) -> Planned:
    """A morning's clinic of ten places."""
    values = {
        "pool_id": UUID(int=1),
        "pool_name": "示例门诊",
        "kind": Kind.CLINIC,
        "grade": Grade.EXPERT,
        "starts": at(DAY, time(8)),
        "ends": at(DAY, time(12)),
        "capacity": 10,
    }
    return Planned(**(values | more))


def wrong(**more) -> list[str]:
    """The codes of what is wrong with it; every one says where, why and what to do."""
    found = faults(planned(**more), now=NOW)
    for refusal in found:
        for language in ("zh", "en"):
            said = refusal.sentence(language)
            assert "示例门诊" in said and "{" not in said and refusal.way_on(language)
        assert refusal.status == 422 and refusal.at
    return [refusal.code.removeprefix("capacity.") for refusal in found]


def test_an_ordinary_session_has_no_fault() -> None:
    assert wrong() == []
    assert wrong(by_time=15, capacity=16) == []
    assert wrong(units={FAMILY: 3, OPEN: 7}, walk_ins=5) == []


@pytest.mark.parametrize("ends", [time(8), time(7, 59), time(0, 1)])
def test_it_ends_after_it_starts(ends: time) -> None:
    assert wrong(ends=datetime.combine(DAY, ends, ZONE)) == ["session_ends_before_start"]


def test_midnight_is_the_end_of_the_day_and_the_beginning_of_the_next() -> None:
    evening = at(DAY, time(18))
    assert at(DAY, time(0)) == datetime(2026, 3, 2, tzinfo=ZONE)
    assert at(DAY, time(0), after=evening) == at(DAY + timedelta(days=1), time(0))
    night = planned(starts=evening, ends=at(DAY, time(0), after=evening), by_time=30, capacity=12)
    assert faults(night, now=NOW) == []
    assert night.day == DAY
    assert slots_of(night)[-1][1] == at(DAY + timedelta(days=1), time(0))
    whole = planned(starts=at(DAY, time(0)), ends=at(DAY, time(0), after=at(DAY, time(0))))
    assert faults(whole, now=NOW) == [] and len(slots_of(whole)) == 1


def test_the_day_is_chinas_whatever_zone_the_time_comes_in() -> None:
    late = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)  # half past midnight on the second
    assert planned(starts=late, ends=late + timedelta(hours=1)).day == DAY


def test_a_session_lasts_a_day_at_most() -> None:
    assert wrong(ends=at(DAY, time(8)) + timedelta(days=1)) == []
    assert wrong(ends=at(DAY, time(8)) + timedelta(days=1, minutes=1)) == ["session_too_long"]


@pytest.mark.parametrize("ago", [timedelta(0), timedelta(minutes=10), timedelta(days=400)])
def test_what_has_begun_is_not_published(ago: timedelta) -> None:
    assert wrong(starts=NOW - ago, ends=NOW - ago + timedelta(hours=4)) == ["session_past"]


def test_a_clock_ten_minutes_behind_makes_no_difference_to_what_is_still_to_come() -> None:
    soon = NOW + timedelta(minutes=10)
    assert wrong(starts=soon, ends=soon + timedelta(hours=4)) == []


@pytest.mark.parametrize("capacity", [-1, 0, MOST_UNITS + 1, 2**31])
def test_an_absurd_number_of_places_is_refused(capacity: int) -> None:
    assert wrong(capacity=capacity) == ["session_capacity"]


@pytest.mark.parametrize("capacity", [1, MOST_UNITS])
def test_a_possible_number_of_places_is_taken(capacity: int) -> None:
    assert wrong(capacity=capacity) == []


@pytest.mark.parametrize(
    "shares",
    [{FAMILY: 1.3}, {FAMILY: 0.7, REFERRAL: 0.6}, {FAMILY: -0.1}, {FAMILY: 1.5, MEMBER: -0.5}],
)
def test_nobody_keeps_more_than_all(shares: dict[Channel, float]) -> None:
    assert wrong(shares=shares) == ["shares_over_all"]


def test_it_says_how_much_more() -> None:
    (refusal,) = faults(planned(shares={FAMILY: 0.7, REFERRAL: 0.6}), now=NOW)
    assert "130%" in refusal.sentence()


@given(parts=st.lists(st.integers(0, 100), min_size=len(RESERVED), max_size=len(RESERVED)))
@example(parts=[33, 56, 11])  # more than one as binary fractions
def test_shares_are_refused_over_a_hundred_percent_and_never_below(parts: list[int]) -> None:
    shares = {channel: part / 100 for channel, part in zip(RESERVED, parts, strict=True)}
    assert wrong(shares=shares) == (["shares_over_all"] if sum(parts) > 100 else [])


def test_slots_hold_what_the_session_offers() -> None:
    assert wrong(by_time=60, capacity=4) == []
    assert wrong(by_time=60, capacity=5) == ["slots_too_few"]
    assert wrong(by_time=60, capacity=8, per_slot=2) == []
    assert wrong(by_time=500, capacity=2) == ["slots_too_few"]


@pytest.mark.parametrize("units", [{FAMILY: 3, OPEN: 6}, {FAMILY: 3, OPEN: 8}, {}, {OPEN: 0}])
def test_the_channels_add_up_to_the_session(units: dict[Channel, int]) -> None:
    assert wrong(units=units) == ["units_misfit"]


def test_all_that_is_wrong_is_said_at_once() -> None:
    yesterday = NOW - timedelta(days=1)
    found = wrong(
        starts=yesterday,
        ends=yesterday + timedelta(days=3),
        capacity=0,
        shares={FAMILY: 2.0},
        units={OPEN: 4},
    )
    assert set(found) == {
        "session_past",
        "session_too_long",
        "session_capacity",
        "shares_over_all",
        "units_misfit",
    }


@pytest.mark.parametrize(
    "more",
    [
        {"units": {FAMILY: -5, OPEN: 15}},
        {"units": {Channel.WALK_IN: 10}},
        {"units": {OPEN: 9, Channel.OVERBOOK: 1}},
        {"walk_ins": -3},
        {"walk_ins": 100_000},
        {"by_time": 0},
        {"by_time": -15},
        {"by_time": 60, "per_slot": 100_000},
        {"by_time": 60, "per_slot": -1},
        {"shares": {FAMILY: float("nan")}},
        {"shares": {FAMILY: float("inf")}},
    ],
    ids=str,
)
def test_numbers_that_no_table_holds_are_refused_not_run_into(more: dict[str, object]) -> None:
    assert wrong(**more) != []


@given(
    minutes=st.integers(1, 24 * 60),
    step=st.integers(1, 400),
    per_slot=st.integers(1, 5),
    first=st.integers(0, 24 * 60),
)
def test_slots_are_cut_exactly_and_without_a_gap(minutes: int, step: int, per_slot: int, first: int) -> None:
    starts = at(DAY, time(0)) + timedelta(minutes=first)
    session = planned(
        starts=starts, ends=starts + timedelta(minutes=minutes), by_time=step, per_slot=per_slot
    )
    found = slots_of(session)
    assert (found[0][0], found[-1][1]) == (session.starts, session.ends)
    assert all(one[1] == other[0] for one, other in pairwise(found))
    lengths = [(end - start) // timedelta(minutes=1) for start, end, _ in found]
    assert sum(lengths) == minutes
    assert all(length == step for length in lengths[:-1])
    assert step <= lengths[-1] < 2 * step or (len(found) == 1 and minutes < step)
    assert {places for *_, places in found} == {per_slot}


@given(capacity=st.integers(1, MOST_UNITS), minutes=st.integers(1, 24 * 60))
def test_a_session_by_number_is_one_slot(capacity: int, minutes: int) -> None:
    session = planned(capacity=capacity, ends=at(DAY, time(8)) + timedelta(minutes=minutes))
    assert slots_of(session) == [(session.starts, session.ends, capacity)]


def test_shares_of_a_pool_are_those_in_its_row() -> None:
    assert shares_of({}) == {}
    assert shares_of({"FAMILY_DOCTOR": 0.25, "MEMBER": 1}) == {FAMILY: 0.25, MEMBER: 1.0}
    with pytest.raises(ValueError, match="NEIGHBOUR"):
        shares_of({"NEIGHBOUR": 0.5})
