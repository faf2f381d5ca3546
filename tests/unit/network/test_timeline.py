"""Histories of segments: what rows do to them, and that every change can be taken back exactly."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.apps.network.rules.timeline import (
    Clash,
    NothingThere,
    Segment,
    Segments,
    apply,
    difference,
    on_day,
    put,
    void,
)

_BEGIN = date(2020, 1, 1)


def _day(number: int) -> date:
    return _BEGIN + timedelta(days=number)


def _told(*segments: tuple[int, int | None, str]) -> Segments[str]:
    return tuple(Segment(_day(s), None if e is None else _day(e), a) for s, e, a in segments)


@st.composite
def histories(draw: st.DrawFn) -> Segments[str]:
    """Histories of up to five segments within forty days, with and without gaps, the last one open or not."""
    days = sorted(draw(st.sets(st.integers(0, 40), max_size=10)))
    segments = []
    n = 0
    while n < len(days):
        start = days[n]
        touching = n + 1 < len(days) and draw(st.booleans())
        end = days[n + 1] if n + 1 < len(days) else None
        if end is None and draw(st.booleans()):
            end = start + 1 + draw(st.integers(0, 5))
        segments.append((start, end, draw(st.sampled_from("abc"))))
        n += 1 if touching else 2
    return _told(*segments)


_starts = st.integers(-3, 44)
_lengths = st.none() | st.integers(1, 20)
_words = st.sampled_from("abc")


def _sound(segments: Segments[str]) -> bool:
    for earlier, later in pairwise(segments):
        if earlier.end is None or earlier.end > later.start:
            return False
    return all(s.end is None or s.start < s.end for s in segments)


@given(histories(), _starts, _lengths, _words)
def test_what_was_put_holds_and_nothing_overlaps(
    segments: Segments[str], start: int, length: int | None, word: str
) -> None:
    assert _sound(segments), "the histories made up here are histories"
    end = None if length is None else _day(start + length)
    try:
        after = put(segments, _day(start), end, word)
    except Clash as clash:
        assert end is not None and clash.begins < end
        assert any(s.start == clash.begins > _day(start) for s in segments)
        return
    assert _sound(after)
    there = on_day(after, _day(start))
    assert there is not None and there.attributes == word
    if end is not None:
        last = on_day(after, end - timedelta(days=1))
        assert last is not None and last.attributes == word
        ending = on_day(after, end)
        assert ending is None or ending.start == end
    assert put(after, _day(start), end, word) == after, "stating what holds changes nothing"
    assert apply(after, difference(segments, after)) == segments


@given(histories(), _starts, _lengths, _words)
def test_days_outside_the_touched_span_are_as_before(
    segments: Segments[str], start: int, length: int | None, word: str
) -> None:
    end = None if length is None else _day(start + length)
    try:
        after = put(segments, _day(start), end, word)
    except Clash:
        return
    for day in (_day(n) for n in range(-3, start)):
        before, now = on_day(segments, day), on_day(after, day)
        assert (before and before.attributes) == (now and now.attributes)
    later = [s for s in segments if s.start > _day(start)]
    assert [s for s in after if s.start > _day(start)] == later


@given(histories(), st.data())
def test_a_void_row_leaves_its_days_to_the_one_before_and_can_be_taken_back(
    segments: Segments[str], data: st.DataObject
) -> None:
    if not segments:
        return
    gone = data.draw(st.sampled_from(segments))
    after = void(segments, gone.start)
    assert _sound(after)
    assert len(after) == len(segments) - 1
    earlier = [s for s in segments if s.end == gone.start]
    there = on_day(after, gone.start)
    assert (there and there.attributes) == (earlier[0].attributes if earlier else None)
    assert apply(after, difference(segments, after)) == segments


@given(histories(), histories())
def test_any_history_is_reached_from_any_other(before: Segments[str], after: Segments[str]) -> None:
    assert apply(after, difference(before, after)) == before


def test_a_row_on_a_first_day_is_mended_in_place() -> None:
    segments = _told((0, 10, "a"), (10, None, "b"))
    assert put(segments, _day(0), None, "c") == _told((0, 10, "c"), (10, None, "b"))
    assert put(segments, _day(0), _day(5), "a") == _told((0, 5, "a"), (10, None, "b"))
    assert put(_told((0, 5, "a")), _day(0), None, "a") == _told((0, None, "a")), "blank reopens the last one"


def test_a_row_within_a_segment_ends_it_and_says_what_follows() -> None:
    segments = _told((0, None, "a"))
    assert put(segments, _day(5), None, "b") == _told((0, 5, "a"), (5, None, "b"))
    assert put(segments, _day(5), None, "a") == segments
    assert put(segments, _day(5), _day(9), "a") == _told((0, 9, "a"))
    assert put(segments, _day(5), _day(9), "b") == _told((0, 5, "a"), (5, 9, "b"))
    assert put(_told((0, 9, "a")), _day(5), None, "b") == _told((0, 5, "a"), (5, None, "b"))
    assert put(_told((0, 9, "a")), _day(5), None, "a") == _told((0, 9, "a"))


def test_a_row_in_a_gap_ends_where_the_next_begins() -> None:
    segments = _told((0, 3, "a"), (10, None, "b"))
    assert put(segments, _day(5), None, "c") == _told((0, 3, "a"), (5, 10, "c"), (10, None, "b"))
    with pytest.raises(Clash) as clash:
        put(segments, _day(5), _day(11), "c")
    assert clash.value.begins == _day(10)


def test_only_what_begins_that_day_can_be_void() -> None:
    with pytest.raises(NothingThere) as nothing:
        void(_told((0, None, "a")), _day(1))
    assert nothing.value.start == _day(1)
