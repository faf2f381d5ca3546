"""A consortium's charter, section by section with its history, and the seats of its council."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.network.commands import papers
from tiercare.apps.network.queries.governance import CharterRow, Governance, governance
from tiercare.apps.network.queries.papers import consortia_offered
from tiercare.apps.network.rules.paper_cards import section_name
from tiercare.apps.network.rules.papers import charter_sections, wording
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.web import given
from tiercare.web.pages import once, page, said, told

_PREFIX = "section:"


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.NETWORK_READ)
def charter(request: HttpRequest) -> HttpResponse:
    """``/agreements/charter?consortium=``: the charter in force, older ones, seats; those who may, adopt one."""
    if request.method != "POST":
        return _page(request)

    def adopt() -> str:
        consortium = given.key(request.POST, "consortium")
        texts = {
            name.removeprefix(_PREFIX): given.text(request.POST, name)
            for name in request.POST
            if name.startswith(_PREFIX)
        }
        papers.adopt_charter(
            actor=request.actor,
            consortium_id=consortium,
            adopted_on=given.day(request.POST, "adopted_on"),
            texts=texts,
        )
        return _address(request, consortium)

    try:
        return once(request, _("章程已通过；旧章程保留在沿革中。"), adopt)
    except Refused as refused:
        return _page(request, refusals=refused.refusals)


@require_POST
@page(Right.NETWORK_READ)
def seats(request: HttpRequest) -> HttpResponse:
    """A seat is taken, or (with ``seat``) left."""

    def act() -> str:
        consortium = given.key(request.POST, "consortium")
        if "seat" in request.POST:
            papers.leave_seat(
                actor=request.actor,
                seat_id=given.key(request.POST, "seat"),
                end=given.day(request.POST, "seat_end"),
            )
        else:
            papers.take_seat(
                actor=request.actor,
                consortium_id=consortium,
                office=given.text(request.POST, "office", longest=60),
                held_by=given.text(request.POST, "held_by", longest=120),
                start=given.day(request.POST, "seat_start"),
            )
        return _address(request, consortium)

    try:
        return once(request, _("席位已登记。"), act)
    except Refused as refused:
        return _page(request, refusals=refused.refusals)


def _page(request: HttpRequest, *, refusals: Sequence[Refusal] = ()) -> HttpResponse:
    frame = request.frame
    rows = consortia_offered(frame.pack.region, on=frame.on)
    asked = request.POST.get("consortium") or request.GET.get("consortium")
    chosen = next((row for row in rows if str(row.id) == asked), None) or next(iter(rows), None)
    found = governance(chosen.id, on=frame.on) if chosen else None
    told_ = [told(refusal) for refusal in refusals]
    actor = request.actor
    adopting = access.may(actor, Right.NETWORK_DECIDE, division=found.table.division) if found else None
    seating = None
    if found:
        own = actor.institution_id if actor.institution_id in found.table.lead_ids else UUID(int=0)
        seating = access.may(actor, Right.NETWORK_APPLY, division=found.table.division, institution_id=own)
    context = {
        "consortia": rows,
        "chosen": chosen,
        "found": found,
        "editions": [_edition(row, found) for row in found.charters] if found else [],
        "fields": _fields(request, found) if found else [],
        "adopted_on": request.POST.get("adopted_on", frame.on.isoformat()),
        "typed": request.POST,
        "why_not_adopt": told(adopting) if adopting else None,
        "why_not_seat": told(seating) if seating else None,
        "refusals": told_,
        "at": {error["at"]: error for error in told_},
    }
    return render(request, "agreements/charter.html", context, status=refusals[0].status if refusals else 200)


def _edition(row: CharterRow, found: Governance | None) -> dict[str, Any]:
    names = found.table.names if found else {}
    return {
        "of": row,
        "sections": [
            {"name": said(section_name(word, party, names=names)), "text": text}
            for key, text in row.texts.items()
            for word, _at, party in [key.partition("@")]
        ],
    }


def _fields(request: HttpRequest, found: Governance) -> list[dict[str, Any]]:
    """Sections of the next charter: ours to start from, those that the pack asks for, those of the last one."""
    table = found.table
    last = found.charters[0].texts if found.charters else {}
    demands = {demand.key: demand for demand in table.demands}
    keys = dict.fromkeys([*charter_sections(), *demands, *last])
    values = {
        "consortium": table.consortium,
        "lead": table.lead,
        "parties": "、".join(party.name for party in table.of.parties),
    }
    fields: list[dict[str, Any]] = []
    for key in keys:
        word, _at, party = key.partition("@")
        name = section_name(word, party, names=table.names)
        started = wording(word, {**values, "party": table.names.get(party, name.zh)}, party=party)
        fields.append(
            {
                "id": f"section-{word}-{len(fields)}",
                "key": key,
                "name": said(name),
                "clauses": demands[key].clauses if key in demands else (),
                "text": request.POST.get(f"{_PREFIX}{key}", last.get(key, started)),
            }
        )
    return fields


def _address(request: HttpRequest, consortium_id: UUID) -> str:
    return f"{reverse('agreements:charter')}?{request.frame.query}&consortium={consortium_id}"
