"""Reading ``planning.yaml`` of a pack and of those it extends: standards of means for people, and ways to close what is lacking.

A standard's number is a parameter of a clause wherever a text names it, and a plain number of ours where none does (``ours``). The more
local row of an id takes the place of the other, as soon as the text that names its number is in force.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field

from tiercare.engines.policy import PackSet, ParameterProblem, parameter
from tiercare.engines.policy.load import PackErrors
from tiercare.engines.policy.reader import Problem, Source, read
from tiercare.engines.policy.schema import ClauseId, Id, ParameterName, Shape, Words, check
from tiercare.kernel.text import Text

from .lacking import Rounding, Standard

FILE = "planning.yaml"
Number = Annotated[int | float, Field(ge=0)]


class Measure(StrEnum):
    """What is counted in an area."""

    BEDS = "beds"
    GENERAL_PRACTITIONERS = "general_practitioners"
    INSTITUTIONS = "institutions"


class KindShape(Shape):
    """Which institutions count: of these categories, at least of this level, and of this grade there; ``above``: higher levels too."""

    categories: Annotated[list[str], Field(min_length=1)]
    level: Annotated[int, Field(ge=0, le=3)] = 0
    grade: str = ""
    above: bool = True
    below: bool = False


class StandardShape(Shape):
    """A row of ``standards``."""

    id: Id
    name: Words
    unit: Words
    measure: Annotated[Measure, Field(strict=False)]
    of: KindShape | None = None
    amount: ParameterName | Number
    people: ParameterName | Number
    by: ParameterName | None = None
    rounding: Annotated[Rounding, Field(strict=False)] = Rounding.NONE
    clauses: list[ClauseId] = Field(default_factory=list)
    ours: bool = False


class WayShape(Shape):
    """A row of ``ways``: once gives so much of what the standard counts, at this price, so often in one area; ``most_of``: no oftener
    than there are such institutions."""

    id: Id
    standard: Id
    name: Words
    gives: Annotated[int | float, Field(gt=0)]
    price: Number
    most: Annotated[int, Field(ge=0)]
    most_of: KindShape | None = None


class PlanningShape(Shape):
    """``planning.yaml``."""

    price_unit: Words | None = None
    standards: list[StandardShape] = Field(default_factory=list)
    ways: list[WayShape] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Which:
    """Which institutions count (see ``KindShape``). ``below``: those that have not come so far, of the same level or one below."""

    categories: frozenset[str]
    level: int
    grade: str
    above: bool
    below: bool

    def takes(self, category: str, level: int, grade: str) -> bool:
        """Whether an institution of this category, level and grade counts."""
        if category not in self.categories:
            return False
        reached = level == self.level and (not self.grade or grade == self.grade)
        if self.below:
            return not reached and level in {self.level, self.level - 1}
        return reached or (self.above and level > self.level)


@dataclass(frozen=True, slots=True)
class Counted:
    """A standard with what it counts and by which year it is to be reached (0: none is named); ``ours``: no text names its number."""

    standard: Standard
    unit: Text
    measure: Measure
    of: Which | None
    by: int
    ours: bool


@dataclass(frozen=True, slots=True)
class Means:
    """A way as packs tell it, for every area. ``most_of`` limits it to as many as there are of these institutions."""

    id: str
    standard: str
    name: Text
    gives: float
    price: float
    most: int
    most_of: Which | None


@dataclass(frozen=True, slots=True)
class Book:
    """What packs say of planning, the pack that is extended first."""

    standards: tuple[StandardShape, ...]
    means: tuple[Means, ...]
    price_unit: Text


def load_planning(folders: Iterable[Path]) -> Book:
    """Read the files of packs, the one that is extended first; a folder without the file adds nothing.

    Raises:
        PackErrors: with every problem found: file, line, key, and how to mend it.
    """
    standards: list[StandardShape] = []
    means: dict[str, Means] = {}
    unit = Text("", "")
    found: list[Problem] = []
    for folder in folders:
        path = folder / FILE
        if not path.is_file():
            continue
        file, problems = read(path, f"{folder.name}/{FILE}")
        shape, wrong = (None, []) if problems else check(PlanningShape, file)
        found += [*problems, *wrong]
        if shape is None:
            continue
        standards += shape.standards
        known = {each.id for each in standards}
        found += _strays(shape, known, file)
        means |= {each.id: _means(each) for each in shape.ways}
        unit = shape.price_unit.text if shape.price_unit else unit
    if found:
        raise PackErrors(found)
    return Book(tuple(standards), tuple(means.values()), unit)


def standards_of(book: Book, packs: PackSet, pack: str, *, on: date) -> list[Counted]:
    """The standards that hold where the pack is in force on that day, in the order of the packs."""
    held: dict[str, Counted] = {}
    for shape in book.standards:
        try:
            amount, people = (_number(packs, pack, each, on) for each in (shape.amount, shape.people))
            by = int(_number(packs, pack, shape.by, on)) if shape.by else 0
        except ParameterProblem:
            continue  # the text that names it is not in force yet, or not here
        standard = Standard(
            shape.id, shape.name.text, shape.id, amount, people, tuple(shape.clauses), shape.rounding
        )
        of = _which(shape.of) if shape.of else None
        held[shape.id] = Counted(standard, shape.unit.text, shape.measure, of, by, shape.ours)
    return list(held.values())


def _number(packs: PackSet, pack: str, said: str | float, on: date) -> float:
    if not isinstance(said, str):
        return float(said)
    value = parameter(packs, said, pack, on=on).value
    if not isinstance(value, int | float):
        raise ParameterProblem(Text(f"{said} 不是数。", f"{said} is no number."))
    return float(value)


def _which(shape: KindShape) -> Which:
    return Which(frozenset(shape.categories), shape.level, shape.grade, shape.above, shape.below)


def _means(shape: WayShape) -> Means:
    most_of = _which(shape.most_of) if shape.most_of else None
    return Means(
        shape.id,
        shape.standard,
        shape.name.text,
        float(shape.gives),
        float(shape.price),
        shape.most,
        most_of,
    )


def _strays(shape: PlanningShape, known: set[str], file: Source) -> list[Problem]:
    """Ways to a standard that nobody sets, and numbers of standards without a clause that are not marked ours."""
    fix = Text("请对照其他条目更正。", "Correct it after the other entries.")
    found = []
    for at, way in enumerate(shape.ways):
        if way.standard not in known:
            message = Text(f"没有标准“{way.standard}”。", f"There is no standard “{way.standard}”.")
            found.append(
                Problem(file.file, file.line(("ways", at, "standard")), f"ways.{at}.standard", message, fix)
            )
    for at, row in enumerate(shape.standards):
        if row.ours == bool(row.clauses):
            message = Text(
                "写明条款，或标明 ours，二者取一。", "Name the clauses or mark it ours, one of the two."
            )
            found.append(
                Problem(file.file, file.line(("standards", at)), f"standards.{at}.clauses", message, fix)
            )
    return found
