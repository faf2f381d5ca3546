"""A resident's card at a desk: issue, replace, print, report lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.residents import commands
from tiercare.apps.residents import queries as residents
from tiercare.apps.residents.rules.cards import HAS_NO_CARD, RESIDENT_CARD, grouped, type_refusal
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web.pages import View, once, page, told

from . import presenters, qr

_ACTS: Mapping[str, tuple[Callable[..., UUID], str]] = {
    "issue": (commands.issue_card, gettext_noop("已发卡，可以打印。")),
    "replace": (commands.replace_card, gettext_noop("已换发新卡，旧卡从现在起不能使用。")),
}


def desk(view: View) -> View:
    """A page for desks that issue cards. Residents, who issue their own, have pages of their own for it."""

    @page(Right.CARDS_ISSUE)
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        refusal = access.may(request.actor, Right.CARDS_SCAN)
        if refusal is not None:
            raise Refused(refusal)
        return view(request, *args, **kwargs)

    return wrapped


@require_safe
@desk
def card(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """``/cards/of/<id>``: whether this resident has a card in use, and what can be done with it."""
    return _card_page(request, resident_id)


@require_POST
@desk
def act(request: HttpRequest, resident_id: UUID, act: str) -> HttpResponse:
    """Issue or replace."""
    if act not in _ACTS:
        raise Refused(_no_such_act())
    command, done = _ACTS[act]

    def work() -> str:
        command(request.actor, resident_id)
        return f"{reverse('cards:of', args=[resident_id])}?{request.frame.query}"

    try:
        return once(request, _(done), work)
    except Refused as refused:
        refusals = [told(refusal) for refusal in refused.refusals]
        return _card_page(request, resident_id, refusals=refusals, status=refused.refusals[0].status)


@require_safe
@desk
def sheet(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """``/cards/of/<id>/sheet``: the card to print and hold in the hand, where the region uses one.

    The name on it stays masked: whoever finds a lost card need not learn whose it was.
    """
    types = residents.card_types(request.actor.division_code, on=request.today)
    refusal = type_refusal(RESIDENT_CARD, types)
    if refusal is not None:
        raise Refused(refusal)
    found = residents.card_of(request.actor, resident_id)
    if found.held is None:
        raise Refused(HAS_NO_CARD)
    (person,) = presenters.people([found.least], on=request.today)
    context = {
        "person": person,
        "number": grouped(found.held.number),
        "qr": qr.drawn(found.held.number),
        "issued_at": found.held.issued_at,
    }
    return render(request, "cards/sheet.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk
def lost(request: HttpRequest) -> HttpResponse:
    """``/cards/lost``: block the card of whoever bears an exact number, at once.

    Sent twice it says the second time that no card is in use, which is true.
    """
    if request.method != "POST":
        return render(request, "cards/lost.html")
    try:
        least = commands.report_lost(request.actor, number=request.POST.get("number", ""))
    except Refused as refused:
        refusals = [told(refusal) for refusal in refused.refusals]
        status = refused.refusals[0].status
        return render(request, "cards/lost.html", {"refusals": refusals}, status=status)
    messages.success(request, _("已挂失，这张卡从现在起不能使用。"))
    (person,) = presenters.people([least], on=request.today)
    return render(request, "cards/lost.html", {"person": person})


def _card_page(
    request: HttpRequest,
    resident_id: UUID,
    *,
    refusals: list[dict[str, Any]] | None = None,
    status: int = 200,
) -> HttpResponse:
    found = residents.card_of(request.actor, resident_id)
    types = residents.card_types(request.actor.division_code, on=request.today)
    (person,) = presenters.people([found.least], on=request.today)
    context = {
        "person": person,
        "held": presenters.held(found.held) if found.held else None,
        "physical": presenters.physical(types),
        "uses": presenters.uses(request),
        "refusals": refusals or [],
    }
    return render(request, "cards/card.html", context, status=status)


def _no_such_act() -> Refusal:
    return Refusal(
        code="no_such_act",
        message=Text("没有这个操作。", "There is no such act."),
        instead=Text("请从页面上的按钮选择。", "Choose one of the buttons on the page."),
        status=404,
    )
