"""The shapes of ``/api/supervision``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

from .writes import Body


class PartyOut(Schema):
    """A side: the commission of ``area``, or the institution that lies there."""

    area: str
    institution: UUID | None


class MatterOut(Schema):
    """A matter. ``turn`` is whose turn it is until ``due_on``; both are empty once it is over."""

    id: UUID
    kind: str
    state: str
    title: str
    words: str
    clauses: list[str]
    pack: str
    period: str
    owner: PartyOut
    issuer: PartyOut
    turn: str | None
    due_on: date | None
    first_due_on: date
    overdue: bool
    escalated: int
    subject_type: str
    subject_key: str
    subject_name: str
    parent: UUID | None
    open_children: int
    version: int
    made_at: datetime
    over_at: datetime | None


class EntryOut(Schema):
    """What was done to it, with the files that prove it."""

    id: UUID
    at: datetime
    act: str
    state: str
    by: str
    side: str
    words: str
    figures: dict[str, Any]
    proofs: list[dict[str, Any]]


class CaseOut(MatterOut):
    """A matter whole: what it asks for, what was last handed in, its history, what came from it, what may be done now."""

    payload: dict[str, Any]
    result: dict[str, Any]
    acts: list[str]
    entries: list[EntryOut]
    children: list[MatterOut]


class MattersOut(Schema):
    """A page of 50, and how many stand in each box."""

    items: list[MatterOut]
    counts: dict[str, int]
    more: bool


class GoalOut(Schema):
    """A goal: numbers as decimals; ``planned`` is what the plan asks of the day of the last number."""

    matter: UUID
    title: str
    op: str
    target: str
    actual: str | None
    planned: str
    behind: bool
    owes: bool
    next_word: date


class GoalsOut(Schema):
    """The goals of a year."""

    items: list[GoalOut]


class TemplatesOut(Schema):
    """What the pack in force asks supervision to do; names in both languages."""

    inspections: list[dict[str, Any]]
    goals: list[dict[str, Any]]
    reports: list[dict[str, Any]]
    alerts: list[dict[str, Any]]


class InspectionIn(Body):
    """An inspection: ``subject`` and ``owner`` as ``institution:key``, ``consortium:key`` or ``division:code``; oneself does
    it where ``owner`` is left out."""

    template: str
    mode: str
    subject: str
    owner: str = ""
    due_on: date | None = None
    words: str = Field("", max_length=4000)
    period: str = Field("", max_length=10)
    parent: UUID | None = None


class JudgementIn(Body):
    """What is said of an item: met, partly, not_met (both with a severity) or not_seen; a work goal has its two numbers."""

    item: str
    judgement: str
    words: str = Field(..., min_length=1, max_length=4000)
    severity: str = ""
    target: str = Field("", max_length=200)
    actual: str = Field("", max_length=200)
    instead_of: UUID | None = None


class RectificationIn(Body):
    """What is to be put right: the entry of a finding, or in words; whom the matter is about owes it if nobody is named."""

    entry: UUID | None = None
    owner: str = ""
    due_on: date | None = None
    words: str = Field("", max_length=4000)


class GoalIn(Body):
    """A goal of the pack for somebody in a year; ``target`` as people write it, 65% or 1200."""

    goal: str
    year: int = Field(..., ge=1950, le=2199)
    subject: str
    target: str = Field("", max_length=40)
    baseline: str = Field("", max_length=40)
    title: str = Field("", max_length=80)


class ReportsIn(Body):
    """Which report is asked for, of which period."""

    topic: str
    period: str = Field(..., max_length=10)


class ActIn(Body):
    """What is said with an act; ``version`` makes it fail if somebody went on meanwhile."""

    words: str = Field("", max_length=4000)
    actual: str = Field("", max_length=40)
    outcome: str = Field("", max_length=20)
    sheet: dict[str, str] = Field(default_factory=dict, max_length=60)
    due_on: date | None = None
    version: int | None = None


class MadeOut(Schema):
    """The matter's id."""

    id: UUID


class MovedOut(Schema):
    """Where it stands now."""

    id: UUID
    state: str


class AskedOut(Schema):
    """How many were asked who had not been before."""

    asked: int
