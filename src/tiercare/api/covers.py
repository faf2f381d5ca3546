"""``/api/residents/{id}/covers``: what insures a resident, one thing at a time, recorded by a desk."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import StringConstraints

from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.rules.cover import CoverSource, Given, Scheme

from .etags import as_bytes
from .problems import Problem
from .writes import Body, once

router = Router(tags=["residents"])
REFUSALS = {403: Problem, 404: Problem, 422: Problem}
WRITES = {**REFUSALS, 409: Problem, 428: Problem}
_Area = Annotated[str, StringConstraints(max_length=6)]


class CoverIn(Body):
    """``area`` is the 4 or 6 digits of the division whose agency insures, empty outside the basic insurance; ``until``
    the first day without it."""

    scheme: Scheme
    area: _Area = ""
    since: date
    until: date | None = None


class CoverMade(Schema):
    """What was recorded."""

    id: UUID


class CoverEndIn(Body):
    """``ended_on`` is the first day without it, today unless said; its first day makes it count for nothing."""

    ended_on: date | None = None


class CoverOut(Schema):
    """A spell of cover."""

    id: UUID
    scheme: Scheme
    area: str
    area_name: str
    source: CoverSource
    institution: str
    since: date
    until: date | None


class CoversOut(Schema):
    """All of one resident, the latest first."""

    items: list[CoverOut]


@router.get(
    "/{uuid:key}/covers", response={200: CoversOut, **REFUSALS}, summary="医保参保 · What insures a resident"
)
def covers(request: HttpRequest, key: UUID) -> HttpResponse:
    """Where there is a ground to open the record; the reading is recorded."""
    items = [
        {
            "id": each.id,
            "scheme": each.scheme.value,
            "area": each.area,
            "area_name": each.area_name,
            "source": each.source.value,
            "institution": each.institution,
            "since": each.since,
            "until": each.until,
        }
        for each in queries.covers(request.actor, key)
    ]
    return HttpResponse(as_bytes({"items": items}), content_type="application/json")


@router.post("/{uuid:key}/covers", response={201: CoverMade, **WRITES}, summary="登记参保 · Record a cover")
def record(request: HttpRequest, key: UUID, body: CoverIn) -> HttpResponse:
    """One at a time: what overlaps is refused, the former one is ended first."""
    given = Given(body.scheme.value, body.area, body.since, body.until)
    return once(
        request,
        201,
        lambda: CoverMade(id=commands.record_cover(request.actor, resident_id=key, given=given)),
    )


@router.post(
    "/{uuid:key}/covers/{uuid:cover}/end",
    response={200: CoverMade, **WRITES},
    summary="结束参保 · End a cover",
)
def end(request: HttpRequest, key: UUID, cover: UUID, body: CoverEndIn) -> HttpResponse:
    """From a day on."""

    def work() -> CoverMade:
        commands.end_cover(request.actor, resident_id=key, cover_id=cover, ended_on=body.ended_on)
        return CoverMade(id=cover)

    return once(request, 200, work)
