"""What one row can be wrong in by itself: read column by column, then held against itself and against the calendar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import add
from typing import Any as Expr

import ibis

from tiercare.engines.measures.schema import Fact, Type
from tiercare.engines.measures.store import Store

from . import cells
from .cells import Doubt, grave, tidied, tokens
from .faults import SEPARATOR, token
from .mapping import MONTH, FromFile
from .staging import ODD, ROW, WIDE, Staged

ROW_NUMBER, FAULTS, WAITS = "_row", "_faults", "_waits"
_WIDE = cells.WIDE.pattern
_TEXT, _PLAIN = "_text_", "_plain_"

SEQUENCES: Mapping[str, Sequence[tuple[str, str]]] = {
    "visits": (("admitted", "date"),),
    "referrals": (
        ("submitted", "accepted"),
        ("submitted", "arrived"),
        ("submitted", "reported"),
        ("submitted", "closed"),
    ),
}
"""Fact → dates of which the first cannot be later than the second."""
AHEAD: Mapping[str, frozenset[str]] = {
    "milestones": frozenset({"due"}),
    "bookings": frozenset({"date"}),
    "quotas": frozenset({"date"}),
}
"""Fact → dates that may lie ahead."""


SINCE = 200_001


@dataclass(frozen=True, slots=True)
class Plausible:
    """What can be at all.

    Attributes:
        today: no date lies after it, but for those of ``AHEAD``.
        since: the first month of which anybody has an extract.
        born: no date of any kind lies before it; consortia and contracts reach back further than extracts.
    """

    today: date
    since: int = SINCE
    born: date = date(1949, 10, 1)


def came(store: Store, staged: Staged) -> Expr:
    """The rows as they came: ``c0`` … as text, ``row`` and ``odd``."""
    rows = store.file(staged.path)
    if not staged.direct:
        return rows
    texts = {f"c{at}": rows[name].cast("string") for at, name in enumerate(rows.columns)}
    written = [rows[name].fill_null("") for name in rows.columns if rows[name].type().is_string()]
    wide = reduce(add, written, ibis.literal("")).re_search(_WIDE)
    return rows.select(**texts, **{ROW: ibis.row_number() + 1, ODD: ibis.null("string"), WIDE: wide})


def judged_alone(
    store: Store, rows: Expr, staged: Staged, mapping: FromFile, plausible: Plausible, *, legible: bool
) -> Expr:
    """The rows read: our columns, ``month``, the row's number, its faults as text, and whether it must wait."""
    fact = mapping.fact
    layered = _layers(store, rows, staged, mapping)
    month = _month_of(layered[fact.dated]) if fact.dated else layered[MONTH]
    doubts = [
        doubt
        for column in fact.columns.values()
        for doubt in cells.doubts(
            column,
            layered[_TEXT + column.name],
            layered[_PLAIN + column.name],
            layered[column.name],
            mapping,
            legible=legible,
        )
    ]
    if not fact.dated:
        doubts += cells.doubts_month(layered[_TEXT + MONTH], layered[MONTH])
    doubts += [*_against_calendar(layered, month, mapping, plausible), *_against_itself(layered, fact)]
    odd = layered[ODD]
    faults = ibis.ifelse(
        odd.fill_null("") == token("header_again"),
        token("header_again") + SEPARATOR,
        ibis.coalesce(odd + SEPARATOR, "") + tokens(doubts),
    )
    return layered.select(
        *fact.columns,
        **{MONTH: month, ROW_NUMBER: layered[ROW], FAULTS: faults, WAITS: odd.notnull() | grave(doubts)},
    )


def _layers(store: Store, rows: Expr, staged: Staged, mapping: FromFile) -> Expr:
    """Text, normal text and value of every column; each layer is a view, or Ibis would fold them into one."""
    fact = mapping.fact
    columns = fact.columns.values()
    names = [*fact.columns, *([] if fact.dated else [MONTH])]
    texts = rows.select(
        ROW, ODD, WIDE, **{_TEXT + name: _source(rows, staged, mapping, name) for name in names}
    )
    texts = store.view("_texts", texts)
    plain = {_PLAIN + c.name: cells.normal(c, texts[_TEXT + c.name], texts[WIDE], mapping) for c in columns}
    if not fact.dated:
        plain[_PLAIN + MONTH] = cells.normal_month(texts[_TEXT + MONTH], texts[WIDE])
    plains = store.view("_plains", texts.mutate(**plain))
    values = {c.name: cells.value(c, plains[_PLAIN + c.name], mapping) for c in columns}
    if not fact.dated:
        values[MONTH] = cells.value_month(plains[_PLAIN + MONTH])
    return store.view("_read", plains.mutate(**values))


def _source(rows: Expr, staged: Staged, mapping: FromFile, ours: str) -> Expr:
    """The text that a column of ours is read from."""
    if ours in mapping.constants:
        return ibis.literal(mapping.constants[ours])
    theirs = mapping.columns.get(ours)
    there = theirs is not None and theirs in staged.names
    text = (
        tidied(rows[f"c{staged.names.index(theirs)}"], rows[WIDE])
        if there and theirs
        else ibis.null("string")
    )
    return ibis.coalesce(text, mapping.defaults[ours]) if ours in mapping.defaults else text


def _month_of(day: Expr) -> Expr:
    return day.year().cast("int64") * 100 + day.month()


def _against_calendar(rows: Expr, month: Expr, mapping: FromFile, plausible: Plausible) -> Iterator[Doubt]:
    fact = mapping.fact
    today, born = ibis.literal(plausible.today), ibis.literal(plausible.born)
    where = fact.dated or MONTH
    for column in fact.columns.values():
        if column.type is Type.DATE:
            if column.name not in AHEAD.get(fact.name, ()):
                yield Doubt("future", rows[column.name] > today, column.name)
            if column.name != fact.dated:
                yield Doubt("too_early", rows[column.name] < born, column.name)
    yield Doubt("too_early", month < plausible.since, where)
    if not fact.dated:
        yield Doubt("future", month > plausible.today.year * 100 + plausible.today.month, where)
    if mapping.period is not None:
        inside = month.between(mapping.period.first, mapping.period.last)
        yield Doubt("outside_period", ~inside, where)


def _against_itself(rows: Expr, fact: Fact) -> Iterator[Doubt]:
    for first, then in SEQUENCES.get(fact.name, ()):
        yield Doubt("before", rows[then] < rows[first], then)
    if {"cost", "fund", "own"} <= fact.columns.keys():
        yield Doubt("shares", (rows.fund + rows.own > rows.cost) & (rows.cost >= 0), "cost")
    if {"admitted", "date", "days", "kind"} <= fact.columns.keys():
        stayed = rows["date"].delta(rows.admitted, unit="day")
        # Both ways of counting a stay are in use: nights, and days begun.
        yield Doubt("days", (rows.days != stayed) & (rows.days != stayed + 1), "days")
        yield Doubt(
            "no_admission", (rows.kind == "inpatient") & rows[_TEXT + "admitted"].isnull(), "admitted"
        )
