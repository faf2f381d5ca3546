"""The appointment desk: a card or a slip is scanned, and the resident is checked in for today's booking here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries.mine import booking_of, booking_shown, here_today
from tiercare.apps.capacity.rules.refusals import HOST_ONLY
from tiercare.apps.capacity.workflow import Act
from tiercare.apps.residents import commands as residents
from tiercare.apps.residents.rules.card_tokens import is_token
from tiercare.apps.residents.rules.cards import read_card_number
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.cards.presenters import people
from tiercare.web.pages import once, page, told

from . import presenters

_LONGEST = 1200  # characters: a card's token is the longest thing that is scanned


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CAPACITY_BOOK)
def desk(request: HttpRequest) -> HttpResponse:
    """``/bookings/desk``: the box; what was scanned into it, and today's bookings here of whoever it was."""
    if request.method != "POST":
        return _page(request)
    try:
        return _page(request, **_read(request))
    except Refused as refused:
        refusals = [told(each) for each in refused.refusals]
        return _page(request, status=refused.refusals[0].status, refusals=refusals)


@require_POST
@page(Right.CAPACITY_BOOK)
def check_in(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Check in, then back to the box for the next one."""

    def work() -> str:
        commands.turn(request.actor, booking_id=booking_id, act=Act.ARRIVE)
        return f"{reverse('booking:desk')}?{request.frame.query}"

    try:
        return once(request, _("已签到，可以扫下一位。"), work)
    except Refused as refused:
        refusals = [told(each) for each in refused.refusals]
        return _page(request, status=refused.refusals[0].status, refusals=refusals)


def _read(request: HttpRequest) -> dict[str, Any]:
    """What a slip or a card says. A card's number alone asks for a second item, as at every desk."""
    text = given.text(request.POST, "text", longest=_LONGEST)
    booking_id = _booking_of(text)
    own = request.actor.institution_id
    if booking_id is not None:
        if booking_of(request.actor, booking_id).institution_id != own:
            raise Refused(HOST_ONLY)
        row = booking_shown(request.actor, booking_id)
        return {"rows": presenters.lines([row], today=request.today, own=own), "answered": True}
    second = request.POST.get("second", "").strip()
    scanned = residents.scan(request.actor, text=text, second=second)
    (person,) = people([scanned.least], on=request.today)
    if not scanned.presence:
        return {"person": person, "ask_second": True}
    found = here_today(request.actor, scanned.least.id)
    rows = presenters.lines(found, today=request.today, own=own)
    return {"person": person, "rows": rows, "answered": True}


def _booking_of(text: str) -> UUID | None:
    """The booking that a slip names."""
    if is_token(text) or read_card_number(text) is not None:
        return None
    try:
        return UUID(text)
    except ValueError:
        return None


def _page(request: HttpRequest, *, status: int = 200, **result: Any) -> HttpResponse:
    typed = request.POST.get("text", "").strip()
    keep = bool(result.get("ask_second") or result.get("refusals")) and not is_token(typed)
    context = {"typed": typed[:40] if keep else ""}
    # htmx takes its part of any page that is in order; what was refused is said in that part.
    return render(request, "booking/desk.html", context | result, status=200 if request.htmx else status)
