"""Places and bookings as pages show them: names, days, tags, and for whom a place is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tiercare.apps.capacity import queries
from tiercare.apps.capacity.queries.bookings import BookingRow
from tiercare.apps.capacity.queries.session import PoolDay, SessionShown, sessions_shown
from tiercare.apps.capacity.queries.worklist import booked_person
from tiercare.apps.capacity.rules.vocabulary import GRADE_NAMES, KIND_NAMES, OFFERED, Channel
from tiercare.apps.capacity.workflow import ACT_NAMES, Act, By, State, may_confirm, transition
from tiercare.apps.network import queries as network
from tiercare.apps.residents.rules import IDENTITY_NAMES, SEX_NAMES, IdentityKind, Sex
from tiercare.kernel.clock import day_of
from tiercare.web import labels
from tiercare.web.pages import said

from . import words

_WHOLE_DAY = timedelta(hours=3)  # ours: a slot longer than this is shown as its half day, not as a time


@dataclass(frozen=True, slots=True)
class Line:
    """A booking in a list: whose, what, where, when, and what can be done to it."""

    id: UUID
    resident_id: UUID
    person: Mapping[str, Any]
    state: Mapping[str, str]
    day: str
    dated: str
    today: bool
    time: str
    number: int
    pool: str
    grade: str
    kind: str
    physician: str
    room: str
    institution: str
    channel: str
    why: str
    acts: tuple[tuple[str, str], ...]
    may_move: bool
    held: bool
    open: bool
    on: date
    starts_at: datetime
    details: tuple[tuple[str, str], ...]


def hits(
    found: Iterable[queries.Hit],
    left: Mapping[UUID, Mapping[Channel, int]],
    *,
    today: date,
    own: Collection[UUID] = (),
) -> list[dict[str, Any]]:
    """First places, one line a session; ``own`` are proposed first."""
    return [
        {
            "session_id": hit.place.session_id,
            "institution": hit.institution,
            "own": hit.place.institution_id in own,
            "level": labels.name("level", str(hit.level)),
            "km": f"{hit.km:.1f}" if hit.km else "",
            "day": words.day(day_of(hit.place.starts_at), today),
            "time": words.clock(hit.place.starts_at),
            "half": words.half(hit.place.starts_at),
            "pool": hit.place.pool,
            "grade": said(GRADE_NAMES[hit.place.grade]),
            "physician": hit.place.physician,
            "left": kept_units(left.get(hit.place.session_id, {})),
            "free": sum(left.get(hit.place.session_id, {}).values()),
            "channel": words.channel(hit.channel),
            "why": words.why(hit.channel),
        }
        for hit in found
    ]


def kept_units(left: Mapping[Channel, int]) -> list[dict[str, Any]]:
    """What is left by the channel for which it is kept, the narrowest first."""
    return [
        {"name": words.kept(each), "units": left[each], "own": each is not Channel.OPEN}
        for each in OFFERED
        if left.get(each)
    ]


def session(shown: SessionShown, *, today: date) -> dict[str, Any]:
    """The head of a session."""
    names = network.names_of_institutions([shown.institution_id], on=today)
    return {
        "shown": shown,
        "institution": names.get(shown.institution_id, ""),
        "day": words.day(shown.day, today),
        "grade": said(GRADE_NAMES[shown.grade]),
        "kind": said(KIND_NAMES[shown.kind]),
        "details": details(shown),
    }


def slots(found: Sequence[queries.Place], *, now: datetime) -> list[dict[str, Any]]:
    """The slots of a day by half days, those that have begun left out."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for place in found:
        if place.starts_at <= now:
            continue
        grouped.setdefault(words.half(place.starts_at), []).append(
            {
                "id": place.slot_id,
                "time": _time(place.starts_at, place.ends_at),
                "free": place.free,
                "left": words.left(place.free),
                "physician": place.physician,
            }
        )
    return [{"name": name, "slots": rows} for name, rows in grouped.items()]


def days(found: Sequence[PoolDay], chosen: date, *, today: date) -> list[dict[str, Any]]:
    """The next days of a pool, each once, full ones greyed."""
    by_day: dict[date, dict[str, Any]] = {}
    for each in found:
        one = by_day.setdefault(
            each.day,
            {
                "session_id": each.session_id,
                "label": words.day(each.day, today),
                "free": 0,
                "chosen": each.day == chosen,
            },
        )
        one["free"] += each.free
    for one in by_day.values():
        one["left"] = words.left(one["free"])
    return list(by_day.values())


def places(found: Sequence[queries.Place], *, today: date) -> list[dict[str, Any]]:
    """The nearest others where a place was lost, each to be taken by one click."""
    names = network.names_of_institutions({each.institution_id for each in found}, on=today)
    return [
        {
            "slot_id": place.slot_id,
            "institution": names.get(place.institution_id, ""),
            "day": words.day(day_of(place.starts_at), today),
            "time": _time(place.starts_at, place.ends_at),
            "pool": place.pool,
            "physician": place.physician,
            "left": words.left(place.free),
        }
        for place in found
    ]


def lines(
    found: Collection[BookingRow], *, today: date, own: UUID | None, persons: bool = True
) -> list[Line]:
    """Bookings as lists show them; ``own`` is the institution of whoever reads, none for residents. Without ``persons``
    nobody is named."""
    sessions = sessions_shown({each.session_id for each in found})
    names = network.names_of_institutions({each.institution_id for each in found}, on=today)
    people = booked_person(found) if persons else {}
    return [
        _line(each, sessions[each.session_id], names, people.get(each.resident_id), today=today, own=own)
        for each in found
    ]


def _line(
    row: BookingRow,
    shown: SessionShown,
    names: Mapping[UUID, str],
    person: Any,
    *,
    today: date,
    own: UUID | None,
) -> Line:
    return Line(
        id=row.id,
        resident_id=row.resident_id,
        person=masked(person) if person else {},
        state=words.state(row.state),
        day=words.day(shown.day, today),
        dated=words.date_in_full(shown.day),
        today=shown.day == today,
        time=_time(row.starts_at, row.ends_at),
        number=row.number,
        pool=shown.pool,
        grade=said(GRADE_NAMES[shown.grade]),
        kind=said(KIND_NAMES[shown.kind]),
        physician=shown.physician,
        room=shown.place,
        institution=names.get(row.institution_id, ""),
        channel=words.kept(row.quota_channel),
        why=words.why(row.channel),
        acts=acts(row, shown.day, today=today, own=own),
        # Whoever booked, the resident, and the host within its own house.
        may_move=(own is None or own in {row.booked_by, row.institution_id})
        and transition(row.state, Act.MOVE) is not None
        and shown.day >= today,
        held=row.state is State.HELD,
        open=row.state in {State.HELD, State.BOOKED, State.ARRIVED},
        on=shown.day,
        starts_at=row.starts_at,
        details=tuple(details(shown)),
    )


def acts(row: BookingRow, day: date, *, today: date, own: UUID | None) -> tuple[tuple[str, str], ...]:
    """What the reader can do to a booking now, from the table of transitions; the host's steps on the day itself."""
    offered = [Act.CONFIRM, Act.CANCEL, Act.ARRIVE, Act.ATTEND, Act.MISS]
    return tuple(
        (act.value, said(ACT_NAMES[act])) for act in offered if _can(row, act, day, today=today, own=own)
    )


def _can(row: BookingRow, act: Act, day: date, *, today: date, own: UUID | None) -> bool:
    step = transition(row.state, act)
    if step is None:
        return False
    if step.by is By.HOST:
        return own == row.institution_id and ((act is Act.MISS and day <= today) or day == today)
    if step.by is By.MAKER and not may_confirm(booked_by=row.booked_by, institution_id=own):
        return False
    return day >= today


def masked(least: Any) -> dict[str, Any]:
    """A resident as lists show them."""
    return {
        "name": least.name,
        "sex": said(SEX_NAMES[Sex(least.sex)]),
        "birth_year": least.birth_year,
        "document": said(IDENTITY_NAMES[IdentityKind(least.identity_kind)]),
        "number": least.number,
    }


def details(shown: SessionShown) -> list[tuple[str, str]]:
    """What a pool tells patients, in the order of the slip: what to bring and how to prepare."""
    told: list[tuple[str, str]] = []
    for key in ("bring", "preparation", "fasting", "questions"):
        value = shown.details.get(key)
        if value is True:
            told.append((key, ""))
        elif isinstance(value, str) and value.strip():
            told.append((key, value.strip()))
        elif isinstance(value, list) and value:
            told.append((key, "；".join(str(each) for each in value)))
    return told


def _time(starts: datetime, ends: datetime) -> str:
    """A slot's time; a long one (by number, a bed) as its half day with the span."""
    if ends - starts >= timedelta(hours=20):
        return words.clock(starts)
    if ends - starts >= _WHOLE_DAY:
        return f"{words.half(starts)} {words.clock(starts)}–{words.clock(ends)}"
    return f"{words.clock(starts)}–{words.clock(ends)}"


def banner(patient: Any) -> dict[str, Any]:
    """The patient over every page of a booking."""
    return {
        "who": patient,
        "sex": said(SEX_NAMES[Sex(patient.sex)]),
        "kind": said(IDENTITY_NAMES[IdentityKind(patient.identity_kind)]),
        "marks": {
            "temporary": patient.temporary,
            "deceased": patient.deceased,
            "synthetic": patient.synthetic,
        },
    }


def seconds_left(until: datetime | None, now: datetime) -> int:
    """How long a hold still lasts by the platform's clock, so that a wrong clock of the desk does not matter."""
    return 0 if until is None else max(0, int((until - now).total_seconds()))
