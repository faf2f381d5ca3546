"""Whether a chronic disease is under control, from readings (XH-56).

The classes are those of the follow-up rows of 国家基本公共卫生服务规范 in the guidelines: who is at target is seen after the
longest interval, everybody else sooner. The guidelines hold the numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tiercare.engines.guidelines import Direction, Guidelines, Observed, Table, advise

# The document whose follow-up intervals are classes of control; those of others follow severity.
_CLASSES = "public2017"
# ``not_at_target_twice``: 连续两次 stands in the fact itself.
_IN_A_ROW = 2


class Control(StrEnum):
    """How a disease stands. ``POOR``: not at target at the last two; ``STABLE``: at target at the last two."""

    UNKNOWN = "UNKNOWN"
    POOR = "POOR"
    NOT_YET = "NOT_YET"
    AT_TARGET = "AT_TARGET"
    STABLE = "STABLE"


@dataclass(frozen=True, slots=True)
class Day:
    """What was measured on one day."""

    on: date
    observed: Observed


@dataclass(frozen=True, slots=True)
class Standing:
    """How a disease stands and since when it stands so; ``proposal`` is where that sends the patient, if anywhere."""

    disease: str
    control: Control
    since: date | None

    @property
    def proposal(self) -> Direction | None:
        """``poorly_controlled`` up, ``chronic_stable`` down."""
        return {Control.POOR: Direction.UP, Control.STABLE: Direction.DOWN}.get(self.control)


def control_of(book: Guidelines, disease: str, days: Sequence[Day], *, fixed: Observed) -> Standing:
    """How ``disease`` stands after these days (any order); ``fixed`` is what does not change, age and sex.

    A day on which nothing was measured that the classes ask for says nothing.

    Raises:
        KeyError: for a disease without a table.
    """
    table = book.tables[disease]
    told = [
        (day.on, at_target)
        for day in sorted(days, key=lambda each: each.on, reverse=True)
        if (at_target := _at_target(book, table, {**fixed, **day.observed}, day.on)) is not None
    ]
    if not told:
        return Standing(disease, Control.UNKNOWN, None)
    latest = told[0][1]
    run = [on for on, at_target in _while_same(told, latest)]
    if len(run) < _IN_A_ROW:
        return Standing(disease, Control.AT_TARGET if latest else Control.NOT_YET, run[-1])
    # Since the visit at which it was seen for the second time.
    return Standing(disease, Control.STABLE if latest else Control.POOR, run[-_IN_A_ROW])


def with_control(observed: Mapping[str, float | bool | str], standings: Sequence[Standing]) -> Observed:
    """What was observed, and the facts that control tells; what somebody stated is not written over."""
    told: dict[str, float | bool | str] = {}
    known = [each.control for each in standings if each.control is not Control.UNKNOWN]
    if known:
        told["not_at_target_twice"] = Control.POOR in known
    return told | dict(observed)


def _while_same(told: Sequence[tuple[date, bool]], value: bool) -> list[tuple[date, bool]]:
    run = []
    for each in told:
        if each[1] is not value:
            break
        run.append(each)
    return run


def _at_target(book: Guidelines, table: Table, observed: Observed, on: date) -> bool | None:
    classes = [each for each in table.intervals if each.source.id == _CLASSES]
    if not classes:
        return None
    advice = advise(book, diseases=[table.disease], observed=observed, direction=Direction.UP, tier=1, on=on)
    if advice.follow is None or advice.follow.interval not in classes:
        return None
    return advice.follow.interval.days == max(each.days for each in classes)
