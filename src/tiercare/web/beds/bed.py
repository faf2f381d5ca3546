"""One bed: who lies in it, everybody who is planned, who lay there last; and keeping it for somebody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries.beds import bed_sheet, own_bed
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.residents.rules.card_tokens import is_token
from tiercare.kernel.clock import day_of
from tiercare.kernel.refusal import Refused
from tiercare.web.capacity.typed import Sent, again
from tiercare.web.pages import once, page

from . import presenters, reading

PLAN, KEEP = "plan", "keep"


@require_safe
@page(Right.CAPACITY_KEEP)
def bed(request: HttpRequest, bed_id: UUID) -> HttpResponse:
    """``/beds/<id>``: seeing who has it is recorded. ``starts`` and ``until`` fill the form, from a gap of a day bed."""
    typed = {name: request.GET.get(name, "")[:30] for name in ("starts", "until")}
    return bed_page(request, bed_id, typed=typed if any(typed.values()) else None)


@require_POST
@page(Right.CAPACITY_KEEP)
def plan(request: HttpRequest, bed_id: UUID) -> HttpResponse:
    """Keep it for the resident whose number was typed or whose card was scanned."""
    sent, known = Sent(request.POST), own_bed(request.actor, bed_id)
    try:
        starts, until = reading.needed_moment(sent, "starts"), reading.moment(sent, "until")
        sent.judge()
        resident_id = reading.resident(request, sent)

        def work() -> str:
            commands.plan_stay(
                request.actor,
                bed_id=known.id,
                resident_id=resident_id,
                starts=starts,
                until=until,
                isolation=bool(sent.text("isolation")),
            )
            return address(request, bed_id)

        return once(request, _("已预留，短信已告知患者。"), work)
    except Refused as refused:
        typed = {name: sent.text(name, longest=60) for name in ("number", "starts", "until", "isolation")}
        typed["number"] = "" if is_token(typed["number"]) else typed["number"]
        return bed_page(request, bed_id, refused=refused, typed=typed, opened=PLAN)


def bed_page(
    request: HttpRequest,
    bed_id: UUID,
    *,
    refused: Refused | None = None,
    typed: Mapping[str, Any] | None = None,
    opened: str = "",
) -> HttpResponse:
    """The page; ``typed`` and ``opened`` are what a form on it held when it was refused, and which."""
    found, now = bed_sheet(request.actor, bed_id), ledger.now()
    known = presenters.people((found.bed.now, *found.planned, *found.past))
    own = request.actor.institution_id
    context = {
        "bed": found.bed,
        "tile": presenters.tile(found.bed, known, now=now),
        "marks": presenters.marks(found.bed),
        "planned": [presenters.stay(each, known, now=now) for each in found.planned],
        "past": [presenters.stay(each, known, now=now) for each in found.past],
        "lays": access.may(request.actor, Right.CAPACITY_BOOK, institution_id=own) is None,
        "typed": {"starts": presenters.typed(now)} | dict(typed or {}),
        "open": opened,
        "sexes": presenters.sexes(),
        "today": day_of(now),
    }
    return again(request, "beds/bed.html", context, refused)


def address(request: HttpRequest, bed_id: UUID) -> str:
    """The page of a bed, for the same region and day."""
    return f"{reverse('beds:bed', args=[bed_id])}?{request.frame.query}"
