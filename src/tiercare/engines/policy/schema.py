"""The exact shape of pack files, checked by Pydantic; what it refuses becomes a ``Problem`` with its line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError

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
            raise PydanticCustomError("value_of_type", "{type}", {"value": self.value, "type": self.type})
        if self.end is not None and self.end <= self.start:
            raise PydanticCustomError("to_after_from", "{to}", {"from": self.start, "to": self.end})
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


_WRITE = {
    "integer": Text("请写整数，如 2。", "Write a whole number such as 2."),
    "ratio": Text("请写 0 到 1 之间的数，如 0.2。", "Write a number from 0 to 1 such as 0.2."),
    "number": Text("请写数，如 6 或 0.5。", "Write a number such as 6 or 0.5."),
    "boolean": Text("请写 true 或 false。", "Write true or false."),
    "date": Text("请写日期，如 2019-07-01。", "Write a date such as 2019-07-01."),
    "year": Text("请写年份，如 2020。", "Write a year such as 2020."),
    "text": Text("请写文字，数字请加引号。", "Write text; put digits in quotes."),
    "list": Text("请写成列表，如 [a, b]。", "Write a list such as [a, b]."),
    "range": Text("请写从小到大的两个数，如 [1, 2]。", "Write two numbers, the smaller first: [1, 2]."),
    "missing": Text("原文未给数值的，请写 null。", "Write null where the text gives no value."),
}


def _problem(source: Source, detail: dict[str, Any]) -> Problem:
    place: Place = tuple(detail["loc"])
    key = ".".join(str(part) for part in place) or "(file)"
    message, fix = _words(detail, str(place[-1]) if place else "")
    return Problem(source.file, source.line(place), key, message, fix)


def _words(detail: dict[str, Any], last: str) -> tuple[Text, Text]:
    """What is wrong and how to mend it, for what Pydantic found."""
    given, about = detail["input"], detail.get("ctx", {})
    fix = Text("请对照其他政策包同一处的写法改正。", "Compare with the same place in another pack.")
    match detail["type"]:
        case "missing" if last == "from":
            said = Text("参数没有写生效日期 from。", "The parameter has no date 'from'.")
            fix = Text("请补上 from，如 from: 2019-07-01。", "Add it, as in from: 2019-07-01.")
        case "missing":
            said = Text(f"缺少“{last}”。", f"“{last}” is missing.")
            fix = Text("请补上这一项。", "Add it.")
        case "extra_forbidden":
            said = Text(f"不认识“{last}”。", f"“{last}” is not known here.")
            fix = Text("没有这个键，请检查拼写。", "There is no such key; check the spelling.")
        case "value_of_type":
            value, kind = about["value"], about["type"]
            said = Text(f"值“{value}”不是 {kind} 类型。", f"The value “{value}” is not of type {kind}.")
            fix = _WRITE[kind]
        case "to_after_from":
            start, end = about["from"], about["to"]
            said = Text(
                f"to（{end}）不晚于 from（{start}）。", f"'to' ({end}) is not later than 'from' ({start})."
            )
            fix = Text("请写晚于 from 的日期，或去掉 to。", "Write a later day, or leave 'to' out.")
        case "literal_error" | "enum":
            choices = about["expected"].replace(" or ", ", ")
            said = Text(f"“{given}”不在可选之列。", f"“{given}” is not one of the choices.")
            fix = Text(f"请写其中之一：{choices}。", f"Write one of these: {choices}.")
        case "string_pattern_mismatch":
            said = Text(f"“{given}”的写法不对。", f"“{given}” is not written as it should be.")
            fix = Text(f"请按此格式书写：{about['pattern']}", f"It has to look like this: {about['pattern']}")
        case _:
            said = Text(f"内容不合要求（{detail['msg']}）。", f"This does not fit ({detail['msg']}).")
    return said, fix
