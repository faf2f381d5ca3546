"""What records look like in the API: bodies and answers."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field

from tiercare.apps.records.rules.vocabulary import HERE

from .writes import Body

_Key = Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
_Source = Annotated[str, Field(max_length=30, pattern=r"^[a-z0-9_.-]+$")]
_Number = Annotated[Decimal, Field(max_digits=14, decimal_places=4, allow_inf_nan=False)]


class ReadingIn(Body):
    """A value: a number in ``value``, anything else in ``words``; of a fact of the guidelines ``yes`` or ``no``, or its code."""

    item: Annotated[str, Field(min_length=1, max_length=40)]
    value: _Number | None = None
    words: Annotated[str, Field(max_length=500)] = ""
    unit: Annotated[str, Field(max_length=30)] = ""
    low: _Number | None = None
    high: _Number | None = None
    flag: Literal["", "LOW", "HIGH", "NORMAL", "ABNORMAL"] = ""
    name: Annotated[str, Field(max_length=100)] = ""
    taken_at: AwareDatetime | None = None


class ConditionIn(Body):
    """A diagnosis by ICD-10."""

    code: Annotated[str, Field(max_length=12)]
    name: Annotated[str, Field(max_length=100)]
    role: Literal["MAIN", "OTHER"] = "MAIN"
    status: Literal["ACTIVE", "STABLE", "RESOLVED"] = "ACTIVE"
    onset_on: date | None = None


class DrugIn(Body):
    """A medicine."""

    name: Annotated[str, Field(max_length=100)]
    code: Annotated[str, Field(max_length=30)] = ""
    dose: Annotated[str, Field(max_length=200)] = ""
    since: date | None = None
    until: date | None = None
    long_term: bool = False


class VisitIn(Body):
    """A visit with what was found, ordered and given, in one act."""

    kind: Literal["OUTPATIENT", "EMERGENCY", "INPATIENT", "HOME", "REMOTE"]
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    department: UUID | None = None
    clinician: Annotated[str, Field(max_length=50)] = ""
    complaint: str = ""
    findings: str = ""
    treatment: str = ""
    disposition: str = ""
    stage: Literal["", "ACUTE_RECOVERY", "POSTOP_RECOVERY", "CRITICAL_STABLE", "CHRONIC_STABLE"] = ""
    conditions: list[ConditionIn] = Field(default_factory=list, max_length=40)
    readings: list[ReadingIn] = Field(default_factory=list, max_length=200)
    drugs: list[DrugIn] = Field(default_factory=list, max_length=60)
    request: UUID | None = None
    source: _Source = HERE
    source_key: _Key = ""
    correction: bool = False


class ResultsIn(Body):
    """A report with its values."""

    title: Annotated[str, Field(max_length=200)] = ""
    taken_at: AwareDatetime | None = None
    readings: Annotated[list[ReadingIn], Field(max_length=400)]
    visit: UUID | None = None
    request: UUID | None = None
    source: _Source = HERE
    source_key: _Key = ""
    correction: bool = False


class DocumentIn(Body):
    """What a file is; beside it the file itself, or its address (``reference``)."""

    kind: Literal["SUMMARY", "DISCHARGE", "REPORT", "IMAGE", "LETTER", "OTHER"]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    reference: Annotated[str, Field(max_length=500)] = ""
    dated_at: AwareDatetime | None = None
    visit: UUID | None = None
    request: UUID | None = None
    source: _Source = HERE
    source_key: _Key = ""
    correction: bool = False


class WithdrawalIn(Body):
    """What was entered in error, by its ``id``, or (a visit, a document) by ``source`` and ``source_key``; and why."""

    what: Literal["visit", "document", "condition", "reading", "drug"]
    id: UUID | None = None
    source: _Source = HERE
    source_key: _Key = ""
    reason: Annotated[str, Field(max_length=1000)]


class WithdrawalOut(Schema):
    """It is withdrawn, and with it so many lines (diagnoses, values, medicines, reports)."""

    lines: int


class DoneIn(Body):
    """What came of a contact; ``answers`` are facts of the guidelines by their id, ``asked`` the answers to its form."""

    outcome: Literal["REACHED", "NOT_REACHED", "REFUSED", "SENT_ON"]
    note: Annotated[str, Field(max_length=500)] = ""
    answers: dict[str, bool | float | str] = Field(default_factory=dict, max_length=100)
    asked: dict[str, bool | float | str] | None = Field(None, max_length=40)


class MadeOut(Schema):
    """The id of what was entered, or was there already."""

    id: UUID


class ContactDoneOut(Schema):
    """It is done; ``alerts`` are the criteria of referral that its answers meet."""

    id: UUID
    alerts: list[str]


class EntryOut(Schema):
    """An entry of the record; ``body`` as it was entered, by its kind. ``hidden``: the role does not see what stands in it.
    ``withdrawn``: it was entered in error, since ``at`` for ``reason``; others than its institution see it empty."""

    kind: str
    id: UUID
    at: datetime
    institution: UUID
    institution_name: str
    source: str
    by_name: str
    body: dict[str, Any]
    conditions: list[dict[str, Any]]
    readings: list[dict[str, Any]]
    drugs: list[dict[str, Any]]
    hidden: bool
    withdrawn: dict[str, Any] | None


class TimelineOut(Schema):
    """The record, the newest first; ``next`` is the address of the following page."""

    items: list[EntryOut]
    on: date
    next: str | None
    ahead: list[dict[str, Any]]


class ContactOut(Schema):
    """A contact to be made; ``late`` days past its day."""

    id: UUID
    resident: UUID
    kind: str
    level: int
    way: str
    due_on: date
    late: int
    words: str
    request: UUID | None


class ContactsOut(Schema):
    """Those that are open, the longest overdue first, and how many there are."""

    items: list[ContactOut]
    overdue: int
    today: int
    later: int
