"""The shape of ``indicators/*.yaml`` in a policy pack."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from tiercare.engines.policy.schema import ClauseId, ParameterName, Shape, Words

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,59}$")]
AttributionName = Literal["visited", "residence", "insured", "contract", "sent", "received"]


class GivenShape(Shape):
    """A number or a list that definitions ask for by name; where no text gives it, it is ours."""

    value: int | list[str]
    says: Words
    clauses: list[ClauseId] = Field(default_factory=list)
    ours: bool = False


class PartShape(Shape):
    """A side of an indicator; what it leaves out is the indicator's."""

    take: str
    fact: str | None = None
    attribution: AttributionName | None = None
    where: str | None = None
    through: bool = False


Side = str | PartShape | list[str | PartShape]


class IndicatorShape(Shape):
    """A version of an indicator."""

    id: Key
    version: Annotated[int, Field(ge=1)] = 1
    name: Words
    says: Words
    source: Words
    clauses: list[ClauseId] = Field(default_factory=list)
    ours: bool = False
    fact: str = ""
    attribution: AttributionName = "visited"
    where: str | None = None
    numerator: Side | None = None
    denominator: Side | None = None
    of: Annotated[list[Key], Field(max_length=8)] = Field(default_factory=list)
    form: Literal["ratio", "number", "median", "growth", "required", "quotient", "change", "probability"] = (
        "ratio"
    )
    unit: Literal[
        "percent",
        "per_mille",
        "per_1000",
        "per_10000",
        "times",
        "count",
        "people",
        "cases",
        "days",
        "yuan",
        "minutes",
        "points",
    ] = "percent"
    per: Annotated[int, Field(ge=1)] | ParameterName = 1
    direction: Literal["up", "down", "none"] = "none"
    small: Annotated[int, Field(ge=0)] = 10
    since: date | None = None
    until: date | None = None


class TargetShape(Shape):
    """What a clause asks of an indicator; the number stands in the clause."""

    id: Key
    indicator: Key | None = None
    clause: ClauseId
    parameter: ParameterName | None = None
    when: ParameterName | None = None
    about: Key | None = None
    whole: bool = False
    at_once: bool = False
    not_computable: Words | None = None
    note: Words | None = None


class FileShape(Shape):
    """A file of the folder."""

    given: dict[Key, GivenShape] = Field(default_factory=dict)
    indicators: list[IndicatorShape] = Field(default_factory=list)
    targets: list[TargetShape] = Field(default_factory=list)
