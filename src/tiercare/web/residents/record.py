"""A resident's page, the same with numbers in the clear after a recorded click, and the sheet to print."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from tiercare.apps.access.rules import NO_BASIS, Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.residents import queries
from tiercare.apps.residents.rules.territory import Territorial, notice
from tiercare.kernel.refusal import Refused
from tiercare.web.pages import page, said, told
from tiercare.web.territory import presenters as territory

from . import presenters


@require_safe
@page(Right.RESIDENTS_READ)
def resident(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """``/residents/<id>``: what the reader's role needs of the record, or why not and the ways on."""
    return detail(request, resident_id)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.RESIDENTS_READ)
def reveal(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """The page with numbers in the clear, for this one showing. Reloaded by a GET it is masked again."""
    if request.method != "POST":
        return HttpResponseRedirect(address(request, resident_id))
    return detail(request, resident_id, what="number", clear=True)


@require_safe
@page(Right.RESIDENTS_READ)
def printed(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """A summary for paper, masked, with who printed it and when across the sheet."""
    try:
        sheet = queries.sheet(request.actor, resident_id, what="print")
    except Refused as refused:
        return refused_here(request, resident_id, refused)
    context = presenters.record(sheet) | {"printed_at": ledger.now(), "printed_by": request.actor.name}
    return render(request, "residents/print.html", context)


def detail(
    request: HttpRequest,
    resident_id: UUID,
    *,
    what: str = "file",
    clear: bool = False,
    status: int = 200,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The page; ``more`` are refusals of a form on it, and what was typed."""
    try:
        sheet = queries.sheet(request.actor, resident_id, what=what, clear=clear)
    except Refused as refused:
        return refused_here(request, resident_id, refused)
    changes = queries.may_change(request.actor)
    own_file = changes and sheet.who.institution_id == request.actor.institution_id
    context = presenters.record(sheet) | {
        "may_change": changes,
        "may_keep_household": own_file,
        "relations": presenters.relations(),
        "schemes": presenters.schemes(),
        "offered": [
            (each, presenters.group_name(each)) for each in queries.groups_to_enter(request.actor, sheet)
        ],
        "doctors": queries.doctors_offered(request.actor, on=sheet.on) if changes else [],
        "typed": {},
        **_choices(request, sheet, changes=changes),
    }
    return render(request, "residents/detail.html", context | dict(more or {}), status=status)


def _choices(request: HttpRequest, sheet: queries.Sheet, *, changes: bool) -> dict[str, Any]:
    """Whom the resident can choose instead of the area's own (WH-03), and the notice where one's own house is another."""
    if not changes or not sheet.provided:
        return {}
    offered = queries.to_choose_from(sheet.who.division_code, on=sheet.on)
    found: dict[str, Any] = {"to_choose": territory.groups(offered)}
    for each in sheet.provided:
        elsewhere = each.own is not None and each.own != request.actor.institution_id
        if each.service is Territorial.FAMILY_DOCTOR_SIGNING and elsewhere and each.own is not None:
            own = sheet.institutions.get(each.own, "")
            words = notice(each.service, own=own, other=gettext("本机构"), staff=True)
            found |= {"signing_notice": said(words), "signing_clause": each.clause}
    return found


def refused_here(request: HttpRequest, resident_id: UUID, refused: Refused) -> HttpResponse:
    """Why the record stays closed; without a ground, the ways to one. Says nothing of whether there is a record."""
    ways = refused.refusals[0].code == NO_BASIS.code
    context = {
        "refusals": [told(refusal) for refusal in refused.refusals],
        "resident_id": resident_id if ways else None,
    }
    return render(request, "residents/closed.html", context, status=refused.refusals[0].status)


def address(request: HttpRequest, resident_id: UUID) -> str:
    """The page of a resident, for the same region and day."""
    return f"{reverse('residents:detail', args=[resident_id])}?{request.frame.query}"
