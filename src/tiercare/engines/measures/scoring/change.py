"""A definition changed between two periods: how much of the difference is the definition, and how much is reality.

Both versions are run on the same data wherever the data allow it. With four numbers each cause is the mean of the two orders in which
the changes can be thought (Shapley 1953), so that the parts add up to the whole exactly and neither order is favoured.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from ..evaluate import Value
from ..periods import Span
from ..schema import Level


@dataclass(frozen=True, slots=True)
class Change:
    """An indicator or a total by two definitions in two periods; ``None`` where the data of that time do not allow it."""

    old_then: Fraction | None
    new_then: Fraction | None
    old_now: Fraction | None
    new_now: Fraction | None


@dataclass(frozen=True, slots=True)
class Split:
    """The difference between ``old_then`` and ``new_now``, in two parts that add up to it; ``exact`` if all four were known."""

    whole: Fraction
    definition: Fraction
    reality: Fraction
    exact: bool


def split(change: Change) -> Split | None:
    """The parts; ``None`` where no period has both definitions, so that nobody can tell them apart."""
    if change.old_then is None or change.new_now is None:
        return None
    whole = change.new_now - change.old_then
    by_definition = []
    if change.old_now is not None:
        by_definition.append(change.new_now - change.old_now)
    if change.new_then is not None:
        by_definition.append(change.new_then - change.old_then)
    if not by_definition:
        return None
    definition = sum(by_definition, Fraction(0)) / len(by_definition)
    return Split(whole, definition, whole - definition, len(by_definition) == 2)


def changes(
    values: Iterable[Value], *, old: int, new: int, then: Span, now: Span
) -> Mapping[tuple[str, Level, str], Split]:
    """The parts by indicator, level and key, from a run of both versions over both periods; who lacks too much is left out."""
    found: dict[tuple[str, Level, str], dict[tuple[int, Span], Fraction | None]] = defaultdict(dict)
    for each in values:
        found[each.indicator, each.level, each.key][each.version, each.span] = each.value
    parts = {
        place: split(Change(by.get((old, then)), by.get((new, then)), by.get((old, now)), by.get((new, now))))
        for place, by in found.items()
    }
    return {place: part for place, part in parts.items() if part is not None}
