"""``/api/network/organizations`` and its neighbours: the directory, separated as IHE's mCSD separates it.

Organization, Location, HealthcareService, Practitioner, PractitionerRole and OrganizationAffiliation have a list
each, with ids that stay and references by id, so that a FHIR interface can be put in front. Answers are written
as they come from the database; the shapes are documented and held against them by tests.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from tiercare.apps.access import rules as access
from tiercare.apps.network.commands import restating
from tiercare.apps.network.queries import directory
from tiercare.apps.network.queries.directory import Shelf
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from . import shapes
from .etags import answered, as_bytes, not_modified, still, strong, weak
from .paging import Day, Paging, day_of, known_only, no_cursor, page, seen
from .problems import Problem
from .writes import Body, once

router = Router(tags=["directory"])
LISTED = {304: None, 401: Problem, 403: Problem, 422: Problem}
READ = {**LISTED, 404: Problem}
CHANGED = dict.fromkeys((400, 401, 403, 404, 409, 412, 422, 428), Problem)


class Restated(Body):
    """What an institution or consortium is from a day on: cells of its register by column key; those left out
    stay as they are that day."""

    start: Day = Field(alias="from")
    cells: dict[str, str | int | float | bool | None] = Field(min_length=1, max_length=60)


class RestatedOut(Schema):
    """What came of it: ``changed`` or ``unchanged``; the thing as it stands from that day on."""

    outcome: str
    organization: shapes.OrganizationOut


def may(request: HttpRequest, *rights: access.Right) -> None:
    """Whether the acting person has one of these rights at all.

    Raises:
        Refused: 401 or 403 with whom to ask.
    """
    refusals = [access.may(request.actor, right) for right in rights]
    if all(refusals):
        raise Refused(*[refusal for refusal in refusals if refusal][:1])


def _listed(request: HttpRequest, shelf: Shelf, filters: Paging) -> HttpResponse:
    may(request, access.Right.NETWORK_READ)
    known_only(request, model=type(filters))
    on = day_of(filters.on)
    after = _place(seen(request, filters, on))
    etag = weak(
        request, directory.stamp(), on, filters.wanted(), filters.cursor, filters.limit, filters.count
    )
    unchanged = not_modified(request, etag)
    if unchanged is not None:
        return unchanged
    wanted = filters.wanted()
    found = directory.leaf(shelf, wanted, on=on, after=after, limit=filters.limit)
    total = directory.total(shelf, wanted, on=on) if filters.count else None
    return page(request, filters, found.rows, on=on, last=found.last, total=total, etag=etag)


def _place(told: tuple[str, ...]) -> tuple[str, UUID] | None:
    """Code and id of the last row seen."""
    if not told:
        return None
    try:
        code, key = told
        return code, UUID(key)
    except ValueError as error:
        raise no_cursor() from error


def _one(request: HttpRequest, shelf: Shelf, key: UUID, on: Day | None, history: bool) -> HttpResponse:
    may(request, access.Right.NETWORK_READ)
    known_only(request, "on", "history")
    return answered(request, _told(shelf, key, on, history))


def _told(shelf: Shelf, key: UUID, on: Day | None, history: bool) -> dict[str, Any]:
    day = day_of(on)
    found = directory.thing(shelf, key, on=day)
    if found is None:
        raise Refused(_no_such(shelf))
    if not history:
        return dict(found)
    return {**found, "history": directory.history(shelf, key, on=day)}


def _no_such(shelf: Shelf) -> Refusal:
    return Refusal(
        code="network.no_such_thing",
        message=Text("目录“{shelf}”中没有这个编号。", "The directory's {shelf} hold nothing of this id."),
        instead=Text("请从 /api/network/{shelf} 中选取编号。", "Take an id from /api/network/{shelf}."),
        fields={"shelf": shelf.value},
        status=404,
    )


@router.get(
    "/organizations",
    response={200: shapes.OrganizationPage, **LISTED},
    summary="机构与医联体 · Institutions and consortia as organisations",
)
def list_organizations(request: HttpRequest, filters: Query[shapes.OrganizationQuery]) -> HttpResponse:
    """By code. In an mCSD interface: Organization."""
    return _listed(request, Shelf.ORGANIZATIONS, filters)


@router.get(
    "/organizations/{uuid:key}",
    response={200: shapes.OrganizationOne, **READ},
    summary="一家机构或医联体 · One organisation, with its history if asked",
)
def read_organization(
    request: HttpRequest, key: UUID, on: Day | None = None, history: bool = False
) -> HttpResponse:
    """As it stands on ``on``; one that has ended as it last stood, ``active`` false. Send its ETag as ``If-Match``
    (without ``history``) to change it."""
    return _one(request, Shelf.ORGANIZATIONS, key, on, history)


@router.patch(
    "/organizations/{uuid:key}",
    response={200: RestatedOut, **CHANGED},
    summary="变更一家机构或医联体 · Restate one organisation from a day on",
)
def restate_organization(request: HttpRequest, key: UUID, body: Restated) -> HttpResponse:
    """One row of its register, held against the rule cards. ``If-Match`` takes the ETag that reading it on that
    same day (``on`` = ``from``) gave."""
    may(request, access.Right.NETWORK_DECIDE)
    check = still(request, lambda: strong(as_bytes(_told(Shelf.ORGANIZATIONS, key, body.start, False))))

    def work() -> RestatedOut:
        outcome = restating.restate_organization(
            actor=request.actor, key=key, start=body.start, cells=body.cells, still=check
        )
        told = _told(Shelf.ORGANIZATIONS, key, body.start, False)
        return RestatedOut(outcome=outcome, organization=shapes.OrganizationOut(**told))

    return once(request, 200, work)


@router.get(
    "/locations",
    response={200: shapes.LocationPage, **LISTED},
    summary="机构位置 · Places of institutions",
)
def list_locations(request: HttpRequest, filters: Query[shapes.LocationQuery]) -> HttpResponse:
    """By the institution's code. In an mCSD interface: Location."""
    return _listed(request, Shelf.LOCATIONS, filters)


@router.get(
    "/locations/{uuid:key}",
    response={200: shapes.LocationOne, **READ},
    summary="一个位置 · One place",
)
def read_location(
    request: HttpRequest, key: UUID, on: Day | None = None, history: bool = False
) -> HttpResponse:
    """Under the id of its institution."""
    return _one(request, Shelf.LOCATIONS, key, on, history)


@router.get(
    "/services",
    response={200: shapes.ServicePage, **LISTED},
    summary="科室 · Departments as services",
)
def list_services(request: HttpRequest, filters: Query[shapes.ServiceQuery]) -> HttpResponse:
    """By the institution's code. In an mCSD interface: HealthcareService."""
    return _listed(request, Shelf.SERVICES, filters)


@router.get(
    "/services/{uuid:key}", response={200: shapes.ServiceOne, **READ}, summary="一个科室 · One service"
)
def read_service(
    request: HttpRequest, key: UUID, on: Day | None = None, history: bool = False
) -> HttpResponse:
    """With ``history`` every period of a department of this name."""
    return _one(request, Shelf.SERVICES, key, on, history)


@router.get(
    "/practitioners",
    response={200: shapes.PractitionerPage, **LISTED},
    summary="医务人员 · Clinicians",
)
def list_practitioners(request: HttpRequest, filters: Query[shapes.PractitionerQuery]) -> HttpResponse:
    """Whoever works somewhere (in the area, for the organisation) that day, by id. In an mCSD interface:
    Practitioner."""
    return _listed(request, Shelf.PRACTITIONERS, filters)


@router.get(
    "/practitioners/{uuid:key}",
    response={200: shapes.PractitionerOne, **READ},
    summary="一名医务人员 · One clinician",
)
def read_practitioner(
    request: HttpRequest, key: UUID, on: Day | None = None, history: bool = False
) -> HttpResponse:
    """With ``history`` where he or she worked and works."""
    may(request, access.Right.NETWORK_READ)
    known_only(request, "on", "history")
    told = _told(Shelf.PRACTITIONERS, key, on, False)
    if history:
        told["history"] = directory.posts(key, on=day_of(on))
    return answered(request, told)


@router.get(
    "/practitioner-roles",
    response={200: shapes.PractitionerRolePage, **LISTED},
    summary="执业地点 · Who works where",
)
def list_roles(request: HttpRequest, filters: Query[shapes.PractitionerRoleQuery]) -> HttpResponse:
    """By the institution's code. In an mCSD interface: PractitionerRole."""
    return _listed(request, Shelf.ROLES, filters)


@router.get(
    "/practitioner-roles/{uuid:key}",
    response={200: shapes.PractitionerRoleOne, **READ},
    summary="一处执业 · One practitioner's role",
)
def read_role(request: HttpRequest, key: UUID, on: Day | None = None, history: bool = False) -> HttpResponse:
    """With ``history`` every period of the same person at the same institution."""
    return _one(request, Shelf.ROLES, key, on, history)


@router.get(
    "/affiliations",
    response={200: shapes.AffiliationPage, **LISTED},
    summary="成员、整体加入与托管 · Memberships, joinings and trusteeships",
)
def list_affiliations(request: HttpRequest, filters: Query[shapes.AffiliationQuery]) -> HttpResponse:
    """By the organisation's code. In an mCSD interface: OrganizationAffiliation."""
    return _listed(request, Shelf.AFFILIATIONS, filters)


@router.get(
    "/affiliations/{uuid:key}",
    response={200: shapes.AffiliationOne, **READ},
    summary="一项隶属关系 · One affiliation",
)
def read_affiliation(
    request: HttpRequest, key: UUID, on: Day | None = None, history: bool = False
) -> HttpResponse:
    """With ``history`` every period of the same two."""
    return _one(request, Shelf.AFFILIATIONS, key, on, history)
