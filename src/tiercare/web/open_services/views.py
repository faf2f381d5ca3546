"""``/public/services/<region>``: who does what stands open to all, without signing in; sorted by name or distance only (WH-04)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.rules import Owner
from tiercare.apps.network.rules.words import FACILITY_NAMES
from tiercare.apps.referrals.queries.open_services import Directory, Order, open_services
from tiercare.apps.terms import queries as terms
from tiercare.kernel.divisions import DivisionLevel
from tiercare.kernel.refusal import Refused
from tiercare.web import labels
from tiercare.web.pages import refused_page, said

_COUNTY = 6  # digits
_LONGEST = 40


@require_safe
@login_not_required
def directory(request: HttpRequest, region: str) -> HttpResponse:
    """``?service=rehab_nursing&near=340202&sort=near``: all who are qualified; a word that is none narrows nothing."""
    today = ledger.today()
    sort = request.GET.get("sort", "")
    order = Order(sort) if sort in set(Order) else Order.NAME
    try:
        found = open_services(
            region,
            service=request.GET.get("service", "")[:_LONGEST],
            near=request.GET.get("near", "")[:_LONGEST],
            order=order,
            on=today,
        )
    except Refused as refused:
        return refused_page(request, refused.refusals)
    pack = mandates.packs().packs[region]
    counties = _counties(pack.region, today)
    context = {
        "region": region,
        "region_name": said(pack.name),
        "found": found,
        "services": [
            {"word": each.word, "name": said(each.offer.name), "chosen": each == found.service}
            for each in found.open.services
        ],
        "service_name": said(found.service.offer.name) if found.service else "",
        "counties": sorted(counties.items()),
        "sort": Order.NEAR if order is Order.NEAR and found.near else Order.NAME,
        "lines": _lines(found, counties, today),
    }
    return render(request, "open_services/directory.html", context)


def _counties(region: str, on: date) -> dict[str, str]:
    """The counties and districts of the region; itself where it is one."""
    if len(region) >= _COUNTY:
        own = terms.division(region, on=on)
        return {region: own.name if own else region}
    return {each.code: each.name for each in terms.children(region, on=on, level=DivisionLevel.COUNTY)}


def _renamed(codes: set[str], on: date) -> dict[str, str]:
    """Counties that the register of institutions still names by a code of before: what they are called now."""
    today = {code: terms.resolve(code, on=on).codes for code in codes}
    found = terms.divisions({each for some in today.values() for each in some}, on=on)
    return {
        code: "、".join(found[each].name for each in some if each in found) for code, some in today.items()
    }


def _lines(found: Directory, counties: dict[str, str], on: date) -> list[dict[str, Any]]:
    names = terms.specialty_names(on=on)
    areas = counties | _renamed({each.division[:_COUNTY] for each in found.providers} - set(counties), on)
    return [
        {
            "of": each,
            "what": labels.name("category", each.category.value),
            "level": labels.name("level", str(each.level)),
            "private": each.owner is Owner.PRIVATE,
            "area": areas.get(each.division[:_COUNTY], ""),
            "shown": [
                *(names.get(code, code) for code in each.shown),
                *(said(FACILITY_NAMES[word]) for word in each.facilities if word in FACILITY_NAMES),
            ],
        }
        for each in found.providers
    ]
