"""Who is ready to go down, and who left without going: seen by the hospital's office, one click to start; and by the office
of the institution that answers for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tiercare.apps.access.rules import Right
from tiercare.apps.network import queries as network
from tiercare.apps.records import commands as records_commands
from tiercare.apps.records import queries as records
from tiercare.apps.records.queries.going_down import Ready
from tiercare.apps.records.rules.asked import Ground
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
# What is counted on the page: the last quarter of a year. Only how much is shown, no rule.
_COUNTED = timedelta(days=90)


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


@require_POST
@page(Right.REQUESTS_SEND)
def by_criteria(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Begin the referral of one who met all criteria for discharge."""

    def work() -> str:
        again = given.text(request.POST, "again", longest=_WHY)
        row = commands.go_down_by_criteria(request.actor, case_id=case_id, again=again)
        return page_of(request, row.id, row.kind)

    return _begun(request, work, case_id)


@require_POST
@page(Right.REQUESTS_SEND)
def at_visit(request: HttpRequest, prompt_id: UUID) -> HttpResponse:
    """Take up the proposal at the end of a visit."""

    def work() -> str:
        again = given.text(request.POST, "again", longest=_WHY)
        row = commands.go_down_at_visit(request.actor, prompt_id=prompt_id, again=again)
        return page_of(request, row.id, row.kind)

    return _begun(request, work, prompt_id)


@require_POST
@page(Right.RECORDS_WRITE)
def decline(request: HttpRequest, ground: str, source_id: UUID) -> HttpResponse:
    """Say why a patient does not go down."""
    if ground not in set(Ground):
        raise Http404

    def work() -> str:
        met = referrals.criteria_met(request.actor) if ground == Ground.CRITERIA else []
        found = next((each for each in met if each.case_id == source_id), None)
        records_commands.answer_prompt(
            request.actor,
            ground=Ground(ground),
            source_id=source_id,
            taken=False,
            reason=given.text(request.POST, "reason", longest=_WHY),
            resident_id=found.resident_id if found else None,
            name=found.disease if found else "",
        )
        return f"{reverse('going_down:list')}?{request.frame.query}"

    try:
        return once(request, _("已记下不下转的原因。"), work)
    except Refused as refused:
        return _list(request, refused, source_id)


def _begun(request: HttpRequest, work: Callable[[], str], about: UUID) -> HttpResponse:
    try:
        return once(request, _("已填好，请补全方案。"), work)
    except Refused as refused:
        return _list(request, refused, about)


def _list(request: HttpRequest, refused: Refused | None = None, about: UUID | None = None) -> HttpResponse:
    actor = request.actor
    found = referrals.who_goes_down(actor)
    inside, left = found.inside, found.left
    met, prompts = referrals.criteria_met(actor), records.open_prompts(actor)
    elsewhere = records.left_elsewhere(actor)
    listed = {each.resident_id for each in (*inside, *left)} | {each.resident_id for each in met}
    listed |= {each.resident_id for each in prompts} | {each.resident_id for each in elsewhere}
    people = {each.id: masked(each) for each in residents.least_of(listed)}
    hospitals = network.names_of_institutions({e.institution_id for e in elsewhere}, on=request.today)
    counted = records.prompted(actor, first=request.today - _COUNTED, last=request.today)
    context = {
        "inside": [_line(each, people) for each in inside],
        "left": [_line(each, people) for each in left],
        "met": [{"of": each, "person": people.get(each.resident_id, {})} for each in met],
        "prompts": [{"of": each, "person": people.get(each.resident_id, {})} for each in prompts],
        "elsewhere": [
            {
                "of": each,
                "person": people.get(each.resident_id, {}),
                "hospital": hospitals.get(each.institution_id, ""),
                "stage": said(STAGE_NAMES[each.stage]),
            }
            for each in elsewhere
        ],
        "prompted": counted,
        "rate": "" if counted.rate is None else f"{counted.rate:.0%}",
        "refusals": [told(each) for each in refused.refusals] if refused else [],
        "about": about,
    }
    status = refused.refusals[0].status if refused else 200
    return render(request, "referrals/ready.html", context, status=status)


def _line(each: Ready, people: dict[UUID, Any]) -> dict[str, Any]:
    return {
        "encounter_id": each.encounter_id,
        "resident_id": each.resident_id,
        "person": people.get(each.resident_id, {}),
        "stage": said(STAGE_NAMES[each.stage]),
        "kind": said(VISIT_KIND_NAMES[each.kind]),
        "problem": each.name,
        "code": each.code,
        "clinician": each.clinician_name,
        "since": each.since,
        "days": each.days,
        "ended_at": each.ended_at,
    }
