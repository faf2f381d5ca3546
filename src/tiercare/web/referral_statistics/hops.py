"""``/referrals/statistics/hops``: how requests move along village, township and county, each hop timed (YN-22)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.exchange.workflow import ACT_NAMES, Act
from tiercare.apps.referrals.queries import hops as counting
from tiercare.apps.referrals.queries.hops import Between, Chain, Hop
from tiercare.apps.referrals.rules.levels import HOPS, LEVEL_NAMES
from tiercare.kernel.refusal import Refused
from tiercare.web.capacity.typed import again
from tiercare.web.pages import page, said

from . import presenters
from .asking import asked_of


@require_safe
@page(Right.REQUESTS_OVERSEE)
def hops(request: HttpRequest) -> HttpResponse:
    """``?first=&last=&institution=``: the last quarter unless another period is asked for."""
    context: dict[str, Any] = {"first": presenters.quarter(request.today), "last": request.today}
    try:
        asked = asked_of(request)
        scope = asked.scope(request)
    except Refused as refused:
        return again(request, "referral_statistics/hops.html", context, refused)
    found = counting.hops(scope)
    context |= {
        **asked.query,
        "found": found,
        "definition": said(HOPS),
        "duties": [
            {
                "name": _level(level),
                "items": [said(each) for each in items],
                "ours": level in found.ours,
                "list": f"duties_{level}",
            }
            for level, items in found.duties.items()
        ],
        "between": [_between(each) for each in found.between],
        "chains": [_chain(each) for each in found.chains],
        "opens": request.actor.institution_id is not None,
    }
    if request.actor.institution_id is None:
        context["institutions"] = list(scope.names.items())
    return again(request, "referral_statistics/hops.html", context)


def _between(each: Between) -> dict[str, Any]:
    return {
        "of": each,
        "source": _level(each.source),
        "target": _level(each.target),
        "skips": each.climbs is not None and abs(each.climbs) > 1,
        "to_answer": _long(each.to_answer),
        "to_arrival": _long(each.to_arrival),
    }


def _chain(each: Chain) -> dict[str, Any]:
    return {
        "number": each.number,
        "hops": [_hop(hop) for hop in each.hops],
        "whole": presenters.how_long(each.seconds),
    }


def _hop(each: Hop) -> dict[str, Any]:
    return {
        "of": each,
        "act": said(ACT_NAMES[Act(each.act)]),
        "source_level": _level(each.source_level),
        "target_level": _level(each.target_level),
        "to_answer": _long(each.to_answer),
        "to_arrival": _long(each.to_arrival),
    }


def _level(level: str) -> str:
    return said(LEVEL_NAMES[level]) if level in LEVEL_NAMES else level


def _long(seconds: float | None) -> tuple[str, str] | None:
    return None if seconds is None else presenters.how_long(seconds)
