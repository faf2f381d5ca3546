"""Conditions and amounts over a fact table, as an indicator writes them: ``kind == inpatient and place == home``.

Read into a tree whose every node knows its type, so that what means nothing is refused when it is read and not when it is run: a
column the table has not, a word the column never takes, a date added to money. The tree names no engine; ``on_ibis`` and
``reference`` each walk it. Truth has three values, as in SQL: what is empty is neither equal nor unequal, and a condition that is
open does not count.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from .schema import Column, Type


class Meaningless(ValueError):
    """What was written is none of the language, or means nothing over this table; the message says what and what would do."""


class Sort(StrEnum):
    """What a node answers."""

    TRUTH = "truth"
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the row."""

    name: str
    sort: Sort
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Const:
    """A number or a text."""

    value: int | str
    sort: Sort


@dataclass(frozen=True, slots=True)
class Compare:
    """``left op right``; op is one of == != < <= > >=."""

    op: str
    left: Node
    right: Node
    sort: Sort = Sort.TRUTH


@dataclass(frozen=True, slots=True)
class OneOf:
    """Whether a text is one of some."""

    what: Node
    values: tuple[str, ...]
    sort: Sort = Sort.TRUTH


@dataclass(frozen=True, slots=True)
class Begins:
    """Whether a code begins with one of some: ``I10`` takes in I10.x05."""

    what: Node
    values: tuple[str, ...]
    sort: Sort = Sort.TRUTH


@dataclass(frozen=True, slots=True)
class Contains:
    """Whether a word is among those of a text that bars separate: ``elderly|diabetes``."""

    what: Node
    word: str
    sort: Sort = Sort.TRUTH


@dataclass(frozen=True, slots=True)
class Known:
    """Whether something is not empty."""

    what: Node
    sort: Sort = Sort.TRUTH


@dataclass(frozen=True, slots=True)
class All:
    """All of some hold."""

    parts: tuple[Node, ...]
    sort: Sort = Sort.TRUTH


@dataclass(frozen=True, slots=True)
class Any:
    """At least one of some holds."""

    parts: tuple[Node, ...]
    sort: Sort = Sort.TRUTH


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    what: Node
    sort: Sort = Sort.TRUTH


@dataclass(frozen=True, slots=True)
class Calculate:
    """``left op right``; op is one of + - *."""

    op: str
    left: Node
    right: Node
    sort: Sort = Sort.NUMBER


@dataclass(frozen=True, slots=True)
class Days:
    """Days from one date to another."""

    since: Node
    until: Node
    sort: Sort = Sort.NUMBER


@dataclass(frozen=True, slots=True)
class First:
    """The first characters of a text: six of a division are its county."""

    what: Node
    length: int
    sort: Sort = Sort.TEXT


Node = (
    Field | Const | Compare | OneOf | Begins | Contains | Known | All | Any | Not | Calculate | Days | First
)
Given = Mapping[str, "int | str | Sequence[str]"]
PROVINCE, COUNTY, TOWN = 2, 6, 9  # digits of the code of a division
BAR = "|"
_COMPARE = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_CALCULATE = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}


def parse(text: str, columns: Mapping[str, Column], given: Given) -> Node:
    """Read a condition or an amount over a table with these columns.

    Args:
        given: what the policy packs give: numbers by name, and lists of words or codes by name.

    Raises:
        Meaningless: with what is wrong and what would do.
    """
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise Meaningless(f"“{text}” cannot be read at character {error.offset}") from None
    return Reader(columns, given).node(tree)


def condition(text: str, columns: Mapping[str, Column], given: Given) -> Node:
    """As ``parse``, of what is true or not."""
    return _as(Sort.TRUTH, parse(text, columns, given), text)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads trees of Python's syntax over one table."""

    columns: Mapping[str, Column]
    given: Given

    def node(self, tree: ast.expr) -> Node:
        """A tree as a node."""
        match tree:
            case ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                found: Node = self._joined(tree)
            case ast.Compare(
                left=left, ops=[ast.In() | ast.NotIn() as op], comparators=[ast.Tuple(elts=elts)]
            ):
                within = self._one_of(left, elts)
                found = Not(within) if isinstance(op, ast.NotIn) else within
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
                found = self._compared(_COMPARE[type(op)], left, right)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _CALCULATE:
                found = Calculate(
                    _CALCULATE[type(op)], self._as(Sort.NUMBER, left), self._as(Sort.NUMBER, right)
                )
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                found = self._called(name, args)
            case ast.Name(id=name):
                found = self.field(name)
            case ast.Constant(value=(int() | str()) as value) if not isinstance(value, bool):
                found = Const(value, Sort.TEXT if isinstance(value, str) else Sort.NUMBER)
            case _:
                raise Meaningless(
                    f"“{ast.unparse(tree)}” is none of: columns, numbers, words, comparisons, and, or, not, in"
                )
        return found

    def _joined(self, tree: ast.BoolOp | ast.UnaryOp) -> Node:
        if isinstance(tree, ast.UnaryOp):
            return Not(self._as(Sort.TRUTH, tree.operand))
        parts = tuple(self._as(Sort.TRUTH, each) for each in tree.values)
        return All(parts) if isinstance(tree.op, ast.And) else Any(parts)

    def _as(self, sort: Sort, tree: ast.expr) -> Node:
        return _as(sort, self.node(tree), ast.unparse(tree))

    def field(self, name: str) -> Field:
        """A column by its name."""
        column = self.columns.get(name)
        if column is None:
            near = get_close_matches(name, self.columns, 1)
            raise Meaningless(
                f"there is no column “{name}”" + (f"; did you mean “{near[0]}”?" if near else "")
            )
        return Field(name, _SORTS[column.type], column.words)

    def _one_of(self, left: ast.expr, elts: Sequence[ast.expr]) -> OneOf:
        what = self._as(Sort.TEXT, left)
        return OneOf(what, tuple(self._word(each, what) for each in elts))

    def _compared(self, op: str, left: ast.expr, right: ast.expr) -> Node:
        a = self.node(left)
        b = Const(self._word(right, a), Sort.TEXT) if self._is_word(right, a) else self.node(right)
        if a.sort is not b.sort or a.sort is Sort.TRUTH:
            raise Meaningless(
                f"“{ast.unparse(left)}” is {a.sort}, “{ast.unparse(right)}” is {b.sort}: not to be compared"
            )
        if a.sort is Sort.TEXT and op not in {"==", "!="}:
            raise Meaningless(f"“{ast.unparse(left)}” is text; only == and != compare it")
        return Compare(op, a, b)

    def _is_word(self, tree: ast.expr, what: Node) -> bool:
        """Whether ``tree`` is a word that ``what`` is compared with; a column's own word goes before another column's name."""
        match tree:
            case ast.Name(id=name):
                own = isinstance(what, Field) and name in what.words
                return what.sort is Sort.TEXT and (own or name not in self.columns)
            case ast.Constant(value=str()):
                return what.sort is Sort.TEXT
        return False

    def _word(self, tree: ast.expr, what: Node) -> str:
        """A word that ``what`` may be; written bare where the column names its words."""
        match tree:
            case ast.Name(id=word) | ast.Constant(value=str() as word):
                words = what.words if isinstance(what, Field) else ()
                if words and word not in words:
                    raise Meaningless(f"“{word}” is none of {', '.join(words)}")
                if isinstance(tree, ast.Name) and not words:
                    raise Meaningless(f"there is no column “{word}”; a code is put in quotes")
                return word
        raise Meaningless(f"“{ast.unparse(tree)}” is no word")

    def _called(self, name: str, args: Sequence[ast.expr]) -> Node:
        made = _CALLS.get(name)
        if made is None:
            raise Meaningless(f"there is no “{name}()”; there are {', '.join(sorted(_CALLS))}")
        return made(self, args)

    def begins(self, args: Sequence[ast.expr]) -> Node:
        """``begins(diagnosis, 'I10', 'E11')``."""
        if len(args) < 2:
            raise Meaningless("begins(column, 'code', …) asks for a code")
        what = self._as(Sort.TEXT, args[0])
        return Begins(what, tuple(self._word(each, what) for each in args[1:]))

    def listed(self, args: Sequence[ast.expr]) -> Node:
        """``listed(diagnosis, common_chronic)``: a list of the packs; of codes its beginnings, of words the words."""
        match args:
            case [column, ast.Name(id=name)]:
                what = self._as(Sort.TEXT, column)
                values = self.given.get(name)
                if isinstance(values, str | int) or values is None:
                    raise Meaningless(f"the packs give no list “{name}”")
                exact = isinstance(what, Field) and self.columns[what.name].type not in _OF_CODES
                return (OneOf if exact else Begins)(what, tuple(values))
        raise Meaningless("listed(column, name_of_the_list) asks for a column and a list of the packs")

    def known(self, args: Sequence[ast.expr]) -> Node:
        """``known(diagnosis)``."""
        if len(args) != 1:
            raise Meaningless("known(column) asks for one column")
        return Known(self.node(args[0]))

    def number(self, args: Sequence[ast.expr]) -> Node:
        """``given(readmission_days)``: a number of the packs."""
        match args:
            case [ast.Name(id=name)] if isinstance(value := self.given.get(name), int):
                return Const(value, Sort.NUMBER)
        raise Meaningless(f"given({', '.join(map(ast.unparse, args))}): the packs give no such whole number")

    def days(self, args: Sequence[ast.expr]) -> Node:
        """``days(admitted, date)``."""
        if len(args) != 2:
            raise Meaningless("days(since, until) asks for two dates")
        since, until = (self._as(Sort.DATE, each) for each in args)
        return Days(since, until)

    def contains(self, args: Sequence[ast.expr]) -> Node:
        """``contains(groups, 'elderly')``: of words that bars separate."""
        match args:
            case [column, ast.Constant(value=str() as word)] if word and BAR not in word:
                return Contains(self._as(Sort.TEXT, column), word)
        raise Meaningless("contains(column, 'word') asks for a column and a word")

    def county(self, args: Sequence[ast.expr]) -> Node:
        """``county(place)``: the county of a division."""
        return self._upper(args, COUNTY)

    def province(self, args: Sequence[ast.expr]) -> Node:
        """``province(place)``: the province of a division."""
        return self._upper(args, PROVINCE)

    def town(self, args: Sequence[ast.expr]) -> Node:
        """``town(place)``: the township or street of a division."""
        return self._upper(args, TOWN)

    def _upper(self, args: Sequence[ast.expr], length: int) -> Node:
        match args:
            case [ast.Name(id=name)] if name in self.columns and self.columns[name].type is Type.DIVISION:
                return First(self.field(name), length)
        raise Meaningless("province, county and town ask for a column that holds a division")


_CALLS: Mapping[str, Callable[[Reader, Sequence[ast.expr]], Node]] = {
    "begins": Reader.begins,
    "listed": Reader.listed,
    "known": Reader.known,
    "given": Reader.number,
    "days": Reader.days,
    "contains": Reader.contains,
    "county": Reader.county,
    "province": Reader.province,
    "town": Reader.town,
}
_OF_CODES = frozenset({Type.CODE, Type.CODES})
_SORTS: Mapping[Type, Sort] = {
    each: Sort.TRUTH
    if each is Type.FLAG
    else Sort.DATE
    if each is Type.DATE
    else Sort.NUMBER
    if each.is_number
    else Sort.TEXT
    for each in Type
}


def _as(sort: Sort, node: Node, text: str) -> Node:
    if node.sort is not sort:
        raise Meaningless(f"“{text}” is {node.sort}, and {sort} is asked for")
    return node
