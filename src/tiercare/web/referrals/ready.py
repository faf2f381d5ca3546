"""Who is ready to go down, and who left without going: seen by the hospital's office, one click to start."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tiercare.apps.access.rules import Right
from tiercare.apps.records.queries.going_down import Ready
from tiercare.apps.records.rules.vocabulary import STAGE_NAMES, VISIT_KIND_NAMES
from tiercare.apps.referrals import commands
from tiercare.apps.referrals import queries as referrals
from tiercare.apps.residents import queries as residents
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.booking.presenters import masked
from tiercare.web.pages import once, page, said, told

from .reading import page_of

_WHY = 200


@require_http_methods(["GET", "HEAD"])
@page(Right.RECORDS_WRITE)
def ready(request: HttpRequest) -> HttpResponse:
    """``/referrals/ready``: patients who are marked as recovered or stable, and those who left without a plan."""
    return _list(request)


@require_POST
@page(Right.REQUESTS_SEND)
def go_down(request: HttpRequest, encounter_id: UUID) -> HttpResponse:
    """Begin the referral of one of them, prefilled."""

    def work() -> str:
        again = given.text(request.POST, "again", longest=_WHY)
        row = commands.go_down(request.actor, encounter_id=encounter_id, again=again)
        return page_of(request, row.id, row.kind)

    try:
        return once(request, _("已按就诊记录填好，请补全方案。"), work)
    except Refused as refused:
        return _list(request, refused, encounter_id)


def _list(request: HttpRequest, refused: Refused | None = None, about: UUID | None = None) -> HttpResponse:
    inside = referrals.ready_to_go_down(request.actor)
    left = referrals.discharged_without_plan(request.actor)
    people = {each.id: each for each in residents.least_of({row.resident_id for row in (*inside, *left)})}
    context = {
        "inside": [_line(each, people) for each in inside],
        "left": [_line(each, people) for each in left],
        "refusals": [told(each) for each in refused.refusals] if refused else [],
        "about": about,
    }
    status = refused.refusals[0].status if refused else 200
    return render(request, "referrals/ready.html", context, status=status)


def _line(each: Ready, people: dict[UUID, Any]) -> dict[str, Any]:
    person = people.get(each.resident_id)
    return {
        "encounter_id": each.encounter_id,
        "resident_id": each.resident_id,
        "person": masked(person) if person else {},
        "stage": said(STAGE_NAMES[each.stage]),
        "kind": said(VISIT_KIND_NAMES[each.kind]),
        "problem": each.name,
        "code": each.code,
        "clinician": each.clinician_name,
        "since": each.since,
        "days": each.days,
        "ended_at": each.ended_at,
    }
