"""The residents' part: waiting for a place, answering an offer, and saying why one did not come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries import absences, waiting
from tiercare.apps.capacity.queries.bookings import BookingRow
from tiercare.apps.capacity.rules.absence import APPEAL_NAMES, LONGEST_WORDS, AppealState, paused
from tiercare.apps.capacity.rules.waiting import WaitingState
from tiercare.apps.capacity.workflow import State
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.me.own import mine, own_page, to
from tiercare.web.pages import once, said, told

from . import waiting as presenters
from .bookings import NO_SUCH_ACT

# Ours: what the days of a form begin with; who waits longer says so.
FORTNIGHT = timedelta(days=14)
_ENDED_SHOWN = 5


def waiting_of(request: HttpRequest) -> dict[str, Any]:
    """Where the person waits, for the page of their bookings: what is offered first, then what is in line."""
    found = waiting.my_waiting(request.actor, request.whose)
    shown = presenters.entries(found, today=request.today, persons=False)
    return {
        "offers": [each for each in shown if each.offered],
        "in_line": [each for each in shown if each.open and not each.offered],
        "ended": [each for each in shown if not each.open and each.state["code"] != WaitingState.TAKEN.value][
            :_ENDED_SHOWN
        ],
    }


def pausing(bookings: Sequence[BookingRow]) -> dict[str, Any] | None:
    """Whether booking for this person pauses where they last did not come, said before they try."""
    missed = max(
        (each for each in bookings if each.state is State.NO_SHOW),
        key=lambda each: each.starts_at,
        default=None,
    )
    if missed is None:
        return None
    found = absences.pause_at({each.resident_id for each in bookings}, missed.institution_id)
    return None if found is None else told(paused(*found))


def appeal_of(request: HttpRequest, row: BookingRow) -> dict[str, Any]:
    """For a missed booking: what was said against it and answered, or that it can be said."""
    if row.state is not State.NO_SHOW:
        return {}
    found = absences.my_appeals(request.actor, request.whose).get(row.id)
    return {
        "missed": True,
        "appeal": found,
        "appeal_state": said(APPEAL_NAMES[found.state]) if found else "",
        "appeal_open": found is not None and found.state is AppealState.OPEN,
        "longest_words": LONGEST_WORDS,
        "words": request.POST.get("words", ""),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@mine
def wait(request: HttpRequest, pool_id: UUID) -> HttpResponse:
    """``/me/waiting/new/<pool>``: on which days; a POST puts them on the list."""
    if request.method != "POST":
        return _wait(request, pool_id)

    def work() -> str:
        commands.wait(
            request.actor,
            pool_id=pool_id,
            resident_id=request.whose,
            first=given.day(request.POST, "first"),
            last=given.day(request.POST, "last"),
        )
        return to(request, "own_booking:bookings")

    try:
        return once(request, _("已加入候补。有号时会发消息给您，请在时限内确认。"), work)
    except Refused as refused:
        return _wait(request, pool_id, refused)


@require_POST
@mine
def act(request: HttpRequest, waiting_id: UUID, act: str) -> HttpResponse:
    """Confirm or decline what is offered, or leave the line."""
    done = {
        "confirm": _("预约成功，到时请带身份证或健康卡。"),
        "decline": _("已放弃这个号，马上给下一位。"),
        "withdraw": _("已退出候补。"),
    }
    if act not in done:
        raise Refused(NO_SUCH_ACT)

    def work() -> str:
        if act == "withdraw":
            commands.withdraw(request.actor, waiting_id=waiting_id)
        else:
            row = commands.answer_offer(request.actor, waiting_id=waiting_id, confirm=act == "confirm")
            if act == "confirm":
                return to(request, "own_booking:booking", booking_id=row.id)
        return to(request, "own_booking:bookings")

    return once(request, done[act], work)


def _wait(request: HttpRequest, pool_id: UUID, refused: Refused | None = None) -> HttpResponse:
    context = presenters.pool(waiting.pool_named(pool_id), today=request.today)
    context |= days_typed(request)
    return own_page(request, "waiting/me/wait.html", context, refusals=refused.refusals if refused else ())


def days_typed(request: HttpRequest) -> dict[str, str]:
    """The days of the form: as they were typed, at first a fortnight from today."""
    today = request.today
    return {
        "first": request.POST.get("first", today.isoformat()),
        "last": request.POST.get("last", (today + FORTNIGHT).isoformat()),
        "earliest": today.isoformat(),
    }
