"""Waiting lists for staff: whom one put on lists, the line of a pool of one's own, and putting somebody on one."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import commands
from tiercare.apps.capacity.commands.waiting import MAY_SAY_URGENT
from tiercare.apps.capacity.queries import waiting
from tiercare.apps.capacity.queries.patient import patient
from tiercare.apps.capacity.queries.session import channel_at
from tiercare.apps.capacity.rules.vocabulary import GRADE_NAMES
from tiercare.apps.capacity.rules.waiting import Urgency
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.booking import waiting as presenters
from tiercare.web.booking import words
from tiercare.web.booking.own_waiting import days_typed
from tiercare.web.booking.presenters import banner
from tiercare.web.pages import once, page, said, told
from tiercare.web.residents.record import refused_here


@require_safe
@page(Right.CAPACITY_BOOK)
def lists(request: HttpRequest) -> HttpResponse:
    """``/waiting``: whom the institution put on lists, and the pools of its own for which somebody waits."""
    context = {
        "put": presenters.entries(waiting.put_on_lists(request.actor), today=request.today),
        "pools": [
            {"row": each, "grade": said(GRADE_NAMES[each.grade]), "since": words.moment(each.since)}
            for each in waiting.pools_waited_for(request.actor)
        ],
    }
    return render(request, "waiting/lists.html", context)


@require_safe
@page(Right.CAPACITY_BOOK)
def line(request: HttpRequest, pool_id: UUID) -> HttpResponse:
    """``/waiting/pools/<id>``: the line of a pool in its order, with the reason for each place."""
    return _line(request, pool_id)


@require_POST
@page(Right.CAPACITY_BOOK)
def offer(request: HttpRequest, pool_id: UUID) -> HttpResponse:
    """Offer what is free in the pool to those who wait, now."""

    def work() -> str:
        commands.offer_by_hand(request.actor, pool_id=pool_id)
        return f"{reverse('waiting:line', args=[pool_id])}?{request.frame.query}"

    try:
        return once(request, _("已按次序通知；没有变化的，说明现在没有他们可用的号。"), work)
    except Refused as refused:
        return _line(request, pool_id, refused)


@require_POST
@page(Right.CAPACITY_BOOK)
def withdraw(request: HttpRequest, waiting_id: UUID) -> HttpResponse:
    """Take somebody off a list; they are told. Back to the page on which it was asked."""
    pool = request.POST.get("pool", "")

    def work() -> str:
        commands.withdraw(request.actor, waiting_id=waiting_id)
        back = (
            reverse("waiting:line", args=[given.key(request.POST, "pool")])
            if pool
            else reverse("waiting:lists")
        )
        return f"{back}?{request.frame.query}"

    return once(request, _("已退出候补，并通知了居民。"), work)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CAPACITY_BOOK)
def wait(request: HttpRequest, resident_id: UUID, pool_id: UUID) -> HttpResponse:
    """``/residents/<id>/wait/<pool>``: on which days and, by a clinician, how urgent; a POST puts them on the list."""
    if request.method != "POST":
        return _wait(request, resident_id, pool_id)

    def work() -> str:
        urgency = request.POST.get("urgency", "")
        commands.wait(
            request.actor,
            pool_id=pool_id,
            resident_id=resident_id,
            first=given.day(request.POST, "first"),
            last=given.day(request.POST, "last"),
            urgency=Urgency[urgency] if urgency in Urgency.__members__ else Urgency.ROUTINE,
        )
        return f"{reverse('waiting:lists')}?{request.frame.query}"

    try:
        return once(request, _("已加入候补。有号时通知居民，过时未确认顺延给下一位。"), work)
    except Refused as refused:
        return _wait(request, resident_id, pool_id, refused)


def _line(request: HttpRequest, pool_id: UUID, refused: Refused | None = None) -> HttpResponse:
    shown = presenters.entries(waiting.line_of(request.actor, pool_id), today=request.today)
    context = presenters.pool(waiting.pool_named(pool_id), today=request.today) | {
        "offered": [each for each in shown if each.offered],
        "in_line": [each for each in shown if each.open and not each.offered],
        "ended": [each for each in shown if not each.open],
        "refusals": [told(each) for each in refused.refusals] if refused else [],
    }
    return render(
        request, "waiting/line.html", context, status=refused.refusals[0].status if refused else 200
    )


def _wait(
    request: HttpRequest, resident_id: UUID, pool_id: UUID, refused: Refused | None = None
) -> HttpResponse:
    named = waiting.pool_named(pool_id)
    try:
        who = patient(request.actor, resident_id)
    except Refused as closed:
        return refused_here(request, resident_id, closed)
    context = banner(who) | presenters.pool(named, today=request.today) | days_typed(request)
    context |= {
        "resident_id": resident_id,
        "channel": words.channel(channel_at(request.actor, resident_id, named.institution_id)),
        "urgencies": presenters.urgencies() if request.actor.role in MAY_SAY_URGENT else [],
        "urgency": request.POST.get("urgency", Urgency.ROUTINE.name),
        "refusals": [told(each) for each in refused.refusals] if refused else [],
    }
    return render(
        request, "waiting/wait.html", context, status=refused.refusals[0].status if refused else 200
    )
