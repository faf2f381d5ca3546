"""Requests for services as pages show them: what, where it stands, who answers and by when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tiercare.apps.residents import queries as residents
from tiercare.apps.residents.queries import CareRow
from tiercare.apps.residents.rules.care import SERVICE_MEANS, SERVICE_NAMES, Service
from tiercare.apps.residents.workflow import ACT_NAMES, STATE_NAMES, CareSide, CareState, acts_from
from tiercare.kernel.clock import ZONE, day_of
from tiercare.web.pages import said

from . import words
from .presenters import masked

TAGS: Mapping[CareState, tuple[str, str]] = {
    CareState.ASKED: ("at_risk", "clock"),
    CareState.AGREED: ("advice", "calendar"),
    CareState.DECLINED: ("missed", "ban"),
    CareState.DONE: ("met", "check"),
    CareState.WITHDRAWN: ("not_applicable", "undo"),
}
ICONS: Mapping[Service, str] = {
    Service.HOME: "bed",
    Service.DOOR_TO_DOOR: "home",
    Service.MEDICAL_ELDERLY: "user",
    Service.HEALTH_MANAGEMENT: "check",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A request in a list; ``acts`` are what its reader can do now, by code and name."""

    row: CareRow
    person: Mapping[str, Any]
    service: str
    icon: str
    state: Mapping[str, str]
    asked: str
    due: str
    visit: str
    visit_typed: str
    acts: Mapping[str, str]


def lines(found: Sequence[CareRow], *, today: date, side: CareSide) -> list[Line]:
    """Requests in the order in which they come; residents are named to the station only."""
    named: dict[UUID, Any] = {}
    if side is CareSide.STATION and found:
        named = {each.id: each for each in residents.least_of({row.resident_id for row in found})}
    return [_line(row, named.get(row.resident_id), today, side) for row in found]


def offered(services: Sequence[Service], *, busy: Sequence[Service] = ()) -> list[dict[str, Any]]:
    """The services that can be chosen; ``busy`` are asked for already."""
    return [
        {
            "code": each.value,
            "name": _named(each),
            "means": said(SERVICE_MEANS[each]),
            "icon": ICONS[each],
            "busy": each in busy,
        }
        for each in services
    ]


def panel(resident_id: UUID, *, on: date) -> dict[str, Any]:
    """What stands beside the places of a search: which services, and of whom; empty where nothing can be asked for. It
    tells nothing of who the resident is."""
    ground = residents.ground_to_book(resident_id, booker=None, on=on)
    (least,) = residents.least_of(ground.person[:1])
    offer = residents.care_offer(signed_at=ground.signed_at, keeper=least.institution_id, on=on)
    return {"care": {"station": offer.station, "services": offered(offer.said.services)}} if offer else {}


def within(span: timedelta | None) -> int:
    """Whole hours, for a sentence; none where nothing is said."""
    return 0 if span is None else int(span.total_seconds() // 3600)


def _line(row: CareRow, person: Any, today: date, side: CareSide) -> Line:
    colour, icon = TAGS[row.state]
    return Line(
        row=row,
        person=masked(person) if person else {},
        service=_named(row.service),
        icon=ICONS[row.service],
        state={"code": row.state.value, "name": said(STATE_NAMES[row.state]), "colour": colour, "icon": icon},
        asked=_when(row.asked_at, today),
        due=_when(row.due_at, today) if row.due_at else "",
        visit=_when(row.visit_at, today) if row.visit_at else "",
        visit_typed=f"{row.visit_at.astimezone(ZONE):%Y-%m-%dT%H:%M}" if row.visit_at else "",
        acts={each.value: said(ACT_NAMES[each]) for each in acts_from(row.state, side)},
    )


def _named(service: Service) -> str:
    """As a heading: in English with a capital."""
    name = said(SERVICE_NAMES[service])
    return name[:1].upper() + name[1:]


def _when(moment: datetime, today: date) -> str:
    """今天 11-24 周二 15:30."""
    return f"{words.day(day_of(moment), today)} {words.clock(moment)}"
