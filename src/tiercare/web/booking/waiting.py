"""Entries of waiting lists as pages show them: whose, for what, where in the line, and until when an offer stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import get_language, gettext

from tiercare.apps.capacity.queries.waiting import PoolNamed, WaitingRow, waiting_person
from tiercare.apps.capacity.rules.vocabulary import GRADE_NAMES
from tiercare.apps.capacity.rules.waiting import (
    OPEN,
    URGENCY_NAMES,
    WAITING_NAMES,
    Urgency,
    WaitingState,
    why_there,
)
from tiercare.apps.network import queries as network
from tiercare.kernel.clock import day_of
from tiercare.web.pages import said

from . import words
from .presenters import masked

TAGS: Mapping[WaitingState, tuple[str, str]] = {
    WaitingState.WAITING: ("advice", "clock"),
    WaitingState.OFFERED: ("at_risk", "clock-x"),
    WaitingState.TAKEN: ("met", "check"),
    WaitingState.LAPSED: ("not_applicable", "clock-x"),
    WaitingState.DECLINED: ("not_applicable", "minus"),
    WaitingState.WITHDRAWN: ("not_applicable", "undo"),
    WaitingState.EXPIRED: ("not_applicable", "clock-x"),
}
URGENT: Mapping[Urgency, str] = {
    Urgency.EMERGENCY: "violated",
    Urgency.URGENT: "violated",
    Urgency.SOON: "at_risk",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry in a list. ``urgent`` is the colour of its urgency, empty for routine; ``offer`` says when the offered
    place is, ``until`` until when it is kept."""

    id: UUID
    pool_id: UUID
    booking_id: UUID | None
    person: Mapping[str, Any]
    institution: str
    pool: str
    grade: str
    urgency: str
    urgent: str
    days: str
    why: str
    ahead: int | None
    state: Mapping[str, str]
    offered: bool
    open: bool
    offer: str
    until: str


def entries(found: Sequence[WaitingRow], *, today: date, persons: bool = True) -> list[Entry]:
    """Entries in the order in which they come; without ``persons`` nobody is named."""
    names = network.names_of_institutions({each.institution_id for each in found}, on=today)
    people = waiting_person(found) if persons else {}
    return [
        _entry(row, names.get(row.institution_id, ""), people.get(row.resident_id), today=today)
        for row in found
    ]


def pool(named: PoolNamed, *, today: date) -> dict[str, Any]:
    """A pool as the head of a page."""
    names = network.names_of_institutions([named.institution_id], on=today)
    return {
        "pool": named,
        "institution": names.get(named.institution_id, ""),
        "grade": said(GRADE_NAMES[named.grade]),
    }


def urgencies() -> list[tuple[str, str]]:
    """What a clinician chooses from, the least first: nobody is urgent by a slip of the finger."""
    return [(each.name, said(URGENCY_NAMES[each])) for each in sorted(Urgency, reverse=True)]


def _entry(row: WaitingRow, institution: str, person: Any, *, today: date) -> Entry:
    colour, icon = TAGS[row.state]
    offered = row.state is WaitingState.OFFERED
    return Entry(
        id=row.id,
        pool_id=row.pool_id,
        booking_id=row.booking_id,
        person=masked(person) if person else {},
        institution=institution,
        pool=row.pool,
        grade=said(GRADE_NAMES[row.grade]),
        urgency=said(URGENCY_NAMES[row.urgency]),
        urgent=URGENT.get(row.urgency, ""),
        days=_days(row.first, row.last, today),
        why=why_there(row.urgency, row.made_at, get_language() or "zh-hans"),
        ahead=row.ahead,
        state={
            "code": row.state.value,
            "name": said(WAITING_NAMES[row.state]),
            "colour": colour,
            "icon": icon,
        },
        offered=offered,
        open=row.state in OPEN,
        offer=_when(row.starts_at, today) if row.starts_at else "",
        until=_when(row.held_until, today) if offered and row.held_until else "",
    )


def _days(first: date, last: date, today: date) -> str:
    begins, ends = words.day(first, today), words.day(last, today)
    return begins if first == last else gettext("%(first)s 到 %(last)s") % {"first": begins, "last": ends}


def _when(moment: datetime, today: date) -> str:
    """今天 11-24 周二 15:30."""
    return f"{words.day(day_of(moment), today)} {words.clock(moment)}"
