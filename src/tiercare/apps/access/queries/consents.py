"""The consents, emergency accesses and objections of one person, as the person or a desk with a ground sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tiercare.kernel.clock import day_of

from ..models import BreakGlass, Consent, Objection
from ..rules import BreakGlassReason, Outcome, Purpose
from ..rules.consent import GivenBy, GranteeKind


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """A consent; ``in_force`` says whether somebody may read on it now."""

    id: UUID
    grantee_id: UUID
    grantee_kind: GranteeKind
    grantee_name: str
    purposes: tuple[Purpose, ...]
    since: datetime
    until: datetime
    given_by: GivenBy
    evidence: str
    withdrawn_at: datetime | None
    in_force: bool

    @property
    def first_day(self) -> date:
        """The day on which it was given."""
        return day_of(self.since)

    @property
    def end_day(self) -> date:
        """The day after the last on which it holds."""
        return day_of(self.until)


@dataclass(frozen=True, slots=True)
class GlassOfMine:
    """An emergency access as the resident sees it: who, why, until when, and what the review found."""

    id: UUID
    account_id: UUID
    account_name: str
    institution_name: str
    reason: BreakGlassReason
    explanation: str
    since: datetime
    until: datetime
    review_due: datetime
    outcome: Outcome | None
    remark: str
    reviewed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ObjectionOfMine:
    """An objection with its answer, if there is one."""

    id: UUID
    event_id: UUID
    institution_name: str
    text: str
    made_at: datetime
    due: datetime
    answered_at: datetime | None
    upheld: bool | None
    answer: str
    answerer_name: str


def consents_of(persons: Sequence[UUID], *, now: datetime) -> list[ConsentRow]:
    """All consents of this person, those in force first, then the latest. The caller is ``scoped`` for the person."""
    rows = Consent.objects.filter(resident_id__in=persons).order_by("-since", "-id")
    found = [_consent(row, now) for row in rows]
    return sorted(found, key=lambda row: not row.in_force)


def glass_of(persons: Sequence[UUID]) -> list[GlassOfMine]:
    """Every emergency access to this person's record, latest first. The caller is ``scoped`` for the person."""
    rows = BreakGlass.objects.filter(resident_id__in=persons).order_by("-since", "-id")
    return [
        GlassOfMine(
            id=row.id,
            account_id=row.account_id,
            account_name=row.account_name,
            institution_name=row.institution_name,
            reason=BreakGlassReason(row.reason),
            explanation=row.explanation,
            since=row.since,
            until=row.until,
            review_due=row.review_due,
            outcome=Outcome(row.outcome) if row.outcome else None,
            remark=row.remark,
            reviewed_at=row.reviewed_at,
        )
        for row in rows
    ]


def objections_of(persons: Sequence[UUID]) -> list[ObjectionOfMine]:
    """This person's objections, latest first. The caller is ``scoped`` for the person."""
    rows = Objection.objects.filter(resident_id__in=persons).order_by("-made_at", "-id")
    return [
        ObjectionOfMine(
            id=row.id,
            event_id=row.event_id,
            institution_name=row.institution_name,
            text=row.text,
            made_at=row.made_at,
            due=row.due,
            answered_at=row.answered_at,
            upheld=row.upheld,
            answer=row.answer,
            answerer_name=row.answerer_name,
        )
        for row in rows
    ]


def _consent(row: Consent, now: datetime) -> ConsentRow:
    return ConsentRow(
        id=row.id,
        grantee_id=row.grantee_id,
        grantee_kind=GranteeKind(row.grantee_kind),
        grantee_name=row.grantee_name,
        purposes=tuple(Purpose(purpose) for purpose in row.purposes),
        since=row.since,
        until=row.until,
        given_by=GivenBy(row.given_by),
        evidence=row.evidence,
        withdrawn_at=row.withdrawn_at,
        in_force=row.withdrawn_at is None and row.since <= now < row.until,
    )
