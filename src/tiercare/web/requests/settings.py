"""The desk that answers for referrals (XH-42), who stands in for whom, and which institutions of an area lack a desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import Worker, staff_at
from tiercare.apps.access.rules import ROLE_NAMES, Right
from tiercare.apps.exchange import commands, queries
from tiercare.apps.exchange.commands.standing_in import end_stand_in
from tiercare.apps.exchange.queries.houses import stand_ins
from tiercare.apps.network.queries import institution_rows
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web import given, labels
from tiercare.web.pages import once, page, said, told

from . import gate

_LONGEST_NAME, _LONGEST_PHONE = 60, 20
_SHOWN = 300


@require_http_methods(["GET", "HEAD", "POST"])
@gate.working
def settings(request: HttpRequest) -> HttpResponse:
    """``/requests/settings``; a POST keeps the desk."""
    if request.method != "POST":
        return _page(request)

    def work() -> str:
        commands.keep_desk(
            request.actor,
            name=given.text(request.POST, "name", longest=_LONGEST_NAME),
            phone=given.text(request.POST, "phone", longest=_LONGEST_PHONE),
            staff=_keys(request),
        )
        return _here(request)

    try:
        return once(request, _("转诊管理部门和负责人员已保存。"), work)
    except Refused as refused:
        return _page(request, refused, form="desk")


@require_POST
@page(Right.REQUESTS_SEND)
def absence(request: HttpRequest) -> HttpResponse:
    """``/requests/settings/absence``: somebody is away from one day to another, both included."""

    def work() -> str:
        first, last = given.day(request.POST, "first"), given.day(request.POST, "last")
        if last < first:
            raise Refused(ENDS_BEFORE)
        commands.stand_in(
            request.actor,
            account_id=given.key(request.POST, "account"),
            deputy_id=given.key(request.POST, "deputy"),
            start=first,
            end=last + timedelta(days=1),
        )
        return _here(request)

    try:
        return once(request, _("已登记代办，这期间的申请由代办人处理。"), work)
    except Refused as refused:
        return _page(request, refused, form="absence")


@require_POST
@page(Right.REQUESTS_SEND)
def end_absence(request: HttpRequest, stand_in_id: UUID) -> HttpResponse:
    """``/requests/settings/absence/<id>/end``: back before the time."""

    def work() -> str:
        end_stand_in(request.actor, stand_in_id=stand_in_id)
        return _here(request)

    return once(request, _("代办已结束。"), work)


def _page(request: HttpRequest, refused: Refused | None = None, *, form: str = "") -> HttpResponse:
    errors = [told(each) for each in refused.refusals] if refused else []
    context: dict[str, Any] = {
        "refusals": errors,
        "wrong": {each["at"]: each for each in errors},
        "form": form,
        "typed": request.POST if refused else {},
        "today": request.today,
        **_own(request),
        **_area(request),
    }
    return render(
        request, "requests/settings.html", context, status=refused.refusals[0].status if refused else 200
    )


def _own(request: HttpRequest) -> dict[str, Any]:
    """The desk and the people of the actor's institution."""
    actor = request.actor
    own = actor.institution_id
    if own is None or (not gate.sends(request) and not _keeps(request)):
        return {}
    desk = queries.desk_of(own)
    staff = staff_at(own)
    chosen = (
        {UUID(each) for each in _raw(request)}
        if request.POST.getlist("staff")
        else set(desk.staff if desk else ())
    )
    away = stand_ins(actor) if gate.sends(request) else []
    return {
        "own": own,
        "desk": desk,
        "people": [
            {
                "id": each.account_id,
                "name": each.name,
                "roles": _roles(each),
                "chosen": each.account_id in chosen,
            }
            for each in staff
        ],
        "on_desk": [each.name for each in staff if each.account_id in chosen],
        "keeps": _keeps(request),
        "asked": queries.people_asked(actor.division_code or ""),
        "away": [{"row": each, "last": each.until - timedelta(days=1)} for each in away],
        "may_be_away": gate.sends(request),
        "me": actor.account_id,
    }


def _area(request: HttpRequest) -> dict[str, Any]:
    """For whoever oversees an area: the institutions there that lack the desk which its documents ask for."""
    actor = request.actor
    if actor.institution_id is not None or not gate.oversees(request) or not actor.division_code:
        return {}
    rows = institution_rows(actor.division_code, on=request.today)
    lacking = set(queries.without_desk([each.id for each in rows], area=actor.division_code))
    without = [each for each in rows if each.id in lacking]
    return {
        "area": True,
        "asked": queries.people_asked(actor.division_code),
        "all": len(rows),
        "without": [
            {
                "name": each.name,
                "id": each.id,
                "area": each.area_name,
                "category": labels.name("category", str(each.category)),
            }
            for each in without[:_SHOWN]
        ],
        "without_count": len(without),
    }


def _keeps(request: HttpRequest) -> bool:
    actor = request.actor
    return access.may(actor, Right.REQUESTS_DESK, institution_id=actor.institution_id) is None


def _roles(of: Worker) -> str:
    return "、".join(said(ROLE_NAMES[each]) for each in of.roles)


def _raw(request: HttpRequest) -> list[str]:
    found = request.POST.getlist("staff")
    try:
        return [str(UUID(each)) for each in found]
    except ValueError:
        return []


def _keys(request: HttpRequest) -> list[UUID]:
    return [UUID(each) for each in _raw(request)]


def _here(request: HttpRequest) -> str:
    return f"{reverse('requests:settings')}?{request.frame.query}"


ENDS_BEFORE = Refusal(
    code="requests.ends_before_it_begins",
    message=Text("结束日期早于开始日期。", "It ends before it begins."),
    instead=Text("请改成开始当天或以后。", "Choose that day or a later one."),
    at="last",
    status=422,
)
