"""``/serving``: which institution of primary care serves whom, in which form, and who is left out (XH-89)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.network import queries as network
from tiercare.apps.planning.commands import lay_service_area
from tiercare.apps.planning.queries.serving import FORMS, Serving, county_of, places_in, serving
from tiercare.apps.planning.rules.serving import FORM_NAMES, LONGEST_CONTRACT, NOT_PRIMARY, Left, Served
from tiercare.apps.terms import queries as terms
from tiercare.kernel.divisions import DivisionLevel
from tiercare.kernel.refusal import Refused, refuse
from tiercare.web import given, labels
from tiercare.web.marks import mark_of
from tiercare.web.pages import once, page, said, told
from tiercare.web.spreadsheets import csv_response

from .picture import picture

_CLAUSE = FORMS.partition(".")[0]
_PREFECTURE, _COUNTY = 4, 6  # digits
_FEW = 4


@require_safe
@page(Right.NETWORK_READ)
def board(request: HttpRequest) -> HttpResponse:
    """``?area=&show=left``: the region or one of its counties; all institutions, or only those without a form of the text."""
    area = _area(request)
    if len(area) < _PREFECTURE:
        return render(request, "serving/board.html", {"wide": True, "clause": _CLAUSE})
    found = serving(request.actor, area, on=request.frame.on)
    lines = _lines(found, request)
    shown = request.GET.get("show", "")
    if shown == "formless":
        lines = [each for each in lines if not each["counts"]]
    rest = [each for each in lines if each["counts"] and not each["places"]]
    context = {
        "clause": _CLAUSE if found.forms is not None else "",
        "found": found,
        "share": f"{found.people_left / found.people * 100:.1f}%" if found.people else "—",
        "forms": [
            (
                said(FORM_NAMES[each]) if each in FORM_NAMES else each,
                sum(one.form == each for one in found.served),
            )
            for each in found.forms or ()
        ],
        "map": picture(found, on=request.frame.on),
        "lines": [each for each in lines if each not in rest],
        "rest": rest,
        "left": [_left(each, request.frame.on) for each in found.left],
        "area": area,
        "areas": _areas(request),
        "show": shown,
        "may_lay": access.may(request.actor, Right.NETWORK_DECIDE, division=area) is None,
    }
    return render(request, "serving/board.html", context)


@require_safe
@page(Right.NETWORK_READ)
def file(request: HttpRequest) -> HttpResponse:
    """The same as CSV: every institution, then every township with people left out."""
    area = _area(request)
    found = serving(request.actor, area, on=request.frame.on)
    header = (
        *(_("机构"), _("类别"), _("县区代码"), _("举办形式"), _("依据"), _("服务区域"), _("服务人口")),
        _("未覆盖人口"),
    )
    rows: list[tuple[object, ...]] = [
        (
            *(each["name"], each["category"], each["division"], each["form"], each["contract"]),
            *("、".join(each["places"]), each["people"], ""),
        )
        for each in _lines(found, request)
    ]
    rows += [
        (
            each["name"],
            _("未覆盖"),
            each["in"],
            "",
            "",
            "、".join(each["villages"]),
            "",
            each["people"],
        )
        for each in (_left(one, request.frame.on) for one in found.left)
    ]
    return csv_response(f"serving-{area}-{request.frame.on}", header, rows, mark=mark_of())


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.NETWORK_DECIDE)
def lay(request: HttpRequest, institution_id: UUID) -> HttpResponse:
    """One institution: its form and its area, and a form to lay both down from a day on."""
    if request.method != "POST":
        return _one(request, institution_id)

    def work() -> str:
        lay_service_area(
            request.actor,
            institution_id=institution_id,
            form=given.text(request.POST, "form", longest=40),
            places=tuple(request.POST.getlist("place")),
            contract=given.text(request.POST, "contract", longest=LONGEST_CONTRACT),
            on=given.day(request.POST, "since"),
        )
        return f"{reverse('serving:board')}?{request.frame.query}"

    try:
        return once(request, _("已划定服务区域。"), work)
    except Refused as refused:
        return _one(request, institution_id, refused)


def _one(request: HttpRequest, institution_id: UUID, refused: Refused | None = None) -> HttpResponse:
    on = request.frame.on
    county = county_of(institution_id, on=on)
    refuse(None if county else NOT_PRIMARY)
    found = serving(request.actor, county, on=on)
    own = next(each for each in found.served if each.id == str(institution_id))
    chosen = set(request.POST.getlist("place")) if refused else set(own.places)
    names = places_in(county, on=on)
    context = {
        "own": own,
        "institution_id": institution_id,
        "line": _line(own, found, names),
        "forms": [
            (each, said(FORM_NAMES[each]) if each in FORM_NAMES else each)
            for each in found.forms or FORM_NAMES
        ],
        "form": request.POST.get("form", own.form),
        "contract": request.POST.get("contract", own.contract),
        "since": request.POST.get("since", "") or on.isoformat(),
        "towns": _towns(found, names, chosen),
        "left": {each.town.code for each in found.left},
        "clause": _CLAUSE if found.forms is not None else "",
        "refusals": [told(each) for each in refused.refusals] if refused else [],
    }
    return render(request, "serving/lay.html", context, status=refused.refusals[0].status if refused else 200)


def _towns(found: Serving, names: dict[str, str], chosen: set[str]) -> list[dict[str, Any]]:
    """Townships to tick, with their villages, those first in which something is ticked."""
    left = {each.town.code for each in found.left}
    made = [
        {
            "code": town.code,
            "name": town.name,
            "people": town.people,
            "ticked": town.code in chosen,
            "left": town.code in left,
            "villages": [(code, names.get(code, code), code in chosen) for code in town.villages],
            "open": any(code in chosen for code in town.villages),
        }
        for town in found.towns.values()
    ]
    return sorted(made, key=lambda each: (not (each["ticked"] or each["open"]), each["code"]))


def _area(request: HttpRequest) -> str:
    """The region, or the county of it that is asked for."""
    region = network.region_of(request.frame.pack.id)
    asked: str = request.GET.get("area", "")
    inside = asked.isascii() and asked.isdecimal() and len(asked) == _COUNTY and asked.startswith(region)
    return asked if inside else region


def _areas(request: HttpRequest) -> list[tuple[str, str]]:
    region = network.region_of(request.frame.pack.id)
    if len(region) >= _COUNTY:
        return []
    found = terms.children(region, on=request.frame.on, level=DivisionLevel.COUNTY)
    return [(each.code, each.name) for each in found]


def _lines(found: Serving, request: HttpRequest) -> list[dict[str, Any]]:
    codes = {code for each in found.served for code in each.places}
    names = {code: each.name for code, each in terms.divisions(codes, on=request.frame.on).items()}
    return [_line(each, found, names) for each in found.served]


def _line(each: Served, found: Serving, names: dict[str, str]) -> dict[str, Any]:
    places = [names.get(code, code) for code in each.places]
    return {
        "of": each,
        "name": each.name,
        "category": labels.name("category", each.category),
        "division": each.division,
        "form": said(FORM_NAMES[each.form]) if each.form in FORM_NAMES else each.form,
        "counts": each.counts(found.forms),
        "contract": each.contract,
        "places": places,
        "few": places[:_FEW],
        "more": max(0, len(places) - _FEW),
        "people": found.people_of(each),
    }


def _left(each: Left, on: date) -> dict[str, Any]:
    names = terms.divisions(each.villages, on=on) if each.villages else {}
    county = terms.division(each.town.county, on=on)
    villages = [names[code].name if code in names else code for code in each.villages]
    return {
        "code": each.town.code,
        "name": each.town.name,
        "in": each.town.county,
        "county": county.name if county is not None else "",
        "people": each.people,
        "villages": villages,
        "few": villages[:_FEW],
        "more": max(0, len(villages) - _FEW),
    }
