"""What an auditor has to look at: emergency accesses to review, objections to answer."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.queries.windows import (
    SeenReading,
    Window,
    counted_within,
    reading_of,
    readings_within,
)
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from .. import rules
from ..models import BreakGlass, Objection
from ..rights import Right
from ..rules import Basis, BreakGlassReason, Outcome
from ..rules.consent import NO_SUCH_OBJECTION, NO_SUCH_REVIEW
from .scoping import scoped


@dataclass(frozen=True, slots=True)
class Review:
    """An emergency access with what the review needs. ``resident_id`` is an entry of the index, no name."""

    id: UUID
    resident_id: UUID
    account_id: UUID
    account_name: str
    institution_name: str
    reason: BreakGlassReason
    explanation: str
    since: datetime
    until: datetime
    due: datetime
    overdue: bool
    outcome: Outcome | None
    remark: str
    reviewer_name: str
    reviewed_at: datetime | None
    readings: int


@dataclass(frozen=True, slots=True)
class Opened:
    """One emergency access, and what was read under it, in order."""

    review: Review
    readings: tuple[SeenReading, ...]


@dataclass(frozen=True, slots=True)
class Complaint:
    """An objection that waits for an answer, or has one."""

    id: UUID
    resident_id: UUID
    event_id: UUID
    institution_name: str
    text: str
    made_at: datetime
    due: datetime
    overdue: bool
    answered_at: datetime | None
    upheld: bool | None
    answer: str
    answerer_name: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How the duty to review every single access is kept in the area."""

    all: int
    reviewed: int
    overdue: int
    oldest_due: datetime | None
    objections: int
    objections_overdue: int

    @property
    def open(self) -> int:
        """Accesses that nobody has reviewed yet."""
        return self.all - self.reviewed


_STANDING = """
SELECT count(*), count(reviewed_at), count(*) FILTER (WHERE reviewed_at IS NULL AND review_due < tiercare_now()),
       min(review_due) FILTER (WHERE reviewed_at IS NULL),
       (SELECT count(*) FROM access_objection WHERE answered_at IS NULL),
       (SELECT count(*) FROM access_objection WHERE answered_at IS NULL AND due < tiercare_now())
FROM access_breakglass
"""


def standing(actor: Actor) -> Standing:
    """How many accesses there were in the auditor's area, and how many wait.

    Raises:
        Refused: if the actor may not review.
    """
    with _area(actor), connection.cursor() as cursor:
        cursor.execute(_STANDING)
        return Standing(*cursor.fetchone())


def reviews(actor: Actor, *, reviewed: bool = False, limit: int = 50, offset: int = 0) -> list[Review]:
    """Emergency accesses of the auditor's area: those that wait by what is due first, or those reviewed, latest first.

    Raises:
        Refused: if the actor may not review.
    """
    with _area(actor):
        rows = BreakGlass.objects.filter(reviewed_at__isnull=not reviewed)
        ordered = rows.order_by("-reviewed_at", "id") if reviewed else rows.order_by("review_due", "id")
        return _reviews(ordered[offset : offset + limit])


def opened_review(actor: Actor, glass_id: UUID) -> Opened:
    """One emergency access and what was read under it.

    Raises:
        Refused: if the actor may not review, or there is none of this id in the area.
    """
    with _area(actor):
        found = _reviews(BreakGlass.objects.filter(pk=glass_id))
        if not found:
            raise Refused(NO_SUCH_REVIEW)
        return Opened(found[0], tuple(reversed(readings_within(_window(found[0])))))


def complaints(actor: Actor, *, answered: bool = False, limit: int = 50, offset: int = 0) -> list[Complaint]:
    """Objections of the auditor's area: those that wait by what is due first, or those answered, latest first.

    Raises:
        Refused: if the actor may not answer.
    """
    with _area(actor):
        now = ledger.now()
        rows = Objection.objects.filter(answered_at__isnull=not answered)
        ordered = rows.order_by("-answered_at", "id") if answered else rows.order_by("due", "id")
        return [_complaint(row, now) for row in ordered[offset : offset + limit]]


def opened_complaint(actor: Actor, objection_id: UUID) -> tuple[Complaint, SeenReading | None, Review | None]:
    """One objection, the reading it is about, and the emergency access under which that was, if it was one.

    Raises:
        Refused: if the actor may not answer, or there is none of this id in the area.
    """
    with _area(actor):
        row = Objection.objects.filter(pk=objection_id).first()
        if row is None:
            raise Refused(NO_SUCH_OBJECTION)
        reading = reading_of([row.resident_id], row.event_id)
        return _complaint(row, ledger.now()), reading, _glass(row.resident_id, reading)


def _glass(resident_id: UUID, reading: SeenReading | None) -> Review | None:
    if reading is None or reading.basis != Basis.EMERGENCY:
        return None
    broken = BreakGlass.objects.filter(
        resident_id=resident_id, account_id=reading.actor_id, since__lte=reading.at, until__gt=reading.at
    )
    return next(iter(_reviews(broken[:1])), None)


def _area(actor: Actor) -> AbstractContextManager[None]:
    """The wall raised for the auditor's area.

    Raises:
        Refused: if the actor is no auditor of an area.
    """
    refuse(rules.may(actor, Right.GLASS_REVIEW, division=actor.division_code))
    return scoped(actor, area=actor.division_code or "")


def _window(review: Review | BreakGlass) -> Window:
    return Window(review.resident_id, review.account_id, review.since, review.until)


def _reviews(rows: Iterable[BreakGlass]) -> list[Review]:
    """The rows with what was read under each, counted together."""
    found = list(rows)
    now = ledger.now()
    counts = counted_within([_window(row) for row in found])
    return [
        Review(
            id=row.id,
            resident_id=row.resident_id,
            account_id=row.account_id,
            account_name=row.account_name,
            institution_name=row.institution_name,
            reason=BreakGlassReason(row.reason),
            explanation=row.explanation,
            since=row.since,
            until=row.until,
            due=row.review_due,
            overdue=row.reviewed_at is None and row.review_due < now,
            outcome=Outcome(row.outcome) if row.outcome else None,
            remark=row.remark,
            reviewer_name=row.reviewer_name,
            reviewed_at=row.reviewed_at,
            readings=count,
        )
        for row, count in zip(found, counts, strict=True)
    ]


def _complaint(row: Objection, now: datetime) -> Complaint:
    return Complaint(
        id=row.id,
        resident_id=row.resident_id,
        event_id=row.event_id,
        institution_name=row.institution_name,
        text=row.text,
        made_at=row.made_at,
        due=row.due,
        overdue=row.answered_at is None and row.due < now,
        answered_at=row.answered_at,
        upheld=row.upheld,
        answer=row.answer,
        answerer_name=row.answerer_name,
    )
