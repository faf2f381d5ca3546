"""The exact shape of ``programmes/*.yaml``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tiercare.engines.policy.schema import ClauseId, Id, ParameterName, Shape, Words

from .oversight_shapes import AnswerShape, Days
from .shapes import Key

OfName = Literal["counties", "primary", "county_hospitals", "provincial_hospitals", "institutions"]
MeasureName = Literal["specialty", "talent", "equipment", "alliance"]


class PartShape(Shape):
    """A measure, a domain or a milestone."""

    id: Id
    name: Words
    file: bool = False


class BlankShape(Shape):
    """Something a project says; ``part`` is the one it belongs to, ``listed_in`` the parameter that lists its answers, ``lead``
    an institution that leads a consortium of the project's own."""

    id: Id
    name: Words
    answers: list[AnswerShape] = Field(default_factory=list)
    type: Literal["answer", "text", "number", "day", "institution"] = "answer"
    optional: bool = False
    part: Id | None = None
    listed_in: ParameterName | None = None
    lead: bool = False


class OpensShape(Shape):
    """What the first page opens with."""

    indicator: Key
    panel: Key


class ProgrammeShape(Shape):
    """A programme; ``listed_in`` is the parameter that names it, ``parts_in`` those that list its parts."""

    id: Id
    name: Words
    says: Words
    clauses: list[ClauseId]
    of: OfName
    yearly: bool = False
    days: Days
    priority: bool = False
    takes: list[Id] = Field(default_factory=list)
    listed_in: ParameterName | None = None
    parts: list[PartShape] = Field(default_factory=list)
    parts_in: list[ParameterName] = Field(default_factory=list)
    ordered: bool = False
    plan: list[BlankShape] = Field(default_factory=list)
    sheet: list[BlankShape] = Field(default_factory=list)
    file: bool = False
    opens: OpensShape | None = None


class NeedShape(Shape):
    """A specialty: ``codes`` of the licence, ``kinds`` of equipment, what a project of it says, and what there must be."""

    id: Id
    name: Words
    codes: Annotated[list[str], Field(min_length=1)]
    kinds: list[Id] = Field(default_factory=list)
    answers: dict[Id, str] = Field(default_factory=dict)
    least: dict[MeasureName, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)


class StandardShape(Shape):
    """What the register is compared with."""

    id: Id
    name: Words
    says: Words
    clauses: list[ClauseId]
    of: OfName
    programme: Id
    columns: Annotated[list[MeasureName], Field(min_length=1)]
    columns_in: ParameterName | None = None
    needs: Annotated[list[NeedShape], Field(min_length=1)]
    needs_in: ParameterName | None = None


class FileShape(Shape):
    """A file of ``programmes``."""

    programmes: list[ProgrammeShape] = Field(default_factory=list)
    standards: list[StandardShape] = Field(default_factory=list)
