"""The list of exceptions, and taking one back."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.mandates import commands
from tiercare.apps.mandates import queries as mandates
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.web.pages import once, page, told

from . import presenters


@require_safe
@page(Right.POLICY_READ)
def waivers(request: HttpRequest) -> HttpResponse:
    """``/waivers``: every exception of the region, those in force on the day first."""
    return _list(request)


@require_POST
@page(Right.POLICY_READ)
def revoke(request: HttpRequest, waiver_id: UUID) -> HttpResponse:
    """Take an exception back from now on."""

    def take_back() -> str:
        commands.revoke_waiver(actor=request.actor, waiver_id=waiver_id)
        return f"{reverse('waivers:list')}?{request.frame.query}"

    try:
        return once(request, _("已撤销例外，并记入操作留痕。"), take_back)
    except Refused as refused:
        return _list(request, refused.refusals)


def _list(request: HttpRequest, refusals: Sequence[Refusal] = ()) -> HttpResponse:
    frame = request.frame
    forbidden = access.may(request.actor, Right.MANDATES_WAIVE, division=frame.pack.region)
    context = {
        "rows": presenters.rows(frame.packs, mandates.waiver_rows(frame.pack.id), on=frame.on),
        "forbidden": told(forbidden) if forbidden else None,
        "refusals": [told(refusal) for refusal in refusals],
    }
    return render(request, "waivers/list.html", context, status=refusals[0].status if refusals else 200)
