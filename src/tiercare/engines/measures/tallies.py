"""What does not add up, people counted once and medians, from tallies: at which place which value stands in how many rows.

Only rows that count are looked at, once for all levels. The levels are then asked of the tally, which is short, and not of the rows.
"""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any

import ibis

from .cells import Amounts, Kept, Place, Tables, aggregated, by_of, derived_in, place_of, rows_of
from .derived import columns_of, names
from .indicators import How, Part
from .on_ibis import all_bits, bit, on_ibis
from .schema import Level, Type, facts

_BITS = 60  # months between the first and the last of a tally: fewer than the bits of a number
_FEW = frozenset(
    {Type.COUNT, Type.MINUTES, Type.DATE}
)  # numbers of which few are different: fen are not among them


def alike(part: Part) -> Hashable:
    """Parts of which this is the same are tallied together."""
    return (
        part.fact,
        part.attribution,
        part.through,
        derived_in(part),
        part.aggregate.how,
        part.aggregate.what,
    )


def tallied(
    tables: Tables,
    parts: Sequence[Part],
    months: Sequence[int],
    *,
    region: str,
    levels: Collection[Level],
    kept: Kept | None = None,
) -> Amounts:
    """The amounts of parts that are ``alike`` over the rows of some months together; no place of which no row counts."""
    by = {level: column for level, column in by_of(parts[0]).items() if level in levels}
    people, few = parts[0].aggregate.how is How.DISTINCT, _few(parts[0])
    if not people and not few:
        return _middles_of_rows(tables, rows_of(tables, parts, months, region), parts, by, region)
    short = few or _at(months[-1]) - _at(months[0]) <= _BITS

    def tally(some: Sequence[int]) -> Any:
        bits = some if people and short else ()
        return _tally(rows_of(tables, parts, some, region), parts, by, bits, monthly=not people)

    if kept is not None and short and len(months) > 1 and not derived_in(parts[0]):
        there = kept.tally(parts, levels, region, months, tally)
    else:
        there = tally(months)
    if not people:
        return _middles(tables.run(_levels(there, parts, by)), len(parts), region)
    found = tables.run(_people(there, parts, by))
    return {(Level(row["level"]), row["key"] or region): _amounts(row, len(parts)) for row in found}


def _tally(
    rows: Any,
    parts: Sequence[Part],
    by: Mapping[Level, str],
    bits: Sequence[int] = (),
    *,
    monthly: bool = False,
) -> Any:
    """A column for each level, ``what``, and for each part in how many rows it stands; or in which months, as ``bits``.

    Args:
        monthly: one tally for each month, by a column more.
    """
    counts = [
        ibis.literal(True)
        if part.aggregate.where is None
        else on_ibis(part.aggregate.where, rows).fill_null(False)
        for part in parts
    ]
    assert parts[0].aggregate.what is not None
    what = on_ibis(parts[0].aggregate.what, rows)
    named = {level.value: place_of(rows, level, column) for level, column in by.items()}
    columns = {f"n{at}": each for at, each in enumerate(counts)}
    rows = rows.select(month=rows.month, **named, what=what, **columns)
    rows = rows.filter(rows.what.notnull() & reduce(operator.or_, [rows[each] for each in columns]))
    if not bits:
        found = {each: rows.count(where=rows[each]) for each in columns}
    else:
        mine, none = bit(_at(rows.month) - _at(bits[0])), ibis.literal(0, "int64")
        found = {each: all_bits(rows[each].ifelse(mine, none)) for each in columns}
    return rows.group_by([*named, "what", *(["month"] if monthly else [])]).aggregate(**found)


def _at(month: Any) -> Any:
    """Months since the beginning of the calendar."""
    return month // 100 * 12 + month % 100


def in_months(tally: Any, months: Sequence[int], some: Sequence[int], parts: int) -> Any:
    """What of a tally over ``months`` stands in ``some`` of them."""
    if "month" in tally.columns:
        return tally.filter(tally.month.isin(list(some)))
    bits = ibis.literal(sum(1 << (_at(month) - _at(months[0])) for month in some), "int64")
    return tally.mutate(**{f"n{at}": tally[f"n{at}"] & bits for at in range(parts)})


def _levels(tally: Any, parts: Sequence[Part], by: Mapping[Level, str]) -> Any:
    """The tally of each level, one below the other; the region's own key is left empty."""
    columns = [f"n{at}" for at in range(len(parts))]

    def of(level: Level) -> Any:
        rows = tally
        if level is not Level.REGION:
            rows = tally.filter(tally[level.value].notnull())
        key = rows[level.value] if level is not Level.REGION else ibis.null("string")
        rows = rows.select("what", *columns, key=key)
        people = (
            parts[0].aggregate.how is How.DISTINCT
        )  # then what is added up are months, of which one is enough
        together = rows.group_by(["key", "what"]).aggregate(
            **{each: rows[each].max() if people else rows[each].sum() for each in columns}
        )
        return together.select("key", "what", *columns, level=ibis.literal(level.value))

    return ibis.union(*[of(level) for level in (Level.REGION, *by)])


def _people(tally: Any, parts: Sequence[Part], by: Mapping[Level, str]) -> Any:
    """How many different values count, by level and key."""
    each = _levels(tally, parts, by)
    return each.group_by(["level", "key"]).aggregate(
        **{f"a{at}": each.count(where=each[f"n{at}"] > 0) for at in range(len(parts))}
    )


def _amounts(row: Mapping[str, Any], parts: int) -> list[int]:
    return [row[f"a{at}"] for at in range(parts)]


def _few(part: Part) -> bool:
    columns = columns_of(facts()[part.fact])
    return all(columns[name].type in _FEW for name in names(part.aggregate.what))


def _middles(rows: Iterable[Mapping[str, Any]], parts: int, region: str) -> Amounts:
    """Medians from how often each number stands."""
    counts: dict[Place, list[dict[int, int]]] = defaultdict(lambda: [{} for _ in range(parts)])
    for row in rows:
        mine = counts[Level(row["level"]), row["key"] or region]
        for at in range(parts):
            if row[f"n{at}"]:
                mine[at][row["what"]] = row[f"n{at}"]
    return {place: [_middle(each) for each in mine] for place, mine in counts.items()}


def _middle(counts: Mapping[int, int]) -> Fraction:
    """The median of numbers that stand so often; of none it is 0, and the denominator says that there are none."""
    rows = sum(counts.values())
    passed, below = 0, None
    for number in sorted(counts):
        passed += counts[number]
        if below is None and 2 * passed >= rows:
            below = number
        if 2 * passed > rows:
            assert below is not None
            return Fraction(below + number, 2)
    return Fraction(0)


def _middles_of_rows(
    tables: Tables, rows: Any, parts: Sequence[Part], by: Mapping[Level, str], region: str
) -> Amounts:
    """Medians of numbers nearly all of which are different: asked of the rows at each level."""
    asked = {f"a{at}": aggregated(part.aggregate, rows) for at, part in enumerate(parts)}
    found: dict[Place, list[Fraction]] = {}
    for level in (Level.REGION, *by):
        if level is Level.REGION:
            expression = rows.aggregate(**asked)
        else:
            there = rows.filter(rows[by[level]].notnull())
            expression = there.group_by(key=place_of(rows, level, by[level])).aggregate(**asked)
        for row in tables.run(expression):
            middles = [Fraction(row[name] or 0) for name in asked]
            found[level, region if level is Level.REGION else row["key"]] = middles
    return found
