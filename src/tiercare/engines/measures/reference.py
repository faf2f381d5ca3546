"""The slow and obvious engine: rows as dictionaries, one after the other. It is the witness the fast ones are held against."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any as Whatever
from typing import assert_never

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

Row = Mapping[str, Whatever]
# Its own, though ``on_ibis`` has the same: a witness that shares a table with whom it is held against would repeat its mistakes.
_OPERATORS: Mapping[str, Callable[[Whatever, Whatever], Whatever]] = {
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


def value(node: Node, row: Row) -> Whatever:
    """What ``node`` is for a row; ``None`` where something it needs is empty."""
    done: Whatever
    match node:
        case Field(name=name):
            done = row[name]
        case Const(value=constant):
            done = constant
        case Compare(op=op, left=left, right=right) | Calculate(op=op, left=left, right=right):
            done = _both(left, right, row, _OPERATORS[op])
        case Days(since=since, until=until):
            done = _both(since, until, row, _days)
        case All(parts=parts):
            found = {value(each, row) for each in parts}
            done = False if False in found else (None if None in found else True)
        case Any(parts=parts):
            found = {value(each, row) for each in parts}
            done = True if True in found else None if None in found else False
        case Known(what=what):
            done = value(what, row) is not None
        case _:
            what = value(node.what, row)
            done = None if what is None else _of_one(node, what)
    return done


def _of_one(node: OneOf | Begins | Contains | Not | First, what: Whatever) -> Whatever:
    """What is said of one thing that is not empty."""
    done: Whatever
    match node:
        case OneOf(values=values):
            done = what in values
        case Begins(values=values):
            done = what.startswith(values)
        case Contains(word=word):
            done = word in what.split(BAR)
        case Not():
            done = not what
        case First(length=length):
            done = what[:length]
        case _:
            assert_never(node)
    return done


def holds(node: Node | None, row: Row) -> bool:
    """Whether a row counts: no condition takes every row, an open one takes none."""
    return node is None or value(node, row) is True


def _both(left: Node, right: Node, row: Row, then: Callable[[Whatever, Whatever], Whatever]) -> Whatever:
    a, b = value(left, row), value(right, row)
    return None if a is None or b is None else then(a, b)


def _days(since: date, until: date) -> int:
    return (until - since).days
