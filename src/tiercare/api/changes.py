"""Writes on the network and on exceptions: proposals, decisions, waivers. Each is one command call, once per
``Idempotency-Key``; who acts and for whom comes from the session, never from the body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from tiercare.apps.mandates import commands as mandates
from tiercare.apps.network import commands as network
from tiercare.apps.network.rules.drafting import Change, read_rows, unreadable
from tiercare.kernel.refusal import Refused

from .problems import Problem
from .writes import Body, once

router = Router(tags=["changes"])

REFUSALS = {403: Problem, 404: Problem, 409: Problem, 422: Problem, 428: Problem}


class Row(Body):
    """A row of a register: texts by column key, as in an uploaded file (docs/import.md)."""

    table: str = Field(alias="register")
    cells: dict[str, str]


class Proposal(Body):
    """A set of changes of the network of ``region``: kept as a draft, or submitted at once (``submit``)."""

    region: str
    title: str
    entries: list[Row]
    submit: bool = True


class Reason(Body):
    """Why an application is returned."""

    reason: str


class ExceptionAsked(Body):
    """An exception from a 原则上 rule for one subject, from ``start`` up to, not including, ``end``."""

    pack: str
    card: str
    subject: str
    subject_name: str
    reason: str
    start: date
    end: date


class Application(Schema):
    """Where an application stands."""

    id: UUID
    title: str
    kind: str
    state: str
    decided_by_division: str
    starts_on: date | None
    submitted_at: datetime | None
    decided_by: str
    reason: str


class Waived(Schema):
    """An exception as recorded."""

    id: UUID
    card: str
    subject: str
    granted_by_name: str
    revoked: bool


@router.post("/applications", response={201: Application, **REFUSALS}, summary="Propose a change")
def propose(request: HttpRequest, body: Proposal) -> HttpResponse:
    """Draft a set of changes, and submit it to whoever decides about it unless ``submit`` is false."""
    command = network.propose_changes if body.submit else network.draft_changes
    return once(
        request,
        201,
        lambda: Application.from_orm(
            command(actor=request.actor, region=body.region, title=body.title, change=_change(body.entries))
        ),
    )


def _change(rows: list[Row]) -> Change:
    entries, misread = read_rows({"register": row.table, "cells": row.cells} for row in rows)
    if misread:
        raise Refused(*(unreadable(row) for row in misread))
    return Change(tuple(entries))


@router.post("/applications/{uuid:key}/return", response={200: Application, **REFUSALS}, summary="Return")
def give_back(request: HttpRequest, key: UUID, body: Reason) -> HttpResponse:
    """Return with a reason that the applicant can act on."""
    return once(
        request,
        200,
        lambda: Application.from_orm(
            network.return_application(actor=request.actor, application_id=key, reason=body.reason)
        ),
    )


@router.post(
    "/applications/{uuid:key}/{act}", response={200: Application, **REFUSALS}, summary="Move an application"
)
def move(
    request: HttpRequest,
    key: UUID,
    act: Literal["submit", "apply", "discard", "approve", "withdraw", "undo"],
) -> HttpResponse:
    """Submit, apply or discard a draft; approve or withdraw what was submitted; draft the undoing of what took
    effect. What takes effect does so as a whole, unless a rule forbids it."""
    return once(
        request,
        200,
        lambda: Application.from_orm(_MOVES[act](actor=request.actor, application_id=key)),
    )


_MOVES: Mapping[str, Callable[..., Any]] = {
    "submit": network.submit_draft,
    "apply": network.apply_draft,
    "discard": network.discard_draft,
    "approve": network.approve_application,
    "withdraw": network.withdraw_application,
    "undo": network.undo_application,
}


@router.post("/waivers", response={201: Waived, **REFUSALS}, summary="Grant an exception")
def waive(request: HttpRequest, body: ExceptionAsked) -> HttpResponse:
    """Except a subject from a 原则上 rule, by name, with a reason and an end."""
    return once(
        request,
        201,
        lambda: _waived(
            mandates.grant_waiver(
                actor=request.actor,
                pack_id=body.pack,
                card_key=body.card,
                subject=body.subject,
                subject_name=body.subject_name,
                reason=body.reason,
                start=body.start,
                end=body.end,
            )
        ),
    )


@router.post("/waivers/{uuid:key}/revoke", response={200: Waived, **REFUSALS}, summary="Revoke an exception")
def revoke(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take an exception back from now on."""
    return once(request, 200, lambda: _waived(mandates.revoke_waiver(actor=request.actor, waiver_id=key)))


def _waived(row: Any) -> Waived:
    return Waived(
        id=row.id,
        card=row.card,
        subject=row.subject,
        granted_by_name=row.granted_by_name,
        revoked=row.revoked_at is not None,
    )
