"""What an indicator is: numerator, denominator, by what a row belongs to a place, over which period, and where it comes from."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tiercare.kernel.period import Period
from tiercare.kernel.text import Text

from .expressions import All, Given, Meaningless, Node, Reader, Sort
from .schema import Attribution, Column, Fact


class How(StrEnum):
    """How rows become one number."""

    COUNT = "count"
    SUM = "sum"
    DISTINCT = "distinct"
    MEDIAN = "median"


class Form(StrEnum):
    """How the value comes from its parts."""

    RATIO = "ratio"  # numerator × per ÷ denominator
    NUMBER = "number"  # the numerator
    MEDIAN = "median"  # the numerator; the denominator says of how many
    GROWTH = "growth"  # of the numerator against the period before
    REQUIRED = "required"  # numerator ÷ (denominator ÷ per, rounded up)
    QUOTIENT = "quotient"  # the value of one indicator ÷ that of another
    CHANGE = "change"  # of the value of another indicator against the period before
    PROBABILITY = "probability"  # of dying within five-year bands one after the other, from their rates


class Direction(StrEnum):
    """Which way is better."""

    UP = "up"
    DOWN = "down"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """``count(where)``, ``sum(what, where)``, ``distinct(what, where)`` or ``median(what, where)``."""

    how: How
    what: Node | None
    where: Node | None

    @property
    def additive(self) -> bool:
        """Whether months and places add up to longer periods and larger ones."""
        return self.how in {How.COUNT, How.SUM}


@dataclass(frozen=True, slots=True)
class Part:
    """An aggregate over a fact table, with the rows given to places in one way.

    Attributes:
        through: of a stock, whether all months of the period count, not the last alone (income, bed-days).
    """

    fact: str
    attribution: Attribution
    aggregate: Aggregate
    through: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Indicator:
    """An indicator as the packs define it.

    Attributes:
        numerator, denominator: their parts are added; a ratio whose denominator is zero has no value.
        per: what a ratio is multiplied by (1000 for beds per thousand), or what a REQUIRED one is divided by.
        small: below this denominator a value is neither ranked nor published (``disclosure``).
        ours: whether the definition is ours because the text gives no formula.
        text: numerator and denominator as they were written, for the book and for the digest of a run.
        of: the indicators whose values a QUOTIENT, a CHANGE or a PROBABILITY is made of.
    """

    id: str
    version: int
    name: Text
    says: Text
    source: Text
    clauses: tuple[str, ...]
    numerator: tuple[Part, ...]
    denominator: tuple[Part, ...]
    form: Form
    unit: Text
    per: int
    direction: Direction
    small: int
    ours: bool
    period: Period
    text: Mapping[str, tuple[str, ...]]
    of: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """Both sides."""
        return self.numerator + self.denominator


def aggregate(
    text: str, fact: Fact, columns: Mapping[str, Column], given: Given, where: Node | None
) -> Aggregate:
    """Read ``count(tier == primary)`` and its like; ``where`` limits it further.

    Raises:
        Meaningless: with what is wrong and what would do.
    """
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise Meaningless(f"“{text}” cannot be read at character {error.offset}") from None
    match tree:
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in set(How):
            how = How(name)
        case _:
            raise Meaningless(f"“{text}” is none of {', '.join(f'{each}(…)' for each in How)}")
    reader = Reader(columns, given)
    nodes = [reader.node(each) for each in args]
    takes = 0 if how is How.COUNT else 1
    if not takes <= len(nodes) <= takes + 1:
        raise Meaningless(f"“{text}”: {how}() takes {'a column and ' if takes else ''}a condition")
    what = nodes[0] if takes else None
    limit = nodes[takes] if len(nodes) > takes else None
    if limit is not None and limit.sort is not Sort.TRUTH:
        raise Meaningless(f"“{text}”: what limits it is no condition")
    if how in {How.SUM, How.MEDIAN} and what is not None and what.sort is not Sort.NUMBER:
        raise Meaningless(f"“{text}”: only numbers are added up or have a middle")
    both = tuple(each for each in (where, limit) if each is not None)
    return Aggregate(how, what, (both[0] if len(both) == 1 else All(both)) if both else None)
