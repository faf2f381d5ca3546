"""Columns that come from earlier rows of the same person: how long ago they were discharged, whether primary care saw them first.

Each is declared, and computed twice: by Ibis as a window over the table, by the reference row by row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any as Whatever

import ibis

from tiercare.kernel.text import Text

from .expressions import (
    All,
    Any,
    Begins,
    Calculate,
    Compare,
    Const,
    Contains,
    Days,
    Field,
    First,
    Known,
    Node,
    Not,
    OneOf,
    Sort,
    condition,
)
from .on_ibis import on_ibis
from .reference import holds
from .schema import Column, Fact, Type, facts


@dataclass(frozen=True, slots=True)
class Since:
    """Days since the person's last earlier row that is one of ``which``; empty if there was none.

    Earlier is by ``then``: rows of one day have no order among them, none comes before the other.

    Attributes:
        then: the date of the earlier row that is counted from.
        now: the date of this row that is counted to: the first of these columns that is not empty.
        many: whether ``which`` are so many that sorting them all by person would cost more than everything else (``looking_back``).
    """

    fact: str
    name: str
    which: str
    then: str
    now: tuple[str, ...]
    says: Text
    many: bool = False

    @property
    def column(self) -> Column:
        """What definitions see."""
        return Column(self.name, Type.COUNT, True, self.says)

    @property
    def condition(self) -> Node:
        """``which``, read."""
        return condition(self.which, facts()[self.fact].columns, {})

    def on_ibis(self, table: Whatever) -> Whatever:
        """The column over a table that holds all rows of ``which``."""
        day = table[self.then].delta(ibis.date("1970-01-01"), unit="day")
        window = ibis.range_window(group_by=table.person, order_by=day, preceding=(None, 1))
        last = on_ibis(self.condition, table).ifelse(table[self.then], ibis.null("date")).max().over(window)
        return ibis.coalesce(*(table[each] for each in self.now)).delta(last, unit="day")

    def by_hand(self, rows: Sequence[Mapping[str, Whatever]], row: Mapping[str, Whatever]) -> int | None:
        """The column of one row among all."""
        earlier: list[date] = [
            each[self.then]
            for each in rows
            if each["person"] == row["person"]
            and each[self.then] < row[self.then]
            and holds(self.condition, each)
        ]
        now: date = next(row[each] for each in self.now if row[each] is not None)
        return (now - max(earlier)).days if earlier else None


_ALL = (
    Since(
        "visits",
        "since_stay",
        "kind == inpatient",
        "date",
        ("admitted", "date"),
        Text(
            "从同一人上一次出院到这次入院（就诊）的天数；以前没有住院则空。",
            "Days from the same person's last discharge to this admission or visit; empty if there was none.",
        ),
    ),
    Since(
        "visits",
        "since_primary",
        "tier == primary",
        "date",
        ("admitted", "date"),
        Text(
            "从同一人上一次在基层就诊到这次的天数；以前没有则空。",
            "Days from the same person's last visit to primary care to this one; empty if there was none.",
        ),
        many=True,
    ),
    Since(
        "referrals",
        "since_down",
        "direction == down",
        "submitted",
        ("submitted",),
        Text(
            "从同一人上一次下转到这次转诊的天数；以前没有则空。",
            "Days from the same person's last referral down to this one; empty if there was none.",
        ),
    ),
)


NEVER: Node = Compare("==", Const(0, Sort.NUMBER), Const(1, Sort.NUMBER))


@cache
def derived(fact: str) -> Mapping[str, Since]:
    """Those of a fact table, by name."""
    return {each.name: each for each in _ALL if each.fact == fact}


@cache
def columns_of(fact: Fact) -> Mapping[str, Column]:
    """The columns that a definition over ``fact`` may name, derived ones among them."""
    return {**fact.columns, **{name: each.column for name, each in derived(fact.name).items()}}


def names(node: Node | None) -> Iterator[str]:
    """The columns that a node names."""
    match node:
        case Field(name=name):
            yield name
        case Compare(left=left, right=right) | Calculate(left=left, right=right):
            yield from (*names(left), *names(right))
        case Days(since=since, until=until):
            yield from (*names(since), *names(until))
        case (
            OneOf(what=what)
            | Begins(what=what)
            | Contains(what=what)
            | Known(what=what)
            | Not(what=what)
            | First(what=what)
        ):
            yield from names(what)
        case All(parts=parts) | Any(parts=parts):
            for each in parts:
                yield from names(each)


def reach(node: Node | None, name: str) -> int | None:
    """How many days back a derived column matters to whether a condition holds; ``None``: no limit is known.

    What is further back than the reach makes the condition no more true than nothing at all would.
    """
    found: int | None = None
    match node:
        case Compare(op="<=" | "<", left=Field(name=left), right=Const(value=int() as days)) if left == name:
            found = days
        case All(parts=parts):
            # One part that fails is enough.
            mentioned = [each for each in parts if name in names(each)]
            limits = [limit for limit in (reach(each, name) for each in mentioned) if limit is not None]
            found = min(limits, default=None) if mentioned else 0
        case Any(parts=parts):
            of_each = [reach(each, name) for each in parts if name in names(each)]
            known = [limit for limit in of_each if limit is not None]
            found = max(known, default=0) if len(known) == len(of_each) else None
        case _:
            found = None if name in names(node) else 0
    return found


def certain(node: Node, hidden: Collection[str]) -> Node:
    """What holds only where ``node`` holds whatever the ``hidden`` columns say."""
    found = NEVER
    match node:
        case _ if not {*names(node)} & {*hidden}:
            found = node
        case All(parts=parts) | Any(parts=parts):
            found = replace(node, parts=tuple(certain(each, hidden) for each in parts))
        case Not(what=what):
            found = refuted(what, hidden)
    return found


def refuted(node: Node, hidden: Collection[str]) -> Node:
    """What holds only where ``node`` fails whatever the ``hidden`` columns say."""
    found = NEVER
    match node:
        case _ if not {*names(node)} & {*hidden}:
            found = Not(node)
        case All(parts=parts):
            found = Any(tuple(refuted(each, hidden) for each in parts))
        case Any(parts=parts):
            found = All(tuple(refuted(each, hidden) for each in parts))
        case Not(what=what):
            found = certain(what, hidden)
    return found
