"""The list of consortia and the page of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.network import commands
from tiercare.apps.network import queries as network
from tiercare.apps.network.queries import listing
from tiercare.apps.network.queries.consortium import consortium_page
from tiercare.apps.network.queries.reading import institution_names
from tiercare.apps.network.rules import Kind
from tiercare.apps.network.rules.centre_links import CLAUSES
from tiercare.apps.referrals.queries.channels import channels
from tiercare.apps.terms import queries as terms
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.web import given
from tiercare.web.compliance.views import JUDGED_HERE
from tiercare.web.explorer.presenters import offered, wanted
from tiercare.web.explorer.tree import chosen_area
from tiercare.web.institutions.areas import areas_to_choose
from tiercare.web.pages import once, page, told
from tiercare.web.paging import Pager
from tiercare.web.verdicts import Viewer

from . import presenters

_PREFECTURE = 4  # digits: up to this area the list is held against the cards


@require_safe
@page(Right.NETWORK_READ)
def consortia(request: HttpRequest) -> HttpResponse:
    """``/consortia``: a page of those of the area on the day, with their state inside a prefecture."""
    frame = request.frame
    area = chosen_area(request.GET.get("area", "")[:6], frame.pack.region)
    checked = network.check(frame.pack.id, on=frame.on, area=area) if len(area) >= _PREFECTURE else None
    standings = presenters.Standings.of(checked) if checked else None
    state = request.GET.get("state", "")
    narrowed = replace(wanted(request), only=presenters.in_state(state, checked, standings))
    found = listing.consortia(area, narrowed, on=frame.on)
    names = institution_names([narrowed.member], on=frame.on) if narrowed.member else {}
    context = {
        "found": found,
        "rows": presenters.rows(found.rows, standings),
        "counted": presenters.counted(found),
        "pages": Pager(request, found.page, found.pages),
        "wanted": narrowed,
        "state": state,
        "states": presenters.states() if standings else [],
        "narrowed": narrowed != listing.Wanted(page=narrowed.page) or area != frame.pack.region,
        "member": ", ".join(names.values()),
        "offered": offered(),
        "area": area,
        "areas": areas_to_choose(area, frame),
    }
    return render(request, "consortia/list.html", context)


@require_safe
@page(Right.NETWORK_READ)
def consortium(request: HttpRequest, consortium_id: UUID) -> HttpResponse:
    """``/consortia/<id>``: who belongs to it, how far it reaches, what was signed, and its verdicts."""
    return _detail(request, consortium_id)


@require_POST
@page(Right.NETWORK_READ)
def centres(request: HttpRequest, consortium_id: UUID) -> HttpResponse:
    """``/consortia/<id>/centres``: a specialty alliance is linked to a provincial centre, or (with ``link``) no longer."""

    def act() -> str:
        if "link" in request.POST:
            commands.end_centre_link(
                actor=request.actor,
                link_id=given.key(request.POST, "link"),
                end=given.day(request.POST, "end"),
            )
        else:
            commands.link_centre(
                actor=request.actor,
                consortium_id=consortium_id,
                institution_id=given.key(request.POST, "institution"),
                start=given.day(request.POST, "start"),
            )
        return f"{reverse('consortia:detail', args=[consortium_id])}?{request.frame.query}#centres"

    try:
        return once(request, _("已登记与省级医疗中心的对接。"), act)
    except Refused as refused:
        return _detail(request, consortium_id, refusals=refused.refusals)


def _detail(request: HttpRequest, consortium_id: UUID, *, refusals: Sequence[Refusal] = ()) -> HttpResponse:
    frame = request.frame
    of = consortium_page(consortium_id, on=frame.on)
    checked = network.check(frame.pack.id, on=frame.on, area=of.division_code, at_most=JUDGED_HERE)
    context = presenters.detail(of, Viewer(checked, frame.packs, request.actor))
    context["channels"] = channels(consortium_id, on=frame.on)
    if of.kind is Kind.SPECIALTY_ALLIANCE:
        refused = access.may(request.actor, Right.NETWORK_DECIDE, division=of.division_code)
        context["linking"] = {
            "specialty": terms.specialty_names(on=frame.on).get(of.specialty_code, of.specialty_code),
            "centres": network.centres_of(consortium_id, of.division_code, on=frame.on),
            "offered": []
            if refused
            else network.centres_to_link(consortium_id, of.division_code, of.specialty_code, on=frame.on),
            "why_not": told(refused) if refused else None,
            "clauses": CLAUSES,
        }
    context["refusals"] = [told(refusal) for refusal in refusals]
    return render(request, "consortia/detail.html", context, status=refusals[0].status if refusals else 200)
