"""The institution's bookings, one booking with what can be done to it, its slip, and moving it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries.bookings import BookingRow
from tiercare.apps.capacity.queries.cases import open_case_of
from tiercare.apps.capacity.queries.mine import booking_of, booking_shown
from tiercare.apps.capacity.queries.patient import patient
from tiercare.apps.capacity.queries.session import channel_at, session_shown
from tiercare.apps.capacity.queries.worklist import Side, When, worklist
from tiercare.apps.capacity.rules.vocabulary import KIND_NAMES, Kind
from tiercare.apps.capacity.workflow import STATE_NAMES, Act, State
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web import given
from tiercare.web.cards.qr import drawn
from tiercare.web.pages import once, page, said, told
from tiercare.web.paging import Pager

from . import places, presenters

_PER_PAGE = 20
_LAST_PAGE = 5000
_LONGEST_REASON = 200
WHEN_NAMES: Mapping[When, str] = {
    When.TODAY: gettext_noop("今天"),
    When.COMING: gettext_noop("今后"),
    When.PAST: gettext_noop("以往"),
}
SIDE_NAMES: Mapping[Side, str] = {
    Side.MADE: gettext_noop("本机构约出的"),
    Side.HERE: gettext_noop("到本机构的"),
}
DONE: Mapping[Act, str] = {
    Act.CONFIRM: gettext_noop("预约成功，可以打印预约单。"),
    Act.CANCEL: gettext_noop("预约已取消，号源已放回。"),
    Act.ARRIVE: gettext_noop("已签到。"),
    Act.ATTEND: gettext_noop("已登记就诊。"),
    Act.MISS: gettext_noop("已登记爽约。"),
}


@require_safe
@page(Right.CAPACITY_BOOK)
def bookings(request: HttpRequest) -> HttpResponse:
    """``/bookings``: what the institution booked, or what is booked with it, by day; with filters, a page at a time."""
    asked, whose = request.GET.get("when", ""), request.GET.get("side", "")
    when = When(asked) if asked in set(When) else When.TODAY
    side = Side(whose) if whose in set(Side) else Side.MADE
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    number = request.GET.get("page", "1")
    number_asked = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    shown = min(max(number_asked, 1), _LAST_PAGE)
    found = worklist(
        request.actor,
        when=when,
        side=side,
        states=[State(state)] if state in set(State) else (),
        kind=Kind(kind) if kind in set(Kind) else None,
        page=shown,
        per_page=_PER_PAGE,
    )
    own = request.actor.institution_id
    total = found.counts[when]
    context = {
        "rows": presenters.lines(found.rows, today=request.today, own=own),
        "tiles": [(each.value, _(WHEN_NAMES[each]), found.counts[each]) for each in When],
        "sides": [(each.value, _(SIDE_NAMES[each])) for each in Side],
        "when": when.value,
        "side": side.value,
        "state": state,
        "kind": kind,
        "states": [(each.value, said(name)) for each, name in STATE_NAMES.items()],
        "kinds": [(each.value, said(name)) for each, name in KIND_NAMES.items()],
        "total": total,
        "pager": Pager(request, shown, max(1, -(-total // _PER_PAGE))),
        "filtered": bool(state or kind),
    }
    return render(request, "booking/list.html", context)


@require_safe
@page(Right.CAPACITY_BOOK)
def booking(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """``/bookings/<id>``: one booking; one that is held counts down and waits to be confirmed."""
    return _booking(request, booking_id)


@require_POST
@page(Right.CAPACITY_BOOK)
def act(request: HttpRequest, booking_id: UUID, act: str) -> HttpResponse:
    """Confirm, cancel, check in, attend, miss: one step of the table of transitions."""
    step = next((each for each in DONE if each.value == act), None)
    if step is None:
        raise Refused(NO_SUCH_ACT)
    reason = given.text(request.POST, "reason", longest=_LONGEST_REASON)

    def work() -> str:
        commands.turn(request.actor, booking_id=booking_id, act=step, reason=reason)
        return f"{reverse('booking:detail', args=[booking_id])}?{request.frame.query}"

    try:
        return once(request, _(DONE[step]), work)
    except Refused as refused:
        return _booking(request, booking_id, refused)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CAPACITY_BOOK)
def move(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """``/bookings/<id>/move``: another slot of the same pool, or elsewhere; a POST takes it and gives this one back."""
    if request.method != "POST":
        return _move(request, booking_id)

    def work() -> str:
        taken = commands.move(request.actor, booking_id=booking_id, slot_id=given.key(request.POST, "slot"))
        return f"{reverse('booking:detail', args=[taken.booking_id])}?{request.frame.query}"

    try:
        return once(request, _("已改约，原来的号源已放回。"), work)
    except Refused as refused:
        return _move(request, booking_id, refused)


@require_safe
@page(Right.CAPACITY_BOOK)
def slip(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """``/bookings/<id>/slip``: the sheet for the resident's hand. The name on it stays masked: sheets are lost."""
    row = booking_shown(request.actor, booking_id)
    (line,) = presenters.lines([row], today=request.today, own=request.actor.institution_id)
    return render(request, "booking/slip.html", on_paper(line) | {"printed_at": ledger.now()})


def on_paper(line: presenters.Line) -> dict[str, Any]:
    """A slip: the booking and its code, which says nothing but which booking it is."""
    return {"line": line, "qr": drawn(str(line.id).upper())}


def _booking(request: HttpRequest, booking_id: UUID, refused: Refused | None = None) -> HttpResponse:
    row = booking_shown(request.actor, booking_id)
    (line,) = presenters.lines([row], today=request.today, own=request.actor.institution_id)
    context = {
        "line": line,
        "seconds": presenters.seconds_left(row.held_until, ledger.now()) if line.held else 0,
        "until": row.held_until,
        "session_id": row.session_id,
        "refusals": [told(each) for each in refused.refusals] if refused else [],
        "admission": open_case_of(request.actor, row.resident_id),
        **_whose(request, row),
    }
    return render(
        request, "booking/booking.html", context, status=refused.refusals[0].status if refused else 200
    )


def _whose(request: HttpRequest, row: BookingRow) -> dict[str, Any]:
    """The patient in full for those who booked and may read the record; masked for all others who see the booking."""
    if row.booked_by != request.actor.institution_id:
        return {}
    try:
        return presenters.banner(patient(request.actor, row.resident_id))
    except Refused:  # the ground has ended since
        return {}


def _move(request: HttpRequest, booking_id: UUID, refused: Refused | None = None) -> HttpResponse:
    row = booking_of(request.actor, booking_id)
    asked = request.GET.get("session", "")
    chosen = given.key(request.GET, "session") if asked else row.session_id
    found = session_shown(request.actor, chosen)
    own = request.actor.institution_id
    at_home = own == row.institution_id == found.institution_id  # as commands.move has it
    channel = row.channel if at_home else channel_at(request.actor, row.resident_id, found.institution_id)
    (line,) = presenters.lines([row], today=request.today, own=own, persons=False)
    context = {"line": line, "moving": True, **_whose(request, row)}
    context |= places.around(request.actor, request, found, channel) | places.lost(request, refused)
    return render(
        request, "booking/move.html", context, status=refused.refusals[0].status if refused else 200
    )


NO_SUCH_ACT = Refusal(
    code="no_such_act",
    message=Text("没有这个操作。", "There is no such act."),
    instead=Text("请从页面上的按钮选择。", "Choose one of the buttons on the page."),
    status=404,
)
