"""Reading ``forms/*.yaml`` of a pack and of those it extends; a form of the more local pack takes the place of the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from tiercare.engines.policy.load import PackErrors
from tiercare.engines.policy.reader import Problem, Source, read
from tiercare.engines.policy.schema import Shape, Words, check
from tiercare.kernel.text import Text

from .answering import NO, YES
from .model import Form, Item, Kind, Purpose

FOLDER = "forms"
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]


class ItemShape(Shape):
    """One question."""

    id: Key
    ask: Words
    kind: Literal["number", "flag", "choice", "scale", "multi", "institution", "text"]
    unit: str = ""
    low: float | int | None = None
    high: float | int | None = None
    choices: dict[Key, Words] = Field(default_factory=dict)
    at_least: float | int | None = None
    at_most: float | int | None = None
    when: list[str] = Field(default_factory=list)
    says: Words | None = None
    fact: str = ""
    required: bool = False
    only_if: dict[Key, list[str]] = Field(default_factory=dict)


class FormShape(Shape):
    """A file of ``forms``."""

    id: Key
    name: Words
    purpose: Literal["follow_up", "survey"]
    version: Annotated[int, Field(ge=1)]
    source: Words
    items: Annotated[list[ItemShape], Field(min_length=1, max_length=40)]


def load_forms(folders: Iterable[Path]) -> Mapping[str, Form]:
    """The forms of packs by id, the one that is extended first; a folder without any adds nothing.

    Raises:
        PackErrors: with every problem found: file, line, key, and how to mend it.
    """
    forms: dict[str, Form] = {}
    found: list[Problem] = []
    for folder in folders:
        for path in sorted((folder / FOLDER).glob("*.yaml")):
            file, problems = read(path, f"{folder.name}/{FOLDER}/{path.name}")
            shape, wrong = (None, []) if problems else check(FormShape, file)
            found += [*problems, *wrong, *(item_faults(shape.items, file) if shape else [])]
            if shape is not None:
                forms[shape.id] = _form(shape)
    if found:
        raise PackErrors(found)
    return forms


def item_faults(items: Sequence[ItemShape], file: Source) -> list[Problem]:
    """Items that stand twice, limits of another kind than the item, limits that say nothing, and conditions that hang on
    nothing that was asked before."""
    problems: list[Problem] = []

    def wrong(at: int, key: str, message: Text) -> None:
        fix = Text("请对照其他条目更正。", "Correct it after the other entries.")
        place = ("items", at, key)
        problems.append(Problem(file.file, file.line(place), f"items.{at}.{key}", message, fix))

    seen: dict[str, set[str]] = {}
    for at, item in enumerate(items):
        if item.id in seen:
            wrong(at, "id", Text("同一项写了两次。", "The item stands twice."))
        words = {YES, NO} if item.kind == "flag" else set(item.choices)
        if any(not says or not set(says) <= seen.get(key, set()) for key, says in item.only_if.items()):
            wrong(
                at,
                "only_if",
                Text("条件要写前面问过的选项。", "A condition names answers of an earlier item."),
            )
        seen[item.id] = words
        if not set(item.when) <= words:
            wrong(at, "when", Text("界限不是这一项的选项。", "The limit is none of its answers."))
        if (item.kind in {"choice", "multi"}) != bool(item.choices):
            wrong(at, "choices", Text("选择题要有选项，其他题没有。", "Only a choice has choices."))
        if item.kind == "scale" and (item.low is None or item.high is None):
            wrong(at, "low", Text("评分要有上下界。", "A scale has two bounds."))
        limited = bool(item.when) or item.at_least is not None or item.at_most is not None
        if limited != (item.says is not None):
            wrong(at, "says", Text("有界限就要写预警的话。", "A limit says what its alert says."))
    return problems


def _form(shape: FormShape) -> Form:
    return Form(
        id=shape.id,
        name=shape.name.text,
        purpose=Purpose(shape.purpose),
        version=shape.version,
        source=shape.source.text,
        items=items_of(shape.items),
    )


def items_of(shapes: Iterable[ItemShape]) -> tuple[Item, ...]:
    """Items as frozen values."""
    return tuple(
        Item(
            id=each.id,
            ask=each.ask.text,
            kind=Kind(each.kind),
            unit=each.unit,
            low=each.low,
            high=each.high,
            choices={key: words.text for key, words in each.choices.items()},
            at_least=each.at_least,
            at_most=each.at_most,
            when=frozenset(each.when),
            says=each.says.text if each.says else None,
            fact=each.fact,
            required=each.required,
            only_if={key: frozenset(says) for key, says in each.only_if.items()},
        )
        for each in shapes
    )
