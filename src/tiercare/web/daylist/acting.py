"""What is done at the door of the consulting room: each POST makes one command call and goes back to the queue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_POST

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import commands
from tiercare.apps.capacity.workflow import Act
from tiercare.apps.residents import queries as residents
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.booking.bookings import DONE, NO_SUCH_ACT
from tiercare.web.pages import once, page

from .views import session_page

_LONGEST = 60
_TYPED = ("number", "slot")
_TURNS: Mapping[str, Act] = {act.value: act for act in (Act.ARRIVE, Act.ATTEND, Act.MISS)}
CALL = "call"
# What is asked of a session, and what is said afterwards.
_AT_SESSION: Mapping[str, str] = {
    CALL: gettext_noop("已叫号，进诊室后登记就诊。"),
    "walk-in": gettext_noop("已挂现场号，并签到。"),
    "overbook": gettext_noop("已加号。"),
}


@require_POST
@page(Right.CAPACITY_BOOK)
def at_session(request: HttpRequest, session_id: UUID, act: str) -> HttpResponse:
    """Call whoever is next, take somebody who walked in, or somebody beyond the offer."""
    if act not in _AT_SESSION:
        raise Refused(NO_SUCH_ACT)
    try:
        command = _command(request, session_id, act)
        return once(request, gettext(_AT_SESSION[act]), lambda: _address(request, session_id, command()))
    except Refused as refused:
        typed = {name: request.POST.get(name, "").strip()[:_LONGEST] for name in _TYPED}
        return session_page(request, session_id, refused=refused, typed=typed, opened=act)


@require_POST
@page(Right.CAPACITY_BOOK)
def at_booking(request: HttpRequest, session_id: UUID, booking_id: UUID, act: str) -> HttpResponse:
    """Check in, call, record as seen or as not come; the focus comes back to the same patient, or to the next."""
    step = _TURNS.get(act)
    if step is None and act != CALL:
        raise Refused(NO_SUCH_ACT)

    def work() -> str:
        if step is None:
            commands.call(request.actor, booking_id=booking_id)
        else:
            commands.turn(request.actor, booking_id=booking_id, act=step)
        return _address(request, session_id, booking_id if act in {CALL, Act.ARRIVE} else None)

    try:
        return once(request, gettext(_AT_SESSION[CALL] if step is None else DONE[step]), work)
    except Refused as refused:
        return session_page(request, session_id, refused=refused)


def _command(request: HttpRequest, session_id: UUID, act: str) -> Callable[[], UUID]:
    """The one command call; answers the booking."""
    if act == CALL:
        return lambda: commands.call_next(request.actor, session_id=session_id)
    # Looked up outside the command's transaction: that somebody asked stays recorded when the command refuses.
    who = residents.one_by_number(
        request.actor, given.text(request.POST, "number", longest=_LONGEST), at="number"
    )
    if act == "walk-in":
        return lambda: commands.walk_in(request.actor, session_id=session_id, resident_id=who.id).booking_id
    slot = given.key(request.POST, "slot")
    return lambda: commands.overbook(request.actor, slot_id=slot, resident_id=who.id).booking_id


def _address(request: HttpRequest, session_id: UUID, at: UUID | None) -> str:
    address = f"{reverse('daylist:session', args=[session_id])}?{request.frame.query}"
    return f"{address}&at={at}" if at else address
