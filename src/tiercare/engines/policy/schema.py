"""The exact shape of pack files, checked by Pydantic; what it refuses becomes a ``Problem`` with its line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from tiercare.kernel.text import Text

from .model import Force
from .reader import Place, Problem, Source

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
ClauseId = Annotated[str, StringConstraints(pattern=r"^[A-Z]+-\d{2,3}$")]
ParameterName = Annotated[str, StringConstraints(pattern=r"^[A-Z]+-\d{2,3}\.[A-Za-z0-9_]+$")]
Kind = Literal[
    "rule", "workflow", "indicator", "structure", "service", "target", "money", "governance", "data"
]
ParameterType = Literal[
    "integer", "ratio", "number", "boolean", "date", "year", "text", "list", "range", "missing"
]


class Shape(BaseModel):
    """Strict: an unknown key is a spelling mistake, never ignored."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Words(Shape):
    """A sentence in both languages."""

    zh: Annotated[str, StringConstraints(min_length=1)]
    en: Annotated[str, StringConstraints(min_length=1)]

    @property
    def text(self) -> Text:
        """As a value of the kernel."""
        return Text(self.zh, self.en)


class DocumentShape(Shape):
    """A policy document."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Z]+$")]
    title: Words
    number: str | None
    issued_by: Words
    in_force_from: date
    date_basis: Literal["text", "assumed"]
    note: Words | None = None


class DefectShape(Shape):
    """A defect of a text."""

    id: Id
    clauses: list[ClauseId]
    text: Words


class PackShape(Shape):
    """``pack.yaml``."""

    id: Id
    extends: Id | None = None
    region: Annotated[str, StringConstraints(pattern=r"^(\d{2}|\d{4}|\d{6})$")]
    level: Literal["nation", "province", "prefecture", "county"]
    name: Words
    documents: list[DocumentShape]
    defects: list[DefectShape] = []


class ParameterShape(Shape):
    """A dated, typed value."""

    key: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
    op: Literal["=", ">=", "<=", "<", ">", "~="]
    value: object
    type: ParameterType
    start: Annotated[date, Field(alias="from")]
    end: Annotated[date | None, Field(alias="to")] = None

    @model_validator(mode="after")
    def value_is_of_its_type(self) -> ParameterShape:
        """A value must be what its type says."""
        if not _FITS[self.type](self.value):
            raise ValueError(f"value {self.value!r} is not of type {self.type}")
        if self.end is not None and self.end <= self.start:
            raise ValueError("'to' must be later than 'from'")
        return self


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_FITS: dict[str, Callable[[Any], bool]] = {
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "ratio": lambda v: _is_number(v) and 0 <= v <= 1,
    "number": _is_number,
    "boolean": lambda v: isinstance(v, bool),
    "date": lambda v: isinstance(v, date),
    "year": lambda v: isinstance(v, int) and 1949 <= v <= 2200,
    "text": lambda v: isinstance(v, str) and v != "",
    "list": lambda v: isinstance(v, list) and len(v) > 0 and all(isinstance(i, str | int | float) for i in v),
    "range": lambda v: isinstance(v, list) and len(v) == 2 and all(_is_number(i) for i in v) and v[0] <= v[1],
    "missing": lambda v: v is None,
}


class ClauseShape(Shape):
    """One clause."""

    id: ClauseId
    document: str
    section: str
    gist: Words
    kind: Kind
    capability: str
    force: Annotated[Force, Field(strict=False)]
    responsible: list[str] = []
    supporting: list[str] = []
    cites: list[str] = []
    parameters: list[ParameterShape] = []


class ClausesShape(Shape):
    """A file under ``clauses/``."""

    clauses: list[ClauseShape]


class ListShape(Shape):
    """A named list."""

    id: Id
    clause: ClauseId
    name: Words
    defined_in_text: bool
    items: list[Words]


class ListsShape(Shape):
    """``lists.yaml``."""

    lists: list[ListShape]


class ExampleShape(Shape):
    """Facts and the verdict they must get."""

    name: str
    on: date
    facts: dict[str, object]
    verdict: Literal["MET", "VIOLATED", "AT_RISK", "MISSED", "ADVICE", "NOT_APPLICABLE", "NOT_IN_FORCE"]


class CardShape(Shape):
    """A rule card."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    app: Id
    sentence: Words
    clauses: Annotated[list[ClauseId], Field(min_length=1)]
    force: Annotated[Force | None, Field(strict=False)] = None
    in_force_from: date
    in_force_to: date | None = None
    parameters: dict[str, ParameterName] = {}
    deadline: ParameterName | None = None
    message: Words
    remedy: Words
    constraint: str | None = None
    replaces: Id | None = None
    approval_before_change: bool = False
    examples: Annotated[list[ExampleShape], Field(min_length=2)]


class CardsShape(Shape):
    """A file under ``cards/``."""

    cards: list[CardShape]


S = TypeVar("S", bound=Shape)


def check(shape: type[S], source: Source) -> tuple[S | None, list[Problem]]:
    """``source`` as ``shape``, or the problems that keep it from being one."""
    try:
        return shape.model_validate(source.content), []
    except ValidationError as error:
        return None, [_problem(source, dict(detail)) for detail in error.errors()]


_FIXES = {
    "missing": Text("请补上这一项。", "Add it."),
    "extra_forbidden": Text("没有这个键，请检查拼写。", "There is no such key; check the spelling."),
}


def _problem(source: Source, detail: dict[str, object]) -> Problem:
    loc = detail["loc"]
    place: Place = tuple(loc) if isinstance(loc, tuple) else ()
    kind, said = str(detail["type"]), str(detail["msg"])
    key = ".".join(str(part) for part in place) or "(file)"
    last = str(place[-1]) if place else ""
    if kind == "missing" and last == "from":
        message = Text("参数没有写生效日期 from。", "The parameter has no date 'from'.")
    elif kind == "missing":
        message = Text(f"缺少“{last}”。", f"“{last}” is missing.")
    elif kind == "extra_forbidden":
        message = Text(f"不认识“{last}”。", f"“{last}” is not known here.")
    else:
        message = Text(f"内容不合要求（{said}）。", f"This does not fit ({said}).")
    fix = _FIXES.get(kind, Text("请按政策包说明改正。", "See the guide to policy packs."))
    return Problem(source.file, source.line(place), key, message, fix)
