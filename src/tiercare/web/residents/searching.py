"""One box that finds: a card, a number of a document, a telephone, or a name. What is typed never enters an address."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.residents import queries
from tiercare.apps.residents.queries.record import own_of
from tiercare.apps.residents.rules import card_tokens, fold_number, guess_kind
from tiercare.apps.residents.rules.cards import read_card_number
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.pages import page, told

from .presenters import Line, least_lines, own_lines

_PAGE = 20
_LONGEST = 1200  # characters: a card's token is the longest thing that is scanned


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found. ``asked`` says how the text was understood: card, number or name; ``kind`` is a number's likeliest."""

    asked: str
    lines: list[Line] = field(default_factory=list)
    next: UUID | None = None
    kind: str = ""


@require_safe
@page(Right.RESIDENTS_FIND)
def residents(request: HttpRequest) -> HttpResponse:
    """``/residents``: the box, and the institution's own list a page at a time."""
    return render(request, "residents/list.html", _frame(request) | _own(request))


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.RESIDENTS_FIND)
def search(request: HttpRequest) -> HttpResponse:
    """What the box finds, below it. A GET (somebody reloaded) shows the empty box."""
    if request.method != "POST":
        return HttpResponseRedirect(f"{reverse('residents:list')}?{request.frame.query}")
    context: dict[str, Any] = {"typed": request.POST.get("q", "").strip()[:_LONGEST]}
    try:
        text = given.text(request.POST, "q", longest=_LONGEST)
        after = given.key(request.POST, "after") if request.POST.get("after") else None
        context["answer"] = _answer(request.actor, text, after) if text else None
    except Refused as refused:
        context["refusals"] = [told(refusal) for refusal in refused.refusals]
    if not context.get("answer") and "refusals" not in context:
        context |= _own(request)
    template = "residents/_results.html" if request.htmx else "residents/list.html"
    return render(request, template, _frame(request) | context)


def _answer(actor: Actor, text: str, after: UUID | None) -> Answer:
    """Cards and numbers are looked up in the whole region, names in the own list."""
    on = ledger.today()
    if card_tokens.is_token(text) or read_card_number(text) is not None:
        return Answer("card")  # the desk of cards reads it: there it may be taken once
    if any(sign.isdigit() for sign in fold_number(text)):
        return _by_number(actor, text, on)
    found = queries.listed(actor, text=text, after=after, limit=_PAGE + 1)
    more = found[_PAGE - 1].id if len(found) > _PAGE else None
    return Answer("name", own_lines(found[:_PAGE], on=on), more)


def _by_number(actor: Actor, text: str, on: date) -> Answer:
    found = queries.find(actor, number=text)
    kinds = guess_kind(text)
    return Answer("number", _least(actor, found, on), kind=kinds[0].value if kinds else "")


def _least(actor: Actor, found: list[queries.Least], on: date) -> list[Line]:
    with scoped(actor):
        own = own_of([each.id for each in found]) if found else frozenset()
    return least_lines(found, own, on=on)


def _own(request: HttpRequest) -> dict[str, Any]:
    """A page of the own list, if the actor's role has one."""
    if (
        access.may(request.actor, Right.RESIDENTS_LIST, institution_id=request.actor.institution_id)
        is not None
    ):
        return {"own": None}
    asked = request.GET.get("after", "")
    after = given.key(request.GET, "after") if asked else None
    found = queries.listed(request.actor, after=after, limit=_PAGE + 1)
    more = found[_PAGE - 1].id if len(found) > _PAGE else None
    return {"own": own_lines(found[:_PAGE], on=ledger.today()), "next": more, "first": after is None}


def _frame(request: HttpRequest) -> dict[str, Any]:
    return {"may_register": queries.may_change(request.actor)}
