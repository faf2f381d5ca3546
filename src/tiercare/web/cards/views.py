"""The desk where cards are scanned, and the list of who came today. Every POST makes one command call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.residents import commands
from tiercare.apps.residents import queries as residents
from tiercare.apps.residents.rules.card_tokens import is_token
from tiercare.apps.residents.rules.cards import TIMED_USES, WINDOW, Window, read_card_number, use_name
from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refused
from tiercare.web.pages import page, said, told

from . import presenters

# What may be typed into the box again; a token is of no use a second time.
_LONGEST_TYPED = 40
# After these the desk looks for the person another way.
_LOOK_ELSEWHERE = {
    "cards.unknown",
    "cards.other_region",
    "cards.not_a_card",
    "cards.not_genuine",
    "cards.ended",
}


@require_safe
@page(Right.CARDS_SCAN)
def scan_page(request: HttpRequest) -> HttpResponse:
    """``/cards``: the box that a reader types into, and what the card is scanned for."""
    return _page(request)


@require_POST
@page(Right.CARDS_SCAN)
def read(request: HttpRequest) -> HttpResponse:
    """What was scanned or typed, also from any other page with a box for patients.

    A number alone shows who it is first, and asks for what proves that its owner is here.
    """
    text, use = request.POST.get("text", ""), request.POST.get("use", "")
    second = request.POST.get("second", "").strip()
    by_number = not is_token(text) and read_card_number(text) is not None
    asked = use if use and not (by_number and not second) else None

    def work() -> commands.Scanned:
        return commands.scan(
            request.actor, text=text, use=asked, window=_window(request, asked), second=second
        )

    return _answered(request, work, by_number=by_number, second=second)


@require_POST
@page(Right.CARDS_SCAN)
def arrive(request: HttpRequest) -> HttpResponse:
    """Let the one who was just scanned arrive for a use."""
    use = request.POST.get("use", "")

    def work() -> commands.Scanned:
        return commands.arrive(
            request.actor,
            presence=request.POST.get("presence", ""),
            use=use,
            window=_window(request, use),
        )

    return _answered(request, work)


@require_safe
@page(Right.CARDS_SCAN)
def arrivals(request: HttpRequest) -> HttpResponse:
    """``/cards/arrivals``: who came today, for all uses or one; masked, and recorded as read."""
    use, before = request.GET.get("use", "")[:40], request.GET.get("before", "")
    today = residents.arrivals(request.actor, use=use, before=_key(before))
    offered = presenters.uses(request)
    context = {
        "rows": presenters.arrivals(today, on=request.today),
        "counts": presenters.counts(today, offered),
        "total": sum(today.counts.values()),
        "wanted": use,
        "wanted_name": said(use_name(use)) if use else "",
        "next": today.rows[-1].id if today.more else None,
        "later": bool(before),
    }
    return render(request, "cards/arrivals.html", context)


def _answered(
    request: HttpRequest,
    work: Callable[[], commands.Scanned],
    *,
    by_number: bool = False,
    second: str = "",
) -> HttpResponse:
    try:
        scanned = work()
    except Refused as refused:
        codes = {refusal.code for refusal in refused.refusals}
        return _page(
            request,
            status=refused.refusals[0].status,
            refusals=[told(refusal) for refusal in refused.refusals],
            elsewhere=bool(codes & _LOOK_ELSEWHERE),
            ask_second=by_number and bool(second) and codes == {"cards.second_differs"},
        )
    (person,) = presenters.people([scanned.least], on=request.today)
    return _page(
        request,
        scanned=scanned,
        person=person,
        arrived_for=said(use_name(scanned.use)) if scanned.use else "",
        ask_second=not scanned.presence,
    )


def _page(request: HttpRequest, *, status: int = 200, **result: Any) -> HttpResponse:
    typed = request.POST.get("text", "")
    forbidden = residents.not_a_member(request.actor, on=request.today)
    offered = presenters.uses(request)
    context = {
        "uses": offered,
        "clauses": list(dict.fromkeys(clause for use in offered for clause in use["clauses"])),
        "chosen": request.POST.get("use", ""),
        "window": presenters.window(ledger.now()),
        "typed": typed if len(typed) <= _LONGEST_TYPED and not is_token(typed) else "",
        "first": not result.get("ask_second"),
        "forbidden": told(forbidden) if forbidden else None,
    }
    # htmx takes its part of any page that is in order; what was refused is said in that part.
    return render(request, "cards/scan.html", context | result, status=200 if request.htmx else status)


def _window(request: HttpRequest, use: str | None) -> Window | None:
    """The window of today that the form names, for a use that has one.

    Raises:
        Refused: if it is none.
    """
    if use not in TIMED_USES:
        return None
    try:
        start, end = (time.fromisoformat(request.POST.get(name, "")) for name in ("start", "end"))
    except ValueError:
        raise Refused(WINDOW) from None
    return Window(*(datetime.combine(request.today, each, ZONE) for each in (start, end)))


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
