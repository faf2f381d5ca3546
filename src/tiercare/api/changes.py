"""Writes on the network and on exceptions: proposals, decisions, waivers. Each is one command call, once per
``Idempotency-Key``; who acts and for whom comes from the session, never from the body."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from tiercare.apps.mandates import commands as mandates
from tiercare.apps.network import commands as network

from .problems import Problem
from .writes import Body, once

router = Router(tags=["changes"])

REFUSALS = {403: Problem, 404: Problem, 409: Problem, 422: Problem, 428: Problem}


class FormConsortium(Body):
    """A consortium to be formed, with its lead and first members."""

    slug: str
    name: str
    kind: Literal[
        "CITY_GROUP", "COUNTY_COMMUNITY", "URBAN_RURAL", "SPECIALTY_ALLIANCE", "TELEMEDICINE_NETWORK"
    ]
    division_code: str
    lead_id: UUID
    member_ids: tuple[UUID, ...] = ()
    specialty_code: str = ""
    start: date


class JoinCommunity(Body):
    """A county community that joins a group as a whole."""

    parent_id: UUID
    child_id: UUID
    start: date


class Proposal(Body):
    """A change proposed to the commission of ``region``; just one of the two changes."""

    region: str
    title: str
    form_consortium: FormConsortium | None = None
    join_community: JoinCommunity | None = None


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
    submitted_at: datetime
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
def submit(request: HttpRequest, body: Proposal) -> HttpResponse:
    """Propose to form a consortium, or that a community joins a group."""
    kind = "form_consortium" if body.form_consortium else "join_community"
    change = body.form_consortium or body.join_community
    payload = change.model_dump(mode="json") if change else {}
    return once(
        request,
        201,
        lambda: Application.from_orm(
            network.submit_application(
                actor=request.actor,
                region=body.region,
                kind=kind if change else "",
                title=body.title,
                payload=payload,
            )
        ),
    )


@router.post("/applications/{uuid:key}/approve", response={200: Application, **REFUSALS}, summary="Approve")
def approve(request: HttpRequest, key: UUID) -> HttpResponse:
    """Approve: the change takes effect, unless a rule forbids it."""
    return once(
        request,
        200,
        lambda: Application.from_orm(network.approve_application(actor=request.actor, application_id=key)),
    )


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


@router.post("/applications/{uuid:key}/withdraw", response={200: Application, **REFUSALS}, summary="Withdraw")
def withdraw(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take an own application back."""
    return once(
        request,
        200,
        lambda: Application.from_orm(network.withdraw_application(actor=request.actor, application_id=key)),
    )


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
