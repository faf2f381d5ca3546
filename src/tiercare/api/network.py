"""``/api/network``: consortia, and the verdict on a region's network; below it the directory, the registers,
imports and papers, each in a module of its own."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from tiercare.apps.access import rules as access
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import queries
from tiercare.apps.network.queries.answers import as_json
from tiercare.apps.network.queries.detail import consortium_detail
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from . import centres, directory, imports, institution_plans, papers, registers
from .paging import Area, Day, Words, known_only
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
    signed_on: date | None
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


class AreaOut(Schema):
    """What was found in an area, by the state of the card; ``worst`` is the worst of them, if any."""

    code: str
    name: str
    found: dict[str, int]
    total: int
    worst: str | None


class CheckOut(Schema):
    """The verdict; the same content as ``tiercare network check --json``. ``pending`` are prefectures that changed
    and wait to be judged anew, so that they count as they were; ``areas`` only where they were asked for."""

    region: str
    pack: str
    on: date
    digest: str
    violations: int
    clauses: dict[str, int]
    cards: list[dict[str, Any]]
    area: str
    pending: list[str]
    areas: list[AreaOut] | None = Field(None, description="only with areas_below=true")


@router.get(
    "/consortia",
    response={200: list[ConsortiumOut], **FAILURES},
    summary="地区的医联体 · Consortia of a region on a day",
)
def list_consortia(request: HttpRequest, region: Words, on: Day | None = None) -> list[ConsortiumOut]:
    """``region`` is a pack id or division code; ``on`` is today if left out."""
    _may_read(request)
    rows = queries.consortium_rows(queries.region_of(region), on=on or ledger.today())
    return [ConsortiumOut(**_row(row)) for row in rows]


@router.get(
    "/consortia/{uuid:consortium_id}",
    response={200: ConsortiumDetailOut, **FAILURES},
    summary="一个医联体 · One consortium on a day",
)
def read_consortium(request: HttpRequest, consortium_id: UUID, on: Day | None = None) -> ConsortiumDetailOut:
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


@router.get(
    "/check",
    response={200: CheckOut, **FAILURES},
    summary="地区裁定 · The verdict on a region's network",
)
def check(
    request: HttpRequest,
    region: Words,
    on: Day | None = None,
    area: Area = "",
    areas_below: bool = False,
) -> dict[str, Any]:
    """Every rule card with its state, parameters, findings and waivers; ``on`` is today if left out. ``area`` narrows
    the findings to a part of the region; ``areas_below`` adds what was found in each area one level below."""
    _may_read(request)
    known_only(request, "region", "on", "area", "areas_below")
    code = queries.region_of(region)
    if area and area != "00" and not area.startswith("" if code == "00" else code):
        raise Refused(_elsewhere(area, code))
    asked = "" if area == "00" else area
    checked = queries.check(region, on=on or ledger.today(), area=asked, at_most=JUDGED_HERE)
    shown = queries.narrowed(checked, asked)
    told = {**as_json(shown), "area": asked or shown.area, "pending": list(shown.pending)}
    if areas_below:
        told["areas"] = [_area(row) for row in queries.areas_below(checked, asked)] if len(asked) < 9 else []
    return told


# As pages do: a question judges so many prefectures at most by itself, the background process the others.
JUDGED_HERE = 2


def _area(row: queries.AreaRow) -> AreaOut:
    found = {state.value: count for state, count in row.found.items() if count}
    worst = row.worst.value if row.worst else None
    return AreaOut(code=row.code, name=row.name, found=found, total=row.total, worst=worst)


def _elsewhere(area: str, region: str) -> Refusal:
    return Refusal(
        code="network.area_elsewhere",
        message=Text("{area} 不在 {region} 内。", "{area} does not lie in {region}."),
        instead=Text(
            "请用该地区内的区划代码，或改选地区。",
            "Give a division code inside the region, or another region.",
        ),
        fields={"area": area, "region": region},
        at="area",
        status=422,
    )


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


for part in (directory, registers, imports, papers, centres, institution_plans):
    router.add_router("", part.router)
