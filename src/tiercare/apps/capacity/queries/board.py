"""The schedule as a hospital's office sees it: the sessions of some days, and one of them with its quotas and lendings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.apps.residents.queries import Least
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from ..rules.vocabulary import CHANNEL_NAMES, OFFERED, Channel, Grade, Kind, SessionState
from ..workflow import State
from . import board_sql as sql
from .bookings import BookingRow
from .keeping import own_place

_ORDER = {channel: place for place, channel in enumerate(CHANNEL_NAMES)}


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session with its counts: ``used`` of ``capacity`` places on offer, ``reserved`` kept for some and ``reserved_used``
    of these; the extra ones (walk-ins, beyond the offer) apart."""

    id: UUID
    pool_id: UUID
    institution_id: UUID
    pool: str
    department: str
    kind: Kind
    grade: Grade
    day: date
    starts_at: datetime
    ends_at: datetime
    capacity: int
    state: SessionState
    clinician_id: UUID | None
    physician: str
    place: str
    published_at: datetime | None
    stopped_reason: str
    used: int
    reserved: int
    reserved_used: int
    extra: int
    extra_used: int

    @property
    def free(self) -> int:
        """Places on offer that nobody has."""
        return self.capacity - self.used


@dataclass(frozen=True, slots=True)
class QuotaRow:
    """Places of a session kept for a channel; ``released`` once the rest of them is open to all."""

    channel: Channel
    cap: int
    used: int
    release_at: datetime | None
    released: bool

    @property
    def free(self) -> int:
        """Places that nobody has."""
        return self.cap - self.used


@dataclass(frozen=True, slots=True)
class SlotRow:
    """A slot with its count."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    capacity: int
    used: int


@dataclass(frozen=True, slots=True)
class LendingRow:
    """Places that went from one channel to another."""

    source: Channel
    target: Channel
    units: int
    reason: str
    lent_at: datetime


@dataclass(frozen=True, slots=True)
class SessionSheet:
    """All of one session but who is booked."""

    of: SessionRow
    quotas: tuple[QuotaRow, ...]
    slots: tuple[SlotRow, ...]
    lendings: tuple[LendingRow, ...]


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking of the day list, with as much of the person as a list shows."""

    of: BookingRow
    who: Least | None


def own_sessions(actor: Actor, first: date, last: date) -> list[SessionRow]:
    """The sessions of the actor's institution on these days, the last included, stopped ones too.

    Raises:
        Refused: if the actor keeps no places.
    """
    found = rows(sql.SESSIONS, institution=own_place(actor), first=first, last=last)
    return [_session(row) for row in found]


def session_sheet(actor: Actor, session_id: UUID) -> SessionSheet:
    """One session with its quotas, slots and lendings.

    Raises:
        Refused: if there is no such session, or it is another institution's.
    """
    found = rows(sql.SESSION, session=session_id)
    if not found:
        raise Refused(NO_SUCH_SESSION)
    row = _session(found[0])
    refuse(access.may(actor, Right.CAPACITY_KEEP, institution_id=row.institution_id))
    return SessionSheet(
        row,
        tuple(
            sorted(
                (_quota(each) for each in rows(sql.QUOTAS, session=session_id)),
                key=lambda q: _ORDER[q.channel],
            )
        ),
        tuple(SlotRow(**each) for each in rows(sql.SLOTS, session=session_id)),
        tuple(_lending(each) for each in rows(sql.LENDINGS, session=session_id)),
    )


def booked_in(actor: Actor, session_id: UUID, *, limit: int, skip: int = 0) -> list[Booked]:
    """Who has a place in a session of the actor's institution, in the order of slots and numbers; lapsed holds left
    out. The reading is recorded for all that are answered.

    Raises:
        Refused: if the actor does not handle bookings.
    """
    refuse(access.may(actor, Right.CAPACITY_BOOK, institution_id=actor.institution_id))
    with scoped(actor):
        found = [
            BookingRow(
                **{
                    **row,
                    "channel": Channel(row["channel"]),
                    "quota_channel": Channel(row["quota_channel"]),
                    "state": State(row["state"]),
                }
            )
            for row in rows(
                sql.BOOKED,
                session=session_id,
                institution=actor.institution_id,
                limit=limit,
                skip=skip,
            )
        ]
        who = {each.id: each for each in residents.least_of([each.resident_id for each in found])}
        residents.record_listed(actor, "bookings", [each.resident_id for each in found])
    return [Booked(each, who.get(each.resident_id)) for each in found]


def _session(row: dict[str, Any]) -> SessionRow:
    return SessionRow(
        **{
            **row,
            "kind": Kind(row["kind"]),
            "grade": Grade(row["grade"]),
            "state": SessionState(row["state"]),
        }
    )


def _quota(row: dict[str, Any]) -> QuotaRow:
    return QuotaRow(**{**row, "channel": Channel(row["channel"])})


def _lending(row: dict[str, Any]) -> LendingRow:
    return LendingRow(**{**row, "source": Channel(row["source"]), "target": Channel(row["target"])})


def lendable(sheet: SessionSheet) -> list[QuotaRow]:
    """From which channels something can be lent: those on offer with unused places."""
    return [each for each in sheet.quotas if each.channel in OFFERED and each.free > 0]


NO_SUCH_SESSION = Refusal(
    code="capacity.no_such_session",
    message=Text("没有这个场次。", "There is no such session."),
    instead=Text("请从排班看板中重新选择。", "Choose it again from the schedule."),
    at="session",
    status=404,
)
