"""What a row of a register does to what is on record of the thing it names; pure, for checking and writing alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from . import timeline
from .cells import Value
from .entries import Entry
from .registers import AGREEMENTS, CLINICIANS, CONSORTIA, INSTITUTIONS, OBLIGATIONS, REGISTERS, Op
from .registers.model import Shape
from .timeline import Segment, Segments

Identity = tuple[str, ...]
Attributes = tuple[Value, ...]

# Columns that say something of the thing itself, whatever the day.
FACETS: Mapping[str, tuple[str, ...]] = {
    INSTITUTIONS.key: ("credit_code",),
    CONSORTIA.key: ("kind", "specialty", "approved_on", "approved_by", "charter_on"),
    CLINICIANS.key: ("name", "title", "scope"),
}
_CHARTER = FACETS[CONSORTIA.key].index("charter_on")
# An obligation is one row, whatever its due day; the due day places it.
_PLACED_BY: Mapping[str, str] = {OBLIGATIONS.key: "due"}
_PERIOD = ("from", "to")


def _attribute_keys(register: str) -> tuple[str, ...]:
    shape = REGISTERS[register]
    other = {"op", *_PERIOD, *shape.identity, *FACETS.get(register, ()), _PLACED_BY.get(register, "")}
    return tuple(c.key for c in shape.columns if not c.told and c.key not in other)


# Columns that say what holds in a segment, in the order in which ``Attributes`` keep them.
ATTRIBUTES: Mapping[str, tuple[str, ...]] = {key: _attribute_keys(key) for key in REGISTERS}

_BLANKS: Mapping[Shape, Value] = {
    Shape.DATE: None,
    Shape.DEGREES: None,
    Shape.COUNT: 0,
    Shape.YES_NO: False,
    Shape.WORDS: (),
    Shape.SPECIALTIES: (),
    Shape.RANKED: (),
    Shape.PARTIES: (),
}


class Outcome(StrEnum):
    """What a row came to."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    VOIDED = "voided"


@dataclass(frozen=True, slots=True)
class State:
    """All that is on record of one thing: its segments and its facets (``()`` where it is unknown).

    ``charters`` are the days on which a consortium adopted one; those of ``worded`` have wording: papers,
    which no row takes away.
    """

    segments: Segments[Attributes] = ()
    facets: Attributes = ()
    charters: frozenset[date] = frozenset()
    worded: frozenset[date] = frozenset()


NOTHING = State()


def canonical(register: str, keys: Iterable[str], values: Mapping[str, Value]) -> Attributes:
    """The values of ``keys`` with one way of writing each: no order in sets, no blanks besides the empty one,
    degrees to the ten digits that a file keeps, no level where a blank says so too."""
    blanks = _BLANKS_OF[register]
    found: list[Value] = []
    for key in keys:
        value = values.get(key)
        if value is None or value in ("", ()) or (key == "managed_as_level" and value == "0"):
            value = blanks[key]
        elif isinstance(value, tuple):
            value = tuple(sorted(set(value)))
        elif key in _DEGREES and isinstance(value, str | int | float):
            value = float(f"{float(value):.10g}")
        found.append(value)
    return tuple(found)


_DEGREES = frozenset({"lng", "lat"})
_BLANKS_OF: Mapping[str, Mapping[str, Value]] = {
    key: {column.key: _BLANKS.get(column.shape, "") for column in register.columns}
    for key, register in REGISTERS.items()
}


def identity_of(entry: Entry) -> Identity:
    """The codes and words that name the row's thing."""
    return tuple(value if isinstance(value, str) else "" for value in entry.identity)


def attributes_of(entry: Entry) -> Attributes:
    """What the row says of its segment."""
    return canonical(entry.register, ATTRIBUTES[entry.register], entry.values)


def facets_of(entry: Entry) -> Attributes:
    """What the row says of the thing itself."""
    return canonical(entry.register, FACETS.get(entry.register, ()), entry.values)


def entry_of(
    register: str, identity: Identity, segment: Segment[Attributes], facets: Attributes, op: Op = Op.PUT
) -> Entry:
    """The row that states ``segment``."""
    said: dict[str, Value] = dict(zip(REGISTERS[register].identity, identity, strict=True))
    said |= dict(zip(FACETS.get(register, ()), facets, strict=False))
    said |= dict(zip(ATTRIBUTES[register], segment.attributes, strict=True))
    if register in _PLACED_BY:
        said[_PLACED_BY[register]] = segment.start
    else:
        said |= {"from": segment.start, "to": segment.end}
    # In the order of the columns, so that the same row always looks the same.
    ordered = {c.key: said[c.key] for c in REGISTERS[register].columns if c.key in said}
    return Entry(register, ordered, op)


def step(state: State, entry: Entry) -> tuple[State, Outcome]:
    """What is on record after ``entry``, and what it came to.

    Raises:
        timeline.Clash: if it would last beyond the start of a later segment.
        timeline.NothingThere: if it takes out what does not stand.
    """
    if entry.op is Op.VOID:
        left = _out(state.segments, entry)
        return (replace(state, segments=left) if left else NOTHING), Outcome.VOIDED
    segments = _in(state.segments, entry)
    charters = _charters_after(state, entry) if entry.register == CONSORTIA.key else state.charters
    facets = facets_of(entry)
    if entry.register == CONSORTIA.key:
        facets = (*facets[:_CHARTER], max(charters, default=None), *facets[_CHARTER + 1 :])
    after = State(segments, facets, charters, state.worded)
    if after == state:
        return state, Outcome.UNCHANGED
    fresh = not any(s.start == entry.start or s.holds(entry.start) for s in state.segments)
    if entry.register in (AGREEMENTS.key, OBLIGATIONS.key):
        fresh = not state.segments
    return after, Outcome.CREATED if fresh else Outcome.CHANGED


def _in(segments: Segments[Attributes], entry: Entry) -> Segments[Attributes]:
    said = attributes_of(entry)
    if entry.register == AGREEMENTS.key:  # one row for life, its period in place
        return (Segment(entry.start, entry.day("to"), said),)
    if entry.register == OBLIGATIONS.key:
        # Of several with the same words the one due that day, else the last one due, which moves.
        same = [s for s in segments if s.start == entry.start] or list(segments[-1:])
        kept = [s for s in segments if s not in same]
        return tuple(sorted([*kept, Segment(entry.start, None, said)], key=lambda s: s.start))
    return timeline.put(segments, entry.start, entry.day("to"), said)


def _out(segments: Segments[Attributes], entry: Entry) -> Segments[Attributes]:
    if entry.register in (AGREEMENTS.key, OBLIGATIONS.key):
        left = tuple(s for s in segments if s.start != entry.start)
        if len(left) == len(segments):
            raise timeline.NothingThere(entry.start)
        return left
    return timeline.void(segments, entry.start)


def _charters_after(state: State, entry: Entry) -> frozenset[date]:
    """A row of an earlier segment may add a charter; only one of the last segment says that there is none
    newer than its own."""
    stated = entry.day("charter_on")
    kept = state.charters
    if not state.segments or entry.start >= state.segments[-1].start:
        kept = frozenset(c for c in kept if c in state.worded or (stated is not None and c <= stated))
    return kept | ({stated} if stated else frozenset())


def inverse(register: str, identity: Identity, before: State, after: State) -> list[Entry]:
    """Rows that take the thing back from ``after`` to ``before``."""
    if register in (AGREEMENTS.key, OBLIGATIONS.key):
        rows = _papers_back(before, after)
    else:
        rows = list(timeline.difference(before.segments, after.segments))
    told_last = before.segments[-1] if before.segments else None
    if before.facets != after.facets and told_last is not None:
        rows = [row for row in rows if row.void or row.start != told_last.start]
        rows.append(timeline.Row(told_last.start, told_last.end, told_last.attributes))
    found = []
    for row in rows:
        if row.void:
            gone = next(s for s in after.segments if s.start == row.start)
            found.append(entry_of(register, identity, gone, after.facets, Op.VOID))
        elif row.attributes is not None:
            segment = Segment(row.start, row.end, row.attributes)
            found.append(entry_of(register, identity, segment, before.facets))
    return found


def _papers_back(before: State, after: State) -> list[timeline.Row[Attributes]]:
    """An agreement is one row; so is nearly every obligation: it is restated, not made anew."""
    puts = [timeline.Row(s.start, s.end, s.attributes) for s in before.segments if s not in after.segments]
    if len(before.segments) == len(after.segments) == 1:
        return puts
    stays = {s.start for s in before.segments}
    return [timeline.Row(s.start, void=True) for s in after.segments if s.start not in stays] + puts
