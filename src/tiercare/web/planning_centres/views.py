"""``/specialty-centres``: specialties for which people leave the province, what is planned for them, and whom that serves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.queries.indicator import newest_run
from tiercare.apps.network import queries as network
from tiercare.apps.planning.commands import CentreDraft, change_centre, plan_centre
from tiercare.apps.planning.queries import centres as queries
from tiercare.apps.planning.rules.centres import KIND_NAMES, STATE_NAMES, State
from tiercare.apps.terms import queries as terms
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.marks import mark_of
from tiercare.web.pages import once, page, said, told
from tiercare.web.spreadsheets import csv_response

from . import maps, presenters

_LONGEST = 40
_NATION = "00"


@require_safe
@page(Right.NETWORK_READ)
def board(request: HttpRequest) -> HttpResponse:
    """``?centre=``: proposals of the newest run beside what is planned; the map shows one of the planned."""
    region = network.region_of(request.frame.pack.id)
    planned = queries.centres(request.actor, region)
    wanted = request.GET.get("centre", "")
    chosen = next((each for each in planned if str(each.series) == wanted), planned[0] if planned else None)
    found = _proposed(request)
    context = {
        "region": region,
        "nation": region == _NATION,
        "proposed": found,
        "proposals": presenters.proposals(found, planned, on=request.frame.on) if found else [],
        "share_from": f"{found.measure.share}%" if found and found.measure else "",
        "planned": presenters.lines(planned, on=request.frame.on),
        "chosen": chosen,
        "map": presenters.picture(region, planned, chosen, on=request.frame.on),
        "may_plan": _may(request, region),
        "kinds": queries.kinds_in(request.frame.pack.id, on=request.frame.on),
    }
    return render(request, "planning_centres/board.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.NETWORK_DECIDE)
def new(request: HttpRequest) -> HttpResponse:
    """``?specialty=&kind=&hospital=``: plan a centre; sent, it is kept as its first version."""
    region = network.region_of(request.frame.pack.id)
    if request.method != "POST":
        return _form(request, region, _asked(request))

    def work() -> str:
        draft = _draft(request, demand=_demand(request))
        series = plan_centre(request.actor, region, draft, on=request.frame.on)
        return f"{reverse('planning_centres:one', args=[series])}?{request.frame.query}"

    try:
        return once(request, _("已列入规划。"), work)
    except Refused as refused:
        return _form(request, region, _sent(request), refused)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.NETWORK_READ)
def one(request: HttpRequest, key: UUID) -> HttpResponse:
    """A centre with all its versions; a POST keeps a new one."""
    if request.method != "POST":
        return _one(request, key)

    def work() -> str:
        number = given.text(request.POST, "version", longest=9)
        version = int(number) if number.isascii() and number.isdigit() else 0
        change_centre(request.actor, key, _draft(request), version=version, on=request.frame.on)
        return f"{reverse('planning_centres:one', args=[key])}?{request.frame.query}"

    try:
        return once(request, _("已保存为新版本。"), work)
    except Refused as refused:
        return _one(request, key, refused)


@require_safe
@page(Right.NETWORK_READ)
def file(request: HttpRequest) -> HttpResponse:
    """All planned centres of the region as CSV, those given up too."""
    region = network.region_of(request.frame.pack.id)
    planned = queries.centres(request.actor, region, dropped=True)
    header = (_("类别"), _("专科"), _("医院"), _("服务区域"), _("状态"), _("版本"), _("说明"), _("更新"))
    lines = (
        (
            *(each["kind"], each["specialty"], each["hospital"], "、".join(each["area"]), each["state"]),
            *(each["of"].version, each["of"].words, each["of"].made_at.date()),
        )
        for each in presenters.lines(planned, on=request.frame.on)
    )
    return csv_response(f"centres-{region}-{request.today}", header, lines, mark=mark_of())


def _proposed(request: HttpRequest) -> queries.Proposed | None:
    """By the newest run that the actor sees; none where there is none, or they see no indicators."""
    try:
        run = newest_run(request.actor, request.frame.pack.id)
        return queries.proposed(request.actor, run, on=request.frame.on) if run is not None else None
    except Refused:  # they see no indicators, or none of this area
        return None


def _may(request: HttpRequest, region: str) -> bool:
    return access.may(request.actor, Right.NETWORK_DECIDE, division=region) is None


def _draft(request: HttpRequest, *, demand: dict[str, Any] | None = None) -> CentreDraft:
    state = request.POST.get("state", "")
    return CentreDraft(
        kind=given.text(request.POST, "kind", longest=_LONGEST),
        specialty=given.text(request.POST, "specialty", longest=_LONGEST),
        institution_id=given.key(request.POST, "institution"),
        area=tuple(request.POST.getlist("area")),
        state=State(state) if state in set(State) else State.PLANNED,
        words=given.text(request.POST, "words"),
        demand=demand or {},
    )


def _demand(request: HttpRequest) -> dict[str, Any]:
    """What a proposal for this specialty rests on now, kept with the plan; nothing where none was made."""
    found = _proposed(request)
    specialty = request.POST.get("specialty", "")
    for each in found.proposals if found else ():
        if found is not None and each.specialty == specialty:
            return {
                "run": str(found.run.id),
                "span": found.span,
                "area": found.area,
                "synthetic": found.run.synthetic,
                "outside": each.demand.outside,
                "all": each.demand.all,
                "specialists": each.specialists,
                "hospitals": len(each.hospitals),
            }
    return {}


def _asked(request: HttpRequest) -> dict[str, Any]:
    return {name: request.GET.get(name, "")[:_LONGEST] for name in ("specialty", "kind", "institution")} | {
        "area": [network.region_of(request.frame.pack.id)[:4]],
        "words": "",
    }


def _sent(request: HttpRequest) -> dict[str, Any]:
    names = ("specialty", "kind", "institution", "words", "state")
    return {name: request.POST.get(name, "") for name in names} | {"area": request.POST.getlist("area")}


def _form(
    request: HttpRequest, region: str, typed: dict[str, Any], refused: Refused | None = None
) -> HttpResponse:
    context = _choices(request, region, typed) | {"refusals": _told(refused)}
    status = refused.refusals[0].status if refused else 200
    return render(request, "planning_centres/new.html", context, status=status)


def _one(request: HttpRequest, series: UUID, refused: Refused | None = None) -> HttpResponse:
    versions = queries.centre(request.actor, series)
    last = versions[0]
    typed = _sent(request) if refused else presenters.typed(last)
    context = _choices(request, last.region, typed) | {
        "last": last,
        "line": presenters.lines([last], on=request.frame.on)[0],
        "versions": presenters.lines(versions, on=request.frame.on),
        "map": presenters.picture(last.region, [last], last, on=request.frame.on),
        "may_plan": _may(request, last.region),
        "states": [(each.value, said(name)) for each, name in STATE_NAMES.items()],
        "refusals": _told(refused),
    }
    status = refused.refusals[0].status if refused else 200
    return render(request, "planning_centres/one.html", context, status=status)


def _choices(request: HttpRequest, region: str, typed: dict[str, Any]) -> dict[str, Any]:
    """What the form offers: the pack's kinds, the specialties, the province's tertiary hospitals with the licence, areas."""
    on = request.frame.on
    specialty = str(typed.get("specialty", ""))
    names = terms.specialty_names(on=on)
    hospitals = queries.hospitals_for([specialty], region[:2], on=on)[specialty] if specialty in names else []
    kinds = queries.kinds_in(request.frame.pack.id, on=on)
    return {
        "typed": typed,
        "kinds": [(each, said(KIND_NAMES[each]) if each in KIND_NAMES else each) for each in kinds],
        "specialties": sorted(names.items()),
        "hospitals": presenters.able(hospitals, on=on),
        "parts": maps.parts_of(region, on=on),
    }


def _told(refused: Refused | None) -> list[dict[str, Any]]:
    return [told(each) for each in refused.refusals] if refused else []
