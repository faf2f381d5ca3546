"""The timeline: everything from all institutions, the newest first, a page at a time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import BASIS_NAMES, Right
from tiercare.apps.records import queries
from tiercare.apps.records.rules.vocabulary import STAGE_NAMES, Stage
from tiercare.kernel.refusal import Refused
from tiercare.web.pages import page, said, told
from tiercare.web.residents.record import refused_here

from . import presenters

_PAGE = 30


@require_safe
@page(Right.RESIDENTS_READ)
def timeline(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """``/residents/<id>/record``; ``before`` is the last entry of the page before."""
    return shown(request, resident_id)


def shown(request: HttpRequest, resident_id: UUID, refused: Refused | None = None) -> HttpResponse:
    """The page; ``refused`` is what an act on it was refused with."""
    actor = request.actor
    try:
        found = queries.timeline(
            actor, resident_id, before=_before(request.GET.get("before", "")), limit=_PAGE
        )
    except Refused as closed:
        return refused_here(request, resident_id, closed)
    book = (
        None
        if actor.institution_id is None
        else queries.guidelines_at(actor.institution_id, on=request.today)
    )
    # Whoever may answer a proposal to go down finds it at its visit too, not only on the list of all of them (NHC-51).
    own = [
        each.id
        for each in found.entries
        if each.kind == "visit" and each.institution_id == actor.institution_id
    ]
    prompts = queries.prompts_at(actor, own)
    context = presenters.banner(found.who) | {
        "resident_id": resident_id,
        "basis": said(BASIS_NAMES[found.basis]),
        "lines": presenters.lines(found.entries, book, institution_id=actor.institution_id, prompts=prompts),
        "ahead": [presenters.ahead(each) for each in found.ahead],
        "next": f"{found.next[0].isoformat()}_{found.next[1]}" if found.next else "",
        "may_write": access.may(actor, Right.RECORDS_WRITE) is None,
        "prompted": bool(prompts),
        "stages": [(each.value, said(STAGE_NAMES[each])) for each in Stage],
        "refusals": [told(each) for each in refused.refusals] if refused else [],
    }
    status = refused.refusals[0].status if refused else 200
    return render(request, "records/timeline.html", context, status=status)


def _before(text: str) -> tuple[datetime, UUID] | None:
    """Where the page before ended; what makes no sense begins from the start."""
    at, _underscore, key = text.partition("_")
    try:
        moment, last = datetime.fromisoformat(at.replace(" ", "+")), UUID(key)
    except ValueError:
        return None
    return (moment, last) if moment.tzinfo else None
