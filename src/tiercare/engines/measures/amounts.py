"""The amounts of parts over periods, for every place: what adds up from one scan of each table, the rest in its own way.

What adds up is summed over months and places (``cells``). Of a part that looks back on a person's earlier rows, what is certain without
looking goes into the same scan, and the days are looked at for the few rows that hang on them (``looking_back``). People counted once
and medians come from tallies (``tallies``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from .cells import BEGINNING, Amounts, Kept, Place, Tables, amounts_by_month, derived_in, months_of
from .derived import certain
from .indicators import Aggregate, How, Part
from .looking_back import can_look_back, looked_back
from .periods import Span
from .schema import Level
from .tallies import alike, tallied

Sums = Mapping[Place, Fraction | int]
Found = dict[tuple[Part, Span], Sums]


def amounts(
    tables: Tables,
    parts: Sequence[Part],
    spans: Sequence[Span],
    *,
    region: str,
    levels: Collection[Level],
    kept: Kept | None = None,
) -> Found:
    """The amounts of ``parts`` over ``spans`` for each place that has rows then; none where a table has no month of the span."""
    asked = _Asked(tables, tuple(spans), region, levels, kept)
    scanned = {part: _scanned(part) for part in parts}
    found = asked.added(scanned.values())
    beyond = [part for part in parts if scanned[part] != part]
    rest = {
        **asked.looked_back([part for part in beyond if can_look_back(part)]),
        **asked.added([part for part in beyond if part.aggregate.additive and not can_look_back(part)]),
        **asked.tallied([part for part in beyond if not part.aggregate.additive]),
    }
    for part in beyond:
        for span in spans:
            if there := found.get((scanned[part], span)):
                # The scan has seen all rows, and so all places; some may have nothing to tell of the rest.
                base = there if can_look_back(part) else dict.fromkeys(there, 0)
                more = {place: amount for place, amount in rest[part, span].items() if place in base}
                found[part, span] = _sum([base, more])
    return found


def _scanned(part: Part) -> Part:
    """What the common scan counts for a part: all of it, what is certain of it, or no more than where there are rows."""
    if can_look_back(part):
        assert part.aggregate.where is not None
        where = certain(part.aggregate.where, derived_in(part))
        return replace(part, aggregate=replace(part.aggregate, where=where))
    if part.aggregate.additive and not derived_in(part):
        return part
    return replace(part, aggregate=Aggregate(How.COUNT, None, None))


@dataclass(frozen=True, slots=True)
class _Asked:
    """For what, over what."""

    tables: Tables
    spans: tuple[Span, ...]
    region: str
    levels: Collection[Level]
    kept: Kept | None

    def added(self, parts: Iterable[Part]) -> Found:
        """Additive parts; those over one table with one attribution and the same derived columns in one scan."""
        found: Found = {}
        for mine in _grouped(parts, lambda part: (part.fact, part.attribution, derived_in(part))):
            months = self._months(mine)
            by_month = amounts_by_month(
                self.tables, mine, months, region=self.region, levels=self.levels, kept=self.kept
            )
            found |= self._summed(mine, by_month)
        return found

    def looked_back(self, parts: Iterable[Part]) -> Found:
        """What hangs on the days since an earlier row, month by month; all attributions at once."""
        found: Found = {}
        for mine in _grouped(parts, lambda part: (part.fact, derived_in(part))):
            by_month = {month: self._looked_back(mine, month) for month in self._months(mine)}
            found |= self._summed(mine, by_month)
        return found

    def _looked_back(self, parts: Sequence[Part], month: int) -> Amounts:
        there = None if self.kept is None else self.kept.find(parts, self.levels, self.region, [month])
        if there is None:
            there, first = looked_back(self.tables, parts, month, region=self.region, levels=self.levels)
            if self.kept is not None:
                self.kept.keep(parts, self.levels, self.region, [month], there, first=first)
        return there

    def tallied(self, parts: Iterable[Part]) -> Found:
        """What does not add up; parts that count the same over the same rows together."""
        found: Found = {}
        for mine in _grouped(parts, alike):
            present = self.tables.months(mine[0].fact)
            over: dict[tuple[int, ...], list[Span]] = defaultdict(list)
            for span in self.spans:
                if months := months_of(mine[0], span, present):
                    over[months].append(span)
            for months, spans in over.items():
                there = self._tallied(mine, months)
                for at, part in enumerate(mine):
                    sums = {place: each[at] for place, each in there.items()}
                    found |= {(part, span): sums for span in spans}
        return found

    def _tallied(self, parts: Sequence[Part], months: Sequence[int]) -> Amounts:
        there = None if self.kept is None else self.kept.find(parts, self.levels, self.region, months)
        if there is None:
            there = tallied(
                self.tables, parts, months, region=self.region, levels=self.levels, kept=self.kept
            )
            if self.kept is not None:
                first = BEGINNING if derived_in(parts[0]) else months[0]
                self.kept.keep(parts, self.levels, self.region, months, there, first=first)
        return there

    def _months(self, parts: Sequence[Part]) -> Sequence[int]:
        present = self.tables.months(parts[0].fact)
        return sorted({m for part in parts for span in self.spans for m in months_of(part, span, present)})

    def _summed(self, parts: Sequence[Part], by_month: Mapping[int, Amounts]) -> Found:
        """The months of each span added up, for each part."""
        present = self.tables.months(parts[0].fact)
        found: Found = {}
        for at, part in enumerate(parts):
            for span in self.spans:
                if months := months_of(part, span, present):
                    found[part, span] = _sum(
                        {place: each[at] for place, each in by_month[month].items()} for month in months
                    )
        return found


def _grouped(parts: Iterable[Part], by: Callable[[Part], Hashable]) -> Iterable[list[Part]]:
    groups: dict[Hashable, list[Part]] = defaultdict(list)
    for part in dict.fromkeys(parts):
        groups[by(part)].append(part)
    return groups.values()


def _sum(several: Iterable[Sums]) -> Sums:
    total: dict[Place, Fraction | int] = defaultdict(int)
    for each in several:
        for place, amount in each.items():
            total[place] += amount
    return total
