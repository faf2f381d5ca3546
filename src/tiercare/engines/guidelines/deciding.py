"""Holding the tables against what was observed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from .expressions import Reason, Value
from .model import Direction, Grade, Guidelines, Interval, Row, Step, Table, Urgency
from .observing import Observed, values


@dataclass(frozen=True, slots=True)
class Held:
    """A row that holds, and the comparisons that make it hold."""

    row: Row
    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Unsure:
    """A row that may hold: what would have to be observed to tell, as ids of facts."""

    row: Row
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Follow:
    """When the next contact is due, and why."""

    interval: Interval
    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """What the tables say. ``held`` has the most urgent first; ``urgency`` and ``to`` are those of the first;
    ``grades`` are the derived facts that could be told."""

    held: tuple[Held, ...]
    unsure: tuple[Unsure, ...]
    grades: Mapping[str, Step]
    follow: Follow | None
    version: str

    @property
    def urgency(self) -> Urgency | None:
        """How urgent it is; ``None`` where no row holds."""
        return self.held[0].row.urgency if self.held else None

    @property
    def to(self) -> int | None:
        """The level from which an institution is able: the highest that a row of the most urgent asks for."""
        return max((each.row.to for each in self.held if each.row.urgency is self.urgency), default=None)


def advise(
    book: Guidelines,
    *,
    diseases: Sequence[str],
    observed: Observed,
    direction: Direction,
    tier: int,
    on: date,
) -> Advice:
    """What the tables of these diseases say of a patient at an institution of this tier on this day.

    Raises:
        KeyError: for a disease without a table.
    """
    known, grades = _with_grades([book.tables[each] for each in diseases], values(observed))
    held, unsure = [], []
    follow: Follow | None = None
    for disease in diseases:
        table = book.tables[disease]
        for row in table.rows:
            if row.direction is not direction or tier not in row.tiers or on not in row.period:
                continue
            answer = row.when.answer(known)
            if answer.holds:
                held.append(Held(row, answer.because))
            elif answer.holds is None:
                unsure.append(Unsure(row, _asked(answer.missing, table)))
        follow = _sooner(follow, _follow(table, known))
    held.sort(key=lambda each: (each.row.urgency, -each.row.to))
    unsure.sort(key=lambda each: each.row.urgency)
    return Advice(tuple(held), tuple(unsure), grades, follow, book.version)


def grade(table: Table, observed: Observed) -> Mapping[str, Step]:
    """The derived facts of a disease that can be told from what was observed."""
    return _with_grades([table], values(observed))[1]


def _with_grades(
    tables: Sequence[Table], known: dict[str, Value]
) -> tuple[Mapping[str, Value], dict[str, Step]]:
    """Grades build on facts and on grades before them; what was observed is never written over."""
    told: dict[str, Step] = {}
    for each in (grade for table in tables for grade in table.grades):
        if each.id in known:
            continue
        if each.counted:
            known[each.id] = _count(each, known)
        else:
            step = _first(each, known)
            if step is not None:
                told[each.id], known[each.id] = step, step.value
    return known, told


def _first(each: Grade, known: Mapping[str, Value]) -> Step | None:
    """The first step that holds; an open one before it leaves the grade open."""
    for step in each.steps:
        holds = step.when.answer(known).holds
        if holds is None:
            return None
        if holds:
            return step
    return None


def _count(each: Grade, known: Mapping[str, Value]) -> tuple[float, float]:
    answers = [part.answer(known).holds for part in each.counted]
    return float(answers.count(True)), float(len(answers) - answers.count(False))


def _follow(table: Table, known: Mapping[str, Value]) -> Follow | None:
    for interval in table.intervals:
        answer = interval.when.answer(known)
        if answer.holds:
            return Follow(interval, answer.because)
    return None


def _sooner(one: Follow | None, other: Follow | None) -> Follow | None:
    found = [each for each in (one, other) if each is not None]
    return min(found, key=lambda each: each.interval.days, default=None)


def _asked(missing: frozenset[str], table: Table) -> tuple[str, ...]:
    """What to ask for: instead of a derived fact, the facts that it is derived from."""
    derived = {each.id: each for each in table.grades}
    asked: set[str] = set()
    pending = set(missing)
    while pending:
        name = pending.pop()
        if name not in derived:
            asked.add(name)
            continue
        each = derived[name]
        parts = each.counted or tuple(step.when for step in each.steps)
        pending |= {inner for part in parts for inner in part.names} - asked
    return tuple(sorted(asked))
