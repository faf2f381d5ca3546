"""An indicator by anything its rows say: by disease, by operation, by department. The definition stays what it is.

Asked for a region and one period at a time, when somebody looks closer; boards and scorecards use ``evaluate``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from .cells import Tables, aggregated, derived_in, rows_of
from .evaluate import months_of
from .expressions import Field, Sort
from .indicators import Aggregate, Form, How, Indicator, Part
from .periods import Span
from .schema import Attribution, facts

_FORMS = frozenset({Form.RATIO, Form.NUMBER, Form.MEDIAN})
Key = tuple[str, ...]


class NotBrokenDown(ValueError):
    """The form of the indicator, or its tables, allow no breakdown by these columns."""


@dataclass(frozen=True, slots=True)
class By:
    """A column to break down by.

    Attributes:
        first: of how many characters the key is: three of an ICD-10 code are its category; ``None`` for all.
    """

    column: str
    first: int | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """An indicator for the rows of one key. A zero denominator has no value.

    Attributes:
        key: one text for each ``By``.
    """

    key: Key
    numerator: Fraction
    denominator: Fraction
    value: Fraction | None


CATEGORY = By("diagnosis", 3)  # ICD-10 names a disease with three characters, its kinds with those after


def broken_down(
    tables: Tables, indicator: Indicator, span: Span, by: Sequence[By], *, region: str
) -> list[Slice]:
    """An indicator for each key that occurs, in the order of the keys; rows where a column is empty are left out.

    A part over a table without these columns (people of the region) is taken whole for every key.

    Raises:
        NotBrokenDown: if nothing in the numerator has the columns, or the indicator is a growth, a quotient or the like.
    """
    having = {part for part in indicator.parts if _has(part, by)}
    if indicator.form not in _FORMS or not having.intersection(indicator.numerator):
        raise NotBrokenDown(f"{indicator.id} by {', '.join(each.column for each in by)}")
    sliced = _sliced(
        tables, [part for part in dict.fromkeys(indicator.parts) if part in having], span, by, region
    )
    whole = {part: _whole(tables, part, span, region) for part in indicator.parts if part not in having}

    def side(parts: Sequence[Part], key: Key) -> Fraction:
        return sum(
            (whole[part] if part in whole else sliced[part].get(key, Fraction(0)) for part in parts),
            Fraction(0),
        )

    keys = sorted({key for found in sliced.values() for key in found})
    return [
        _slice(indicator, key, side(indicator.numerator, key), side(indicator.denominator, key))
        for key in keys
    ]


def by_person(indicator: Indicator) -> Indicator:
    """The same indicator with each person of the numerator once, however many rows they have.

    Raises:
        NotBrokenDown: if the numerator is no count, or its table names no people.
    """

    def once(part: Part) -> Part:
        if part.aggregate.how is not How.COUNT or "person" not in facts()[part.fact].columns:
            raise NotBrokenDown(f"{indicator.id} by person")
        return replace(
            part, aggregate=Aggregate(How.DISTINCT, Field("person", Sort.TEXT), part.aggregate.where)
        )

    return replace(indicator, numerator=tuple(map(once, indicator.numerator)))


def _has(part: Part, by: Sequence[By]) -> bool:
    columns = facts()[part.fact].columns
    return all(each.column in columns and columns[each.column].type.is_text for each in by)


def _sliced(
    tables: Tables, parts: Sequence[Part], span: Span, by: Sequence[By], region: str
) -> Mapping[Part, Mapping[Key, Fraction]]:
    """The parts for each key, with one scan for those that look at the same rows."""
    groups: dict[tuple[str, Attribution, tuple[int, ...], frozenset[str]], list[Part]] = defaultdict(list)
    for part in parts:
        months = months_of(part, span, tables.months(part.fact))
        groups[part.fact, part.attribution, months, derived_in(part)].append(part)
    found: dict[Part, dict[Key, Fraction]] = {part: {} for part in parts}
    for (_, _, months, _), mine in groups.items():
        if not months:
            continue
        rows = rows_of(tables, mine, months, region)
        for each in by:
            rows = rows.filter(rows[each.column].notnull())
        keys = [_key(rows, each).name(f"k{at}") for at, each in enumerate(by)]
        sums = {f"a{at}": aggregated(part.aggregate, rows) for at, part in enumerate(mine)}
        for row in tables.run(rows.group_by(keys).aggregate(**sums)):
            key = tuple(row[f"k{at}"] for at in range(len(by)))
            for at, part in enumerate(mine):
                found[part][key] = Fraction(row[f"a{at}"] or 0)
    return found


def _key(rows: Any, by: By) -> Any:
    return rows[by.column] if by.first is None else rows[by.column].left(by.first)


def _whole(tables: Tables, part: Part, span: Span, region: str) -> Fraction:
    months = months_of(part, span, tables.months(part.fact))
    if not months:
        return Fraction(0)
    rows = rows_of(tables, [part], months, region)
    (row,) = tables.run(rows.aggregate(a=aggregated(part.aggregate, rows)))
    return Fraction(row["a"] or 0)


def _slice(indicator: Indicator, key: Key, above: Fraction, below: Fraction) -> Slice:
    value: Fraction | None = above
    if indicator.form is Form.RATIO:
        value = above * indicator.per / below if below else None
    elif indicator.form is Form.MEDIAN and not below:
        value = None
    return Slice(key, above, below, value)
