"""A condition or an amount as an Ibis expression: the same on DuckDB and on Spark."""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any as Expr
from typing import assert_never

import ibis
import ibis.expr.datatypes as dt

from .expressions import (
    BAR,
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
)

_OPERATORS: Mapping[str, Callable[[Expr, Expr], Expr]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}


def on_ibis(node: Node, table: Expr) -> Expr:
    """``node`` over the rows of ``table``, an Ibis table with the columns the node names."""
    done: Expr
    match node:
        case Field(name=name):
            done = table[name]
        case Const(value=value):
            done = ibis.literal(value)
        case Compare(op=op, left=left, right=right) | Calculate(op=op, left=left, right=right):
            done = _OPERATORS[op](on_ibis(left, table), on_ibis(right, table))
        case Days(since=since, until=until):
            done = on_ibis(until, table).delta(on_ibis(since, table), unit="day")
        case All(parts=parts):
            done = reduce(operator.and_, [on_ibis(each, table) for each in parts], ibis.literal(True))
        case Any(parts=parts):
            done = reduce(operator.or_, [on_ibis(each, table) for each in parts])
        case _:
            done = _of_one(node, on_ibis(node.what, table))
    return done


def _of_one(node: OneOf | Begins | Contains | Known | Not | First, what: Expr) -> Expr:
    """What is said of one thing."""
    match node:
        case OneOf(values=values):
            done = what.isin(values)
        case Begins(values=values):
            done = _begins(what, values)
        case Contains(word=word):
            done = (BAR + what + BAR).contains(BAR + word + BAR)
        case Known():
            done = what.notnull()
        case Not():
            done = ~what
        case First(length=length):
            done = head(what, length)
        case _:
            assert_never(node)
    return done


def _begins(text: Expr, codes: Sequence[str]) -> Expr:
    """One look at a set for each length of code instead of one comparison for each code: lists are long, rows many."""
    by_length: dict[int, list[str]] = defaultdict(list)
    for code in codes:
        by_length[len(code)].append(code)
    looks = [head(text, length).isin(some) for length, some in sorted(by_length.items())]
    return reduce(operator.or_, looks, ibis.literal(False))


def head(text: Expr, length: int) -> Expr:
    """The first characters of a text. By its name, because what Ibis writes for ``left`` names the column twice, and so DuckDB
    would cut every row instead of every word of a column's dictionary."""
    return _substring(text, 1, length)


@ibis.udf.scalar.builtin(name="substring", signature=((dt.string, dt.int64, dt.int64), dt.string))
def _substring(text: str, first: int, length: int) -> str:
    raise NotImplementedError(text, first, length)


@ibis.udf.agg.builtin(name="bit_or", signature=((dt.int64,), dt.int64))
def all_bits(bits: int) -> int:
    """The bits that are set in any of some numbers. By its name, because Ibis knows it for DuckDB only and Spark has it too."""
    raise NotImplementedError(bits)


def bit(at: Expr) -> Expr:
    """The number of which only the bit ``at`` (0–62) is set; of a one of 64 bits, because Spark would shift one of 32."""
    return ibis.literal(1).cast("int64") << at.cast("int32")
