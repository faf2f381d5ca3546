"""The printed inspection sheet: to be filled in by hand where there is no screen, with a code that opens the matter."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation import queries
from tiercare.apps.evaluation.rules.kinds import KindId
from tiercare.apps.evaluation.rules.standing import NO_SUCH_MATTER
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.refusal import Refused
from tiercare.web.cards.qr import drawn
from tiercare.web.pages import page

from . import presenters
from .case import context_of


@require_safe
@page(Right.SUPERVISION_ANSWER)
def sheet(request: HttpRequest, matter_id: UUID) -> HttpResponse:
    """``/supervision/matters/<id>/sheet``."""
    shown = queries.matter(request.actor, matter_id=matter_id)
    if shown.standing.kind != KindId.INSPECTION:
        raise Refused(NO_SUCH_MATTER)
    address = f"{request.scheme}://{request.get_host()}{reverse('supervision:one', args=[matter_id])}"
    context = context_of(request, shown) | {
        "qr": drawn(address),
        "printed_at": presenters.moment(ledger.now()),
    }
    return render(request, "supervision/sheet.html", context)
