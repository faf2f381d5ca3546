"""What a region's texts ask to be circulated and handed on: the regular bulletin (指标通报), results for other assessments,
the report on provincial hospitals, counts for those above.

Read from ``bulletins.yaml`` of a pack and of those it extends; a section of a more local pack takes the place of the other.
Where a text names no frequency and no number of days, the file says so and marks it as ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from tiercare.engines.policy import PackSet
from tiercare.engines.policy.load import PackErrors
from tiercare.engines.policy.reader import Place, Problem, Source, read
from tiercare.engines.policy.schema import ClauseId, Id, ParameterName, Shape, Words, check
from tiercare.kernel.text import Text

from .shapes import Key

FILE = "bulletins.yaml"
Every = Literal["month", "quarter", "year", "never"]


class CircularShape(Shape):
    """The bulletin; ``every``: how often a draft is made ready, ``read_days``: within which it is to be read."""

    clauses: list[ClauseId] = Field(default_factory=list)
    every: Every
    read_days: Annotated[int, Field(ge=1)]
    to: Annotated[list[Literal["counties", "leads"]], Field(min_length=1)]
    indicators: Annotated[list[Key], Field(min_length=1)]


class ResultsShape(Shape):
    """Where a locked result goes: the parameters of the clause that list the assessments and their levels."""

    clauses: Annotated[list[ClauseId], Field(min_length=1)]
    feeds: ParameterName
    levels: ParameterName
    names: dict[Id, Words]
    of_counties: list[Id] = Field(default_factory=list)


class ReportShape(Shape):
    """A report to those above."""

    clauses: Annotated[list[ClauseId], Field(min_length=1)]


class TowardShape(Shape):
    """What the nation aims at: which answer, how many county hospitals and county TCM hospitals, by which year."""

    answer: Id
    general: ParameterName
    tcm: ParameterName
    year: ParameterName


class CountsShape(Shape):
    """What is counted of the reports on one topic, for those above."""

    clauses: Annotated[list[ClauseId], Field(min_length=1)]
    topic: Id
    answer: Id
    toward: TowardShape | None = None


class FileShape(Shape):
    """``bulletins.yaml``."""

    bulletin: CircularShape | None = None
    results: ResultsShape | None = None
    participation: ReportShape | None = None
    counts: CountsShape | None = None


@dataclass(frozen=True, slots=True)
class Circular:
    """The regular bulletin of a region. ``to``: counties (their commissions), leads (hospitals that lead a consortium)."""

    clauses: tuple[str, ...]
    every: str
    read_days: int
    to: frozenset[str]
    indicators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """Another assessment that a locked result enters, of the city or of each county. ``of_counties``: it assesses counties,
    so that each county's own part goes there."""

    id: str
    level: str
    name: Text
    of_counties: bool

    @property
    def key(self) -> str:
        """What stands in an address and on a delivery."""
        return f"{self.level}.{self.id}"


@dataclass(frozen=True, slots=True)
class Toward:
    """So many county hospitals and county TCM hospitals of the nation are to give this answer by that year."""

    answer: str
    general: int
    tcm: int
    year: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Answers of a report's sheet that are counted for those above, and what the nation aims at if a text says so."""

    clauses: tuple[str, ...]
    topic: str
    answer: str
    toward: Toward | None = None


@dataclass(frozen=True, slots=True)
class Circulation:
    """Everything that a region circulates and hands on; without a text that asks for it a part is empty."""

    circular: Circular | None = None
    feeds: tuple[Feed, ...] = ()
    feed_clauses: tuple[str, ...] = ()
    participation: tuple[str, ...] = ()
    counts: Counts | None = None


def load_circulation(packs: PackSet, pack_id: str, *, indicators: Iterable[str] | None = None) -> Circulation:
    """What a region circulates; with ``indicators`` every name of one is looked up.

    Raises:
        PackErrors: with every problem found: file, line, key, and how to mend it.
    """
    known = None if indicators is None else frozenset(indicators)
    problems: list[Problem] = []
    found: dict[str, tuple[Source, Shape]] = {}
    for pack in packs.chain(pack_id):
        path = Path(pack.folder) / FILE
        if not path.exists():
            continue
        source, wrong = read(path, f"{pack.id}/{FILE}")
        shape, more = (None, []) if wrong else check(FileShape, source)
        problems += [*wrong, *more]
        for name in FileShape.model_fields if shape is not None else ():
            section = getattr(shape, name)
            if section is not None:
                problems += _unknown_clauses(packs, source, name, section)
                found[name] = (source, section)
    made = _made(packs, found, known, problems)
    if problems:
        raise PackErrors(problems)
    return made


def _made(
    packs: PackSet,
    found: Mapping[str, tuple[Source, Shape]],
    known: frozenset[str] | None,
    problems: list[Problem],
) -> Circulation:
    circular: Circular | None = None
    feeds: tuple[Feed, ...] = ()
    feed_clauses: tuple[str, ...] = ()
    participation: tuple[str, ...] = ()
    counts: Counts | None = None
    for source, section in found.values():
        match section:
            case CircularShape():
                problems += _unknown_indicators(source, section, known)
                circular = Circular(
                    tuple(section.clauses),
                    section.every,
                    section.read_days,
                    frozenset(section.to),
                    tuple(section.indicators),
                )
            case ResultsShape():
                feed_clauses = tuple(section.clauses)
                feeds = _feeds(packs, source, section, problems)
            case ReportShape():
                participation = tuple(section.clauses)
            case CountsShape():
                toward = _toward(packs, source, section.toward, problems)
                counts = Counts(tuple(section.clauses), section.topic, section.answer, toward)
    return Circulation(circular, feeds, feed_clauses, participation, counts)


def _toward(
    packs: PackSet, source: Source, shape: TowardShape | None, problems: list[Problem]
) -> Toward | None:
    """The numbers of the clause."""
    if shape is None:
        return None
    numbers = {}
    for name in ("general", "tcm", "year"):
        parameters = packs.parameters.get(getattr(shape, name), ())
        value = parameters[-1].value if parameters else None
        if not isinstance(value, int):
            problems.append(_problem(source, ("counts", "toward", name), _NO_NUMBER))
            return None
        numbers[name] = value
    return Toward(shape.answer, **numbers)


def _feeds(
    packs: PackSet, source: Source, section: ResultsShape, problems: list[Problem]
) -> tuple[Feed, ...]:
    """Every assessment at every level that the clause lists; what assesses counties is the city's alone."""
    listed = {}
    for name in ("feeds", "levels"):
        parameters = packs.parameters.get(getattr(section, name), ())
        value = parameters[-1].value if parameters else None
        if not isinstance(value, list | tuple):
            problems.append(_problem(source, ("results", name), _NO_LIST))
            return ()
        listed[name] = [str(each) for each in value]
    nameless = [each for each in listed["feeds"] if each not in section.names]
    if nameless:
        problems.append(_problem(source, ("results", "names"), _nameless(nameless)))
        return ()
    return tuple(
        Feed(feed, level, section.names[feed].text, feed in section.of_counties)
        for feed in listed["feeds"]
        for level in listed["levels"]
        if not (feed in section.of_counties and level == "county")
    )


def _unknown_clauses(packs: PackSet, source: Source, name: str, section: Shape) -> list[Problem]:
    return [
        _problem(source, (name, "clauses", at), Text(f"没有条款 {clause}。", f"There is no clause {clause}."))
        for at, clause in enumerate(getattr(section, "clauses", ()))
        if clause not in packs.clause
    ]


def _unknown_indicators(
    source: Source, section: CircularShape, known: frozenset[str] | None
) -> list[Problem]:
    return [
        _problem(
            source,
            ("bulletin", "indicators", at),
            Text(f"没有指标“{name}”。", f"There is no indicator “{name}”."),
        )
        for at, name in enumerate(section.indicators)
        if known is not None and name not in known
    ]


def _problem(source: Source, place: Place, message: Text) -> Problem:
    return Problem(source.file, source.line(place), ".".join(map(str, place)), message, _LOOK)


_LOOK = Text("请对照条款和指标册。", "Look it up among the clauses and in the book of indicators.")
_NO_NUMBER = Text("这里要指向条款里的整数参数。", "Name a parameter of a clause that is a whole number.")
_NO_LIST = Text("这里要指向条款里的列表参数。", "Name a parameter of a clause that is a list.")


def _nameless(names: list[str]) -> Text:
    said = "、".join(names)
    return Text(f"没有写名称：{said}。", f"There is no name for {said}.")
