"""The history of one thing: segments that never overlap, and what a row of a register does to them.

A segment holds ``attributes`` (any value that compares) from ``start`` until, not including, ``end``. A row
that is stated again changes nothing; a row that was recorded by mistake is taken out as if it had never been;
and for every change there are rows that take exactly it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, NamedTuple, TypeVar

A = TypeVar("A")


class Segment(NamedTuple, Generic[A]):
    """What held from ``start`` until ``end`` (``None``: no end is known)."""

    start: date
    end: date | None
    attributes: A

    def holds(self, on: date) -> bool:
        """Whether it held that day."""
        return self.start <= on and (self.end is None or on < self.end)


Segments = tuple[Segment[A], ...]


class Clash(Exception):
    """A row that the history has no room for: it would last beyond ``begins``, when the next segment does."""

    def __init__(self, begins: date) -> None:
        super().__init__(f"another segment begins on {begins}")
        self.begins = begins


class NothingThere(Exception):
    """A row to be taken out that does not stand."""

    def __init__(self, start: date) -> None:
        super().__init__(f"no segment begins on {start}")
        self.start = start


@dataclass(frozen=True, slots=True)
class Row(Generic[A]):
    """A row that changes a history; ``void`` takes out the segment that begins on ``start``."""

    start: date
    end: date | None = None
    attributes: A | None = None
    void: bool = False


def put(segments: Segments[A], start: date, end: date | None, attributes: A) -> Segments[A]:
    """The history after ``attributes`` were stated from ``start`` on, until ``end`` where that is given.

    Without one they hold until the next segment begins, or for good; only a segment that says the same and
    began before is left to end when it does, for to state what holds again is no change.

    Raises:
        Clash: if it would last beyond the start of a later segment.
    """
    before = tuple(s for s in segments if s.start < start)
    there = next((s for s in segments if s.start == start), None)
    after = tuple(s for s in segments if s.start > start)
    begins = after[0].start if after else None
    if end is not None and begins is not None and end > begins:
        raise Clash(begins)
    if there is not None:
        kept = there.end if there.end == begins else begins
        return (*before, Segment(start, end or kept, attributes), *after)
    if not before or not before[-1].holds(start):
        return (*before, Segment(start, end or begins, attributes), *after)
    old = before[-1]
    if old.attributes == attributes:
        return (*before[:-1], Segment(old.start, end or old.end, attributes), *after)
    split = (Segment(old.start, start, old.attributes), Segment(start, end or begins, attributes))
    return (*before[:-1], *split, *after)


def void(segments: Segments[A], start: date) -> Segments[A]:
    """The history without the segment that begins on ``start``; the one that it ended lasts on in its place.

    Raises:
        NothingThere: if none begins that day.
    """
    there = next((s for s in segments if s.start == start), None)
    if there is None:
        raise NothingThere(start)
    before = tuple(s for s in segments if s.start < start)
    after = tuple(s for s in segments if s.start > start)
    if before and before[-1].end == start:
        before = (*before[:-1], Segment(before[-1].start, there.end, before[-1].attributes))
    return (*before, *after)


def difference(before: Segments[A], after: Segments[A]) -> tuple[Row[A], ...]:
    """Rows that turn ``after`` back into ``before``: what was not there is taken out, then, from the earliest
    on, what was there is stated again with its end.

    In that order no segment reaches over the start of one that is stated, so each comes out as it was.
    """
    starts = {s.start for s in before}
    rows: list[Row[A]] = []
    left = after
    for segment in after:
        if segment.start not in starts:
            left = void(left, segment.start)
            rows.append(Row(segment.start, void=True))
    rows += [Row(s.start, s.end, s.attributes) for s in before if s not in left]
    return tuple(rows)


def apply(segments: Segments[A], rows: Sequence[Row[A]]) -> Segments[A]:
    """The history after ``rows``, one after the other.

    Raises:
        Clash: as ``put``.
        NothingThere: as ``void``.
    """
    for row in rows:
        if row.void:
            segments = void(segments, row.start)
        elif row.attributes is not None:
            segments = put(segments, row.start, row.end, row.attributes)
    return segments


def on_day(segments: Segments[A], day: date) -> Segment[A] | None:
    """The segment that held on ``day``."""
    return next((s for s in segments if s.holds(day)), None)
