"""One scan of a fact table for everything that adds up: every aggregate by month and by whom the row belongs to.

The answer is a few thousand cells, whatever the number of rows. Periods and places are sums of cells, and a month that has not
changed need not be scanned again (``Kept``).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import reduce
from typing import Any, Protocol

import ibis

from .derived import Since, derived, names, reach
from .expressions import COUNTY, All, Node
from .grouping import in_groups, worth_it
from .indicators import Aggregate, How, Part
from .on_ibis import head, on_ibis
from .periods import Span
from .schema import Level, facts

# Before every month: what looks back also depends on months that have no rows yet.
BEGINNING = 0

Place = tuple[Level, str]
Amounts = Mapping[Place, Sequence[int | Fraction]]  # of every part, in order


class Tables(Protocol):
    """Where the facts are: a store of Parquet files on DuckDB, a Spark session, rows in memory."""

    def table(self, fact: str) -> Any:
        """The Ibis table of a fact, with ``month`` as a column; of no rows if there are no files."""
        ...

    def months(self, fact: str) -> Sequence[int]:
        """The months of which there are rows, ascending."""
        ...

    def run(self, expression: Any) -> Iterable[Mapping[str, Any]]:
        """The rows of an Ibis expression."""
        ...


class Kept(Protocol):
    """Amounts of months that were computed before."""

    def find(
        self, parts: Sequence[Part], levels: Collection[Level], region: str, months: Sequence[int]
    ) -> Amounts | None:
        """What was kept for exactly these parts over exactly the present rows of some months, and of those looked back at."""
        ...

    def keep(
        self,
        parts: Sequence[Part],
        levels: Collection[Level],
        region: str,
        months: Sequence[int],
        amounts: Amounts,
        *,
        first: int,
    ) -> None:
        """Keep it for the next time; ``first`` is the month from which on rows are looked at, there or not (``BEGINNING``)."""
        ...

    def tally(
        self,
        parts: Sequence[Part],
        levels: Collection[Level],
        region: str,
        months: Sequence[int],
        made: Callable[[Sequence[int]], Any],
    ) -> Any:
        """What ``made`` gives for all months, of which those that were computed before are not scanned again (``tallies``)."""
        ...


def amounts_by_month(
    tables: Tables,
    parts: Sequence[Part],
    months: Sequence[int],
    *,
    region: str,
    levels: Collection[Level],
    kept: Kept | None = None,
) -> Mapping[int, Amounts]:
    """The sums of additive ``parts`` for each month and place.

    Args:
        parts: all over one fact, with one attribution, naming the same derived columns.
    """
    found: dict[int, Amounts] = {}
    if kept is not None:
        found = {m: there for m in months if (there := kept.find(parts, levels, region, [m])) is not None}
    missing = [month for month in months if month not in found]
    if missing:
        cells = tables.run(cells_of(tables, parts, missing, region, levels))
        new = rolled(cells, len(parts), missing, region)
        if kept is not None:
            for month, amounts in new.items():
                first = BEGINNING if derived_in(parts[0]) else month
                kept.keep(parts, levels, region, [month], amounts, first=first)
        found |= new
    return found


def cells_of(
    tables: Tables, parts: Sequence[Part], months: Sequence[int], region: str, levels: Collection[Level]
) -> Any:
    """The scan as an Ibis expression: ``month``, a column for each level, and ``a0``, ``a1`` … for the parts."""
    rows = rows_of(tables, parts, months, region)
    places = {
        level.value: place_of(rows, level, column)
        for level, column in by_of(parts[0]).items()
        if level in levels
    }
    keys = {"month": rows.month, **places}
    if worth_it(parts):
        return in_groups(rows, keys, parts)
    return rows.group_by(**keys).aggregate(
        **{f"a{at}": aggregated(part.aggregate, rows) for at, part in enumerate(parts)}
    )


def months_of(part: Part, span: Span, present: Sequence[int]) -> tuple[int, ...]:
    """The months whose rows count: all of the span, or of a stock the last of which there are any."""
    inside = tuple(month for month in present if month in span)
    return inside[-1:] if facts()[part.fact].stock and not part.through else inside


def by_of(part: Part) -> Mapping[Level, str]:
    """By which columns the rows of a part belong to places."""
    return facts()[part.fact].by[part.attribution]


def place_of(rows: Any, level: Level, column: str) -> Any:
    """The key of a level: of a division that of its county, of which there are fewer than of its townships."""
    return head(rows[column], COUNTY) if level is Level.DIVISION else rows[column]


def derived_in(part: Part) -> frozenset[str]:
    """The derived columns that a part names."""
    return frozenset({*names(part.aggregate.what), *names(part.aggregate.where)} & derived(part.fact).keys())


def aggregated(aggregate: Aggregate, rows: Any) -> Any:
    """An aggregate as an Ibis expression over ``rows``."""
    where = None if aggregate.where is None else on_ibis(aggregate.where, rows).fill_null(False)
    if aggregate.what is None:
        return rows.count() if where is None else rows.count(where=where)
    what = on_ibis(aggregate.what, rows)
    match aggregate.how:
        case How.SUM if not set(names(aggregate.what)):
            return what * rows.count(where=where)  # the same number for every row
        case How.SUM:
            return what.sum(where=where)
        case How.DISTINCT:
            return what.nunique(where=where)
        case _:
            # Masked instead of filtered: Spark would filter the 0.5 of its percentile as well.
            return (what if where is None else where.ifelse(what, ibis.null(what.type()))).median()


def belongs(rows: Any, part: Part, region: str) -> Any:
    """Those of ``rows`` that belong to the region in the way of ``part``."""
    by = by_of(part)
    return rows.filter(rows[by[Level.DIVISION]].startswith(region)) if Level.DIVISION in by else rows


def rows_of(tables: Tables, parts: Sequence[Part], months: Sequence[int], region: str) -> Any:
    """The rows of these months that belong to the region, with the derived columns that ``parts`` name."""
    table = tables.table(parts[0].fact)
    used = [derived(parts[0].fact)[name] for name in sorted(derived_in(parts[0]))]
    if used:
        table = table.filter(_needed(tables, table, used, parts, months))
        table = table.mutate(**{each.name: each.on_ibis(table) for each in used})
    return belongs(table.filter(table.month.isin(list(months))), parts[0], region)


def _needed(
    tables: Tables, table: Any, used: Sequence[Since], parts: Sequence[Part], months: Sequence[int]
) -> Any:
    """Which rows the windows have to see: those that can be counted and those looked back at, no further back than matters."""
    hidden = {each.name for each in used}
    conditions = [each.condition for each in used]
    conditions += [_without(part.aggregate.where, hidden) for part in parts]
    needed = reduce(operator.or_, [on_ibis(each, table).fill_null(False) for each in conditions])
    needed = needed & (table.month <= max(months))
    first = _looked_back(tables, table, used, parts, months)
    if first is not None:
        dated = table[facts()[parts[0].fact].dated]
        needed = needed & (table.month >= first.year * 100 + first.month) & (dated >= first)
    return needed


def _looked_back(
    tables: Tables, table: Any, used: Sequence[Since], parts: Sequence[Part], months: Sequence[int]
) -> date | None:
    """From which day on earlier rows matter; ``None`` where no limit is known, or nothing is there to be left out."""
    limits = [reach(part.aggregate.where, each.name) for part in parts for each in used]
    looked_at = {name for part in parts for name in names(part.aggregate.what)}
    earlier = [month for month in tables.months(parts[0].fact) if month < min(months)]
    if not earlier or None in limits or looked_at & {each.name for each in used}:
        return None
    days = max((limit for limit in limits if limit is not None), default=0)
    now = counted_to(table, used)
    (row,) = tables.run(table.filter(table.month.isin(list(months))).aggregate(first=now.min()))
    return None if row["first"] is None else row["first"] - timedelta(days=days)


def counted_to(rows: Any, used: Sequence[Since]) -> Any:
    """The day to which a row's derived columns are counted; the earliest, if they differ."""
    days = [ibis.coalesce(*(rows[column] for column in each.now)) for each in used]
    return ibis.least(*days) if len(days) > 1 else days[0]  # Spark's takes no single one


def _without(where: Node | None, hidden: Collection[str]) -> Node:
    """What of a condition can be said before derived columns are there."""
    conjuncts = where.parts if isinstance(where, All) else () if where is None else (where,)
    return All(tuple(each for each in conjuncts if not set(names(each)) & set(hidden)))


def rolled(
    cells: Iterable[Mapping[str, Any]], parts: int, months: Sequence[int], region: str
) -> dict[int, Amounts]:
    """Cells added up for each month and place; the region is there even without a row."""
    found: dict[int, dict[Place, list[int]]] = {
        month: {(Level.REGION, region): [0] * parts} for month in months
    }
    columns = [f"a{at}" for at in range(parts)]
    for cell in cells:
        amounts = [cell[column] or 0 for column in columns]
        sums = found[cell["month"]]
        for place in ((Level.REGION, region), *_places(cell)):
            there = sums.get(place)
            if there is None:
                sums[place] = amounts.copy()
            else:
                for at, amount in enumerate(amounts):
                    there[at] += amount
    return dict(found)


def _places(cell: Mapping[str, Any]) -> Iterable[Place]:
    for level in (Level.DIVISION, Level.CONSORTIUM, Level.INSTITUTION):
        key = cell.get(level.value)
        if key is not None:
            yield level, key[:COUNTY] if level is Level.DIVISION else key
