"""The exact shape of ``oversight/*.yaml``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tiercare.engines.policy.schema import ClauseId, Id, ParameterName, Shape, Words

from .shapes import Key

NumberShape = int | float | ParameterName  # a name is looked up in the clauses
Days = Annotated[int, Field(ge=1)]
ModeName = Literal[
    "survey",
    "supervision",
    "evaluation",
    "special_inspection",
    "regular_evaluation",
    "data_analysis",
    "site_visit",
    "mystery_visit",
    "quality_check",
]


class SeverityShape(Shape):
    """How grave a finding may be."""

    id: Id
    name: Words
    days: Days
    file: bool = False


class ItemShape(Shape):
    """Something to be judged."""

    id: Id
    party: Literal["residents", "institutions", "governments"]
    name: Words
    goal: bool = False


class InspectionShape(Shape):
    """A template; ``listed_in`` is the parameter of a clause that lists the modes there must be."""

    id: Id
    name: Words
    clauses: list[ClauseId]
    modes: Annotated[list[ModeName], Field(min_length=1)]
    listed_in: ParameterName | None = None
    subjects: Annotated[list[Literal["institution", "consortium", "division"]], Field(min_length=1)]
    days: Days
    every: Annotated[int, Field(ge=0)] = 0
    by_lead: bool = False
    items: Annotated[list[ItemShape], Field(min_length=1)]


class GoalShape(Shape):
    """A key task; ``due`` is a day of the year, 12-31."""

    id: Id
    name: Words
    clauses: list[ClauseId]
    owner: Literal["division", "consortium", "institution"]
    indicator: Key | None = None
    unit: Words | None = None
    op: Literal[">=", "<="] = ">="
    target: NumberShape | None = None
    steady: bool = False
    interval: Annotated[int, Field(ge=0)] = 0
    year: Annotated[int, Field(ge=0)] = 0
    due: Annotated[str, Field(pattern=r"^\d{2}-\d{2}$")] = "12-31"


class AnswerShape(Shape):
    """A word that a field takes."""

    id: Id
    name: Words
    score: int | None = None


class FieldShape(Shape):
    """A field of a sheet."""

    id: Id
    name: Words
    answers: list[AnswerShape] = Field(default_factory=list)
    type: Literal["answer", "text", "number", "day"] = "answer"
    optional: bool = False


class ReportShape(Shape):
    """A report that is owed; ``listed_in`` is the parameter of a clause that lists the fields every report must say."""

    id: Id
    name: Words
    says: Words
    clauses: list[ClauseId]
    by: Literal["counties", "primary", "county_hospitals", "leads", "institutions"]
    per: Literal["year", "half", "quarter", "once", "unasked"]
    days: Days
    until: ParameterName | None = None
    file: bool = False
    listed_in: ParameterName | None = None
    sheet: list[FieldShape] = Field(default_factory=list)


class AlertShape(Shape):
    """A signal that somebody has to look into."""

    id: Id
    name: Words
    clauses: list[ClauseId]
    signal: Id
    days: Days
    template: str = ""
    account: bool = False
    indicators: list[Key] = Field(default_factory=list)
    width: NumberShape = 1
    least: Annotated[int, Field(ge=1)] = 1


class DepartmentShape(Shape):
    """A department of the government and what is its own; ``listed_in`` is the parameter of a clause that names the departments."""

    id: Id
    name: Words
    bodies: Annotated[list[str], Field(min_length=1)]
    duties: Annotated[list[Words], Field(min_length=1)]
    clauses: list[ClauseId]
    roles: list[Id] = Field(default_factory=list)
    claims: bool = False
    listed_in: ParameterName | None = None


class ClaimShape(Shape):
    """A check of paid visits, with the numbers it takes."""

    id: Id
    name: Words
    says: Words
    clauses: list[ClauseId]
    check: Literal["fund_over_cost", "sums_differ", "readmitted", "dear_short_stay", "elsewhere_meanwhile"]
    days: NumberShape = 0
    yuan: NumberShape = 0


class FileShape(Shape):
    """A file of ``oversight``."""

    severities: list[SeverityShape] = Field(default_factory=list)
    inspections: list[InspectionShape] = Field(default_factory=list)
    goals: list[GoalShape] = Field(default_factory=list)
    reports: list[ReportShape] = Field(default_factory=list)
    alerts: list[AlertShape] = Field(default_factory=list)
    departments: list[DepartmentShape] = Field(default_factory=list)
    claims: list[ClaimShape] = Field(default_factory=list)
    quality: list[Key] = Field(default_factory=list)
