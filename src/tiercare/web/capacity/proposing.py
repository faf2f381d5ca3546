"""The share that a hospital has to set itself: what its bookings speak for, and taking it with one click (XH-41)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import commands, queries
from tiercare.apps.capacity.queries.keeping import own_place
from tiercare.apps.capacity.queries.promises import Bound
from tiercare.apps.capacity.rules.shares import RESOURCE_NAMES, resources_of
from tiercare.apps.capacity.rules.vocabulary import Grade, Kind
from tiercare.kernel.refusal import Refused
from tiercare.web.pages import once, page, refused_page, said

from .typed import Sent


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CAPACITY_KEEP)
def adopt(request: HttpRequest) -> HttpResponse:
    """``/capacity/shares``: the proposed share for every pool of a resource that has none; back to the pools."""
    pools = f"{reverse('capacity:pools')}?{request.frame.query}"
    if request.method != "POST":
        return HttpResponseRedirect(pools)
    resource = Sent(request.POST).text("resource", longest=40)

    def work() -> str:
        commands.adopt_share(request.actor, institution_id=own_place(request.actor), resource=resource)
        return pools

    try:
        return once(request, gettext("已按建议设好，下次放号起为转诊预留。"), work)
    except Refused as refused:
        return refused_page(request, refused.refusals)


def proposals(
    request: HttpRequest, binding: Bound | None, kind: Kind | None = None, grade: Grade | None = None
) -> list[dict[str, Any]]:
    """What pages show of the proposals; of one kind of pool, or of all that have a pool without a share. ``binding`` is
    what binds the institution: most have nothing to set."""
    if binding is None or not binding.own:
        return []
    found = queries.proposed_shares(
        request.actor, institution_id=own_place(request.actor), on=request.frame.today
    )
    wanted = None if kind is None or grade is None else resources_of(kind, grade)
    return [
        {
            "of": each,
            "resource": said(RESOURCE_NAMES[each.resource]),
            "percent": None if each.share is None else f"{each.share * 100:g}",
            "pools": "、".join(name for _key, name in each.without),
        }
        for each in found
        if (each.without if wanted is None else each.resource in wanted)
    ]
