"""``/api/public/services``: who in a city does what stands open to all who are qualified (WH-04); needs no sign-in."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network.rules import Category, Owner
from tiercare.apps.referrals.queries.open_services import Order, open_services

from .paging import known_only
from .problems import Problem

public = Router(tags=["referrals"], auth=None)


class ProviderOut(Schema):
    """One who is qualified. ``km`` over the straight line from the middle of ``near``, an estimate; null where either has no place."""

    id: UUID
    name: str
    category: Category
    level: int
    owner: Owner
    division: str
    specialties: list[str]
    km: float | None


class DirectoryOut(Schema):
    """``services`` are the words that are open; ``clause`` says that the chosen one is."""

    services: list[str]
    service: str
    clause: str
    items: list[ProviderOut]


@public.get(
    "/services/{region}",
    response={200: DirectoryOut, 404: Problem, 422: Problem},
    summary="充分竞争的服务由谁提供 · Who does what stands open",
)
def directory(
    request: HttpRequest,
    region: str,
    service: str = "",
    near: str = "",
    sort: Literal["name", "near"] = "name",
) -> DirectoryOut:
    """Every qualified provider of the region (its pack's id), by name or by distance; never by consortium. Nothing where no text
    opens any service; the first open service where none is asked for."""
    known_only(request, "service", "near", "sort")
    found = open_services(region, service=service, near=near, order=Order(sort), on=ledger.today())
    return DirectoryOut(
        services=[each.word for each in found.open.services],
        service=found.service.word if found.service else "",
        clause=found.service.clause if found.service else "",
        items=[
            ProviderOut(
                id=each.id,
                name=each.name,
                category=each.category,
                level=each.level,
                owner=each.owner,
                division=each.division,
                specialties=list(each.shown),
                km=each.km,
            )
            for each in found.providers
        ],
    )
