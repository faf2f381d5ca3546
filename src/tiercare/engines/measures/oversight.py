"""What a region's texts ask supervision to do (督导): inspections and what they look at, yearly goals, reports, alerts.

Read from the packs by ``oversight_load``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from tiercare.kernel.text import Text

from .claim_rules import ClaimRule


class Mode(StrEnum):
    """How an inspection is done."""

    SURVEY = "survey"
    SUPERVISION = "supervision"
    EVALUATION = "evaluation"
    SPECIAL_INSPECTION = "special_inspection"
    REGULAR_EVALUATION = "regular_evaluation"
    DATA_ANALYSIS = "data_analysis"
    SITE_VISIT = "site_visit"
    MYSTERY_VISIT = "mystery_visit"
    QUALITY_CHECK = "quality_check"


MODE_NAMES: Mapping[Mode, Text] = {
    Mode.SURVEY: Text("调研", "survey"),
    Mode.SUPERVISION: Text("督导", "supervision"),
    Mode.EVALUATION: Text("评估", "evaluation"),
    Mode.SPECIAL_INSPECTION: Text("专项督查", "special inspection"),
    Mode.REGULAR_EVALUATION: Text("定期评估", "regular evaluation"),
    Mode.DATA_ANALYSIS: Text("数据分析", "data analysis"),
    Mode.SITE_VISIT: Text("现场查看", "site visit"),
    Mode.MYSTERY_VISIT: Text("暗访", "mystery visit"),
    Mode.QUALITY_CHECK: Text("质量检查", "quality check"),
}
PARTY_NAMES: Mapping[str, Text] = {
    "residents": Text("居民", "residents"),
    "institutions": Text("机构", "institutions"),
    "governments": Text("政府", "governments"),
}


@dataclass(frozen=True, slots=True)
class Severity:
    """How grave a finding is: days to put it right, and whether words suffice as proof."""

    id: str
    name: Text
    days: int
    file: bool


@dataclass(frozen=True, slots=True)
class Item:
    """Something an inspection judges, for one of the parties; a work goal has a target and an actual number besides."""

    id: str
    party: str
    name: Text
    goal: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """An inspection that a text asks for.

    Attributes:
        subjects: what it may be about: institution, consortium, division.
        days: how long it may take from the day it is issued; ``every``: how often it is due, in days, 0 where it is not
            regular.
        by_lead: whether a lead hospital does it in its consortium.
    """

    id: str
    name: Text
    clauses: tuple[str, ...]
    modes: tuple[Mode, ...]
    subjects: tuple[str, ...]
    days: int
    every: int
    by_lead: bool
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """A key task with its number for the year.

    Attributes:
        indicator: where the actual number comes from; without one progress entries say it, in ``unit``.
        target: empty where the text gives none: whoever sets the goal writes it.
        steady: from the baseline to the target in equal parts of the year; otherwise the number holds all year.
        interval: days within which something must be said of it; 0: as the pack has it for all.
        year: the one year that the text names; 0: every year.
    """

    id: str
    name: Text
    clauses: tuple[str, ...]
    owner: str
    indicator: str
    unit: Text
    op: str
    target: Decimal | None
    steady: bool
    interval: int
    year: int
    due: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the words that a field takes; ``score`` where it is rated."""

    id: str
    name: Text
    score: int | None


@dataclass(frozen=True, slots=True)
class Field:
    """What a report says beside its words: one of ``answers``, or without them a text, a number or a day."""

    id: str
    name: Text
    answers: tuple[Answer, ...]
    type: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Topic:
    """A report that is owed: by whom, for which period, within how many days after the period ends.

    Attributes:
        by: who files: counties, primary, county_hospitals, leads, institutions.
        per: year, half, quarter, once; unasked: nobody asks for it, it is filed when there is something to tell.
        until: the day that the text names.
        file: whether it is a document.
    """

    id: str
    name: Text
    says: Text
    clauses: tuple[str, ...]
    by: str
    per: str
    days: int
    until: date | None
    file: bool
    sheet: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class AlertRule:
    """Which signal opens an alert, and how many days there are to look into it.

    Attributes:
        signal: its name among the findings of a run; ``cost_band`` is found among the values of ``indicators``:
            further than ``width`` times the middle half of its peers beyond that half, from ``least`` peers on.
        account: one that nobody answers in time becomes a case of accountability of the institution.
    """

    id: str
    name: Text
    clauses: tuple[str, ...]
    signal: str
    days: int
    template: str
    account: bool
    indicators: tuple[str, ...]
    width: Decimal
    least: int


@dataclass(frozen=True, slots=True)
class Department:
    """A department of the government.

    Attributes:
        bodies: its names as clauses write who is responsible (省物价局).
        duties: what the text gives it, in sentences.
        roles: who works there by their role, without being named to it.
        claims: whether it looks after insured services.
        listed_in: the parameter that names the departments; where it does not name this one there is none.
    """

    id: str
    name: Text
    bodies: tuple[str, ...]
    duties: tuple[Text, ...]
    clauses: tuple[str, ...]
    roles: tuple[str, ...]
    claims: bool
    listed_in: str


@dataclass(frozen=True, slots=True)
class Oversight:
    """Everything that a region's supervision does, by id in the order of the files; ``quality``: indicators that rank
    consortia by quality and compare their members."""

    inspections: Mapping[str, Template] = field(default_factory=dict)
    severities: Mapping[str, Severity] = field(default_factory=dict)
    goals: Mapping[str, Goal] = field(default_factory=dict)
    reports: Mapping[str, Topic] = field(default_factory=dict)
    alerts: Mapping[str, AlertRule] = field(default_factory=dict)
    departments: Mapping[str, Department] = field(default_factory=dict)
    claims: Mapping[str, ClaimRule] = field(default_factory=dict)
    quality: tuple[str, ...] = ()
