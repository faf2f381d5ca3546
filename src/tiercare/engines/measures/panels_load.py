"""Reading ``panels/*.yaml`` of a pack and of those it extends; what is more local takes the place of the other under the same id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from tiercare.engines.policy import PackSet
from tiercare.engines.policy.load import PackErrors
from tiercare.engines.policy.reader import Place, Problem, Source, read
from tiercare.engines.policy.schema import ClauseId, Shape, Words, check
from tiercare.kernel.text import Text

from .indicators import Form, How, Indicator
from .load import Book
from .panels import Column, Dimension, Group, Marks, Only, Panel, Per, Show, place_of
from .schema import Type, facts
from .shapes import Key

FOLDER = "panels"
_FORMS = frozenset({Form.RATIO, Form.NUMBER, Form.MEDIAN})


class OnlyShape(Shape):
    """Rows alone whose ``column`` names an institution with a flag (``county_hospital``)."""

    column: Key
    flag: Key


class ColumnShape(Shape):
    """An indicator in its place."""

    indicator: Key
    show: Annotated[Show, Field(strict=False)] = Show.VALUE
    name: Words | None = None
    only: OnlyShape | None = None
    once: bool = False


class GroupShape(Shape):
    """A row by codes: ``of: {visits: {specialty: ["16"]}}``."""

    id: Key
    name: Words
    of: Annotated[dict[Key, dict[Key, Annotated[list[str], Field(min_length=1)]]], Field(min_length=1)]


class MarksShape(Shape):
    """Rows that are marked because a list of the indicators names them."""

    name: Words
    list: Key


class PanelShape(Shape):
    """A panel; ``order``: the indicator by which rows stand, the first if none is said."""

    id: Key
    name: Words
    says: Words
    clauses: Annotated[list[ClauseId], Field(min_length=1)]
    per: Annotated[Per, Field(strict=False)]
    rows: Annotated[list[Annotated[Dimension, Field(strict=False)]], Field(min_length=1, max_length=2)]
    groups: list[GroupShape] = Field(default_factory=list)
    columns: Annotated[list[ColumnShape], Field(min_length=1, max_length=8)]
    change: bool = True
    order: Annotated[int, Field(ge=1, le=8)] = 1
    falling: bool = True
    counted: bool = False
    marks: MarksShape | None = None
    leading: bool = False
    alliances: bool = False
    small: Annotated[int, Field(ge=1)] = 10
    ours: bool = False


class FileShape(Shape):
    """A file of ``panels``."""

    panels: list[PanelShape] = Field(default_factory=list)


def load_panels(packs: PackSet, pack_id: str, book: Book) -> Mapping[str, Panel]:
    """The panels of a pack by id, in the order of the files.

    Raises:
        PackErrors: with every problem found: file, line, key, and how to mend it.
    """
    panels: dict[str, Panel] = {}
    problems: list[Problem] = []
    for pack in packs.chain(pack_id):
        for path in sorted((Path(pack.folder) / FOLDER).glob("*.yaml")):
            source, found = read(path, f"{pack.id}/{FOLDER}/{path.name}")
            shape, wrong = (None, []) if found else check(FileShape, source)
            problems += [*found, *wrong]
            for at, each in enumerate(shape.panels if shape is not None else ()):
                faults = [
                    _problem(source, ("panels", at, *place), text)
                    for place, text in _faults(each, packs, book)
                ]
                problems += faults
                if not faults:
                    panels[each.id] = _panel(each, book)
    if problems:
        raise PackErrors(problems)
    return panels


def _panel(shape: PanelShape, book: Book) -> Panel:
    return Panel(
        id=shape.id,
        name=shape.name.text,
        says=shape.says.text,
        clauses=tuple(shape.clauses),
        per=shape.per,
        rows=tuple(shape.rows),
        groups=tuple(
            Group(
                each.id,
                each.name.text,
                {
                    fact: {column: tuple(codes) for column, codes in columns.items()}
                    for fact, columns in each.of.items()
                },
            )
            for each in shape.groups
        ),
        columns=tuple(_column(each, book) for each in shape.columns),
        change=shape.change,
        order=shape.order - 1,
        falling=shape.falling,
        counted=shape.counted,
        marks=None
        if shape.marks is None
        else Marks(shape.marks.name.text, tuple(_listed(book, shape.marks.list) or ())),
        leading=shape.leading,
        alliances=shape.alliances,
        small=shape.small,
        ours=shape.ours,
    )


def _column(shape: ColumnShape, book: Book) -> Column:
    indicator = book.indicators[shape.indicator][-1]
    return Column(
        indicator,
        shape.show,
        indicator.name if shape.name is None else shape.name.text,
        None if shape.only is None else Only(shape.only.column, shape.only.flag),
        shape.once,
    )


def _listed(book: Book, name: str) -> list[str] | None:
    value = book.given[name].value if name in book.given else None
    return value if isinstance(value, list) else None


def _faults(shape: PanelShape, packs: PackSet, book: Book) -> Iterator[tuple[Place, Text]]:
    """What is wrong with a panel, and where."""
    for at, clause in enumerate(shape.clauses):
        if clause not in packs.clause:
            yield ("clauses", at), Text(f"没有条款 {clause}。", f"There is no clause {clause}.")
    if (Dimension.GROUP in shape.rows) != bool(shape.groups):
        yield (
            ("groups",),
            Text("按组成行的，要写明各组。", "Rows by group need groups, and groups such rows."),
        )
    if shape.order > len(shape.columns):
        yield ("order",), Text("没有这一列。", "There is no such column.")
    if shape.marks is not None and _listed(book, shape.marks.list) is None:
        name = shape.marks.list
        yield ("marks", "list"), Text(f"没有清单“{name}”。", f"There is no list “{name}”.")
    for at, group in enumerate(shape.groups):
        for fact, columns in group.of.items():
            known = facts()[fact].columns if fact in facts() else {}
            for column in columns:
                if column not in known or not known[column].type.is_text:
                    yield (
                        ("groups", at, "of", fact, column),
                        Text(f"没有列 {fact}.{column}。", f"There is no column {fact}.{column} of codes."),
                    )
    for at, each in enumerate(shape.columns):
        wrong = _column_wrong(shape, each, book)
        if wrong is not None:
            yield ("columns", at, "indicator"), wrong


def _column_wrong(panel: PanelShape, shape: ColumnShape, book: Book) -> Text | None:
    versions = book.indicators.get(shape.indicator)
    if not versions:
        return Text(f"没有指标“{shape.indicator}”。", f"There is no indicator “{shape.indicator}”.")
    indicator = versions[-1]
    if indicator.form not in _FORMS:
        return Text("这种指标不能分行。", "An indicator of this form has no rows.")
    if shape.show is Show.REST and indicator.form is not Form.RATIO:
        return Text("没有分母，没有“其余”。", "Without a denominator there is no rest.")
    if shape.only is not None and not _flags(indicator, shape.only):
        return Text("限定的列或标志不存在。", "There is no such column or flag to limit by.")
    if shape.once and any(part.aggregate.how is not How.COUNT for part in indicator.numerator):
        return Text("只有人次才能按人数算一次。", "Only counts of rows can count each person once.")
    return _without_place(panel, shape, indicator)


def _without_place(panel: PanelShape, shape: ColumnShape, indicator: Indicator) -> Text | None:
    """Every part has to say where it belongs; more than that at least the numerator has to say."""
    for dimension in panel.rows:
        if dimension is Dimension.GROUP:
            said = any(part.fact in group.of for part in indicator.numerator for group in panel.groups)
        elif dimension.is_place:
            # A number alone asks only for its own rows: what it would be divided by may belong elsewhere.
            parts = indicator.parts if shape.show is not Show.NUMERATOR else indicator.numerator
            said = all(place_of(part, dimension) is not None for part in parts)
        else:
            said = any(place_of(part, dimension) is not None for part in indicator.numerator)
        if not said:
            return Text(
                f"“{indicator.id}”不能按 {dimension} 分行。", f"“{indicator.id}” has no rows by {dimension}."
            )
    return None


def _flags(indicator: Indicator, only: OnlyShape) -> bool:
    flag = facts()["institutions"].columns.get(only.flag)
    columns = [facts()[part.fact].columns for part in indicator.numerator]
    return flag is not None and flag.type is Type.FLAG and all(only.column in each for each in columns)


def _problem(source: Source, place: Place, message: Text) -> Problem:
    fix = Text(
        "请对照指标目录、事实表或条款台账更正。",
        "Correct it after the book of indicators, the fact tables or the ledger of clauses.",
    )
    return Problem(source.file, source.line(place), ".".join(map(str, place)), message, fix)
