"""What a request may say beyond its columns: the keys that kinds know, each with its type, and nothing that the database
cannot keep. Keys that no kind knows pass as they are."""

from __future__ import annotations

import json
import math
from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from .writes import Body

_DEEPEST, _LONGEST = 8, 40_000  # levels and characters
# One line without control characters; text of several lines; neither with a NUL, which cannot be kept.
Line = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$")]
Prose = Annotated[str, Field(max_length=4000, pattern=r"^[^\x00]*$")]
_Short = Annotated[Line, Field(max_length=200)]


class Ground(Body):
    """What an upward referral rests on (XH-46): a criterion of the tables by its id, how severe it is, or what is beyond
    the institution."""

    criterion: _Short = ""
    severity: _Short = ""
    beyond: Literal["", "role", "capacity"] = ""


class Choice(Body):
    """Who chose the receiver, and among how many; ``wish`` is the institution that the resident asked for by name."""

    by: Literal["resident", "doctor"] = "resident"
    offered: int = Field(0, ge=0, le=10_000)
    wish: UUID | None = None


class DrugIn(Body):
    """A medicine that goes on being taken; ``instead``: what is done where the receiver has it not, with ``instead_words``."""

    name: _Short
    dose: _Short = ""
    code: _Short = ""
    instead: Literal["", "PRESCRIBE", "SUBSTITUTE", "PROCURE"] = ""
    instead_words: _Short = ""


class PlanIn(Body):
    """How whoever takes over goes on treating (XH-50)."""

    treatment: Prose = ""
    rehabilitation: Prose = ""
    nursing: Prose = ""
    drugs: list[DrugIn] = Field(default_factory=list, max_length=60)
    warnings: list[_Short] = Field(default_factory=list, max_length=30)
    next_visit_on: date | None = None


class GuidanceIn(Body):
    """A day on which whoever sends down will give guidance."""

    due_on: date
    words: _Short = ""


class PackageIn(Body):
    """Which entries of the record go along, by part; a part that is left out goes whole."""

    problems: list[UUID] | None = Field(None, max_length=200)
    drugs: list[UUID] | None = Field(None, max_length=200)
    results: list[UUID] | None = Field(None, max_length=200)
    visits: list[UUID] | None = Field(None, max_length=200)
    documents: list[UUID] | None = Field(None, max_length=200)


class AlternativeIn(Body):
    """What to do instead, with a return: another ``institution``, ``advice``, or what is ``missing``."""

    institution: UUID | None = None
    institution_name: _Short = ""
    advice: Prose = ""
    missing: Prose | list[_Short] = ""


class PayloadIn(BaseModel):
    """What a kind of request asks for. Up and lateral: ``reason``, ``findings``, ``treatment``, ``wanted``, ``ground``,
    ``needs_admission``, ``choice``; advice: ``question``; down: ``group``, ``functions`` (what is needed
    below), ``stage``, ``plan``, ``guidance``; all:
    ``package`` (its ``documents`` are the files that go along), ``again``."""

    model_config = ConfigDict(
        extra="allow",
        str_strip_whitespace=True,
        json_schema_extra={
            "examples": [
                {
                    "reason": "血压控制不佳，尿蛋白阳性",
                    "ground": {"severity": "urgent"},
                    "wanted": "评估靶器官损害",
                    "choice": {"by": "resident", "offered": 6},
                },
                {"question": "二甲双胍不耐受，如何调整？"},
                {
                    "reason": "病情稳定，回社区继续治疗",
                    "group": "chronic_stable",
                    "plan": {
                        "treatment": "继续口服降压药",
                        "rehabilitation": "步行每日三十分钟",
                        "nursing": "每周测血压两次",
                        "drugs": [{"name": "氨氯地平", "dose": "5mg 每日一次"}],
                        "warnings": ["胸痛", "血压高于180/110"],
                        "next_visit_on": "2026-12-07",
                    },
                },
            ]
        },
    )

    reason: Prose | None = None
    findings: Prose | None = None
    treatment: Prose | None = None
    wanted: Prose | None = None
    question: Prose | None = None
    ground: Ground | None = None
    needs_admission: bool | None = None
    choice: Choice | None = None
    group: _Short | None = None
    functions: list[_Short] | None = Field(None, max_length=20)
    stage: _Short | None = None
    plan: PlanIn | None = None
    guidance: list[GuidanceIn] | None = Field(None, max_length=30)
    package: PackageIn | None = None
    encounter_id: UUID | None = None
    again: Annotated[Line, Field(max_length=300)] | None = None

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        """Neither what the database cannot keep, nor more than anybody reads."""
        for name, value in (self.model_extra or {}).items():
            _fit(name)
            _fit(value, 1)
        if len(json.dumps(self.told(), ensure_ascii=False)) > _LONGEST:
            raise PydanticCustomError("json_too_large", "too much")
        return self

    def told(self) -> dict[str, Any]:
        """As it is kept: the keys that were sent."""
        return self.model_dump(mode="json", exclude_unset=True)


class ReportIn(PayloadIn):
    """What comes with an act: with ``report`` the ``diagnosis``, ``findings``, ``treatment``, ``advice`` and the day of the
    next visit; with ``submit`` what the kind asks for."""

    diagnosis: Prose | None = None
    diagnosis_code: Annotated[Line, Field(max_length=10)] | None = None
    advice: Prose | None = None
    next_visit_on: date | None = None
    department_id: UUID | None = None


def _fit(value: JsonValue, depth: int = 0) -> None:
    """No NUL, no lone surrogate, no number that is none, not endlessly deep."""
    unfit = depth > _DEEPEST
    if isinstance(value, str):
        unfit = "\x00" in value or any("\ud800" <= sign <= "\udfff" for sign in value)
    elif isinstance(value, float):
        unfit = not math.isfinite(value)
    elif isinstance(value, dict) and not unfit:
        for name, part in value.items():
            _fit(name, depth)
            _fit(part, depth + 1)
    elif isinstance(value, list) and not unfit:
        for part in value:
            _fit(part, depth + 1)
    if unfit:
        raise PydanticCustomError("json_unfit", "cannot be kept")
