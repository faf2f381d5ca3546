"""``/api/capacity/proof``: that what was promised was kept, day by day; the same content as ``tiercare capacity proof``."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from tiercare.apps.capacity import queries

from .paging import Area, Day, known_only
from .problems import Problem

router = Router(tags=["capacity"])


class OwedOut(Schema):
    """What one rule card says of a line; ``share`` and ``units`` are null where the hospital sets them itself."""

    card: str
    clauses: list[str]
    share: float | None
    units: int | None
    kept: int
    state: str


class LineOut(Schema):
    """One resource of one institution on one day. ``released`` were kept and unused when they opened to all;
    ``refused`` is how often somebody got no place, ``refused_reserved`` of them through a reserved channel."""

    day: Day
    institution: UUID
    name: str
    resource: str
    offered: int
    kept: dict[str, int]
    used_entitled: int
    used_by_others_before_release: int
    released: int
    used_after_release: int
    lent: int
    refused: int
    refused_reserved: int
    promised: list[OwedOut]


class PoolOut(Schema):
    """A pool by id and name."""

    id: UUID
    name: str


class BreachOut(Schema):
    """A promise that was not held; ``card`` is empty where somebody used what was kept for others."""

    day: Day
    institution: UUID
    name: str
    resource: str
    pools: list[PoolOut]
    card: str
    clauses: list[str]
    message: dict[str, str]
    remedy: dict[str, str]


class FallingOut(Schema):
    """A month in which an upper hospital kept fewer visits for primary care than in the one before."""

    card: str
    clauses: list[str]
    state: str
    message: dict[str, str]
    remedy: dict[str, str]


class ProofOut(Schema):
    """The proof; ``kept`` is true where there is no breach."""

    start: Day = Field(alias="from")
    end: Day = Field(alias="to")
    asked_at: datetime
    kept: bool
    days: list[LineOut]
    breaches: list[BreachOut]
    falling: list[FallingOut]


@router.get(
    "/proof",
    response={200: ProofOut, 401: Problem, 403: Problem, 404: Problem, 422: Problem},
    by_alias=True,
    summary="预留兑现证明 · The proof that reserves were kept",
)
def proof(
    request: HttpRequest, first: Day, last: Day, institution: UUID | None = None, area: Area = ""
) -> dict[str, Any]:
    """From ``first`` to ``last``, of an ``institution`` or an ``area``; of whoever asks if neither is named."""
    known_only(request, "first", "last", "institution", "area")
    found = queries.proof(request.actor, first=first, last=last, institution_id=institution, area=area)
    return queries.as_json(found)
