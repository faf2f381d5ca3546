"""What a region's board shows: indicators by theme, what is watched for falls, what stands side by side, what the wall shows.

Read from ``boards/*.yaml`` of a pack and of those it extends; what a more local pack says under the same id takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field

from tiercare.engines.policy import PackSet
from tiercare.engines.policy.load import PackErrors
from tiercare.engines.policy.reader import Place, Problem, Source, read
from tiercare.engines.policy.schema import ClauseId, Shape, Words, check
from tiercare.kernel.text import Text

from .load import Book
from .schema import Level
from .shapes import Key

FOLDER = "boards"


class Against(StrEnum):
    """What a month is compared with."""

    MONTH_BEFORE = "month_before"
    YEAR_BEFORE = "year_before"


class ThemeShape(Shape):
    """Indicators under a heading, in their order."""

    id: Key
    name: Words
    indicators: Annotated[list[Key], Field(min_length=1)]


class WatchShape(Shape):
    """A month of which a fall is told; ``level``: of whom."""

    id: Key
    indicators: Annotated[list[Key], Field(min_length=1)]
    against: Annotated[Against, Field(strict=False)]
    level: Annotated[Level, Field(strict=False)]
    clauses: list[ClauseId] = Field(default_factory=list)
    ours: bool = False


class BesideShape(Shape):
    """The diseases of an indicator's numerator and of the rest of its denominator, side by side, the ``most`` frequent ones."""

    id: Key
    indicator: Key
    most: Annotated[int, Field(ge=1)]
    clauses: list[ClauseId] = Field(default_factory=list)
    ours: bool = False


class WallShape(Shape):
    """What hangs on the wall; ``seconds``: how long each panel stays; ``small``: no count below it is shown."""

    indicators: Annotated[list[Key], Field(min_length=1, max_length=8)]
    seconds: Annotated[int, Field(ge=5)]
    small: Annotated[int, Field(ge=1)]


class FileShape(Shape):
    """A file of ``boards``."""

    themes: list[ThemeShape] = Field(default_factory=list)
    watches: list[WatchShape] = Field(default_factory=list)
    beside: list[BesideShape] = Field(default_factory=list)
    maps: list[Key] = Field(default_factory=list)
    wall: WallShape | None = None


@dataclass(frozen=True, slots=True)
class Theme:
    """A heading of the board."""

    id: str
    name: Text
    indicators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Watch:
    """Indicators of which a fall is told."""

    id: str
    indicators: tuple[str, ...]
    against: Against
    level: Level
    clauses: tuple[str, ...]
    ours: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """An indicator whose diseases stand side by side."""

    id: str
    indicator: str
    most: int
    clauses: tuple[str, ...]
    ours: bool


@dataclass(frozen=True, slots=True)
class Wall:
    """The wall screen: indicators in large figures, seconds for each panel, the smallest count shown."""

    indicators: tuple[str, ...]
    seconds: int
    small: int


@dataclass(frozen=True, slots=True)
class Board:
    """A region's board. ``maps``: the indicators by which its map can be coloured, the first at first."""

    themes: Mapping[str, Theme]
    watches: Mapping[str, Watch]
    beside: Mapping[str, Beside]
    maps: tuple[str, ...]
    wall: Wall | None

    @property
    def indicators(self) -> frozenset[str]:
        """All that stand under a theme."""
        return frozenset(each for theme in self.themes.values() for each in theme.indicators)

    def watched(self, level: Level) -> frozenset[str]:
        """The indicators that are watched for somebody of this level."""
        return frozenset(
            each for watch in self.watches.values() if watch.level is level for each in watch.indicators
        )


def load_board(packs: PackSet, pack_id: str, book: Book) -> Board:
    """The board of a pack.

    Raises:
        PackErrors: with every problem found: file, line, key, and how to mend it.
    """
    themes: dict[str, Theme] = {}
    watches: dict[str, Watch] = {}
    beside: dict[str, Beside] = {}
    maps: list[str] = []
    wall: Wall | None = None
    problems: list[Problem] = []
    for pack in packs.chain(pack_id):
        for path in sorted((Path(pack.folder) / FOLDER).glob("*.yaml")):
            source, found = read(path, f"{pack.id}/{FOLDER}/{path.name}")
            shape, wrong = (None, []) if found else check(FileShape, source)
            problems += [*found, *wrong]
            if shape is None:
                continue
            problems += _unknown(source, shape, packs, book)
            themes |= {
                each.id: Theme(each.id, each.name.text, tuple(each.indicators)) for each in shape.themes
            }
            watches |= {each.id: _watch(each) for each in shape.watches}
            beside |= {each.id: _beside(each) for each in shape.beside}
            maps = [*shape.maps, *(each for each in maps if each not in shape.maps)]
            if shape.wall is not None:
                wall = Wall(tuple(shape.wall.indicators), shape.wall.seconds, shape.wall.small)
    if problems:
        raise PackErrors(problems)
    return Board(themes, watches, beside, tuple(maps), wall)


def _watch(shape: WatchShape) -> Watch:
    return Watch(
        shape.id, tuple(shape.indicators), shape.against, shape.level, tuple(shape.clauses), shape.ours
    )


def _beside(shape: BesideShape) -> Beside:
    return Beside(shape.id, shape.indicator, shape.most, tuple(shape.clauses), shape.ours)


def _unknown(source: Source, shape: FileShape, packs: PackSet, book: Book) -> list[Problem]:
    """Indicators that no book has, and clauses that no pack has."""
    named = [*_several("themes", shape.themes), *_several("watches", shape.watches)]
    named += [(("beside", at, "indicator"), each.indicator) for at, each in enumerate(shape.beside)]
    named += [(("maps", at), each) for at, each in enumerate(shape.maps)]
    if shape.wall is not None:
        named += [(("wall", "indicators", at), each) for at, each in enumerate(shape.wall.indicators)]
    cited = [(("watches", at), each.clauses) for at, each in enumerate(shape.watches)]
    cited += [(("beside", at), each.clauses) for at, each in enumerate(shape.beside)]
    clauses = [((*at, "clauses", place), clause) for at, each in cited for place, clause in enumerate(each)]
    return [
        *(
            _problem(source, place, Text(f"没有指标“{name}”。", f"There is no indicator “{name}”."))
            for place, name in named
            if name not in book.indicators
        ),
        *(
            _problem(source, place, Text(f"没有条款 {clause}。", f"There is no clause {clause}."))
            for place, clause in clauses
            if clause not in packs.clause
        ),
    ]


def _several(part: str, entries: Iterable[ThemeShape | WatchShape]) -> list[tuple[Place, str]]:
    return [
        ((part, at, "indicators", place), name)
        for at, each in enumerate(entries)
        for place, name in enumerate(each.indicators)
    ]


def _problem(source: Source, place: Place, message: Text) -> Problem:
    fix = Text(
        "请对照指标目录或条款台账更正。", "Correct it after the book of indicators or the ledger of clauses."
    )
    return Problem(source.file, source.line(place), ".".join(map(str, place)), message, fix)
