"""One session: its quotas with what is used and free, who is booked, and what the office does to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.capacity.queries.board import (
    Booked,
    QuotaRow,
    SessionSheet,
    booked_in,
    lendable,
    session_sheet,
)
from tiercare.apps.capacity.queries.keeping import physicians_of
from tiercare.apps.capacity.rules.vocabulary import (
    CHANNEL_NAMES,
    EXTRA,
    GRADE_NAMES,
    OFFERED,
    SESSION_NAMES,
    Channel,
    SessionState,
)
from tiercare.apps.capacity.workflow import (
    ACT_NAMES,
    COUNTED,
    STATE_NAMES,
    TRANSITIONS,
    Act,
    State,
    may_confirm,
    untimely,
)
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import queries as network
from tiercare.apps.residents import rules as residents
from tiercare.kernel.refusal import Refused
from tiercare.web.pages import page, said
from tiercare.web.paging import Pager

from . import presenters
from .choosing import physicians
from .schedule import cell
from .typed import again

PAGE = 100
# What the day list offers, the likeliest first; moving has its own page, stopping is done to the session.
_OFFERED_ACTS = (Act.ARRIVE, Act.ATTEND, Act.CONFIRM, Act.MISS, Act.CANCEL)
_STATE_TAGS: Mapping[State, tuple[str, str]] = {
    State.HELD: ("clock-x", "at_risk"),
    State.BOOKED: ("check", "advice"),
    State.ARRIVED: ("pin", "waived"),
    State.ATTENDED: ("check", "met"),
    State.NO_SHOW: ("ban", "missed"),
}
_OVER = ("minus", "not_applicable")


@require_safe
@page(Right.CAPACITY_KEEP)
def session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """``/capacity/sessions/<id>``: seeing who is booked is recorded."""
    return sheet_page(request, session_id)


def sheet_page(
    request: HttpRequest,
    session_id: UUID,
    *,
    refused: Refused | None = None,
    typed: Mapping[str, str] | None = None,
    opened: str = "",
) -> HttpResponse:
    """The page; ``typed`` and ``opened`` are what a form on it held when it was refused."""
    sheet = session_sheet(request.actor, session_id)
    now = ledger.now()
    number = _page_number(request)
    sees = access.may(request.actor, Right.CAPACITY_BOOK, institution_id=sheet.of.institution_id) is None
    found = booked_in(request.actor, session_id, limit=PAGE + 1, skip=(number - 1) * PAGE) if sees else []
    more = len(found) > PAGE
    people = physicians_of(request.actor)
    context: dict[str, Any] = {
        "sheet": sheet,
        "of": sheet.of,
        "cell": cell(sheet.of, now),
        "weekday": presenters.weekday(sheet.of.day),
        "grade": said(GRADE_NAMES[sheet.of.grade]),
        "state": said(SESSION_NAMES[sheet.of.state]),
        "quotas": [_quota(each) for each in sheet.quotas],
        "slots": _slots(sheet),
        "lendings": [
            {
                "of": each,
                "source": said(CHANNEL_NAMES[each.source]),
                "target": said(CHANNEL_NAMES[each.target]),
            }
            for each in sheet.lendings
        ],
        "sees_people": sees,
        "booked": _lines(request, found[:PAGE], now),
        "pager": Pager(request, number, number + more),
        "may_act": sheet.of.state is not SessionState.STOPPED and sheet.of.ends_at > now,
        "lend_from": [_channel(each.channel, each.free) for each in lendable(sheet)],
        "lend_to": [_channel(each) for each in OFFERED],
        "extra": [_channel(each) for each in EXTRA],
        "walk_ins": _walk_ins_left(sheet) if sees and sheet.of.day == request.frame.today else 0,
        "people": physicians(each for each in people if each.id != sheet.of.clinician_id),
        "typed": typed or {},
        "open": opened,
    }
    return again(request, "capacity/session.html", context, refused)


def _quota(row: QuotaRow) -> dict[str, Any]:
    return {
        "of": row,
        "name": said(CHANNEL_NAMES[row.channel]),
        "code": row.channel.value.lower(),
        "extra": row.channel in EXTRA,
        "width": f"{row.used / row.cap * 100:.1f}" if row.cap else "0",
    }


def _slots(sheet: SessionSheet) -> list[dict[str, Any]]:
    """The slots, where there are several."""
    if len(sheet.slots) < 2:
        return []
    return [
        {
            "of": each,
            "starts": presenters.clock(each.starts_at),
            "full": each.used >= each.capacity,
            "width": f"{each.used / each.capacity * 100:.1f}" if each.capacity else "0",
        }
        for each in sheet.slots
    ]


def _channel(channel: Channel, free: int | None = None) -> dict[str, Any]:
    return {"code": channel.value, "name": said(CHANNEL_NAMES[channel]), "free": free}


def _walk_ins_left(sheet: SessionSheet) -> int:
    return sum(each.free for each in sheet.quotas if each.channel is Channel.WALK_IN)


def _lines(request: HttpRequest, found: Sequence[Booked], now: datetime) -> list[dict[str, Any]]:
    """The day list: the person as lists show them, where they were booked, and what can be done now."""
    makers = {each.of.booked_by for each in found if each.of.booked_by is not None}
    names = network.names_of_institutions(makers, on=request.frame.today)
    lines = []
    for each in found:
        icon, tag = _STATE_TAGS.get(each.of.state, _OVER)
        own = each.of.booked_by == request.actor.institution_id
        lines.append(
            {
                "of": each.of,
                "who": each.who,
                "sex": said(residents.SEX_NAMES[residents.Sex(each.who.sex)]) if each.who else "",
                "time": presenters.clock(each.of.starts_at),
                "channel": said(CHANNEL_NAMES[each.of.channel]),
                "drawn": ""
                if each.of.quota_channel is each.of.channel
                else said(CHANNEL_NAMES[each.of.quota_channel]),
                "by": "" if own or each.of.booked_by is None else names.get(each.of.booked_by, ""),
                "by_resident": each.of.booked_by is None,
                "state": {"name": said(STATE_NAMES[each.of.state]), "icon": icon, "tag": tag},
                "acts": (acts := _acts(each, request.actor.institution_id, now)),
                "may_cancel": any(act["code"] == Act.CANCEL.value for act in acts),
                "gone": each.of.state not in COUNTED,
            }
        )
    return lines


def _acts(booked: Booked, own: UUID | None, now: datetime) -> list[dict[str, Any]]:
    """What the table of transitions allows from here, whose step it is, and the clock makes sense of."""
    of = booked.of
    able = {row.act for row in TRANSITIONS if row.source is of.state}
    if not may_confirm(booked_by=of.booked_by, institution_id=own):
        able.discard(Act.CONFIRM)
    acts = [
        act
        for act in _OFFERED_ACTS
        if act in able and untimely(act, of.state, starts_at=of.starts_at, now=now) is None
    ]
    return [
        {"code": act.value, "name": said(ACT_NAMES[act]), "first": place == 0}
        for place, act in enumerate(acts)
    ]


def _page_number(request: HttpRequest) -> int:
    typed = request.GET.get("page", "1")
    return max(1, int(typed)) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 1
