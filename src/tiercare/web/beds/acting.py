"""What is done to a stay: admit, discharge, cancel, another time. Each POST makes one command call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_POST

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries.beds import bed_of_stay
from tiercare.kernel.refusal import Refused
from tiercare.web.booking.bookings import NO_SUCH_ACT
from tiercare.web.capacity.typed import Sent
from tiercare.web.pages import once, page

from . import reading
from .bed import address, bed_page

Command = Callable[[], object]


@require_POST
@page(Right.CAPACITY_KEEP)
def act(request: HttpRequest, stay_id: UUID, act: str) -> HttpResponse:
    """One of ``_ACTS``, then the bed again; refused, the bed's page with what was typed."""
    if act not in _ACTS:
        raise Refused(NO_SUCH_ACT)
    prepare, done = _ACTS[act]
    sent, bed_id = Sent(request.POST), bed_of_stay(request.actor, stay_id)
    try:
        command = prepare(request, stay_id, sent)

        def work() -> str:
            command()
            return address(request, bed_id)

        return once(request, gettext(done), work)
    except Refused as refused:
        typed = {"stay": str(stay_id), "ends": sent.text("until"), "begins": sent.text("starts")}
        return bed_page(request, bed_id, refused=refused, typed=typed, opened=act)


def _admit(request: HttpRequest, stay_id: UUID, sent: Sent) -> Command:
    return partial(commands.admit, request.actor, stay_id=stay_id)


def _discharge(request: HttpRequest, stay_id: UUID, sent: Sent) -> Command:
    return partial(commands.discharge, request.actor, stay_id=stay_id)


def _cancel(request: HttpRequest, stay_id: UUID, sent: Sent) -> Command:
    return partial(commands.cancel_stay, request.actor, stay_id=stay_id)


def _retime(request: HttpRequest, stay_id: UUID, sent: Sent) -> Command:
    starts, until = reading.moment(sent, "starts"), reading.moment(sent, "until")
    sent.judge()
    return partial(commands.retime, request.actor, stay_id=stay_id, starts=starts, until=until)


_ACTS: Mapping[str, tuple[Callable[[HttpRequest, UUID, Sent], Command], str]] = {
    "admit": (_admit, gettext_noop("已入床。")),
    "discharge": (_discharge, gettext_noop("已离床，床位空出来了。")),
    "cancel": (_cancel, gettext_noop("已取消预留，短信已告知患者。")),
    "retime": (_retime, gettext_noop("时间已改。")),
}
