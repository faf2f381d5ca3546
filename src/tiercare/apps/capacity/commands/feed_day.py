"""A day as a feed has told it, next to what is on offer here: read and locked, before anything is changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.text import Text

from ..models import Feed, FeedDay, FeedSession, FeedSlot, Lending, Pool, Quota, Session, Slot
from ..rules.conflicts import ConflictKind
from ..rules.feeds import Room, Time, ToldSlot, holds, rooms
from ..rules.planning import Planned, shares_of
from ..rules.vocabulary import EXTRA, Channel, Grade, Kind, SessionState
from . import feeding_sql as sql
from .turning import lock

NOBODY = UUID(int=0)
# Physician, device and pool of a session.
Who = tuple[UUID | None, UUID | None, UUID]
_KINDS = ("physician", "device", "pool")


@dataclass(slots=True)
class Here:
    """Our session with its slots by their times, and its quotas."""

    session: Session
    slots: dict[Time, Slot]
    quotas: dict[tuple[str, UUID], Quota]

    @property
    def booked(self) -> bool:
        """Whether anybody has a place in it, walk-ins counted."""
        return bool(self.people)

    @property
    def people(self) -> int:
        """How many have a place in it."""
        return sum(quota.used for quota in self.quotas.values())

    @property
    def time(self) -> Time:
        """From when to when it is."""
        return self.session.during.lower, self.session.during.upper

    @property
    def needed(self) -> Time:
        """The part of it in which somebody has a place; the whole where some come beside the offer."""
        taken = [time for time, slot in self.slots.items() if slot.used]
        if not taken or any(quota.used for (channel, _), quota in self.quotas.items() if channel in EXTRA):
            return self.time
        return min(start for start, _ in taken), max(end for _, end in taken)

    @property
    def used(self) -> dict[Channel, int]:
        """Used places by channel, those beside the offer left out."""
        found: dict[Channel, int] = {}
        for (channel, _), quota in self.quotas.items():
            if channel not in EXTRA:
                found[Channel(channel)] = found.get(Channel(channel), 0) + quota.used
        return found


@dataclass(frozen=True, slots=True)
class Found:
    """Something that does not agree: what the system ``said``, what is ``kept`` here."""

    kind: ConflictKind
    said: int = 0
    kept: int = 0
    slot_key: str = ""
    slot_id: UUID | None = None
    words: Text | None = None


@dataclass(slots=True)
class Piece:
    """One session as told, and ours for it; ``found`` gathers what does not agree.

    ``offered`` says whether it is to be on offer, ``pool`` and ``clinician_id`` what its codes name that day, ``units``
    for whom its places are to be kept, ``caps`` for whom they are.
    """

    told: FeedSession
    slots: list[FeedSlot]
    rooms: Mapping[Time, Room]
    offered: bool
    here: Here | None = None
    pool: Pool | None = None
    clinician_id: UUID | None = None
    starts: datetime = field(init=False)
    ends: datetime = field(init=False)
    units: dict[Channel, int] = field(default_factory=dict)
    caps: dict[Channel, int] = field(default_factory=dict)
    found: list[Found] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.starts, self.ends = self.told.starts, self.told.ends

    @property
    def booked(self) -> bool:
        """Whether anybody has a place here."""
        return self.here is not None and self.here.booked

    @property
    def capacity(self) -> int:
        """Places in all, those sold elsewhere counted."""
        return sum(room.capacity for room in self.rooms.values())

    @property
    def who(self) -> Who:
        """Who and what is busy with it."""
        pool = self.pool
        assert pool is not None, "only for pieces whose pool is known"
        return self.clinician_id, pool.equipment_id, pool.id

    @property
    def time(self) -> Time:
        """From when to when."""
        return self.starts, self.ends

    @property
    def planned(self) -> Planned:
        """The session as it would be published, if everything in it were sold here."""
        pool = self.pool
        assert pool is not None, "only for pieces whose pool is known"
        return Planned(
            pool_id=pool.id,
            pool_name=pool.name,
            kind=Kind(pool.kind),
            grade=Grade(pool.grade),
            starts=self.starts,
            ends=self.ends,
            capacity=self.capacity,
            clinician_id=self.clinician_id,
            place=self.told.place,
            shares=shares_of(pool.shares),
        )


def read_days(feed: Feed, days: Iterable[date], now: datetime) -> dict[date, list[Piece]]:
    """Everything told of these days, in the order of the system's keys, with ours locked.

    Sessions first, all of them by id, then their slots and quotas: the common order of locks. Whoever is taking a
    place is waited for; whoever comes later waits. Sessions that are over are left out: nothing changes them.
    """
    wanted = sorted(set(days))
    told = list(FeedSession.objects.filter(feed=feed, day__in=wanted, ends__gt=now).order_by("key"))
    fulls = dict(FeedDay.objects.filter(feed=feed, day__in=wanted).values_list("day", "sequence"))
    slots: dict[UUID, list[FeedSlot]] = {}
    for slot in FeedSlot.objects.filter(told__in=told).order_by("key"):
        slots.setdefault(slot.told_id, []).append(slot)
    here = _here([each.session_id for each in told if each.session_id is not None])
    found: dict[date, list[Piece]] = {day: [] for day in wanted}
    for each in told:
        full = fulls.get(each.day)
        standing = [slot for slot in slots.get(each.id, ()) if holds(slot.sequence, full)]
        room = rooms(
            (ToldSlot(slot.key, slot.starts, slot.ends, slot.capacity, slot.sold) for slot in standing),
            each.starts,
            each.ends,
        )
        offered = (
            each.on_offer
            and holds(each.sequence, full)
            and any(part.capacity for part in room.values())
            and (each.starts > now or each.session_id is not None)
        )
        own = here.get(each.session_id) if each.session_id else None
        found[each.day].append(Piece(each, standing, room, offered, own))
    return found


def _here(sessions: list[UUID]) -> dict[UUID, Here]:
    held = list(Session.objects.select_for_update().filter(id__in=sessions).order_by("id"))
    lock([], list(Slot.objects.filter(session_id__in=sessions).values_list("id", flat=True)))
    found = {each.id: Here(each, {}, {}) for each in held}
    for slot in Slot.objects.filter(session_id__in=sessions):
        found[slot.session_id].slots[slot.during.lower, slot.during.upper] = slot
    for quota in Quota.objects.filter(session_id__in=sessions):
        found[quota.session_id].quotas[quota.channel, quota.holder_id] = quota
    return found


def name(pieces: Iterable[Piece], institution_id: UUID, day: date) -> None:
    """Find the pools and physicians that the codes name on that day; what is on no register is ``found``."""
    listed = list(pieces)
    pools = {
        pool.code: pool
        for pool in Pool.objects.filter(
            institution_id=institution_id,
            code__in={each.told.pool for each in listed},
            period__contains=day,
        )
    }
    people = {
        row["code"]: row["id"]
        for row in rows(
            sql.PHYSICIANS,
            institution=institution_id,
            day=day,
            codes=sorted({each.told.physician for each in listed if each.told.physician}),
        )
    }
    for piece in listed:
        piece.pool = pools.get(piece.told.pool)
        if piece.pool is None:
            piece.found.append(_unknown("池", "pool", piece.told.pool))
        elif piece.told.physician and piece.told.physician not in people:
            piece.found.append(_unknown("医师", "physician", piece.told.physician))
            piece.pool = None
        else:
            piece.clinician_id = people.get(piece.told.physician, piece.pool.clinician_id)


def _unknown(zh: str, en: str, code: str) -> Found:
    words = Text(
        f"本机构登记中没有编号为“{code}”的{zh}。", f"No {en} of the code “{code}” is on the register."
    )
    return Found(ConflictKind.UNKNOWN, words=words)


def lent(sessions: Iterable[UUID]) -> dict[UUID, dict[Channel, int]]:
    """What went from one channel to another in these sessions by somebody's order: it stays so."""
    found: dict[UUID, dict[Channel, int]] = {}
    for each in Lending.objects.filter(session_id__in=list(sessions)):
        units = found.setdefault(each.session_id, {})
        units[Channel(each.source)] = units.get(Channel(each.source), 0) - each.units
        units[Channel(each.target)] = units.get(Channel(each.target), 0) + each.units
    return found


@dataclass(slots=True)
class Diary:
    """Who and what is busy when, and with which session as told, so that nobody is put into two places at a time."""

    _busy: dict[tuple[str, UUID], list[tuple[Time, str]]] = field(default_factory=dict)

    @classmethod
    def of_others(cls, pieces: Sequence[Piece]) -> Diary:
        """What stands on offer besides these pieces."""
        diary = cls()
        pools = [piece.pool for piece in pieces if piece.pool is not None]
        if not pools:
            return diary
        found = rows(
            sql.TAKEN,
            own=[piece.here.session.id for piece in pieces if piece.here],
            first=min(piece.starts for piece in pieces),
            last=max(piece.ends for piece in pieces),
            clinicians=[piece.clinician_id for piece in pieces if piece.clinician_id],
            devices=[pool.equipment_id for pool in pools if pool.equipment_id],
            pools=[pool.id for pool in pools],
        )
        for row in found:
            who = (row["clinician_id"], row["equipment_id"], row["pool_id"])
            diary.note(who, (row["starts"], row["ends"]), "")
        return diary

    def note(self, who: Who, time: Time, key: str) -> None:
        """They are busy then with the session of this key."""
        for kind, each in zip(_KINDS, who, strict=True):
            if each is not None:
                self._busy.setdefault((kind, each), []).append((time, key))

    def free(self, who: Who, time: Time, key: str) -> bool:
        """Whether they have nothing else then. A pool may have several sessions at a time, but not twice the same."""
        return not any(
            key != other and (start < time[1] and time[0] < end if kind != "pool" else (start, end) == time)
            for kind, each in zip(_KINDS, who, strict=True)
            if each is not None
            for (start, end), other in self._busy.get((kind, each), ())
        )


def stopped_here(here: Here) -> bool:
    """Whether the hospital stopped our session itself; what a feed takes off no longer stands for what it told."""
    return here.session.state == SessionState.STOPPED
