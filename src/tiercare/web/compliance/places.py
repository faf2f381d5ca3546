"""The cards about places, on the board of compliance: their verdict over the last days, from the proof that promises
were kept. Other cards judge a day of the network; these judge days of sessions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import queries
from tiercare.apps.capacity.queries.promises import APP
from tiercare.engines.policy import RuleCard
from tiercare.web.pages import page, said

# Ours: a month of days, today among them.
DAYS = 30
_DIGITS = {2, 4, 6, 9}


@require_safe
@page(Right.POLICY_READ)
def places(request: HttpRequest) -> HttpResponse:
    """``/compliance/places``: each card about places of the region's pack over the last 30 days up to today."""
    frame = request.frame
    last = frame.today
    first = last - timedelta(days=DAYS - 1)
    asked = request.GET.get("area", "")
    area = asked if asked.isascii() and asked.isdigit() and len(asked) in _DIGITS else ""
    where = area or frame.pack.region
    context = {
        "rows": _rows(frame.pack.id, first, last, area),
        "first": first,
        "last": last,
        "days": DAYS,
        "area": where,
        "proves": _proves(request, where),
    }
    return render(request, "compliance/places.html", context)


def _proves(request: HttpRequest, area: str) -> bool:
    """Whether the reader may look behind the counts."""
    nobody = UUID(int=0)
    return access.may(request.actor, Right.CAPACITY_PROVE, division=area, institution_id=nobody) is None


def _rows(pack_id: str, first: date, last: date, area: str) -> list[dict[str, Any]]:
    found = queries.cards_over(pack_id, first=first, last=last, area=area)
    return [{"of": each, "sentence": said(each.card.sentence)} for each in found]


def about_places(cards: Iterable[RuleCard]) -> bool:
    """Whether one of these cards is about places: then the verdict stands on the page of ``places``."""
    return any(card.app == APP for card in cards)
