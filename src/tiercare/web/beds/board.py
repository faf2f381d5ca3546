"""The board that a ward has open all day, and the same on paper for one ward."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.capacity.queries.beds import bed_board, wards
from tiercare.apps.capacity.queries.cases import bed_waiting
from tiercare.apps.capacity.rules.beds import BedSex
from tiercare.apps.ledger import queries as ledger
from tiercare.web.pages import page

from . import presenters

# Ours: above so many beds a board begins with its first ward rather than with all of them.
_MANY = 150
_ALL = "*"
_LONGEST = 40


@require_safe
@page(Right.CAPACITY_KEEP)
def board(request: HttpRequest) -> HttpResponse:
    """``/beds?ward=&free=&sex=&isolation=``: counts by ward, a tile a bed, and who waits for one."""
    counted = wards(request.actor)
    total = presenters.total(counted)
    ward = request.GET.get("ward", "").strip()[:_LONGEST]
    if not ward and total["beds"] > _MANY:
        ward = counted[0].ward
    sex, isolation = request.GET.get("sex", ""), bool(request.GET.get("isolation"))
    free = bool(request.GET.get("free"))
    found = bed_board(
        request.actor,
        ward="" if ward == _ALL else ward,
        free=free,
        sex=BedSex(sex) if sex in set(BedSex) else BedSex.ANY,
        isolation=isolation,
    )
    now = ledger.now()
    known = presenters.people(each for bed in found for each in (bed.now, bed.next))
    lays = _lays(request)
    context: dict[str, Any] = {
        "wards": counted,
        "total": total,
        "ward": ward,
        "all": _ALL,
        "free": free,
        "sex": sex,
        "isolation": isolation,
        "filtered": bool(free or isolation or sex),
        "sexes": presenters.sexes()[1:],
        "lanes": presenters.lanes(found, known, now=now),
        "now": now,
        "lays": lays,
        "waiting": presenters.waiting(bed_waiting(request.actor)) if lays else [],
    }
    return render(request, "beds/board.html", context)


@require_safe
@page(Right.CAPACITY_KEEP)
def sheet(request: HttpRequest) -> HttpResponse:
    """``/beds/sheet?ward=``: the ward's beds as a table for paper; names stay masked, sheets are lost."""
    ward = request.GET.get("ward", "").strip()[:_LONGEST]
    found = bed_board(request.actor, ward=ward)
    now = ledger.now()
    known = presenters.people(each for bed in found for each in (bed.now, bed.next))
    counts = [each for each in wards(request.actor) if ward in ("", each.ward)]
    context = {
        "ward": ward,
        "lanes": presenters.lanes(found, known, now=now),
        "total": presenters.total(counts),
        "printed_at": now,
        "printed_by": request.actor.name,
    }
    return render(request, "beds/sheet.html", context)


def _lays(request: HttpRequest) -> bool:
    """Whether the reader deals with patients, or only counts."""
    own = request.actor.institution_id
    return access.may(request.actor, Right.CAPACITY_BOOK, institution_id=own) is None
