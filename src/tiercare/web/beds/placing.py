"""Choosing a bed among those that are free and fit: for somebody who needs one, and for who gets another."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries.beds import beds_for_stay, fitting, own_bed
from tiercare.apps.capacity.queries.patient import patient
from tiercare.apps.capacity.rules.beds import StayState
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.clock import day_of
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.booking.presenters import banner
from tiercare.web.capacity.typed import Sent, again
from tiercare.web.pages import once, page
from tiercare.web.residents.record import refused_here

from . import presenters, reading
from .bed import address

_FIELDS = ("starts", "until", "isolation", "case")


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CAPACITY_KEEP)
def place(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """``/beds/for/<resident>?starts=&until=&isolation=&case=``: beds that fit; a POST keeps one of them."""
    sent = Sent(request.POST if request.method == "POST" else request.GET)
    if request.method != "POST":
        return _place(request, resident_id, sent)
    try:
        bed_id, starts = given.key(request.POST, "bed"), reading.needed_moment(sent, "starts")
        until = reading.moment(sent, "until")
        sent.judge()
        case_id = given.key(request.POST, "case") if sent.text("case") else None

        def work() -> str:
            commands.plan_stay(
                request.actor,
                bed_id=bed_id,
                resident_id=resident_id,
                starts=starts,
                until=until,
                isolation=bool(sent.text("isolation")),
                case_id=case_id,
            )
            return address(request, bed_id)

        return once(request, _("已预留，短信已告知患者。"), work)
    except Refused as refused:
        return _place(request, resident_id, Sent(request.POST), refused)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CAPACITY_KEEP)
def change(request: HttpRequest, stay_id: UUID) -> HttpResponse:
    """``/beds/stays/<id>/change``: the beds that fit this patient for the time that is left; a POST changes to one."""
    if request.method != "POST":
        return _change(request, stay_id)
    try:
        other = given.key(request.POST, "bed")

        def work() -> str:
            commands.change_bed(request.actor, stay_id=stay_id, bed_id=other)
            return address(request, other)

        return once(request, _("已换床。"), work)
    except Refused as refused:
        return _change(request, stay_id, refused)


def _place(
    request: HttpRequest, resident_id: UUID, sent: Sent, refused: Refused | None = None
) -> HttpResponse:
    try:
        who = patient(request.actor, resident_id)
    except Refused as closed:
        return refused_here(request, resident_id, closed)
    now, typed = ledger.now(), {name: sent.text(name, longest=60) for name in _FIELDS}
    typed["starts"] = typed["starts"] or presenters.typed(now)
    context: dict[str, Any] = banner(who) | {"resident_id": resident_id, "typed": typed, "lanes": []}
    asked = Sent(typed)
    try:
        starts, until = reading.needed_moment(asked, "starts"), reading.moment(asked, "until")
        asked.judge()
        found = fitting(
            request.actor,
            resident_id=resident_id,
            starts=starts,
            until=until,
            isolation=bool(typed["isolation"]),
        )
        context["lanes"] = presenters.free(found, today=day_of(now))
        context["since"] = presenters.moment(starts, day_of(now))
        context["until"] = presenters.moment(until, day_of(now))
        context["backwards"] = until is not None and until <= starts
    except Refused as unread:
        refused = refused or unread
    return again(request, "beds/for.html", context, refused)


def _change(request: HttpRequest, stay_id: UUID, refused: Refused | None = None) -> HttpResponse:
    stay, found = beds_for_stay(request.actor, stay_id)
    now = ledger.now()
    context = {
        "bed": own_bed(request.actor, stay.bed_id),
        "stay": presenters.stay(stay, presenters.people([stay]), now=now),
        "lies": stay.state is StayState.IN,
        "lanes": presenters.free(found, today=day_of(now)),
    }
    return again(request, "beds/change.html", context, refused)
