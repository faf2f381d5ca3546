"""预留兑现证明: for any period what policy promised, what was offered, kept and used; to read, to print, to hand on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import queries
from tiercare.apps.capacity.queries import Proof
from tiercare.apps.capacity.rules.shares import RESOURCE_NAMES
from tiercare.apps.capacity.rules.vocabulary import CHANNEL_NAMES, RESERVED
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.terms import queries as terms
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web.pages import page, said
from tiercare.web.paging import Pager

from . import days, proof_grid
from .typed import again

# Ours: a month of one hospital's four resources and then some; so many breaches are read, all of them stand in the file.
PAGE, MOST_BREACHES = 150, 40
# A page that asks for nothing shows so many days up to today.
USUAL = timedelta(days=29)
_DIGITS = {2, 4, 6, 9}
_KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; ``area`` and ``institution`` are empty where it is the reader's own."""

    first: date
    last: date
    area: str = ""
    institution: UUID | None = None
    resource: str = ""

    def proof(self, request: HttpRequest) -> Proof:
        """The proof of that.

        Raises:
            Refused: as ``queries.proof``.
        """
        found = queries.proof(
            request.actor,
            first=self.first,
            last=self.last,
            institution_id=self.institution,
            area="" if self.institution else self.area,
        )
        return found.of_resource(self.resource)


@require_safe
@page(Right.CAPACITY_PROVE)
def proof(request: HttpRequest) -> HttpResponse:
    """``/capacity/quotas/proof?first=&last=&area=&hospital=&resource=``: verdict, grid, lines, and what was broken."""
    today = request.frame.today
    context: dict[str, Any] = {"first": today - USUAL, "last": today, "typed": request.GET, "today": today}
    try:
        asked = _asked(request)
        found = asked.proof(request)
    except Refused as refused:
        return again(request, "capacity/proof.html", context, refused)
    number, lines = _page(request, len(found.lines))
    context |= {
        "first": asked.first,
        "last": asked.last,
        "asked": asked,
        "proof": found,
        "verdict": proof_grid.verdict(found),
        "grids": proof_grid.grids(found),
        "lines": [proof_grid.line(each) for each in proof_grid.in_order(found.lines)[lines]],
        "pages": Pager(request, number, max(1, -(-len(found.lines) // PAGE))),
        "several": len({each.institution_id for each in found.lines}) > 1,
        "breaches": [
            proof_grid.breach(each, request.actor.institution_id) for each in found.breaches[:MOST_BREACHES]
        ],
        "breaches_left": max(0, len(found.breaches) - MOST_BREACHES),
        "falling": proof_grid.falling(found),
        "reserved": [said(CHANNEL_NAMES[channel]) for channel in RESERVED],
        "resources": proof_grid.resources(found.lines, asked.resource),
        **_places(request, asked),
    }
    return again(request, "capacity/proof.html", context)


@require_safe
@page(Right.CAPACITY_PROVE)
def file(request: HttpRequest, kind: str) -> HttpResponse:
    """``/capacity/quotas/proof.xlsx`` and ``.json``: the same question, whole, to be handed on."""
    asked = _asked(request)
    found = asked.proof(request)
    if kind == "xlsx":
        content = queries.as_workbook(found, language=get_language() or "zh")
    else:
        told = {"synthetic": ledger.installation().synthetic, **queries.as_json(found)}
        content = json.dumps(told, ensure_ascii=False, indent=2).encode()
    name = f"{gettext('预留兑现证明')}-{asked.first}-{asked.last}.{kind}"
    response = HttpResponse(content, content_type=_KINDS[kind])
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _asked(request: HttpRequest) -> Asked:
    """Raises ``Refused`` for a day, an area, a hospital or a resource that is none."""
    today = request.frame.today
    last = days.asked(request, "last", today)
    first = days.asked(request, "first", max(date(1949, 10, 1), last - USUAL))
    area, hospital = request.GET.get("area", ""), request.GET.get("hospital", "")
    resource = request.GET.get("resource", "")
    if area and not (area.isascii() and area.isdigit() and len(area) in _DIGITS):
        raise Refused(_NO_AREA)
    if resource and resource not in RESOURCE_NAMES:
        raise Refused(_NO_RESOURCE)
    try:
        institution = UUID(hospital) if hospital else None
    except ValueError as error:
        raise Refused(_NO_HOSPITAL) from error
    return Asked(first, last, area, institution, resource)


def _places(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    """The areas and hospitals that whoever watches over an area may choose; nothing for a hospital's own."""
    own = request.actor.division_code or ""
    if request.actor.institution_id is not None or not own:
        return {}
    whole = asked.area or own
    hospitals = queries.offering(request.actor, first=asked.first, last=asked.last, area=whole)
    below = terms.children(own, on=asked.last) if own != "00" and len(own) < 6 else []
    return {
        "areas": [(each.code, each.name) for each in below],
        "hospitals": list(hospitals.items()),
        "over_area": True,
    }


def _page(request: HttpRequest, count: int) -> tuple[int, slice]:
    typed = request.GET.get("page", "1")
    number = max(1, int(typed)) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 1
    return number, slice((number - 1) * PAGE, number * PAGE)


def _wrong(at: str, zh: str, en: str) -> Refusal:
    return Refusal(
        code=f"capacity.no_such_{at}",
        message=Text(zh, en),
        instead=Text("请从列表中重新选择。", "Choose again from the list."),
        at=at,
        status=422,
    )


_NO_AREA = _wrong("area", "没有这个地区。", "There is no such area.")
_NO_HOSPITAL = _wrong("hospital", "没有这家医院。", "There is no such hospital.")
_NO_RESOURCE = _wrong("resource", "没有这类资源。", "There is no such resource.")
