"""The mapping file: which of their columns is which of ours, and how what stands in them is read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from tiercare.engines.measures.periods import NoPeriod, Span, span
from tiercare.engines.measures.schema import Fact, Type, facts
from tiercare.engines.policy.load import PackErrors
from tiercare.engines.policy.reader import Place, Problem, Source, read
from tiercare.engines.policy.schema import Shape, check
from tiercare.engines.sheets import normalised
from tiercare.kernel.text import Text

MONTH = "month"
FEN = {"yuan": 100, "wan_yuan": 1_000_000, "fen": 1}
FLAGS = ("true", "false")


class Order(StrEnum):
    """In which order a date is written; year first is understood without a word."""

    YMD = "ymd"
    DMY = "dmy"
    MDY = "mdy"


def _said(value: object) -> object:
    """Digits and ``true`` as they were written."""
    if isinstance(value, bool):
        return FLAGS[not value]
    return str(value) if isinstance(value, int | float) else value


Said = Annotated[str, BeforeValidator(_said)]


class MappingShape(Shape):
    """A mapping file."""

    fact: str
    region: Annotated[Said, StringConstraints(pattern=r"^(\d{4}|\d{6}|\d{9}|\d{12}|\d{2})$")]
    version: Annotated[int, Field(ge=1)]
    source: Annotated[str, StringConstraints(min_length=1)]
    columns: dict[str, str]
    constants: dict[str, Said] = Field(default_factory=dict)
    defaults: dict[str, Said] = Field(default_factory=dict)
    words: dict[str, dict[str, Said]] = Field(default_factory=dict)
    dates: dict[str, Literal["ymd", "dmy", "mdy"]] = Field(default_factory=dict)
    units: dict[str, Literal["yuan", "wan_yuan", "fen"]] = Field(default_factory=dict)
    separator: Literal[",", ";", "\t", "|"] | None = None
    sheet: str = ""
    period: Said = ""
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class FromFile:
    """How an extract is read.

    Attributes:
        columns: our column → theirs, as normalised headers. ``month`` is ours too, where the grain is the month.
        constants, defaults: our column → what all rows have, or those where theirs is empty; written as in a file.
        words: our column → their word → ours.
        factors: our column of money → fen in one of their unit.
        digest: of the file it was read from; the version on record is ``label``.
    """

    fact: Fact
    region: str
    version: int
    source: str
    columns: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    orders: Mapping[str, Order] = field(default_factory=dict)
    factors: Mapping[str, int] = field(default_factory=dict)
    separator: str = ""
    sheet: str = ""
    period: Span | None = None
    synthetic: bool = False
    digest: str = ""

    @property
    def label(self) -> str:
        """What is kept beside a batch."""
        return f"{self.fact.name} v{self.version} {self.digest[:12]}".rstrip()

    @property
    def theirs(self) -> frozenset[str]:
        """The headers it looks for."""
        return frozenset(self.columns.values())


def load_mapping(path: Path) -> FromFile:
    """Read a mapping file.

    Raises:
        PackErrors: with every problem found: file, line, key, and how to mend it.
    """
    file, problems = read(path, path.name)
    shape, wrong = (None, []) if problems else check(MappingShape, file)
    faults = list(_faults(shape, file)) if shape is not None else []
    if shape is None or faults:
        raise PackErrors([*problems, *wrong, *faults])
    return _mapping(shape, hashlib.sha256(path.read_bytes()).hexdigest())


def own_mapping(fact: str, region: str, *, fen: bool = False, synthetic: bool = False) -> FromFile:
    """How our own exports are read; ``fen`` for Parquet, where money is as we keep it."""
    shape = facts()[fact]
    money = {each.name for each in shape.columns.values() if each.type is Type.YUAN}
    names = [*shape.columns, *([] if shape.dated else [MONTH])]
    return FromFile(
        shape,
        plain_region(region),
        1,
        "Tiercare",
        {name: name for name in names},
        factors=dict.fromkeys(money, FEN["fen"]) if fen else {},
        synthetic=synthetic,
    )


def plain_region(code: str) -> str:
    """A region as its divisions begin: 340200, as the statistics bureau writes a prefecture, is 3402."""
    return re.sub(r"(00){1,2}$", "", code) if len(code) == 6 else code


def required(fact: Fact) -> tuple[str, ...]:
    """Our columns that a row cannot be without."""
    names = tuple(each.name for each in fact.columns.values() if not each.optional)
    return names if fact.dated else (*names, MONTH)


def _mapping(shape: MappingShape, digest: str) -> FromFile:
    return FromFile(
        fact=facts()[shape.fact],
        region=plain_region(shape.region),
        version=shape.version,
        source=shape.source,
        columns={ours: normalised(theirs) for theirs, ours in shape.columns.items()},
        constants=shape.constants,
        defaults=shape.defaults,
        words={
            ours: {normalised(theirs): word for theirs, word in said.items()}
            for ours, said in shape.words.items()
        },
        orders={ours: Order(order) for ours, order in shape.dates.items()},
        factors={ours: FEN[unit] for ours, unit in shape.units.items()},
        separator=shape.separator or "",
        sheet=shape.sheet,
        period=span(shape.period) if shape.period else None,
        synthetic=shape.synthetic,
        digest=digest,
    )


_CHECK = Text("请对照 facts.yaml 的列名更正。", "Correct it after the columns of facts.yaml.")


def _faults(shape: MappingShape, file: Source) -> Iterator[Problem]:
    fact = facts().get(shape.fact)
    if fact is None:
        near = get_close_matches(shape.fact, facts(), 1)
        yield _wrong(
            file,
            ("fact",),
            Text(f"没有“{shape.fact}”这张事实表。", f"There is no fact table “{shape.fact}”."),
            Text(f"可选：{'、'.join(near or facts())}。", f"There are: {', '.join(near or facts())}."),
        )
        return
    yield from _unknown(shape, file, fact)
    yield from _twice(shape, file)
    yield from _unfitting(shape, file, fact)
    given = {*shape.columns.values(), *shape.constants, *shape.defaults}
    for name in required(fact):
        if name not in given:
            said = fact.columns[name].says.zh if name in fact.columns else "月份。"
            yield _wrong(
                file,
                ("columns",),
                Text(
                    f"必填的“{name}”没有来源（{said}）", f"The required column “{name}” comes from nowhere."
                ),
                Text(
                    "请在 columns 写明它是哪一列，或在 constants 写一个值。",
                    "Name its column, or give a value under constants.",
                ),
            )
    if shape.period:
        try:
            span(shape.period)
        except NoPeriod:
            yield _wrong(
                file,
                ("period",),
                Text(f"“{shape.period}”不是时期。", f"“{shape.period}” is no period."),
                Text("请写 2025、2025Q1 或 2025-03。", "Write 2025, 2025Q1 or 2025-03."),
            )


def _unknown(shape: MappingShape, file: Source, fact: Fact) -> Iterator[Problem]:
    """Columns of ours that the table has not."""
    ours = {*fact.columns, *([] if fact.dated else [MONTH])}
    said: list[tuple[Place, str]] = [(("columns", theirs), name) for theirs, name in shape.columns.items()]
    for section in ("constants", "defaults", "words", "dates", "units"):
        said += [((section, name), name) for name in getattr(shape, section)]
    for place, name in said:
        if name not in ours:
            near = get_close_matches(name, ours, 1)
            yield _wrong(
                file,
                place,
                Text(f"“{fact.name}”没有“{name}”这一列。", f"“{fact.name}” has no column “{name}”."),
                Text(f"是不是“{near[0]}”？", f"Is it “{near[0]}”?") if near else _CHECK,
            )


def _twice(shape: MappingShape, file: Source) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for theirs, ours in shape.columns.items():
        if (first := seen.setdefault(ours, theirs)) != theirs:
            yield _wrong(
                file,
                ("columns", theirs),
                Text(
                    f"“{first}”和“{theirs}”都写成了“{ours}”。", f"“{first}” and “{theirs}” are both “{ours}”."
                ),
                Text("请只保留一列。", "Keep one of them."),
            )


def _unfitting(shape: MappingShape, file: Source, fact: Fact) -> Iterator[Problem]:
    """Units of what is no money, orders of what is no date, words that the column never takes."""
    fitting = (("units", Type.YUAN), ("dates", Type.DATE))
    for section, type_ in fitting:
        for name in getattr(shape, section):
            if name in fact.columns and fact.columns[name].type is not type_:
                yield _wrong(
                    file,
                    (section, name),
                    Text(
                        f"“{name}”的类型不是 {type_}，不能写在 {section}。",
                        f"“{name}” is not of type {type_}; {section} do not apply.",
                    ),
                    _CHECK,
                )
    for name, words in shape.words.items():
        column = fact.columns.get(name)
        takes = () if column is None else FLAGS if column.type is Type.FLAG else column.words
        for theirs, ours in words.items():
            if column is not None and ours not in takes:
                yield _wrong(
                    file,
                    ("words", name, theirs),
                    Text(f"“{name}”没有“{ours}”这个词。", f"“{name}” never takes “{ours}”."),
                    Text(
                        f"可选：{'、'.join(takes) or '（此列不是选项）'}。",
                        f"Choices: {', '.join(takes) or 'none'}.",
                    ),
                )


def _wrong(file: Source, place: Place, message: Text, fix: Text) -> Problem:
    return Problem(file.file, file.line(place), ".".join(map(str, place)), message, fix)
