"""``/signing``: registered poor residents by village, signed and not; names only of those whom one's own house knows (YN-47)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right, may
from tiercare.apps.residents import queries
from tiercare.apps.residents.queries.signing import INDICATOR, Signing, Village
from tiercare.apps.residents.rules import SEX_NAMES, Sex
from tiercare.apps.residents.rules.groups import age_on
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web import given
from tiercare.web.pages import page, said
from tiercare.web.paging import Pager

_TOWNSHIP = 9  # digits
_PAGE = 100


@require_safe
@page(Right.RECORDS_MEASURE)
def area(request: HttpRequest) -> HttpResponse:
    """``/poor?day=``: counts of the area for which the actor answers."""
    found = of_area(request)
    return render(request, "signing/villages.html", _context(request, found) | {"whose": "area"})


@require_safe
@page(Right.RESIDENTS_LIST)
def own(request: HttpRequest) -> HttpResponse:
    """``/own?day=``: counts of one's own list, each before the names behind it."""
    found = queries.own_poor_signing(request.actor, on=day_of(request))
    return render(request, "signing/villages.html", _context(request, found) | {"whose": "own"})


@require_safe
@page(Right.RESIDENTS_LIST)
def unsigned(request: HttpRequest) -> HttpResponse:
    """``/own/unsigned?village=&day=``: by name, whom somebody should visit; every reading is recorded."""
    on, village = day_of(request), village_of(request)
    listed = queries.unsigned_poor(request.actor, village=village, on=on)
    number = int(request.GET["page"]) if request.GET.get("page", "").isdecimal() else 1
    names = {code: _joined(queries.village_names(code, on=on)) for code in {each.village for each in listed}}
    shown = listed[_PAGE * (number - 1) : _PAGE * number]
    context = {
        "day": on,
        "village": village,
        "place": _joined(queries.village_names(village, on=on)) if village else "",
        "count": len(listed),
        "lines": [
            {
                "of": each,
                "sex": said(SEX_NAMES[Sex(each.sex)]),
                "age": age_on(each.birth_date, on) if each.birth_date else None,
                "place": names[each.village],
            }
            for each in shown
        ],
        "pages": Pager(request, number, max(1, -(-len(listed) // _PAGE))),
    }
    return render(request, "signing/unsigned.html", context)


def of_area(request: HttpRequest) -> Signing:
    """What is asked about, of the actor's area."""
    code = request.actor.division_code or request.frame.pack.region
    return queries.poor_signing(request.actor, division_code=code, on=day_of(request))


def day_of(request: HttpRequest) -> date:
    """``?day=``, today if it is left out: the register stands for the day, not for the region's demonstration day."""
    return given.day(request.GET, "day") if request.GET.get("day") else request.today


def village_of(request: HttpRequest) -> str:
    """``?village=``: a code of a division, or all.

    Raises:
        Refused: 422, if it is none.
    """
    code: str = request.GET.get("village", "")
    if code and not (code.isascii() and code.isdecimal() and len(code) <= 12):  # digits of a village's code
        raise Refused(NO_VILLAGE)
    return code


def per_cent(share: Fraction | None) -> str:
    """One decimal, cut and not rounded: 99.96 % are not yet all."""
    if share is None:
        return "—"
    tenths = share * 1000 // 1
    return f"{tenths // 10}%" if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10}%"


def _context(request: HttpRequest, found: Signing) -> dict[str, Any]:
    townships = []
    for code, mine in groupby(found.villages, key=lambda each: each.code[:_TOWNSHIP]):
        villages = list(mine)
        names = villages[0].names
        poor, signed = sum(each.poor for each in villages), sum(each.signed for each in villages)
        townships.append(
            {
                "code": code,
                "name": _joined(names[:2]) or code,
                "poor": poor,
                "signed": signed,
                "unsigned": poor - signed,
                "share": per_cent(Fraction(signed, poor)),
                "villages": [_village(each) for each in villages],
            }
        )
    return {
        "found": found,
        "share": per_cent(found.share),
        "aim": per_cent(Fraction(found.aim.share)) if found.aim else "",
        "townships": townships,
        "indicator": INDICATOR if may(request.actor, Right.EVALUATION_READ) is None else "",
    }


def _village(each: Village) -> dict[str, Any]:
    return {
        "of": each,
        "name": each.names[-1] if len(each.names) > 2 else "",
        "share": per_cent(Fraction(each.signed, each.poor)),
    }


def _joined(names: tuple[str, ...]) -> str:
    return " · ".join(names)


NO_VILLAGE = Refusal(
    code="signing.no_village",
    message=Text("没有这个村（居）。", "There is no such village."),
    instead=Text("请从名单里点开。", "Open it from the list."),
    at="village",
    status=422,
)
