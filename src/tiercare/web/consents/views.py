"""The desk records what a resident signed: consents, their withdrawal, a move. For a record it has a ground to open."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.access.rules.consent import LONGEST_EVIDENCE, longest_until
from tiercare.apps.residents import commands, queries
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.web.fresh import recently_confirmed
from tiercare.web.pages import once, page, told

from .downloads import download
from .forms import Given, choices, purposes

# Residents record their own on their own pages; these are for who may look residents up.
_DESK = Right.RESIDENTS_FIND


@require_http_methods(["GET", "HEAD", "POST"])
@page(_DESK)
def consents(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """``/consents/<id>``: whom this person lets in; a POST records a signed paper."""
    if request.method != "POST":
        return _consents(request, resident_id)
    given = Given.read(request.POST)

    def give() -> str:
        commands.give_consent(
            request.actor,
            resident_id,
            grantee_id=given.grantee_id,
            purposes=given.purposes,
            until=given.until,
            evidence=given.evidence,
            by_guardian=given.by_guardian,
        )
        return _here(request, resident_id)

    try:
        return once(request, _("授权已登记，立即生效。"), give)
    except Refused as refused:
        return _consents(request, resident_id, given, refused.refusals)


@require_POST
@page(_DESK)
def find_grantee(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """Institutions and consortia of the name that was typed, to choose from; nothing of the resident."""
    context = {"choices": choices(request.actor, request.POST), "searched": True}
    return render(request, "consents/_choices.html", context)


@require_POST
@page(_DESK)
def withdraw(request: HttpRequest, resident_id: UUID, consent_id: UUID) -> HttpResponse:
    """Take a consent back on the resident's word, at once."""

    def take_back() -> str:
        commands.withdraw_consent(request.actor, resident_id, consent_id=consent_id)
        return _here(request, resident_id)

    try:
        return once(request, _("已撤回，从现在起对方不能再查看。"), take_back)
    except Refused as refused:
        return _consents(request, resident_id, None, refused.refusals)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.RECORDS_MOVE)
@recently_confirmed()
def move(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """``/consents/<id>/move``: hand the record over on a signed request; the POST answers with the file, once."""
    typed = {name: request.POST.get(name, "")[:LONGEST_EVIDENCE] for name in ("destination", "evidence")}
    refusals: Sequence[Refusal] = ()
    if request.method == "POST":
        try:
            return download(commands.move_out(request.actor, resident_id, **typed).download)
        except Refused as refused:
            refusals = refused.refusals
    context = {
        "resident_id": resident_id,
        "typed": typed,
        "refusals": [told(refusal) for refusal in refusals],
    }
    return render(request, "consents/move.html", context, status=refusals[0].status if refusals else 200)


def _consents(
    request: HttpRequest, resident_id: UUID, given: Given | None = None, refusals: Sequence[Refusal] = ()
) -> HttpResponse:
    shared = queries.shared(request.actor, resident_id)
    context = {
        "resident_id": resident_id,
        "who": next(iter(queries.least_of([resident_id])), None),
        "rows": shared.consents,
        "choices": shared.choices,
        "purposes": purposes(),
        "given": given or Given(request.actor.institution_id, (), None),
        "first": shared.today,
        "last": longest_until(shared.today),
        "longest": LONGEST_EVIDENCE,
        "may_move": access.may(request.actor, Right.RECORDS_MOVE) is None,
        "refusals": [told(refusal) for refusal in refusals],
    }
    return render(request, "consents/of.html", context, status=refusals[0].status if refusals else 200)


def _here(request: HttpRequest, resident_id: UUID) -> str:
    return f"{reverse('consents:of', args=[resident_id])}?{request.frame.query}"
