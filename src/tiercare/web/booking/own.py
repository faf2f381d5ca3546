"""The residents' bookings and messages, their own and their wards': look for a place, hold it, confirm, move, cancel."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries.mine import my_booking, my_bookings
from tiercare.apps.capacity.queries.patient import patient
from tiercare.apps.capacity.queries.session import channel_at, session_shown
from tiercare.apps.capacity.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.messages import queries as messages
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.me.own import mine, own_page, to
from tiercare.web.pages import once

from . import care, finding, places, presenters
from .bookings import DONE, NO_SUCH_ACT, on_paper
from .own_waiting import appeal_of, pausing, waiting_of


@require_safe
@mine
def bookings(request: HttpRequest) -> HttpResponse:
    """``/me/bookings``: what is to come, the next first, and what was; whether booking pauses, and where one waits."""
    found = my_bookings(request.actor, request.whose)
    lines = presenters.lines(found, today=request.today, own=None, persons=False)
    waits = waiting_of(request)
    asked = {each.booking_id for each in waits["offers"]}  # they stand above, with what can be said to them
    coming = [each for each in lines if each.open and each.on >= request.today and each.id not in asked]
    context = waits | {
        "coming": sorted(coming, key=lambda each: each.starts_at),
        "past": [each for each in lines if each not in coming and each.id not in asked],
        "paused": pausing(found),
    }
    context |= care.panel(request.whose, on=request.today)
    return own_page(request, "booking/me/bookings.html", context)


@require_safe
@mine
def search(request: HttpRequest) -> HttpResponse:
    """``/me/bookings/new``: a specialty, and the first places near where one lives."""
    wanted = finding.asked(request.GET, today=request.today)
    me = patient(request.actor, request.whose)
    context = finding.choices(wanted)
    context |= finding.found(request, wanted, me.id, near_to=me.keeper)
    context |= care.panel(me.id, on=request.today)
    return own_page(request, "booking/me/search.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@mine
def session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """``/me/bookings/new/<session>``: the times of a day; a POST holds one."""
    if request.method != "POST":
        return _session(request, session_id)

    def work() -> str:
        taken = commands.book(
            request.actor,
            slot_id=given.key(request.POST, "slot"),
            resident_id=request.whose,
            hold=True,
        )
        return to(request, "own_booking:booking", booking_id=taken.booking_id)

    try:
        return once(request, _("号已占住，请核对后确认。"), work)
    except Refused as refused:
        return _session(request, session_id, refused)


@require_safe
@mine
def booking(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """``/me/bookings/<id>``: one booking with its code for the desk; one that is held waits to be confirmed."""
    return _booking(request, booking_id)


@require_POST
@mine
def act(request: HttpRequest, booking_id: UUID, act: str) -> HttpResponse:
    """Confirm what is held, or cancel."""
    if act not in {Act.CONFIRM, Act.CANCEL}:
        raise Refused(NO_SUCH_ACT)
    step = Act(act)

    def work() -> str:
        commands.turn(request.actor, booking_id=booking_id, act=step)
        return to(request, "own_booking:booking", booking_id=booking_id)

    done = _("预约成功，到时请带身份证或健康卡。") if step is Act.CONFIRM else _(DONE[step])
    try:
        return once(request, done, work)
    except Refused as refused:
        return _booking(request, booking_id, refused)


@require_http_methods(["GET", "HEAD", "POST"])
@mine
def move(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """``/me/bookings/<id>/move``: another time at the same place."""
    if request.method != "POST":
        return _move(request, booking_id)

    def work() -> str:
        taken = commands.move(request.actor, booking_id=booking_id, slot_id=given.key(request.POST, "slot"))
        return to(request, "own_booking:booking", booking_id=taken.booking_id)

    try:
        return once(request, _("已改约，原来的号源已放回。"), work)
    except Refused as refused:
        return _move(request, booking_id, refused)


@require_POST
@mine
def appeal(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Say why one did not come; what was typed stays if it is refused."""

    def work() -> str:
        commands.appeal(request.actor, booking_id=booking_id, words=given.text(request.POST, "words"))
        return to(request, "own_booking:booking", booking_id=booking_id)

    try:
        return once(request, _("已提交。医院答复后会发消息给您。"), work)
    except Refused as refused:
        return _booking(request, booking_id, refused)


@require_safe
@mine
def inbox(request: HttpRequest) -> HttpResponse:
    """``/me/messages``: what the platform told, the latest first."""
    return own_page(
        request, "booking/me/messages.html", {"rows": messages.inbox(request.actor, request.whose)}
    )


def _session(request: HttpRequest, session_id: UUID, refused: Refused | None = None) -> HttpResponse:
    context = places.shown(request.actor, request, request.whose, session_id)
    return _answered(request, "booking/me/session.html", context, refused)


def _booking(request: HttpRequest, booking_id: UUID, refused: Refused | None = None) -> HttpResponse:
    row = my_booking(request.actor, request.whose, booking_id)
    (line,) = presenters.lines([row], today=request.today, own=None, persons=False)
    context = on_paper(line) | {
        "seconds": presenters.seconds_left(row.held_until, ledger.now()) if line.held else 0,
        "until": row.held_until,
        "session_id": row.session_id,
    }
    context |= appeal_of(request, row)
    return _answered(request, "booking/me/booking.html", context, refused)


def _move(request: HttpRequest, booking_id: UUID, refused: Refused | None = None) -> HttpResponse:
    row = my_booking(request.actor, request.whose, booking_id)
    (line,) = presenters.lines([row], today=request.today, own=None, persons=False)
    chosen = given.key(request.GET, "session") if request.GET.get("session") else row.session_id
    found = session_shown(request.actor, chosen)
    channel = channel_at(request.actor, row.resident_id, found.institution_id)
    context: dict[str, Any] = {"line": line, "moving": True}
    context |= places.around(request.actor, request, found, channel)
    return _answered(request, "booking/me/session.html", context, refused)


def _answered(
    request: HttpRequest, template: str, context: dict[str, Any], refused: Refused | None
) -> HttpResponse:
    near = {each: value for each, value in places.lost(request, refused).items() if each == "others"}
    return own_page(request, template, context | near, refusals=refused.refusals if refused else ())
