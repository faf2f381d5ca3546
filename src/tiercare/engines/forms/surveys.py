"""Surveys of residents: a form with whom it is put to, how many of them, and what of the answers becomes a fact.

Files ``surveys/*.yaml`` of a pack and of those it extends; a survey of the more local pack takes the place of the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from tiercare.engines.policy.load import PackErrors
from tiercare.engines.policy.reader import Problem, read
from tiercare.engines.policy.schema import Shape, Words, check
from tiercare.kernel.text import Text

from .load import ItemShape, Key, item_faults, items_of
from .model import Form, Item, Kind, Purpose

FOLDER = "surveys"
_Share = Annotated[float, Field(gt=0, le=1)]
_Count = Annotated[int, Field(ge=1)]


class RecallShape(Shape):
    """How many weeks back people are asked about: what the clause says where a pack in force has it, else ``value``."""

    value: _Count
    parameter: str = ""
    ours: Literal[True] = True


class SampleShape(Shape):
    """How many are drawn: as a rule, at least and at most."""

    usual: _Count
    least: _Count
    most: _Count
    ours: Literal[True] = True

    @model_validator(mode="after")
    def _in_order(self) -> SampleShape:
        if not self.least <= self.usual <= self.most:
            raise ValueError("least ≤ usual ≤ most")
        return self


class SurveyShape(Shape):
    """A file of ``surveys``; what is kept of a round is in this shape too."""

    id: Key
    name: Words
    version: Annotated[int, Field(ge=1)]
    source: Words
    clauses: list[str] = Field(default_factory=list)
    lead: Words
    subject: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,30}$")]
    indicator: Key
    recall_weeks: RecallShape
    age_from: Annotated[int, Field(ge=0, le=120)]
    sample: SampleShape
    lasts_days: _Count
    response_from: _Share
    small: _Count
    ill: Key
    first: Key
    items: Annotated[list[ItemShape], Field(min_length=1, max_length=40)]


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey in one version. What no text gives in numbers is ours.

    Attributes:
        lead: said to people before the questions.
        subject: under which its sheets stand in the fact table ``surveys``; ``indicator`` is computed from them.
        recall: weeks back that are asked about, and the parameter that says so where a pack has it.
        age_from: completed years from which somebody can be drawn.
        sample: how many are drawn as a rule, at least, at most.
        lasts_days: how long a round is open as a rule.
        response_from: share of those drawn that has to answer for the result not to be doubted.
        small: a count of fewer sheets is shown to nobody.
        ill: the flag of who was ill; ``first``: the institution that they chose first.
    """

    form: Form
    clauses: tuple[str, ...]
    lead: Text
    subject: str
    indicator: str
    recall: tuple[int, str]
    age_from: int
    sample: tuple[int, int, int]
    lasts_days: int
    response_from: float
    small: int
    ill: str
    first: str
    shape: SurveyShape

    @property
    def id(self) -> str:
        """Its name in the packs."""
        return self.form.id

    def asked(self, *, weeks: int, since: date) -> Form:
        """The form as people read it: ``{weeks}`` and ``{since}`` in its questions filled in."""

        def filled(item: Item) -> Item:
            zh, en = (
                text.replace("{weeks}", str(weeks)).replace("{since}", since.isoformat())
                for text in (item.ask.zh, item.ask.en)
            )
            return replace(item, ask=Text(zh, en))

        return replace(self.form, items=tuple(filled(each) for each in self.form.items))


def load_surveys(folders: Iterable[Path]) -> Mapping[str, Survey]:
    """The surveys of packs by id, the one that is extended first; a folder without any adds nothing.

    Raises:
        PackErrors: with every problem found: file, line, key, and how to mend it.
    """
    surveys: dict[str, Survey] = {}
    found: list[Problem] = []
    for folder in folders:
        for path in sorted((folder / FOLDER).glob("*.yaml")):
            file, problems = read(path, f"{folder.name}/{FOLDER}/{path.name}")
            shape, wrong = (None, []) if problems else check(SurveyShape, file)
            found += [*problems, *wrong, *(item_faults(shape.items, file) if shape else [])]
            if shape is not None:
                kinds = {each.id: each.kind for each in shape.items}
                if (kinds.get(shape.ill), kinds.get(shape.first)) != ("flag", "institution"):
                    what = Text(
                        "ill 要指一道是非题，first 要指一道机构题。",
                        "ill names a flag, first an institution.",
                    )
                    fix = Text("请对照题目的 id 更正。", "Correct it after the ids of the items.")
                    found.append(Problem(file.file, file.line(("ill",)), "ill", what, fix))
                surveys[shape.id] = survey_of(shape)
    if found:
        raise PackErrors(found)
    return surveys


def kept_survey(definition: Any) -> Survey:
    """A survey as a round keeps it: ``shape.model_dump(mode="json")``."""
    return survey_of(SurveyShape.model_validate(definition, strict=False))


def survey_of(shape: SurveyShape) -> Survey:
    """As frozen values."""
    form = Form(
        shape.id,
        shape.name.text,
        Purpose.SURVEY,
        shape.version,
        shape.source.text,
        items_of(shape.items),
    )
    return Survey(
        form=form,
        clauses=tuple(shape.clauses),
        lead=shape.lead.text,
        subject=shape.subject,
        indicator=shape.indicator,
        recall=(shape.recall_weeks.value, shape.recall_weeks.parameter),
        age_from=shape.age_from,
        sample=(shape.sample.usual, shape.sample.least, shape.sample.most),
        lasts_days=shape.lasts_days,
        response_from=shape.response_from,
        small=shape.small,
        ill=shape.ill,
        first=shape.first,
        shape=shape,
    )


def choices_of(item: Item) -> Mapping[str, Text]:
    """What an answer of this item is called, where it has names of its own."""
    return item.choices if item.kind in {Kind.CHOICE, Kind.MULTI} else {}
