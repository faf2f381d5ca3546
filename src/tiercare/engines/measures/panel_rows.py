"""Laying out a panel: every column's numbers for every row, with one scan for all that look at the same rows in the same way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from .breakdown import By, by_person
from .cells import Tables, aggregated, derived_in, rows_of
from .evaluate import months_of
from .expressions import All, Begins, Field, Node, OneOf, Sort
from .indicators import Form, Part
from .panels import Cell, Column, Dimension, Key, Only, Panel, Row, place_of
from .periods import Span
from .schema import Attribution, facts


def lay_out(tables: Tables, panel: Panel, span: Span, *, region: str) -> list[Row]:
    """The rows of a panel, in its order; rows of which nothing is known are left out, unless the panel names them itself."""
    now = _laid(tables, panel, span, region)
    before = _laid(tables, panel, span.a_year_before(), region) if panel.change else None
    keys = sorted({*now.keys, *(before.keys if before is not None else ())})
    under = _under(tables, panel, span, region) if panel.leading else {}
    rows = [
        Row(
            key,
            tuple(now.cell(at, key) for at in range(len(panel.columns))),
            tuple(None if before is None else before.cell(at, key) for at in range(len(panel.columns))),
            under.get(key),
        )
        for key in keys
    ]
    if not panel.groups:
        rows = [row for row in rows if any(_counts(each) for each in (*row.now, *row.before))]
        rows = [row for row in rows if not panel.counted or _above(row.now[panel.order])]
        return sorted(rows, key=lambda row: _order(panel, row))
    named = {group.id: at for at, group in enumerate(panel.groups)}
    place = panel.rows.index(Dimension.GROUP)
    return sorted(rows, key=lambda row: (row.key[:place], named[row.key[place]], row.key[place:]))


def total(tables: Tables, panel: Panel, span: Span, *, region: str) -> Row:
    """The same columns for all of the region, what stands in no row included."""
    whole = replace(panel, rows=(), groups=(), leading=False)
    now, before = _laid(tables, whole, span, region), _laid(tables, whole, span.a_year_before(), region)
    columns = range(len(panel.columns))
    return Row(
        (),
        tuple(now.cell(at, ()) for at in columns),
        tuple(before.cell(at, ()) if panel.change else None for at in columns),
    )


def strengthened(panel: Panel, rows: Sequence[Row]) -> list[tuple[str, Fraction]]:
    """The specialties under which the rows were seen, by how much of the first column stands behind them, the most first."""
    found: dict[str, Fraction] = defaultdict(Fraction)
    for row in rows:
        first = row.now[panel.order]
        if row.specialty is not None and first is not None and first.numerator:
            found[row.specialty] += first.numerator
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))


def _counts(cell: Cell | None) -> bool:
    return cell is not None and bool(cell.numerator or cell.denominator)


def _above(cell: Cell | None) -> bool:
    return cell is not None and bool(cell.numerator)


def _order(panel: Panel, row: Row) -> tuple[Key, bool, Fraction, Fraction, Key]:
    """By what stands in the column of the order; of equals the one with more behind it. Rows of two dimensions stay together by
    the first: what an institution does is read as a whole."""
    cell, together = row.now[panel.order], row.key[:-1]
    shown = None if cell is None else cell.shown(panel.columns[panel.order].show)
    if cell is None or shown is None:
        return together, True, Fraction(0), Fraction(0), row.key
    return together, False, -shown if panel.falling else shown, -cell.denominator, row.key


@dataclass(frozen=True, slots=True)
class _Held:
    """The amounts of a part by those parts of a row's key that it knows."""

    places: tuple[int, ...]
    amounts: Mapping[Key, Fraction]

    def of(self, key: Key) -> Fraction:
        return self.amounts.get(tuple(key[at] for at in self.places), Fraction(0))


@dataclass(frozen=True, slots=True)
class _Laid:
    """The amounts of every column; ``keys`` are those of rows that some part knows in full."""

    columns: Sequence[Column]
    held: Mapping[tuple[int, Part], _Held]
    present: Sequence[bool]
    keys: frozenset[Key]

    def cell(self, at: int, key: Key) -> Cell | None:
        """A column's number for a row; ``None`` where there are no data of the period at all."""
        if not self.present[at]:
            return None
        indicator = self.columns[at].indicator
        above, below = (
            sum((self.held[at, part].of(key) for part in parts), Fraction(0))
            for parts in (indicator.numerator, indicator.denominator)
        )
        value: Fraction | None = above
        if indicator.form is Form.RATIO:
            value = above * indicator.per / below if below else None
        elif indicator.form is Form.MEDIAN and not below:
            value = None
        return Cell(above, below, value)


def _laid(tables: Tables, panel: Panel, span: Span, region: str) -> _Laid:
    columns = [
        replace(each, indicator=by_person(each.indicator)) if each.once else each for each in panel.columns
    ]
    flagged = {
        each.only: _flagged(tables, each.only.flag, span)
        for each in columns
        if each.only is not None and tables.months(next(iter(each.indicator.numerator)).fact)
    }
    wanted = [
        _Wanted(at, part, _only(part, each.only, flagged), _spread(panel, part))
        for at, each in enumerate(columns)
        for part in dict.fromkeys(each.indicator.parts)
    ]
    amounts = _amounts(tables, panel, wanted, span, region)
    held = {(each.at, each.part): _Held(each.places(panel), amounts[each]) for each in wanted}
    present = [
        any(months_of(part, span, tables.months(part.fact)) for part in each.indicator.numerator)
        for each in columns
    ]
    whole = tuple(range(len(panel.rows)))
    keys = frozenset(key for each in held.values() if each.places == whole for key in each.amounts)
    return _Laid(columns, held, present, keys)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A part of a column: which one it is (``part``), what is computed (``limited``), and its column for each dimension."""

    at: int
    part: Part
    limited: Part
    by: tuple[tuple[int, By], ...]

    def grouped(self, panel: Panel) -> bool:
        """Whether the groups of the panel say anything of its table."""
        return any(self.part.fact in group.codes for group in panel.groups)

    def places(self, panel: Panel) -> tuple[int, ...]:
        """Which parts of a row's key it knows."""
        known = [at for at, _ in self.by]
        return tuple(sorted([*known, panel.rows.index(Dimension.GROUP)] if self.grouped(panel) else known))


def _spread(panel: Panel, part: Part) -> tuple[tuple[int, By], ...]:
    found = ((at, place_of(part, dimension)) for at, dimension in enumerate(panel.rows))
    return tuple((at, by) for at, by in found if by is not None)


def _only(part: Part, only: Only | None, flagged: Mapping[Only, tuple[str, ...]]) -> Part:
    """A part limited to rows that name one of the flagged institutions."""
    if only is None or only.column not in facts()[part.fact].columns:
        return part
    return _limited(part, OneOf(Field(only.column, Sort.TEXT), flagged.get(only, ())))


def _limited(part: Part, *conditions: Node) -> Part:
    where = part.aggregate.where
    both = (*(() if where is None else (where,)), *conditions)
    return replace(part, aggregate=replace(part.aggregate, where=All(both))) if conditions else part


def _flagged(tables: Tables, flag: str, span: Span) -> tuple[str, ...]:
    """The institutions with a flag in the last month of the period of which there are any."""
    present = [month for month in tables.months("institutions") if month in span]
    if not present:
        return ()
    rows = tables.table("institutions")
    rows = rows.filter(rows.month == present[-1], rows[flag])
    return tuple(sorted(row["institution"] for row in tables.run(rows.select("institution").distinct())))


_Scan = tuple[str, Attribution, tuple[int, ...], frozenset[str], tuple[By, ...]]


def _amounts(
    tables: Tables, panel: Panel, wanted: Iterable[_Wanted], span: Span, region: str
) -> dict[_Wanted, dict[Key, Fraction]]:
    """The parts by what they know of a row's key, with one scan for those that look at the same rows in the same way."""
    found: dict[_Wanted, dict[Key, Fraction]] = {each: {} for each in wanted}
    scans: dict[_Scan, list[_Wanted]] = defaultdict(list)
    for each in found:
        part = each.limited
        months = months_of(part, span, tables.months(part.fact))
        if months:
            by = tuple(by for _, by in each.by)
            scans[part.fact, part.attribution, months, derived_in(part), by].append(each)
    for (_, _, months, _, by), mine in scans.items():
        several = [(each, key, part) for each in mine for key, part in _by_group(panel, each)]
        rows = rows_of(tables, [part for _, _, part in several], months, region)
        for column in by:
            rows = rows.filter(rows[column.column].notnull())
        sums = {f"a{at}": aggregated(part.aggregate, rows) for at, (_, _, part) in enumerate(several)}
        keys = [_key(rows, column).name(f"k{at}") for at, column in enumerate(by)]
        for row in tables.run(rows.group_by(keys).aggregate(**sums) if keys else rows.aggregate(**sums)):
            for at, (each, group, _) in enumerate(several):
                parts = {place: row[f"k{n}"] for n, (place, _) in enumerate(each.by)}
                parts |= {panel.rows.index(Dimension.GROUP): group} if group is not None else {}
                found[each][tuple(parts[place] for place in sorted(parts))] = Fraction(row[f"a{at}"] or 0)
    return found


def _by_group(panel: Panel, each: _Wanted) -> list[tuple[str | None, Part]]:
    """The part as it is, or once for each group with the group's codes."""
    if not each.grouped(panel):
        return [(None, each.limited)]
    return [
        (
            group.id,
            _limited(
                each.limited,
                *(
                    Begins(Field(column, Sort.TEXT), codes)
                    for column, codes in group.codes.get(each.part.fact, {}).items()
                ),
            ),
        )
        for group in panel.groups
        if each.part.fact in group.codes
    ]


def _key(rows: Any, by: By) -> Any:
    return rows[by.column] if by.first is None else rows[by.column].left(by.first)


def _under(tables: Tables, panel: Panel, span: Span, region: str) -> Mapping[Key, str]:
    """For each row the specialty under which most of the ordering column's numerator was seen; of equals the lower code."""
    column = panel.columns[panel.order]
    finer = replace(
        panel,
        rows=(*panel.rows, Dimension.SPECIALTY),
        columns=(column,),
        order=0,
        leading=False,
        change=False,
    )
    laid = _laid(tables, finer, span, region)
    best: dict[Key, tuple[Fraction, str]] = {}
    for key in sorted(laid.keys):
        cell, row, specialty = laid.cell(0, key), key[:-1], key[-1]
        if cell is not None and cell.numerator and (row not in best or cell.numerator > best[row][0]):
            best[row] = cell.numerator, specialty
    return {row: specialty for row, (_, specialty) in best.items()}
