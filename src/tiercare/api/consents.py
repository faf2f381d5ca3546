"""Consents, emergency access and its review, who read a record, and objections.

A resident names their own id, or a ward's. Handing a record over to another region is not here: its file is given
out once, and an answer that is kept for a repeated request would keep the file too.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from tiercare.apps.access.commands.glass import review_glass
from tiercare.apps.access.commands.objections import answer_objection
from tiercare.apps.access.queries import reviews as review_queries
from tiercare.apps.access.rules import Purpose
from tiercare.apps.ledger.queries.windows import Only
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.queries.mine import Seen

from .problems import Problem
from .writes import Body, once

router = Router(tags=["consents"])

REFUSALS = {403: Problem, 404: Problem, 409: Problem, 422: Problem, 428: Problem}
READ_REFUSALS = {403: Problem, 404: Problem, 422: Problem}


class Consent(Schema):
    """A consent of a resident; ``until`` is when it ends by itself."""

    id: UUID
    grantee_id: UUID
    grantee_kind: str
    grantee_name: str
    purposes: list[str]
    since: AwareDatetime
    until: AwareDatetime
    given_by: str
    withdrawn_at: AwareDatetime | None
    in_force: bool


class Consents(Schema):
    """All consents of a resident, those in force first."""

    items: list[Consent]


class Give(Body):
    """Let an institution or a consortium read up to and including the day ``until``; a desk names the signed paper."""

    grantee_id: UUID
    purposes: list[Purpose]
    until: date
    evidence: str = ""
    by_guardian: bool = False


class Given(Schema):
    """The consent that was given."""

    id: UUID


class Done(Schema):
    """It was done."""

    done: Literal[True] = True


class Break(Body):
    """Why a record must be read although nothing allows it."""

    reason: str
    explanation: str


class Broken(Schema):
    """Until when the record is open for this account."""

    until: AwareDatetime


class Read(Schema):
    """One reading of a record: who, acting as what and where, when, which part, on what ground, or refused."""

    event_id: UUID
    at: AwareDatetime
    by: str
    role: str
    institution: str
    what: str
    basis: str
    refused: bool
    emergency: str = ""
    outcome: str = ""
    objected: bool


class Reads(Schema):
    """Readings, latest first; ``before`` asks for the next page, ``null`` on the last."""

    items: list[Read]
    before: int | None


class ReadsQuery(Schema):
    """Which readings; one's own looks only with ``own``."""

    only: Only = Only.ALL
    own: bool = False
    before: Annotated[int | None, Field(ge=0, lt=2**63)] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class Object(Body):
    """What is wrong with a reading, in the resident's words."""

    text: str


class Review(Schema):
    """An emergency access of the auditor's area."""

    id: UUID
    resident_id: UUID
    account_name: str
    institution_name: str
    reason: str
    explanation: str
    since: AwareDatetime
    until: AwareDatetime
    due: AwareDatetime
    overdue: bool
    outcome: str | None
    remark: str
    readings: int


class Reviews(Schema):
    """Emergency accesses, by what is due first; and how the duty to review all of them is kept."""

    items: list[Review]
    all: int
    reviewed: int
    overdue: int
    oldest_due: AwareDatetime | None


class ReviewsQuery(Schema):
    """Those that wait, or those ``reviewed``."""

    reviewed: bool = False
    offset: Annotated[int, Field(ge=0, le=100_000)] = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class Decide(Body):
    """Whether an emergency access was ``justified`` or ``unjustified``, with a remark that the resident sees."""

    outcome: str
    remark: str = ""


class Answer(Body):
    """The answer to an objection; ``upheld`` if the reading should not have been."""

    upheld: bool
    answer: str


@router.get("/of/{uuid:resident_id}", response={200: Consents, **READ_REFUSALS}, summary="Consents")
def consents(request: HttpRequest, resident_id: UUID) -> Consents:
    """Whom this person lets in: for themself, a guardian, or a desk that has a ground. Looking is recorded."""
    shared = queries.shared(request.actor, resident_id)
    return Consents(items=[Consent.from_orm(row) for row in shared.consents])


@router.post("/of/{uuid:resident_id}", response={201: Given, **REFUSALS}, summary="Give a consent")
def give(request: HttpRequest, resident_id: UUID, body: Give) -> HttpResponse:
    """Let somebody read. What the same grantee was let do before ends with it."""
    return once(
        request,
        201,
        lambda: Given(
            id=commands.give_consent(
                request.actor,
                resident_id,
                grantee_id=body.grantee_id,
                purposes=body.purposes,
                until=body.until,
                evidence=body.evidence,
                by_guardian=body.by_guardian,
            )
        ),
    )


@router.post(
    "/of/{uuid:resident_id}/{uuid:consent_id}/withdraw",
    response={200: Done, **REFUSALS},
    summary="Withdraw a consent",
)
def withdraw(request: HttpRequest, resident_id: UUID, consent_id: UUID) -> HttpResponse:
    """From this moment nobody reads on it; what was read stays in the record of readings."""

    def take_back() -> Done:
        commands.withdraw_consent(request.actor, resident_id, consent_id=consent_id)
        return Done()

    return once(request, 200, take_back)


@router.post("/of/{uuid:resident_id}/glass", response={201: Broken, **REFUSALS}, summary="Emergency access")
def break_glass(request: HttpRequest, resident_id: UUID, body: Break) -> HttpResponse:
    """Open this one record for this account, for a few hours; somebody else reviews it, and the resident sees it."""
    return once(
        request,
        201,
        lambda: Broken(
            until=commands.break_glass(
                request.actor, resident_id, reason=body.reason, explanation=body.explanation
            )
        ),
    )


@router.get("/of/{uuid:resident_id}/readings", response={200: Reads, **READ_REFUSALS}, summary="Who read it")
def readings(request: HttpRequest, resident_id: UUID, asked: Query[ReadsQuery]) -> Reads:
    """Who read the record of the acting resident, or of a ward."""
    page = queries.my_readings(
        request.actor,
        resident_id,
        only=asked.only,
        own_too=asked.own,
        before=asked.before,
        limit=asked.limit,
    )
    return Reads(items=[_read(seen) for seen in page.seen], before=page.before)


@router.post(
    "/of/{uuid:resident_id}/readings/{uuid:event_id}/objection",
    response={201: Given, **REFUSALS},
    summary="Object to a reading",
)
def object_to(request: HttpRequest, resident_id: UUID, event_id: UUID, body: Object) -> HttpResponse:
    """An auditor of the area answers within fifteen days."""
    return once(
        request,
        201,
        lambda: Given(
            id=commands.object_to_reading(request.actor, resident_id, event_id=event_id, text=body.text)
        ),
    )


@router.get("/reviews", response={200: Reviews, **READ_REFUSALS}, summary="Emergency accesses to review")
def reviews(request: HttpRequest, asked: Query[ReviewsQuery]) -> Reviews:
    """Every one of the auditor's area is reviewed; nobody's name but that of who broke the glass is told."""
    found = review_queries.reviews(
        request.actor, reviewed=asked.reviewed, limit=asked.limit, offset=asked.offset
    )
    standing = review_queries.standing(request.actor)
    return Reviews(
        items=[Review.from_orm(row) for row in found],
        all=standing.all,
        reviewed=standing.reviewed,
        overdue=standing.overdue,
        oldest_due=standing.oldest_due,
    )


@router.post("/reviews/{uuid:glass_id}", response={200: Done, **REFUSALS}, summary="Review an access")
def review(request: HttpRequest, glass_id: UUID, body: Decide) -> HttpResponse:
    """Say whether it was justified; never one's own."""

    def decide() -> Done:
        review_glass(request.actor, glass_id=glass_id, outcome=body.outcome, remark=body.remark)
        return Done()

    return once(request, 200, decide)


@router.post(
    "/objections/{uuid:objection_id}/answer", response={200: Done, **REFUSALS}, summary="Answer an objection"
)
def answer(request: HttpRequest, objection_id: UUID, body: Answer) -> HttpResponse:
    """In words that the resident sees; never to one's own reading."""

    def reply() -> Done:
        answer_objection(request.actor, objection_id=objection_id, upheld=body.upheld, answer=body.answer)
        return Done()

    return once(request, 200, reply)


def _read(seen: Seen) -> Read:
    reading, glass = seen.reading, seen.glass
    return Read(
        event_id=reading.id,
        at=reading.at,
        by=reading.actor_name,
        role=reading.actor_role,
        institution=seen.institution,
        what=reading.what,
        basis=reading.basis,
        refused=reading.refused,
        emergency=glass.explanation if glass else "",
        outcome=glass.outcome.value if glass and glass.outcome else "",
        objected=seen.objection is not None,
    )
