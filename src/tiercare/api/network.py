"""``/api/network``: consortia, and the verdict on a region's network."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from tiercare.apps.access import rules as access
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import queries
from tiercare.apps.network.queries.answers import as_json
from tiercare.apps.network.queries.detail import consortium_detail
from tiercare.kernel.refusal import Refused

from .problems import Problem

router = Router(tags=["network"])
FAILURES = {401: Problem, 403: Problem, 404: Problem, 422: Problem}


class ConsortiumOut(Schema):
    """A consortium on the asked day."""

    id: UUID
    slug: str
    kind: str
    name: str
    division_code: str
    area_name: str
    tight: bool
    specialty_code: str
    basis: str
    since: date
    lead_id: UUID | None
    lead_name: str
    institutions: int
    communities: int


class MemberOut(Schema):
    """An institution's part in it; ``end`` is the first day on which it no longer belongs."""

    id: UUID
    name: str
    role: str
    category: str
    level: int
    grade: str
    start: date
    end: date | None


class JoinedOut(Schema):
    """A consortium joined as a whole."""

    id: UUID
    name: str
    start: date
    end: date | None


class ObligationOut(Schema):
    """Who owes what to whom, and how it stands on the day: MET, DUE or OVERDUE."""

    debtor: str
    creditor: str
    text_zh: str
    text_en: str
    due: date
    met_on: date | None
    clause: str
    standing: str


class AgreementOut(Schema):
    """An agreement in force."""

    id: UUID
    title: str
    signed_on: date
    parties: list[str]
    sections: list[str]
    obligations: list[ObligationOut]


class ConsortiumDetailOut(ConsortiumOut):
    """A consortium with everything that belongs to it on the day."""

    members: list[MemberOut]
    children: list[JoinedOut]
    parents: list[JoinedOut]
    agreements: list[AgreementOut]
    charter_on: date | None
    approved_on: date | None


class CheckOut(Schema):
    """The verdict; the same content as ``tiercare network check --json``."""

    region: str
    pack: str
    on: date
    digest: str
    violations: int
    clauses: dict[str, int]
    cards: list[dict[str, Any]]


@router.get(
    "/consortia", response={200: list[ConsortiumOut], **FAILURES}, summary="Consortia of a region on a day"
)
def list_consortia(request: HttpRequest, region: str, on: date | None = None) -> list[ConsortiumOut]:
    """``region`` is a pack id or division code; ``on`` is today if left out."""
    _may_read(request)
    rows = queries.consortium_rows(queries.region_of(region), on=on or ledger.today())
    return [ConsortiumOut(**_row(row)) for row in rows]


@router.get(
    "/consortia/{uuid:consortium_id}",
    response={200: ConsortiumDetailOut, **FAILURES},
    summary="One consortium on a day",
)
def read_consortium(request: HttpRequest, consortium_id: UUID, on: date | None = None) -> ConsortiumDetailOut:
    """Members, whole communities, agreements with their obligations; ``on`` is today if left out."""
    _may_read(request)
    found = consortium_detail(consortium_id, on=on or ledger.today())
    return ConsortiumDetailOut(
        **_row(found.row),
        members=[
            MemberOut(
                id=member.id,
                name=member.name,
                role=member.role.value,
                category=member.category.value,
                level=member.level,
                grade=member.grade,
                start=member.period.start,
                end=member.period.end,
            )
            for member in found.members
        ],
        children=[
            JoinedOut(id=x.id, name=x.name, start=x.period.start, end=x.period.end) for x in found.children
        ],
        parents=[
            JoinedOut(id=x.id, name=x.name, start=x.period.start, end=x.period.end) for x in found.parents
        ],
        agreements=[
            AgreementOut(
                id=agreement.id,
                title=agreement.title,
                signed_on=agreement.signed_on,
                parties=list(agreement.parties),
                sections=list(agreement.sections),
                obligations=[
                    ObligationOut(
                        debtor=owed.debtor,
                        creditor=owed.creditor,
                        text_zh=owed.text_zh,
                        text_en=owed.text_en,
                        due=owed.due,
                        met_on=owed.met_on,
                        clause=owed.clause,
                        standing=owed.standing.value,
                    )
                    for owed in agreement.obligations
                ],
            )
            for agreement in found.agreements
        ],
        charter_on=found.charter_on,
        approved_on=found.approved_on,
    )


@router.get("/check", response={200: CheckOut, **FAILURES}, summary="The verdict on a region's network")
def check(request: HttpRequest, region: str, on: date | None = None) -> dict[str, Any]:
    """Every rule card with its state, parameters, findings and waivers; ``on`` is today if left out."""
    _may_read(request)
    return as_json(queries.check(region, on=on or ledger.today()))


def _may_read(request: HttpRequest) -> None:
    refusal = access.may(request.actor, access.Right.NETWORK_READ)
    if refusal is not None:
        raise Refused(refusal)


def _row(row: queries.ConsortiumRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "slug": row.slug,
        "kind": row.kind.value,
        "name": row.name,
        "division_code": row.division_code,
        "area_name": row.area_name,
        "tight": row.tight,
        "specialty_code": row.specialty_code,
        "basis": str(row.basis),
        "since": row.since,
        "lead_id": row.lead_id,
        "lead_name": row.lead_name,
        "institutions": row.institutions,
        "communities": row.communities,
    }
