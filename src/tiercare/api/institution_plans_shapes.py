"""The shapes of plans of institutions, of what is put on record about applications, and of the lists beside them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Schema

from tiercare.apps.network.rules.institution_plans import PlanKind

from .writes import Body


class PlanLineOut(Schema):
    """A limit; ``kind`` and ``level`` empty: any. ``limits``: an application beyond it is marked."""

    area: str
    subject: str
    kind: str
    level: str
    allowed: int
    note: str


class InstitutionPlanOut(Schema):
    """A version; ``end`` is the first day of the next one."""

    id: UUID
    division: str
    kind: str
    number: int
    title: str
    document: str
    adopted_on: date
    start: date
    end: date | None
    lines: list[PlanLineOut]


class InstitutionPlansOut(Schema):
    """Versions of a region, the newest first."""

    items: list[InstitutionPlanOut]


class AppliedOut(Schema):
    """An application that waits, and what it adds."""

    id: UUID
    title: str
    adds: int


class PlanComparedOut(PlanLineOut):
    """A limit against what stands and what is applied for; ``left`` is below 0 where that is more than allowed."""

    plan: UUID
    existing: int
    adds: int
    left: int
    limits: bool
    applied: list[AppliedOut]


class ComparisonOut(Schema):
    """Every limit in force in a region on a day."""

    on: date
    items: list[PlanComparedOut]


class PlanLineIn(Body):
    """A limit, in the words or codes of the file's columns."""

    area: str
    subject: str
    kind: str = ""
    level: str = ""
    allowed: int = Field(ge=0)
    note: str = ""


class InstitutionPlanIn(Body):
    """The next version of a region's plan (a division code), in force from ``start`` on."""

    division: str
    kind: PlanKind
    title: str
    adopted_on: date
    start: date
    document: str = ""
    words: str = ""
    lines: list[PlanLineIn]


class PlanKeptOut(Schema):
    """What was put on record."""

    id: UUID
    number: int = 0


class OverrideIn(Body):
    """Why an application may exceed the plan."""

    reason: str


class ChoiceIn(Body):
    """Whether one's own institution chooses the proposal; declining needs words."""

    agreed: bool
    words: str = ""


class CriterionSaidIn(Body):
    """What a clerk judged of one criterion."""

    clause: str
    criterion: str
    grade: Literal["YES", "PARTLY", "NO"] | None = None
    words: str = ""


class ScoresIn(Body):
    """Criteria that data say nothing about; the others are measured."""

    said: list[CriterionSaidIn] = Field(default_factory=list)


class MarkOut(Schema):
    """A limit that the application goes beyond."""

    line: str
    area: str
    subject: str
    kind: str
    level: str
    allowed: int
    existing: int
    applied: int
    over: int


class SideOut(Schema):
    """An institution that has to confirm; ``answer``: AGREED, DECLINED or OPEN."""

    code: str
    name: str
    answer: str
    words: str
    by: str
    at: datetime | None


class ScoreOut(Schema):
    """A criterion: of ``of`` institutions that come ``met`` meet it, or what a clerk judged; ``share`` from 0 to 1."""

    clause: str
    criterion: str
    met: int | None
    of: int
    grade: str
    words: str
    share: float | None
    ground: list[dict[str, Any]]


class GroundsOut(Schema):
    """What has to be on record before a decision; ``missing`` are codes of what is not yet."""

    marks: list[MarkOut]
    overridden: bool
    sides: list[SideOut]
    scores: list[ScoreOut]
    mean: float | None
    missing: list[str]


class UsedOut(Schema):
    """A hospital's use of beds; ``share`` is bed-days used over bed-days open, empty where none were told."""

    id: UUID
    code: str
    name: str
    area: str
    category: str
    beds: int
    used: int
    open: int
    share: float | None
    months: int
    surplus: bool


class SurplusOut(Schema):
    """County hospitals, the least used first; ``targets`` are categories that the text wants some turned into."""

    low: float | None
    targets: list[str]
    items: list[UsedOut]


class FlowOut(Schema):
    """One thing that went somewhere; ``amount`` is days or sessions."""

    source: str
    id: str
    sender: str
    receiver: str
    division: str
    area: str
    primary: bool
    remote: bool
    first: date
    amount: int


class SumOut(Schema):
    """The sums of one source."""

    source: str
    all: int
    primary: int
    remote: int


class FlowsOut(Schema):
    """What went to an area's institutions; ``listed`` are the remote and poor areas by code."""

    first: date
    last: date
    listed: dict[str, str]
    sums: list[SumOut]
    items: list[FlowOut]
