"""``/referrals/statistics/register``: what institutions booked in each other and referred to each other, with how it stands."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity.workflow import STATE_NAMES as PLACE_STATES
from tiercare.apps.capacity.workflow import State as PlaceState
from tiercare.apps.exchange.rules.kinds import kinds
from tiercare.apps.exchange.workflow import STATE_NAMES, State
from tiercare.apps.referrals.queries import register as listing
from tiercare.apps.referrals.queries.register import APPOINTMENT, BOOKING, REFERRAL, Entry
from tiercare.kernel.refusal import Refused
from tiercare.kernel.text import Text
from tiercare.web.capacity.typed import again
from tiercare.web.pages import page, said
from tiercare.web.paging import Pager

from . import presenters
from .asking import asked_of, number_of

PAGE = 50
_NAMES = {APPOINTMENT: Text("跨机构预约", "booked elsewhere"), REFERRAL: Text("双向转诊", "referrals")}
_BOOKED = Text("预约", "booking")


@require_safe
@page(Right.REQUESTS_OVERSEE)
def register(request: HttpRequest) -> HttpResponse:
    """``?first=&last=&institution=&only=``: the last quarter unless another period is asked for, newest first."""
    context: dict[str, Any] = {"first": presenters.quarter(request.today), "last": request.today}
    try:
        asked = asked_of(request)
        scope = asked.scope(request)
    except Refused as refused:
        return again(request, "referral_statistics/register.html", context, refused)
    only, number = request.GET.get("only", ""), number_of(request)
    only = only if only in _NAMES else ""
    found = listing.register(scope, only=only, page=number, per_page=PAGE)
    context |= {
        **asked.query,
        "found": found,
        "only": only,
        "functions": [(each, said(_NAMES[each])) for each in found.functions if each in _NAMES],
        "entries": [_entry(each) for each in found.entries],
        "pages": Pager(request, number, max(1, -(-found.found // PAGE))),
        "opens": request.actor.institution_id is not None,
    }
    if request.actor.institution_id is None:
        context["institutions"] = list(scope.names.items())
    return again(request, "referral_statistics/register.html", context)


def _entry(each: Entry) -> dict[str, Any]:
    booked = each.kind == BOOKING
    known = kinds()
    return {
        "of": each,
        "booking": booked,
        "kind": said(_BOOKED if booked else known[each.kind].name),
        "state": said(PLACE_STATES[PlaceState(each.state)] if booked else STATE_NAMES[State(each.state)]),
    }
