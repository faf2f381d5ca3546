"""What the form of an act offers to choose from; made only when the form is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from tiercare.apps.access.queries import staff_at
from tiercare.apps.capacity import queries as capacity
from tiercare.apps.capacity.queries.session import channel_at
from tiercare.apps.exchange.queries import Case
from tiercare.apps.exchange.queries.houses import departments_of
from tiercare.apps.exchange.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network.queries.candidates import institutions_like
from tiercare.apps.referrals.queries.destinations import destinations
from tiercare.apps.referrals.rules.functions import RECEIVES
from tiercare.apps.referrals.rules.vocabulary import RETURNS, Kind
from tiercare.engines.guidelines import Direction
from tiercare.kernel.clock import day_of
from tiercare.kernel.refusal import Refused
from tiercare.web import labels
from tiercare.web.booking import presenters as booking
from tiercare.web.booking import words as days
from tiercare.web.capacity.days import asked
from tiercare.web.pages import said
from tiercare.web.referrals.presenters import destination

from . import gate

_FEW, _FOUND, _LOOKED_AT = 8, 12, 60
_LONGEST_NAME = 40
_PREFECTURE = 4  # digits of a division code
_AHEAD = timedelta(days=14)
# Sentences that offices write every day; put in by a click, changed at will.
BLOCKS: Mapping[Act, tuple[tuple[str, str], ...]] = {
    Act.RETURN: (
        ("words", gettext_noop("资料不全，请补充后再提交。")),
        ("words", gettext_noop("目前病情可在基层治疗，暂不需要转诊。")),
        ("words", gettext_noop("本院近期无相应号源或床位。")),
        ("advice", gettext_noop("请按现方案继续治疗，两周后复查；如加重随时再转。")),
        ("missing", gettext_noop("请补充近期化验、检查结果和用药情况。")),
    ),
    Act.REPORT: (
        ("treatment", gettext_noop("已调整用药，病情平稳。")),
        ("advice", gettext_noop("请继续现用药物，每月随访一次，监测血压、血糖。")),
        ("advice", gettext_noop("请按计划康复；出现所列预警情形时立即转回。")),
    ),
}


def opened(request: HttpRequest, of: Case, code: str) -> dict[str, Any]:
    """For the template: which form is open, and what it offers; nothing for an act that is not to be done now."""
    allowed = {each.value: each for each in of.acts}
    if code == "assign":
        return {"opened": code, **_people(request)}
    act = allowed.get(code)
    if act is None:
        return {"opened": ""}
    choose = _CHOICES.get(act)
    blocks = [{"field": field, "text": _(text)} for field, text in BLOCKS.get(act, ())]
    return {"opened": code, "blocks": blocks, **(choose(request, of) if choose else {})}


def _accepting(request: HttpRequest, of: Case) -> dict[str, Any]:
    own = request.actor.institution_id
    chosen = of.line.department_id
    departments = departments_of(own, on=request.today) if own else []
    return {"departments": departments, "chosen_department": chosen, **_people(request)}


def _people(request: HttpRequest) -> dict[str, Any]:
    own = request.actor.institution_id
    return {"staff": staff_at(own) if own else []}


def _returning(request: HttpRequest, of: Case) -> dict[str, Any]:
    codes = [
        {"code": code, "name": said(each.name), "elsewhere": each.elsewhere} for code, each in RETURNS.items()
    ]
    return {"codes": codes, **_elsewhere(request, of)}


def _elsewhere(request: HttpRequest, of: Case) -> dict[str, Any]:
    """Other institutions for this patient, the best first."""
    not_these = {of.line.sender, of.line.receiver}
    return {
        "places_elsewhere": [each for each in _fitting(request, of) if each["id"] not in not_these][:_FEW]
    }


@require_safe
@gate.working
def found(request: HttpRequest) -> HttpResponse:
    """``/requests/elsewhere?find=``: institutions by name or initials, as choices of a form that is open; nothing of
    anybody. The command judges whether one can be chosen."""
    text = request.GET.get("find", "").strip()[:_LONGEST_NAME]
    region = (request.actor.division_code or "")[:_PREFECTURE]
    hits = institutions_like(region, text, on=ledger.today(), limit=_LOOKED_AT) if text else []
    rows = [
        {"id": each.id, "name": each.name, "why": labels.name("level", str(each.about))}
        for each in hits
        if each.place in RECEIVES
    ][:_FOUND]
    return render(request, "requests/_found.html", {"rows": rows, "find": text})


def _fitting(request: HttpRequest, of: Case) -> list[dict[str, Any]]:
    down = of.line.kind == Kind.DOWN
    try:
        hits = destinations(
            request.actor,
            resident_id=of.line.resident_id,
            specialty=of.line.specialty,
            urgency=of.line.urgency,
            direction=Direction.DOWN if down else Direction.UP,
            requested=True,
            limit=_FEW + 2,
        )
    except Refused:  # the commission and the lead hospital look for it by name
        return []
    return [destination(each, chosen=False) for each in hits]


def _scheduling(request: HttpRequest, of: Case) -> dict[str, Any]:
    """The receiver's places of a day; the day of the first one, where none is asked for."""
    today, last = request.today, request.today + _AHEAD
    chosen: date | None = asked(request, "day", today) if request.GET.get("day") else None
    context: dict[str, Any] = {"pools": [], "day_name": ""}
    if of.line.receiver is None:
        return context
    try:
        channel = channel_at(request.actor, of.line.resident_id, of.line.receiver, source_id=of.line.id)
        fitting = _of_specialty(request, of, of.line.receiver)
        if chosen is None:
            chosen = day_of(fitting[0].starts_at) if fitting else today
        places = capacity.of_day(request.actor, institution_id=of.line.receiver, day=chosen, channel=channel)
    except Refused:  # no ground to book: a time can still be agreed on
        return context
    # What was asked for stands first; whoever schedules may know better.
    wanted = {each.pool_id for each in fitting}
    by_pool: dict[str, list[capacity.Place]] = {}
    for place in sorted(places, key=lambda each: each.pool_id not in wanted):
        if place.free:
            by_pool.setdefault(place.pool, []).append(place)
    now = ledger.now()
    return context | {
        "pools": [
            {"name": pool, "halves": booking.slots(of_pool, now=now)} for pool, of_pool in by_pool.items()
        ],
        "day": chosen,
        "day_name": days.day(chosen, today),
        "before": chosen - timedelta(days=1) if chosen > today else None,
        "after": chosen + timedelta(days=1) if chosen < last else None,
        "channel": days.channel(channel),
    }


def _of_specialty(request: HttpRequest, of: Case, receiver: UUID) -> list[capacity.Place]:
    """The receiver's first places of the specialty that is asked for, by time."""
    if not of.line.specialty:
        return []
    hits = capacity.first_places(
        request.actor, resident_id=of.line.resident_id, specialty=of.line.specialty, limit=50
    )
    return [each.place for each in hits if each.place.institution_id == receiver]


def _reporting(request: HttpRequest, of: Case) -> dict[str, Any]:
    """What the report begins with: the problem as it was sent, to be corrected."""
    before = of.report.content if of.report else {}
    filled = {"diagnosis": of.line.problem, "diagnosis_code": of.line.problem_code} | dict(before)
    return {"filled": filled}


_CHOICES: Mapping[Act, Callable[[HttpRequest, Case], dict[str, Any]]] = {
    Act.ACCEPT: _accepting,
    Act.RETURN: _returning,
    Act.REDIRECT: _elsewhere,
    Act.SCHEDULE: _scheduling,
    Act.REPORT: _reporting,
}
