"""``/api/network/agreements``, ``/obligations`` and ``/consortia/{id}/council``: what was signed, what falls due,
who sits in council."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.queries import calendar, governance, papers
from tiercare.apps.network.rules.papers import Life, Standing
from tiercare.engines.policy import Pack
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .directory import LISTED, READ, may
from .etags import answered
from .icalendar import icalendar
from .paging import Day, PageOut, Paging, Words, cut, day_of, known_only, page, preferred, seen
from .shapes import Dated
from .tries import Both

router = Router(tags=["papers"])
_DAYS = 366 * 5


class PartyOut(Schema):
    """A party: an institution, or the government of an area; ``signed_on`` once it has signed."""

    name: str
    institution: UUID | None
    government_of: str
    signed_on: date | None
    signed_by: str


class OwedOut(Schema):
    """Who owes what to whom by when, and how it stands that day."""

    id: UUID
    debtor: str
    creditor: str
    text: Both
    due: date
    met_on: date | None
    met_by: str
    clause: str
    standing: Standing


class AgreementRowOut(Schema):
    """An agreement in a list: ``signed`` of its ``parties`` have signed; ``open`` obligations, ``overdue`` among
    them."""

    id: UUID
    title: str
    consortium_id: UUID | None
    consortium: str
    parties: list[str]
    signed: int
    signed_on: date | None
    period: Dated
    life: Life
    open: int
    overdue: int
    basis: str


class AgreementWhole(Schema):
    """An agreement: its wording by section, parties and obligations; ``renews`` is the one it follows."""

    id: UUID
    title: str
    consortium_id: UUID | None
    consortium: str
    division: str
    signed_on: date | None
    period: Dated
    life: Life
    basis: str
    texts: dict[str, str]
    sections: list[str]
    parties: list[PartyOut]
    obligations: list[OwedOut]
    renews: UUID | None
    followed_by: UUID | None


class AgreementPage(PageOut):
    """A page of agreements, what wants doing first."""

    items: list[AgreementRowOut]


class AgreementQuery(Paging):
    """``region`` is a pack id or division code."""

    region: Words
    life: Life | None = None


class ItemOut(Schema):
    """Something that has its day: an obligation, a milestone, the end of an agreement or a licence, a deadline of a
    rule. ``target`` and ``target_key`` name what mends it."""

    kind: calendar.ItemKind
    due: date
    text: Both
    standing: Standing
    parties: list[str]
    clause: str
    target: str
    target_key: str


class ItemPage(PageOut):
    """A page of what has its day, the earliest first."""

    items: list[ItemOut]


class ObligationQuery(Paging):
    """``region`` is a pack id or division code; ``first`` and ``last`` bound the days (a quarter back to a year
    ahead if left out); what is overdue is always among them."""

    region: Words
    first: Day | None = None
    last: Day | None = None
    kind: calendar.ItemKind | None = None
    standing: Standing | None = None


class SeatOut(Schema):
    """A seat, held for an institution or an office."""

    id: UUID
    office: str
    held_by: str
    period: Dated


class CharterOut(Schema):
    """An edition of a charter: one text, or wording by section."""

    adopted_on: date
    text: str
    texts: dict[str, str]


class CouncilOut(Schema):
    """Seats of the day, and the charters adopted by then, the newest first."""

    consortium_id: UUID
    on: date
    seats: list[SeatOut]
    charters: list[CharterOut]


@router.get(
    "/agreements",
    response={200: AgreementPage, **LISTED, 404: READ[404]},
    summary="协议 · Agreements of a region",
)
def list_agreements(request: HttpRequest, filters: Query[AgreementQuery]) -> HttpResponse:
    """About one of its consortia or signed by one of its institutions, drafts among them."""
    may(request, Right.NETWORK_READ)
    known_only(request, model=AgreementQuery)
    pack, on = _pack(filters.region), day_of(filters.on)
    after = seen(request, filters, on)
    rows = [row for row in papers.agreement_rows(pack.region, on=on) if filters.life in (None, row.life)]
    order = list(Life)
    places = [
        (str(order.index(row.life)), str(row.period.end or date.max), row.title, str(row.id)) for row in rows
    ]
    shown, last = cut(rows, places, after, filters.limit)
    total = len(rows) if filters.count else None
    return page(request, filters, [_row(row) for row in shown], on=on, last=last, total=total)


def _row(row: papers.PaperRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "consortium_id": row.consortium_id,
        "consortium": row.consortium,
        "parties": row.parties,
        "signed": row.signed,
        "signed_on": row.signed_on,
        "period": {"start": row.period.start, "end": row.period.end},
        "life": row.life.value,
        "open": row.open,
        "overdue": row.overdue,
        "basis": row.basis.value,
    }


@router.get(
    "/agreements/{uuid:key}",
    response={200: AgreementWhole, **READ},
    summary="一份协议 · One agreement",
)
def read_agreement(request: HttpRequest, key: UUID, on: Day | None = None) -> HttpResponse:
    """Parties, wording and obligations as they stand on ``on``."""
    may(request, Right.NETWORK_READ)
    known_only(request, "on")
    found = papers.agreement_page(key, on=day_of(on))
    told = {
        "id": found.id,
        "title": found.title,
        "consortium_id": found.consortium_id,
        "consortium": found.consortium,
        "division": found.division,
        "signed_on": found.signed_on,
        "period": {"start": found.period.start, "end": found.period.end},
        "life": found.life.value,
        "basis": found.basis.value,
        "texts": found.texts,
        "sections": found.sections,
        "parties": [
            {
                "name": party.name,
                "institution": party.institution_id,
                "government_of": party.government_of,
                "signed_on": party.signed_on,
                "signed_by": party.signed_by,
            }
            for party in found.parties
        ],
        "obligations": [
            {
                "id": owed.id,
                "debtor": owed.debtor,
                "creditor": owed.creditor,
                "text": _both(owed.text),
                "due": owed.due,
                "met_on": owed.met_on,
                "met_by": owed.met_by,
                "clause": owed.clause,
                "standing": owed.standing.value,
            }
            for owed in found.obligations
        ],
        "renews": found.renews,
        "followed_by": found.followed_by,
    }
    return answered(request, told)


@router.get(
    "/obligations",
    response={200: ItemPage, **LISTED, 404: READ[404], 406: READ[404]},
    summary="责任与期限 · What falls due, also as a calendar",
)
def list_obligations(request: HttpRequest, filters: Query[ObligationQuery]) -> HttpResponse:
    """JSON, a page at a time; with ``Accept: text/calendar`` everything as a calendar (RFC 5545)."""
    may(request, Right.NETWORK_READ)
    known_only(request, model=ObligationQuery)
    kind = preferred(request, "application/json", "text/calendar")
    pack, on = _pack(filters.region), day_of(filters.on)
    after = seen(request, filters, on)
    first, last = _span(filters, on)
    items = [
        item
        for item in calendar.calendar_items(pack.region, pack.id, on=on, first=first, last=last)
        if filters.kind in (None, item.kind) and filters.standing in (None, item.standing)
    ]
    if kind == "text/calendar":
        told = icalendar(items, on, synthetic=ledger.installation().synthetic)
        return HttpResponse(told, content_type="text/calendar; charset=utf-8")
    places = [(item.on.isoformat(), item.kind.value, ":".join(item.target)) for item in items]
    shown, ends = cut(items, places, after, filters.limit)
    total = len(items) if filters.count else None
    return page(request, filters, [_item(item) for item in shown], on=on, last=ends, total=total)


def _span(filters: ObligationQuery, on: date) -> tuple[date, date]:
    """The days asked for, within what a calendar can hold."""
    try:
        first = filters.first or on - timedelta(days=91)
        last = filters.last or on + timedelta(days=366)
    except OverflowError as error:
        raise Refused(_span_misfits("on")) from error
    if not timedelta(0) <= last - first <= timedelta(days=_DAYS):
        raise Refused(_span_misfits("last" if filters.last else "first"))
    return first, last


def _span_misfits(at: str) -> Refusal:
    return Refusal(
        code="api.span_misfits",
        message=Text(
            "“first”不能晚于“last”，两者相隔至多 {days} 天。",
            "“first” cannot be after “last”, and they lie at most {days} days apart.",
        ),
        instead=Text("请更正起止日期。", "Correct the days."),
        fields={"days": _DAYS},
        at=at,
        status=422,
    )


def _item(item: calendar.Item) -> dict[str, Any]:
    target, key = item.target
    return {
        "kind": item.kind.value,
        "due": item.on,
        "text": _both(item.text),
        "standing": item.standing.value,
        "parties": [name for _, name in item.parties],
        "clause": item.clause,
        "target": target,
        "target_key": key,
    }


@router.get(
    "/consortia/{uuid:consortium_id}/council",
    response={200: CouncilOut, **READ},
    summary="理事会与章程 · Council and charters of a consortium",
)
def read_council(request: HttpRequest, consortium_id: UUID, on: Day | None = None) -> HttpResponse:
    """Seats of the day, and the charters adopted by then."""
    may(request, Right.NETWORK_READ)
    known_only(request, "on")
    day = day_of(on)
    found = governance.governance(consortium_id, on=day)
    seats = [
        {
            "id": seat.id,
            "office": seat.office,
            "held_by": seat.held_by,
            "period": {"start": seat.period.start, "end": seat.period.end},
        }
        for seat in found.seats
    ]
    charters = [
        {"adopted_on": charter.adopted_on, "text": charter.text, "texts": charter.texts}
        for charter in found.charters
    ]
    return answered(
        request, {"consortium_id": consortium_id, "on": day, "seats": seats, "charters": charters}
    )


def _pack(region: str) -> Pack:
    pack = mandates.packs().find(region)
    if pack is None:
        raise Refused(mandates.region_without_pack(region))
    return pack


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
