"""Beds and stays as pages show them: who, since when, until when, and what strikes the eye first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext, gettext_noop

from tiercare.apps.capacity.queries.beds import BedOnBoard, FreeBed, StayRow, WardCounts
from tiercare.apps.capacity.queries.cases import BedWaiting
from tiercare.apps.capacity.rules.beds import STAY_NAMES, BedSex, StayState
from tiercare.apps.capacity.rules.cases import KIND_NAMES
from tiercare.apps.residents import queries as residents
from tiercare.apps.residents.rules import SEX_NAMES, Sex
from tiercare.kernel.clock import ZONE, day_of
from tiercare.web.pages import said

_ = gettext_noop
TAKES: Mapping[BedSex, str] = {BedSex.ANY: _("男女不限"), BedSex.MALE: _("男床"), BedSex.FEMALE: _("女床")}
_TAGS: Mapping[StayState, tuple[str, str]] = {
    StayState.PLANNED: ("clock", "advice"),
    StayState.IN: ("user", "met"),
    StayState.OUT: ("minus", "not_applicable"),
    StayState.CANCELLED: ("ban", "not_applicable"),
}
_NEAR_YEAR = timedelta(days=200)


def moment(value: datetime | None, today: date) -> str:
    """14:30 today, 11-24 14:30 else; with the year where it is far. Empty for nobody knows."""
    if value is None:
        return ""
    local = value.astimezone(ZONE)
    if local.date() == today:
        return f"{local:%H:%M}"
    return f"{local:%m-%d %H:%M}" if abs(local.date() - today) < _NEAR_YEAR else f"{local:%Y-%m-%d %H:%M}"


def dated(value: datetime | None) -> str:
    """11-24 14:30 on whatever day: for paper, which is read on another one."""
    return f"{value.astimezone(ZONE):%m-%d %H:%M}" if value else ""


def typed(value: datetime | None) -> str:
    """As an input of a date and a time holds it."""
    return f"{value.astimezone(ZONE):%Y-%m-%dT%H:%M}" if value else ""


def people(stays: Iterable[StayRow | BedWaiting | None]) -> dict[UUID, dict[str, Any]]:
    """How lists show the residents of these, masked; the queries have recorded the reading."""
    wanted = {each.resident_id for each in stays if each is not None and each.resident_id is not None}
    return {
        each.id: {"name": each.name, "sex": said(SEX_NAMES[Sex(each.sex)]), "birth_year": each.birth_year}
        for each in (residents.least_of(wanted) if wanted else ())
    }


def marks(bed: Any) -> list[dict[str, str]]:
    """What a bed is, in words: for whom, isolation, day."""
    found = [] if bed.sex is BedSex.ANY else [{"code": bed.sex.value, "name": gettext(TAKES[bed.sex])}]
    found += [{"code": "isolation", "name": gettext("隔离")}] if bed.isolation else []
    found += [{"code": "day", "name": gettext("日间床")}] if getattr(bed, "day", False) else []
    return found


def sexes() -> list[tuple[str, str]]:
    """For whom a bed may be."""
    return [(sex.value, gettext(name)) for sex, name in TAKES.items()]


def stay(row: StayRow | None, known: Mapping[UUID, Mapping[str, Any]], *, now: datetime) -> dict[str, Any]:
    """A stay: who and when, and whether it is late at either end. Empty for none."""
    if row is None:
        return {}
    today = day_of(now)
    icon, colour = _TAGS[row.state]
    return {
        "id": row.id,
        "resident_id": row.resident_id,
        "who": known.get(row.resident_id) if row.resident_id else None,
        "hidden": row.resident_id is None,
        "state": {
            "code": row.state.value,
            "name": said(STAY_NAMES[row.state]),
            "icon": icon,
            "colour": colour,
        },
        "since": moment(row.starts_at, today),
        "until": moment(row.ends_at, today),
        "dated": (dated(row.starts_at), dated(row.ends_at)),
        "starts": typed(row.starts_at),
        "ends": typed(row.ends_at),
        "isolation": row.isolation,
        "case_id": row.case_id,
        "overdue": row.state is StayState.IN and row.ends_at is not None and row.ends_at <= now,
        "leaving": row.state is StayState.IN and row.ends_at is not None and day_of(row.ends_at) == today,
        "late": row.state is StayState.PLANNED and row.starts_at <= now,
        "today": day_of(row.starts_at) <= today,
    }


def tile(bed: BedOnBoard, known: Mapping[UUID, Mapping[str, Any]], *, now: datetime) -> dict[str, Any]:
    """A bed on the board. ``shape`` names how it looks: taken, free, kept for somebody today, out of use."""
    lying, coming = stay(bed.now, known, now=now), stay(bed.next, known, now=now)
    shape = "out" if bed.out_of_use else "in" if lying else "kept" if coming and coming["today"] else "free"
    return {
        "id": bed.id,
        "ward": bed.ward,
        "number": bed.number,
        "shape": shape,
        "marks": marks(bed),
        "why": bed.out_of_use,
        "now": lying,
        "next": coming,
        "more": max(0, bed.planned - 1),
        "may_admit": bool(coming) and coming["today"] and bed.free and not coming["hidden"],
    }


def lanes(
    beds: Sequence[BedOnBoard], known: Mapping[UUID, Mapping[str, Any]], *, now: datetime
) -> list[dict[str, Any]]:
    """The tiles by ward."""
    found: dict[str, list[dict[str, Any]]] = {}
    for bed in beds:
        found.setdefault(bed.ward, []).append(tile(bed, known, now=now))
    return [{"ward": ward, "tiles": tiles} for ward, tiles in found.items()]


def total(wards: Sequence[WardCounts]) -> dict[str, int]:
    """The counts of all wards together."""
    names = ("beds", "free", "planned", "leaving", "out_of_use")
    return {name: sum(getattr(each, name) for each in wards) for name in names}


def waited(time: timedelta) -> str:
    """How long somebody waits, as said aloud: 3 天 4 小时, 5 小时, 20 分钟."""
    minutes = max(0, int(time.total_seconds() // 60))
    days, hours = minutes // 1440, minutes % 1440 // 60
    if days:
        return gettext("%(days)s 天 %(hours)s 小时") % {"days": days, "hours": hours}
    if hours:
        return gettext("%(hours)s 小时") % {"hours": hours}
    return gettext("%(minutes)s 分钟") % {"minutes": minutes}


def waiting(found: Sequence[BedWaiting]) -> list[dict[str, Any]]:
    """Who waits for a bed, in the order of the query."""
    known = people(found)
    return [
        {
            "case_id": each.case_id,
            "resident_id": each.resident_id,
            "who": known.get(each.resident_id),
            "kind": said(KIND_NAMES[each.kind]),
            "green": each.green,
            "signed": each.signed,
            "waited": waited(each.waited),
            "department": each.department,
            "disease": each.disease,
        }
        for each in found
    ]


def free(found: Sequence[FreeBed], *, today: date) -> list[dict[str, Any]]:
    """Free beds by ward, each to be taken by one click."""
    wards: dict[str, list[dict[str, Any]]] = {}
    for each in found:
        wards.setdefault(each.ward, []).append(
            {
                "id": each.id,
                "number": each.number,
                "marks": marks(each),
                "free_until": moment(each.free_until, today),
            }
        )
    return [{"ward": ward, "beds": beds} for ward, beds in wards.items()]
