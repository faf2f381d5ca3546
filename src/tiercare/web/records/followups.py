"""Alerts that answers raised, handled in one step or sent on by the green channel; and the yearly survey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.network import queries as network
from tiercare.apps.records import commands, queries
from tiercare.apps.records.queries.surveys import stay_to_ask
from tiercare.apps.records.rules.asked import NOT_ASKED_HERE
from tiercare.apps.referrals import commands as referrals
from tiercare.apps.residents import queries as residents
from tiercare.engines.forms import Item, Kind
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.booking.presenters import masked
from tiercare.web.pages import once, page, said, told

from . import asking

_LONGEST = 500


@require_safe
@page(Right.RECORDS_WRITE)
def alerts(request: HttpRequest) -> HttpResponse:
    """``/followup/alerts``: those to handle and those that were raised here, past their time first."""
    overdue = request.GET.get("show") == "overdue"
    found = queries.followup_alerts(request.actor, overdue=overdue)
    context = {"lines": alert_lines(request, found), "overdue": overdue}
    return render(request, "records/alerts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.RECORDS_WRITE)
def alert(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """``/followup/alerts/<id>``: what was answered; a POST says how it was handled."""
    if request.method != "POST":
        return _one(request, alert_id)

    def work() -> str:
        commands.handle_alert(
            request.actor, alert_id=alert_id, handling=given.text(request.POST, "handling", longest=_LONGEST)
        )
        return f"{reverse('followup:alerts')}?{request.frame.query}"

    try:
        return once(request, _("已记下处理情况。"), work)
    except Refused as refused:
        return _one(request, alert_id, refused)


@require_POST
@page(Right.REQUESTS_SEND)
def refer(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """One step: a referral is begun for the alert, with what was answered and by the green channel where the text has it so;
    the alert is handled by that."""

    def work() -> str:
        found = queries.followup_alert(request.actor, alert_id)
        words = "；".join(_says(item, value) for item, value in found.items)
        row = referrals.start(
            request.actor,
            resident_id=found.resident_id,
            kind="up",
            again=given.text(request.POST, "again", longest=200) or _("随访发现异常"),
        )
        urgency = Urgency.EMERGENCY if found.green else Urgency.URGENT
        content = exchange.Content(urgency=urgency, payload={"reason": words, "alert_id": str(alert_id)})
        exchange.amend(request.actor, request_id=row.id, content=content)
        handling = _("已发起绿色通道转诊。") if found.green else _("已发起转诊。")
        commands.handle_alert(request.actor, alert_id=alert_id, handling=handling, request_id=row.id)
        address = f"{reverse('referrals:write', args=[row.id])}?{request.frame.query}"
        return f"{address}&emergency=1" if found.green else address

    try:
        return once(request, _("已按随访回答填好，请选医院后送出。"), work)
    except Refused as refused:
        return _one(request, alert_id, refused)


@require_safe
@page(Right.RECORDS_WRITE)
def surveys(request: HttpRequest) -> HttpResponse:
    """``/followup/surveys``: what was answered in a year, and the stays that can be asked about."""
    sent = request.GET.get("year", "")
    year = int(sent) if sent.isascii() and sent.isdigit() and len(sent) == 4 else request.today.year
    found = queries.survey(request.actor, year=year)
    stays = queries.stays_here(request.actor)
    people = {each.id: masked(each) for each in residents.least_of({each.resident_id for each in stays})}
    context = {
        "survey": found,
        "items": [_item(each) for each in found.items],
        "name": said(found.form.name) if found.form else "",
        "source": said(found.form.source) if found.form else "",
        "years": [year - 1, year, *([year + 1] if year < request.today.year else [])],
        "stays": [{"of": each, "person": people.get(each.resident_id, {})} for each in stays],
    }
    return render(request, "records/surveys.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.RECORDS_WRITE)
def survey(request: HttpRequest, encounter_id: UUID) -> HttpResponse:
    """``/followup/surveys/<stay>``: staff ask, and write down the answers."""
    if request.method != "POST":
        return _survey(request, encounter_id)

    def work() -> str:
        stay = stay_to_ask(request.actor, encounter_id)
        if stay is None:
            raise Refused(NOT_ASKED_HERE)
        form = queries.forms_at(stay.institution_id, on=request.today)[stay.form]
        commands.answer_survey(
            request.actor, encounter_id=encounter_id, answers=asking.answers(form, request.POST)
        )
        return f"{reverse('followup:surveys')}?{request.frame.query}"

    try:
        return once(request, _("已记下，谢谢。"), work)
    except Refused as refused:
        return _survey(request, encounter_id, refused)


def _survey(request: HttpRequest, encounter_id: UUID, refused: Refused | None = None) -> HttpResponse:
    stay = stay_to_ask(request.actor, encounter_id)
    if stay is None:
        raise Refused(NOT_ASKED_HERE)
    form = queries.forms_at(stay.institution_id, on=request.today)[stay.form]
    (least,) = residents.least_of([stay.resident_id])
    context = {
        "stay": stay,
        "person": masked(least),
        "asked": asking.shown(form, request.POST, refused),
        "refusals": [told(each) for each in refused.refusals] if refused else [],
    }
    status = refused.refusals[0].status if refused else 200
    return render(request, "records/survey.html", context, status=status)


def _one(request: HttpRequest, alert_id: UUID, refused: Refused | None = None) -> HttpResponse:
    found = queries.followup_alert(request.actor, alert_id)
    (line,) = alert_lines(request, [found])
    context = {
        "line": line,
        "handling": request.POST.get("handling", "")[:_LONGEST],
        "may_send": access.may(request.actor, Right.REQUESTS_SEND) is None,
        "refusals": [told(each) for each in refused.refusals] if refused else [],
    }
    status = refused.refusals[0].status if refused else 200
    return render(request, "records/alert.html", context, status=status)


def alert_lines(request: HttpRequest, found: Sequence[queries.Alert]) -> list[dict[str, Any]]:
    """Alerts as lists show them, masked; the query has recorded the reading."""
    people = {each.id: masked(each) for each in residents.least_of({each.resident_id for each in found})}
    houses = {key for each in found for key in (each.institution_id, each.raiser_id)}
    names = network.names_of_institutions(houses, on=request.today)
    return [
        {
            "of": each,
            "person": people.get(each.resident_id, {}),
            "form": said(each.form.name) if each.form else each.form,
            "handler": names.get(each.institution_id, ""),
            "raiser": names.get(each.raiser_id, ""),
            "says": [_says(item, value) for item, value in each.items],
        }
        for each in found
    ]


def _says(item: Item | None, value: Any) -> str:
    """What the alert says, with the answer."""
    if item is None:
        return str(value)
    words = said(item.says) if item.says else said(item.ask)
    if item.kind is Kind.FLAG:
        return words
    if item.kind is Kind.CHOICE:
        return f"{words}（{said(item.choices[str(value)])}）" if str(value) in item.choices else words
    return f"{words}（{float(value):g} {item.unit}）".replace(" ）", "）")


def _item(each: Any) -> Mapping[str, Any]:
    item: Item = each.item
    bars = []
    if item.kind is Kind.SCALE and item.low is not None and item.high is not None:
        values = [str(value) for value in range(int(item.low), int(item.high) + 1)]
        counted = {f"{float(key):g}": n for key, n in each.by_value.items()}
        bars = [(value, counted.get(value, 0)) for value in values]
    elif item.kind is Kind.FLAG:
        bars = [(_("是"), each.by_value.get("true", 0)), (_("否"), each.by_value.get("false", 0))]
    mean = "" if each.mean is None else f"{each.mean:.2f}"
    return {"ask": said(item.ask), "people": each.people, "mean": mean, "bars": bars}
