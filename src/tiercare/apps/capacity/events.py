"""What happened to places and bookings. Ids and codes only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from tiercare.apps.ledger.events import EventPayload


@dataclass(frozen=True, slots=True)
class PoolKept(EventPayload):
    """A pool was entered or changed."""

    KIND: ClassVar[str] = "capacity.pool_kept"
    code: str
    kind: str
    grade: str
    fields: tuple[str, ...]
    # Of each field what stood before (of a new pool nothing) and what stands now, as text.
    was: dict[str, str] = field(default_factory=dict)
    now: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WeekKept(EventPayload):
    """The weekly sessions of a pool were set anew."""

    KIND: ClassVar[str] = "capacity.week_kept"
    lines: int
    # Lines that were taken out and put in: ``3 08:00-12:00 20`` is a Wednesday morning with twenty places.
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacesImported(EventPayload):
    """A file with pools, weeks or beds was taken over; what each row changed stands in an event of its own."""

    KIND: ClassVar[str] = "capacity.places_imported"
    file: str
    created: int
    changed: int
    unchanged: int
    registers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeedTaken(EventPayload):
    """A message of the hospital's own system was taken: how many sessions it told of, and how many conflicts stand."""

    KIND: ClassVar[str] = "capacity.feed_taken"
    source: str
    sequence: int
    full: bool
    sessions: int
    conflicts: int


@dataclass(frozen=True, slots=True)
class SlotsAnswered(EventPayload):
    """What the hospital's own system has to know: ``kept`` here where it ``said`` otherwise, and what was done."""

    KIND: ClassVar[str] = "capacity.slots_answered"
    source: str
    session_key: str
    slot_key: str
    conflict: str
    way: str
    said: int
    kept: int
    reason: str


@dataclass(frozen=True, slots=True)
class SessionsPublished(EventPayload):
    """Sessions of one institution went on offer; ``units`` of them, ``kept`` by channel."""

    KIND: ClassVar[str] = "capacity.sessions_published"
    days: tuple[date, ...]
    sessions: tuple[UUID, ...]
    units: int
    kept: dict[str, int]


@dataclass(frozen=True, slots=True)
class SessionStopped(EventPayload):
    """A session was stopped (停诊); ``bookings`` lost their place with it."""

    KIND: ClassVar[str] = "capacity.session_stopped"
    reason: str
    bookings: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class SessionSubstituted(EventPayload):
    """Another physician serves the session (替诊); ``bookings`` keep their place."""

    KIND: ClassVar[str] = "capacity.session_substituted"
    clinician_id: UUID
    reason: str
    bookings: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class SessionResized(EventPayload):
    """A session offers more or fewer places than before; ``bookings`` lost their place by it."""

    KIND: ClassVar[str] = "capacity.session_resized"
    was: int
    now: int
    reason: str
    bookings: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class QuotaLent(EventPayload):
    """Places of a session went from one channel to another."""

    KIND: ClassVar[str] = "capacity.quota_lent"
    source: str
    target: str
    units: int
    reason: str


@dataclass(frozen=True, slots=True)
class ExtraAllowed(EventPayload):
    """So many may come to a session beside those booked."""

    KIND: ClassVar[str] = "capacity.extra_allowed"
    channel: str
    units: int
    reason: str


@dataclass(frozen=True, slots=True)
class WaitingTurned(EventPayload):
    """Somebody was put on a waiting list, offered a place, or left it."""

    KIND: ClassVar[str] = "capacity.waiting_turned"
    act: str
    pool_id: UUID
    resident: UUID
    state: str


@dataclass(frozen=True, slots=True)
class AppealTurned(EventPayload):
    """A resident objected to a recorded absence, or was answered."""

    KIND: ClassVar[str] = "capacity.appeal_turned"
    resident: UUID
    state: str


@dataclass(frozen=True, slots=True)
class UnitKept(EventPayload):
    """What an admission centre runs, and whether there is day surgery."""

    KIND: ClassVar[str] = "capacity.unit_kept"
    functions: tuple[str, ...]
    day_surgery: bool


@dataclass(frozen=True, slots=True)
class ProcedureEntered(EventPayload):
    """A procedure is done as day surgery from now on."""

    KIND: ClassVar[str] = "capacity.procedure_entered"
    name: str


@dataclass(frozen=True, slots=True)
class ProcedureRetired(EventPayload):
    """A procedure is no longer done as day surgery."""

    KIND: ClassVar[str] = "capacity.procedure_retired"
    name: str


@dataclass(frozen=True, slots=True)
class CriteriaKept(EventPayload):
    """The criteria of a disease were set anew; ``items`` of them, none: the list is no longer used."""

    KIND: ClassVar[str] = "capacity.criteria_kept"
    disease: str
    stage: str
    version: int
    items: int


@dataclass(frozen=True, slots=True)
class CaseTurned(EventPayload):
    """An admission or a day surgery began, went on by a step, or ended."""

    KIND: ClassVar[str] = "capacity.case_turned"
    act: str
    case: str
    resident: UUID
    step: str
    state: str


@dataclass(frozen=True, slots=True)
class BedKept(EventPayload):
    """A bed was entered or changed."""

    KIND: ClassVar[str] = "capacity.bed_kept"
    ward: str
    number: str
    in_use: bool


@dataclass(frozen=True, slots=True)
class StayTurned(EventPayload):
    """A resident's stay in a bed was planned or went on."""

    KIND: ClassVar[str] = "capacity.stay_turned"
    act: str
    bed_id: UUID
    resident: UUID
    state: str


@dataclass(frozen=True, slots=True)
class _Taken(EventPayload):
    """A place of a session, for a resident. Written by ``capacity_book`` (migration 0002), field by field like this."""

    KIND: ClassVar[str] = "capacity.taken"
    session: UUID
    slot: UUID
    resident: UUID
    channel: str
    drawn: str
    number: int
    until: datetime | None
    source: UUID | None
    group: UUID | None


@dataclass(frozen=True, slots=True)
class Held(_Taken):
    """A place is kept until ``until``."""

    KIND: ClassVar[str] = "capacity.held"


@dataclass(frozen=True, slots=True)
class Booked(_Taken):
    """A place was booked at once."""

    KIND: ClassVar[str] = "capacity.booked"


@dataclass(frozen=True, slots=True)
class BookingTurned(EventPayload):
    """A booking went on by an act of the table of transitions."""

    KIND: ClassVar[str] = "capacity.booking_turned"
    act: str
    was: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Called(EventPayload):
    """A patient who waits in a session was called in (叫号)."""

    KIND: ClassVar[str] = "capacity.called"
    session: UUID


@dataclass(frozen=True, slots=True)
class HoldsLapsed(EventPayload):
    """Holds whose time ran out gave their places back. Written by ``capacity_sweep``."""

    KIND: ClassVar[str] = "capacity.holds_lapsed"
    bookings: tuple[UUID, ...]
