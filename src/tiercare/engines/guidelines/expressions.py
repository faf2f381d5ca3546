"""Conditions as a clinician writes them: ``sbp >= 180 or dbp >= 110``. Names, numbers, comparisons, and/or/not.

Truth has three values: what was not observed makes a condition open, not false, unless the rest decides it.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

# A number is an interval: a count of which some parts are unknown lies between two numbers.
Value = tuple[float, float] | bool | str
_COMPARE: Mapping[type[ast.cmpop], tuple[str, Callable[[float, float], bool]]] = {
    ast.GtE: (">=", operator.ge),
    ast.Gt: (">", operator.gt),
    ast.LtE: ("<=", operator.le),
    ast.Lt: ("<", operator.lt),
    ast.Eq: ("=", operator.eq),
    ast.NotEq: ("≠", operator.ne),
}


class NotAnExpression(ValueError):
    """The text is none of the language; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A comparison that holds: the fact, how it is compared, and with what."""

    fact: str
    compared: str
    limit: float | str | bool


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a condition holds (``None``: open), the comparisons that make it so, and what is missing to decide."""

    holds: bool | None
    because: tuple[Reason, ...] = ()
    missing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed condition."""

    text: str
    names: frozenset[str]
    tree: ast.expr

    def answer(self, known: Mapping[str, Value]) -> Answer:
        """Hold the condition against what is known."""
        return _answer(self.tree, known)


def parse(text: str) -> Expression:
    """Read a condition.

    Raises:
        NotAnExpression: if it is not of this language, with what is wrong.
    """
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise NotAnExpression(f"cannot be read at character {error.offset}") from None
    names: set[str] = set()
    _check(tree, names)
    return Expression(text, frozenset(names), tree)


def _check(node: ast.expr, names: set[str]) -> None:
    match node:
        case ast.BoolOp(values=values):
            for each in values:
                _check(each, names)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)):
            names.add(name)
        case ast.Compare(left=ast.Name(id=name), ops=[op], comparators=[ast.Constant(value=limit)]):
            if (
                type(op) not in _COMPARE
                or isinstance(limit, bool)
                or not isinstance(limit, int | float | str)
            ):
                raise NotAnExpression(f"{name} is compared with something that is no number and no code")
            if isinstance(limit, str) and not isinstance(op, ast.Eq | ast.NotEq):
                raise NotAnExpression(f"{name}: codes have no order, only == and != compare them")
            names.add(name)
        case ast.Compare(
            left=ast.Constant(value=int() | float()),
            ops=[ast.Lt() | ast.LtE(), ast.Lt() | ast.LtE()],
            comparators=[ast.Name(id=name), ast.Constant(value=int() | float())],
        ):
            names.add(name)
        case ast.Name(id=name):
            names.add(name)
        case _:
            raise NotAnExpression(f"“{ast.unparse(node)}” is none of: names, comparisons, and, or, not")


def _answer(node: ast.expr, known: Mapping[str, Value]) -> Answer:
    match node:
        case ast.BoolOp(op=op, values=values):
            return _together([_answer(each, known) for each in values], decides=isinstance(op, ast.Or))
        case ast.UnaryOp(operand=operand):
            inner = _answer(operand, known)
            return replace(inner, holds=None if inner.holds is None else not inner.holds)
        case ast.Compare(left=ast.Name(id=name), ops=[op], comparators=[ast.Constant(value=limit)]):
            return _compared(name, op, limit, known)
        case ast.Compare(
            left=ast.Constant(value=low),
            ops=[a, b],
            comparators=[ast.Name(id=name), ast.Constant(value=high)],
        ):
            upper = ast.Gt() if isinstance(a, ast.Lt) else ast.GtE()
            return _together(
                [_compared(name, upper, low, known), _compared(name, b, high, known)], decides=False
            )
        case ast.Name(id=name):
            value = known.get(name)
            if not isinstance(value, bool):
                return Answer(None, missing=frozenset({name}))
            return Answer(value, (Reason(name, "=", value),))
    raise AssertionError("parse lets nothing else through")


def _together(parts: list[Answer], *, decides: bool) -> Answer:
    """``or`` (one that holds decides) or ``and`` (one that does not)."""
    deciding = [each for each in parts if each.holds is decides]
    if deciding:
        return Answer(decides, tuple(reason for each in deciding for reason in each.because))
    unsure = [each for each in parts if each.holds is None]
    if unsure:
        return Answer(None, missing=frozenset(name for each in unsure for name in each.missing))
    return Answer(not decides, tuple(reason for each in parts for reason in each.because))


def _compared(name: str, op: ast.cmpop, limit: object, known: Mapping[str, Value]) -> Answer:
    value = known.get(name)
    shown, _ = _COMPARE[type(op)]
    if value is None or isinstance(value, tuple) != isinstance(limit, int | float):
        return Answer(None, missing=frozenset({name}))
    assert isinstance(limit, int | float | str)
    if isinstance(value, tuple):
        assert not isinstance(limit, str)
        verdict = _of_interval(value, op, float(limit))
    else:
        verdict = (value == limit) is isinstance(op, ast.Eq)
    if verdict is None:
        return Answer(None, missing=frozenset({name}))
    return Answer(verdict, (Reason(name, shown, limit),))


def _of_interval(value: tuple[float, float], op: ast.cmpop, limit: float) -> bool | None:
    """Whether every number of the interval compares so (``True``), none does (``False``), or some (``None``)."""
    low, high = value
    _, holds = _COMPARE[type(op)]
    if isinstance(op, ast.Eq | ast.NotEq):
        if low == high:
            return holds(low, limit)
        return None if low <= limit <= high else isinstance(op, ast.NotEq)
    at_low, at_high = holds(low, limit), holds(high, limit)
    return at_low if at_low == at_high else None
