"""The fact tables as ``facts.yaml`` declares them: grain, owner, columns with a type and a sentence each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import pyarrow as pa
from pydantic import Field, TypeAdapter, ValidationInfo, field_validator

from tiercare.engines.policy.reader import read
from tiercare.engines.policy.schema import Shape
from tiercare.kernel.text import Text

FILE = Path(__file__).with_name("facts.yaml")
PARTITIONS = ("region", "month")


class Type(StrEnum):
    """What a column holds."""

    KEY = "key"
    CODE = "code"
    CODES = "codes"
    DIVISION = "division"
    WORD = "word"
    FLAG = "flag"
    COUNT = "count"
    YUAN = "yuan"
    MINUTES = "minutes"
    DATE = "date"

    @property
    def is_number(self) -> bool:
        """Whether it can be added up."""
        return self in {Type.COUNT, Type.YUAN, Type.MINUTES}

    @property
    def is_text(self) -> bool:
        """Whether it is kept as text."""
        return self in {Type.KEY, Type.CODE, Type.CODES, Type.DIVISION, Type.WORD}

    @property
    def arrow(self) -> pa.DataType:
        """How it is kept; money is whole fen."""
        if self.is_number:
            return pa.int64()
        return {Type.FLAG: pa.bool_(), Type.DATE: pa.date32()}.get(self, pa.string())


class Attribution(StrEnum):
    """By what a row belongs to a place."""

    VISITED = "visited"
    RESIDENCE = "residence"
    INSURED = "insured"
    CONTRACT = "contract"
    SENT = "sent"
    RECEIVED = "received"


class Level(StrEnum):
    """For whom a value is computed."""

    REGION = "region"
    DIVISION = "division"
    CONSORTIUM = "consortium"
    INSTITUTION = "institution"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a fact table; ``words`` are all it takes if it is a WORD."""

    name: str
    type: Type
    optional: bool
    says: Text
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Fact:
    """A fact table.

    Attributes:
        stock: whether a row says how things stand at the end of a month, instead of adding up over months.
        dated: the column whose month is the row's; empty for tables whose grain is the month.
        yearly: whether there are rows once a year, under its December.
        by: attribution → level → the column that says to whom the row belongs.
    """

    name: str
    title: Text
    grain: Text
    owner: str
    sent_by: Text
    key: tuple[str, ...]
    stock: bool
    dated: str
    yearly: bool
    columns: Mapping[str, Column]
    by: Mapping[Attribution, Mapping[Level, str]]

    def due(self, month: int) -> bool:
        """Whether rows are to be expected of ``month`` (YYYYMM)."""
        return not self.yearly or month % 100 == 12

    @property
    def arrow(self) -> pa.Schema:
        """How its files are laid out, without the partitions."""
        return pa.schema([pa.field(c.name, c.type.arrow) for c in self.columns.values()])

    @property
    def unique(self) -> tuple[str, ...]:
        """What no two rows of a region may have in common: the key, and the month where that is the grain."""
        return self.key if self.dated else (*self.key, "month")


class FactShape(Shape):
    """An entry of ``facts.yaml``."""

    name: Annotated[list[str], Field(min_length=2, max_length=2)]
    grain: Annotated[list[str], Field(min_length=2)]
    key: Annotated[list[str], Field(min_length=1)]
    dated: str = ""
    owner: Annotated[list[str], Field(min_length=3)]
    kind: Literal["stock", "flow"]
    every: Literal["month", "year"] = "month"
    attribution: dict[str, dict[str, str]]
    columns: dict[str, Annotated[list[str | list[str]], Field(min_length=3, max_length=3)]]

    @field_validator("columns")
    @classmethod
    def _types(
        cls, value: dict[str, list[str | list[str]]], info: ValidationInfo
    ) -> dict[str, list[str | list[str]]]:
        known = {each.value for each in Type} - {"word"}
        for name, (kind, *_) in value.items():
            if isinstance(kind, str) and kind not in known:
                raise ValueError(f"{name}: {kind}")
        return value


_FILE: TypeAdapter[dict[str, FactShape]] = TypeAdapter(dict[str, FactShape])


@cache
def facts() -> Mapping[str, Fact]:
    """All fact tables by name, in the file's order."""
    source, problems = read(FILE, FILE.name)
    if problems:
        raise ValueError("\n".join(problem.sentence("en") for problem in problems))
    return {name: _fact(name, shape) for name, shape in _FILE.validate_python(source.content).items()}


def _fact(name: str, shape: FactShape) -> Fact:
    columns = dict(_column(key, said) for key, said in shape.columns.items())
    by = {
        Attribution(a): {Level(level): column for level, column in levels.items()}
        for a, levels in shape.attribution.items()
    }
    named = {
        *shape.key,
        *filter(None, [shape.dated]),
        *(c for levels in by.values() for c in levels.values()),
    }
    if unknown := named - columns.keys():
        raise ValueError(f"{name} names columns it has not: {sorted(unknown)}")
    return Fact(
        name=name,
        title=Text(*shape.name),
        grain=Text(shape.grain[0], ", ".join(shape.grain[1:])),
        owner=shape.owner[0],
        sent_by=Text(shape.owner[1], ", ".join(shape.owner[2:])),
        key=tuple(shape.key),
        stock=shape.kind == "stock",
        dated=shape.dated,
        yearly=shape.every == "year",
        columns=columns,
        by=by,
    )


def _column(key: str, said: list[str | list[str]]) -> tuple[str, Column]:
    kind, zh, en = said
    name = key.removesuffix("?")
    words = tuple(kind) if isinstance(kind, list) else ()
    type_ = Type.WORD if words else Type(str(kind))
    return name, Column(name, type_, key.endswith("?"), Text(str(zh), str(en)), words)
