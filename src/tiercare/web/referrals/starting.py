"""From the patient page to a referral in one click; an open one for the same problem comes first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.exchange import queries as exchange
from tiercare.apps.exchange.rules.refusals import OPEN_ALREADY
from tiercare.apps.exchange.workflow import OPEN
from tiercare.apps.referrals import commands
from tiercare.apps.referrals.rules.vocabulary import Kind
from tiercare.apps.residents import queries as residents
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.pages import once, page, told
from tiercare.web.residents.record import refused_here

from . import presenters, words
from .reading import page_of, person

_WHY = 200


@require_POST
@page(Right.REQUESTS_SEND)
def start(request: HttpRequest, resident_id: UUID, kind: str) -> HttpResponse:
    """Begin one of this kind, prefilled, and go on to its page. A form sent twice begins one."""
    if kind not in set(Kind):
        raise Http404

    def work() -> str:
        row = commands.start(
            request.actor,
            resident_id=resident_id,
            kind=kind,
            problem_code=given.text(request.POST, "problem_code", longest=10),
            problem=given.text(request.POST, "problem", longest=120),
            again=given.text(request.POST, "again", longest=_WHY),
        )
        address = page_of(request, row.id, kind)
        return f"{address}&emergency=1" if request.POST.get("emergency") == "1" else address

    try:
        return once(request, _("已按档案填好，可以直接改。"), work)
    except Refused as refused:
        if any(each.code == OPEN_ALREADY.code for each in refused.refusals):
            return _already(request, resident_id, kind, refused)
        return refused_here(request, resident_id, refused)


@require_safe
@page(Right.REQUESTS_SEND)
def lines(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """``/residents/<id>/referrals``: what is open for them, for the patient page; by htmx, recorded as a reading."""
    with residents.opened(request.actor, resident_id, what="requests") as ground:
        found = of_person(request, ground.persons)
    return render(request, "referrals/_lines.html", {"lines": found, "told_empty": True})


def of_person(request: HttpRequest, persons: tuple[UUID, ...]) -> list[dict[str, Any]]:
    """The open requests of a person, and what the actor's institution has begun to write; inside the opened record."""
    drafts = exchange.own_drafts(request.actor, persons)
    sent = [each for each in exchange.of_resident(persons) if each.state in OPEN]
    return [
        presenters.line(each)
        | {
            "state": words.state(each.state),
            "kind_name": words.kind(each.kind),
            "ours": each.sender == request.actor.institution_id,
            "page": page_of(request, each.id, each.kind) if each in drafts else "",
        }
        for each in (*drafts, *sent)
    ]


def _already(request: HttpRequest, resident_id: UUID, kind: str, refused: Refused) -> HttpResponse:
    """The open one first; another needs its reason."""
    try:
        who = person(request.actor, resident_id)
        with residents.opened(request.actor, resident_id, what="requests") as ground:
            lines = of_person(request, ground.persons)
    except Refused as closed:
        return refused_here(request, resident_id, closed)
    context = who.banner | {
        "resident_id": resident_id,
        "asked_kind": kind,
        "kind_name": words.kind(kind),
        "lines": lines,
        "refusals": [told(each) for each in refused.refusals],
        "again": request.POST.get("again", "")[:_WHY],
        "emergency": request.POST.get("emergency") == "1",
    }
    return render(request, "referrals/already.html", context, status=refused.refusals[0].status)
