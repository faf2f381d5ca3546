"""``/api/network/consortia/{id}/centres``: the provincial centres that a specialty alliance is linked to (NHC-18)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from tiercare.apps.access.rules import Right
from tiercare.apps.network import commands, queries
from tiercare.apps.network.queries.consortium import consortium_page

from .changes import REFUSALS
from .directory import READ, may
from .etags import answered
from .paging import Day, day_of, known_only
from .problems import Problem
from .shapes import Dated
from .writes import Body, once

router = Router(tags=["network"])
WRITE = {401: Problem, **REFUSALS}


class CentreOut(Schema):
    """A centre; ``holds``: linked on the day; ``fits``: by rank and affiliation of that day still a provincial centre."""

    id: UUID
    institution_id: UUID
    name: str
    period: Dated
    linked_by: str
    holds: bool
    fits: bool


class CentresOut(Schema):
    """The centres of an alliance, those of the day first."""

    consortium_id: UUID
    specialty_code: str
    on: date
    centres: list[CentreOut]


class CentreIn(Body):
    """Link to ``institution_id`` from ``start`` up to, not including, ``end``."""

    institution_id: UUID
    start: date
    end: date | None = None


class EndIn(Body):
    """``end`` is the first day without the link."""

    end: date


class LinkOut(Schema):
    """A link as recorded."""

    id: UUID
    consortium_id: UUID
    institution_id: UUID
    period: Dated


@router.get(
    "/consortia/{uuid:consortium_id}/centres",
    response={200: CentresOut, **READ},
    summary="专科联盟对接的省级医疗中心 · Provincial centres of an alliance",
)
def read_centres(request: HttpRequest, consortium_id: UUID, on: Day | None = None) -> HttpResponse:
    """Centres that the alliance is, was or will be linked to."""
    may(request, Right.NETWORK_READ)
    known_only(request, "on")
    day = day_of(on)
    of = consortium_page(consortium_id, on=day)
    centres = [
        {
            "id": each.id,
            "institution_id": each.institution_id,
            "name": each.name,
            "period": {"start": each.period.start, "end": each.period.end},
            "linked_by": each.linked_by,
            "holds": each.holds,
            "fits": each.fits,
        }
        for each in queries.centres_of(consortium_id, of.division_code, on=day)
    ]
    return answered(
        request,
        {
            "consortium_id": consortium_id,
            "specialty_code": of.specialty_code,
            "on": day,
            "centres": centres,
        },
    )


@router.post(
    "/consortia/{uuid:consortium_id}/centres",
    response={201: LinkOut, **WRITE},
    summary="对接省级医疗中心 · Link an alliance to a provincial centre",
)
def link(request: HttpRequest, consortium_id: UUID, body: CentreIn) -> HttpResponse:
    """Refused unless it is a provincial centre of the same specialty on the first day."""
    may(request, Right.NETWORK_DECIDE)
    return once(
        request,
        201,
        lambda: _linked(
            commands.link_centre(
                actor=request.actor,
                consortium_id=consortium_id,
                institution_id=body.institution_id,
                start=body.start,
                end=body.end,
            )
        ),
    )


@router.post(
    "/centres/{uuid:key}/end",
    response={200: LinkOut, **WRITE},
    summary="结束对接 · End a link to a provincial centre",
)
def end(request: HttpRequest, key: UUID, body: EndIn) -> HttpResponse:
    """The link stays on record for the days on which it held."""
    may(request, Right.NETWORK_DECIDE)
    return once(
        request,
        200,
        lambda: _linked(commands.end_centre_link(actor=request.actor, link_id=key, end=body.end)),
    )


def _linked(row: Any) -> LinkOut:
    return LinkOut(
        id=row.id,
        consortium_id=row.consortium_id,
        institution_id=row.institution_id,
        period=Dated(start=row.period.lower, end=row.period.upper),
    )
