"""Panels: two or more indicators side by side, row by row, for a period and for the same period a year before.

Many clauses ask for just that: a share beside a cost by institution and disease, visits kept beside visits that left by county, help
logged beside illness that stays in the town. The numbers are those of the indicators, by their own definitions; a panel says by what
they stand in rows. Asked for when somebody looks: nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from tiercare.kernel.text import Text

from .breakdown import By
from .cells import by_of
from .expressions import COUNTY, TOWN
from .indicators import Indicator, Part
from .schema import Level, facts

Key = tuple[str, ...]
_CATEGORY = 3  # characters of an ICD-10 code that name a disease


class Dimension(StrEnum):
    """By what rows stand; ``group`` are groups that the panel names itself."""

    INSTITUTION = "institution"
    CONSORTIUM = "consortium"
    COUNTY = "county"
    TOWN = "town"
    DISEASE = "disease"
    SPECIALTY = "specialty"
    OPERATION = "operation"
    MANAGED = "managed_disease"
    GROUP = "group"

    @property
    def is_place(self) -> bool:
        """Whether rows are given to it by the attribution of the indicator."""
        return self in _PLACES


_PLACES = {
    Dimension.INSTITUTION: Level.INSTITUTION,
    Dimension.CONSORTIUM: Level.CONSORTIUM,
    Dimension.COUNTY: Level.DIVISION,
    Dimension.TOWN: Level.DIVISION,
}
_COLUMNS = {
    Dimension.DISEASE: "diagnosis",
    Dimension.SPECIALTY: "specialty",
    Dimension.OPERATION: "procedure",
    Dimension.MANAGED: "disease",
}
_FIRST = {Dimension.COUNTY: COUNTY, Dimension.TOWN: TOWN, Dimension.DISEASE: _CATEGORY}


class Show(StrEnum):
    """What of an indicator stands in the column: its value, its numerator, or the denominator without it."""

    VALUE = "value"
    NUMERATOR = "numerator"
    REST = "rest"


class Per(StrEnum):
    """Over which periods a panel is laid."""

    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Only:
    """Rows alone whose ``column`` names an institution with this flag at the end of the period."""

    column: str
    flag: str


@dataclass(frozen=True, slots=True)
class Group:
    """A row that the panel names: of each fact the columns and how their codes begin; all of them have to."""

    id: str
    name: Text
    codes: Mapping[str, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Column:
    """An indicator in a panel.

    Attributes:
        name: what the column is called, where the indicator's own name would not do.
        once: each person of the numerator counts once, however many rows they have.
    """

    indicator: Indicator
    show: Show
    name: Text
    only: Only | None = None
    once: bool = False


@dataclass(frozen=True, slots=True)
class Marks:
    """Codes that are marked in the rows, such as endemic diseases; of a row's key or of a kind of it."""

    name: Text
    codes: tuple[str, ...]

    def on(self, code: str) -> bool:
        """K00.3 is endemic, K00 is not all of it: the category is marked if any of its kinds is."""
        return any(code.startswith(one) or one.startswith(code) for one in self.codes)


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Indicators side by side.

    Attributes:
        change: whether the change against the same period a year before stands beside.
        order: by which column (its place) rows stand, the largest first; ``falling`` false for the smallest first.
        counted: whether rows are left out for which nothing stands in the numerator of the ordering column.
        leading: whether every row says under which specialty most of the first column's numerator was seen.
        alliances: whether specialty alliances stand beside each row's specialty.
        small: fewer than so many are not shown to those who may not see cases.
        ours: whether no text says how the numbers are laid side by side.
    """

    id: str
    name: Text
    says: Text
    clauses: tuple[str, ...]
    per: Per
    rows: tuple[Dimension, ...]
    groups: tuple[Group, ...]
    columns: tuple[Column, ...]
    change: bool
    order: int
    falling: bool
    counted: bool
    marks: Marks | None
    leading: bool
    alliances: bool
    small: int
    ours: bool

    @property
    def detailed(self) -> bool:
        """Whether rows say more than where: then few people may stand behind a number."""
        return any(not each.is_place for each in self.rows)


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of an indicator for a row; a zero denominator has no value."""

    numerator: Fraction
    denominator: Fraction
    value: Fraction | None

    def shown(self, show: Show) -> Fraction | None:
        """What of it stands in the column."""
        if show is Show.VALUE:
            return self.value
        return self.numerator if show is Show.NUMERATOR else self.denominator - self.numerator


@dataclass(frozen=True, slots=True)
class Row:
    """A row: what it is about, and for each column the number of the period and that of a year before (``None``: no data at all).

    Attributes:
        specialty: under which most of the first column's numerator was seen, where the panel asks for it.
    """

    key: Key
    now: tuple[Cell | None, ...]
    before: tuple[Cell | None, ...]
    specialty: str | None = None

    def change(self, panel: Panel, at: int) -> Fraction | None:
        """How far what stands in a column moved within a year."""
        now, before, show = self.now[at], self.before[at], panel.columns[at].show
        a, b = (None if each is None else each.shown(show) for each in (now, before))
        return None if a is None or b is None else a - b


def place_of(part: Part, dimension: Dimension) -> By | None:
    """By which column of its table a part goes into the rows of a dimension, if by any."""
    level = _PLACES.get(dimension)
    column = by_of(part).get(level) if level is not None else _COLUMNS.get(dimension)
    known = facts()[part.fact].columns
    return By(column, _FIRST.get(dimension)) if column is not None and column in known else None
