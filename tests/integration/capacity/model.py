"""Places and bookings in memory, as the issue says them: what a state machine holds against the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from tiercare.apps.capacity.rules.absence import Limits
from tiercare.apps.capacity.rules.channels import draws
from tiercare.apps.capacity.rules.vocabulary import EXTRA, Channel
from tiercare.apps.capacity.workflow import COUNTED, OPEN, Act, By, State, transition
from tiercare.kernel.clock import day_of

NOT_KEPT: frozenset[Channel] = frozenset()


@dataclass
class Place:
    """A slot."""

    session: UUID
    starts: datetime
    ends: datetime
    capacity: int
    issued: int = 0


@dataclass
class Reserve:
    """A quota: so many places for a channel, from ``release`` on for everybody."""

    cap: int
    release: datetime | None


@dataclass
class Kept:
    """A booking."""

    slot: UUID
    resident: UUID
    booker: str
    drawn: Channel
    state: State
    until: datetime | None


@dataclass
class Model:
    """All of it, with its own clock. A hold whose time has run out is gone at once, whoever looks."""

    now: datetime
    limits: Limits
    slots: dict[UUID, Place] = field(default_factory=dict)
    reserves: dict[UUID, dict[Channel, Reserve]] = field(default_factory=dict)
    bookings: dict[UUID, Kept] = field(default_factory=dict)

    def move_clock(self, now: datetime) -> None:
        """Time goes on, and holds lapse with it."""
        self.now = now
        for booking in self.bookings.values():
            if booking.state is State.HELD and booking.until is not None and booking.until <= now:
                booking.state = State.LAPSED

    def in_slot(self, slot: UUID) -> int:
        """Places of the slot that are used; walk-ins and places beyond the offer are counted apart."""
        return sum(
            each.slot == slot and each.state in COUNTED and each.drawn not in EXTRA
            for each in self.bookings.values()
        )

    def from_reserve(self, session: UUID, channel: Channel) -> int:
        """Places of the quota that are used."""
        return sum(
            self.slots[each.slot].session == session and each.state in COUNTED and each.drawn is channel
            for each in self.bookings.values()
        )

    def paused(self, resident: UUID) -> bool:
        """Whether booking for oneself pauses: too many absences of late, the last of them not long ago."""
        missed = sorted(
            self.slots[each.slot].starts
            for each in self.bookings.values()
            if each.resident == resident
            and each.state is State.NO_SHOW
            and self.now - self.limits.within < self.slots[each.slot].starts <= self.now
        )
        return len(missed) >= self.limits.most and missed[-1] + self.limits.pause > self.now

    def expected(
        self, slot: UUID, resident: UUID, channel: Channel, *, own: bool
    ) -> tuple[str, frozenset[Channel]]:
        """What whoever wants this place is told, and from which quotas it may come; ``own``: for themself."""
        place, extra = self.slots[slot], channel in EXTRA
        if own and self.paused(resident):
            return "paused_for_absence", NOT_KEPT
        if (place.ends if channel is Channel.WALK_IN else place.starts) <= self.now:
            return "slot_past", NOT_KEPT
        if not extra and self.in_slot(slot) >= place.capacity:
            return "slot_full", NOT_KEPT
        room = [
            name
            for name, reserve in self.reserves[place.session].items()
            if self.from_reserve(place.session, name) < reserve.cap
        ]
        mine = [name for name in draws(channel) if name in room]
        released = {name for name in room if not extra and self._released(place.session, name)}
        if not mine and not released:
            kept = any(self._kept(place.session, name) for name in room)
            return "only_reserved_left" if kept else "slot_full", NOT_KEPT
        if self._has_one(place.session, resident):
            return "booked_already", NOT_KEPT
        return "done", frozenset(mine[:1] or released)

    def _released(self, session: UUID, channel: Channel) -> bool:
        release = self.reserves[session][channel].release
        return release is not None and release <= self.now

    def _kept(self, session: UUID, channel: Channel) -> bool:
        release = self.reserves[session][channel].release
        return release is not None and release > self.now

    def _has_one(self, session: UUID, resident: UUID) -> bool:
        return any(
            self.slots[each.slot].session == session and each.resident == resident and each.state in OPEN
            for each in self.bookings.values()
        )

    def expected_of_moving(
        self, booking: UUID, slot: UUID, channel: Channel, *, own: bool
    ) -> tuple[str, frozenset[Channel]]:
        """The same for moving: this booking's own place is free to itself."""
        old = self.bookings[booking]
        refused = self.refused(booking, Act.MOVE, at_host=False)
        if refused:
            return refused, NOT_KEPT
        before, old.state = old.state, State.MOVED
        found = self.expected(slot, old.resident, channel, own=own)
        old.state = before
        return found

    def refused(self, booking: UUID, act: Act, *, at_host: bool) -> str:
        """Why an act is not possible now; empty if it is."""
        state = self.bookings[booking].state
        row = transition(state, act)
        if row is None:
            return "hold_lapsed" if state is State.LAPSED else "not_in_this_state"
        if row.by is By.HOST and not at_host:
            return "host_only"
        kept = self.bookings[booking]
        if (
            act is Act.CONFIRM and at_host and kept.drawn is not Channel.WALK_IN
        ):  # the host's own are its walk-ins
            return "not_your_hold"
        starts = self.slots[kept.slot].starts
        if act is Act.MISS:
            return "not_missed_yet" if self.now < starts else ""
        if act is Act.ARRIVE or (act is Act.ATTEND and state is State.BOOKED):
            return "not_its_day" if day_of(self.now) != day_of(starts) else ""
        return ""
