"""Random desks against a model: after every step the counters are the model's, and no booking is lost or doubled.

A million steps: ``TIERCARE_SOAK=1 make test ARGS="--timeout=0 <this file>"``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.commands import Taken, book, move, turn
from tiercare.apps.capacity.commands.booking import take
from tiercare.apps.capacity.models import Booking, Quota, Slot
from tiercare.apps.capacity.queries import drift, ours
from tiercare.apps.capacity.rules.vocabulary import OFFERED, Channel
from tiercare.apps.capacity.workflow import Act, State
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from .conftest import HOLD, Hospital, later
from .model import Kept, Model, Place, Reserve
from .racing import sign

PARTS = 4
LONG = bool(os.environ.get("TIERCARE_SOAK"))
# Without shrinking: a failure is told as it was found, within the time that a test has.
RUN = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    max_examples=5_000 if LONG else 12,
    stateful_step_count=50,
    phases=(Phase.generate,),
)

# Who books, and through which channel the evidence lets them; the first two residents have signed with the doctor.
SIGNED = 2
NAMES = ("王小明", "李小红", "张小军", "赵小刚", "钱小玲")
DOCTOR, DESK, SELF, WALK_IN = "doctor", "desk", "self", "walk-in"

shapes = st.lists(
    st.fixed_dictionaries(
        {
            "units": st.lists(st.integers(0, 2), min_size=len(OFFERED), max_size=len(OFFERED)).filter(any),
            "slots": st.sampled_from([1, 1, 2, 3]),
            "days": st.integers(1, 3),
            "release_hours": st.sampled_from([None, 0, 24, 48, 80]),
            "walk_ins": st.integers(0, 1),
        }
    ),
    min_size=1,
    max_size=3,
)
numbers = st.integers(0, 10_000)


class Desks(RuleBasedStateMachine):
    """Everybody who wants, keeps or gives up a place of one hospital."""

    hospital: ClassVar[Hospital]
    residents: ClassVar[Sequence[UUID]]

    def __init__(self) -> None:
        super().__init__()
        self.taking_back = transaction.atomic()
        self.taking_back.__enter__()
        limits = ours.absence_limits(self.hospital.id, on=ledger.today())
        assert limits is not None
        self.model = Model(now=ledger.now(), limits=limits)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.taking_back.__exit__(None, None, None)

    @initialize(wanted=shapes)
    def publish(self, wanted: list[dict[str, Any]]) -> None:
        """One to three sessions, each with its own reserve and its own release."""
        for number, shape in enumerate(wanted):
            units = dict(zip(OFFERED, shape["units"], strict=True))
            pool = self.hospital.pool(f"pool-{number}", release_hours=shape["release_hours"])
            more = {} if shape["slots"] == 1 else {"by_time": 240 // shape["slots"]}
            planned = self.hospital.planned(
                pool,
                days=shape["days"],
                capacity=sum(units.values()),
                units=units,
                per_slot=-(-sum(units.values()) // shape["slots"]),
                walk_ins=shape["walk_ins"],
                **more,
            )
            (session,) = self.hospital.offer(planned).session_ids
            self._take_in(session)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def _take_in(self, session: UUID) -> None:
        for slot in Slot.objects.filter(session_id=session).order_by("during"):
            self.model.slots[slot.id] = Place(session, slot.during.lower, slot.during.upper, slot.capacity)
        self.model.reserves[session] = {
            Channel(each.channel): Reserve(each.cap, each.release_at)
            for each in Quota.objects.filter(session_id=session)
        }

    # --- what people do

    @rule(who=st.sampled_from([DOCTOR, DESK, SELF, WALK_IN]), whom=numbers, where=numbers, hold=st.booleans())
    def book(self, who: str, whom: int, where: int, hold: bool) -> None:
        """Somebody books or holds a place, by the channel that is theirs."""
        slot, resident = self._slot(where), self.residents[whom % len(self.residents)]
        channel = self._channel(who, resident)
        expected = self.model.expected(slot, resident, channel, own=who == SELF)
        state = State.HELD if hold else State.BOOKED
        actor = self._actor(who, resident)
        done: list[Taken] = []

        def act() -> None:
            if who == WALK_IN:
                done.append(
                    take(
                        actor, channel=channel, slot_id=slot, resident_id=resident, state=state, hold_for=HOLD
                    )
                )
            else:
                done.append(book(actor, slot_id=slot, resident_id=resident, hold=hold))

        assert told(act) == expected[0]
        for taken in done:
            self._keep(taken, slot, resident, who, expected[1], state)

    @rule(
        act=st.sampled_from([Act.CONFIRM, Act.CANCEL, Act.ARRIVE, Act.ATTEND, Act.MISS]),
        which=numbers,
        host=st.booleans(),
    )
    def turn(self, act: Act, which: int, host: bool) -> None:
        """Whoever booked, or the host's desk, takes a booking on."""
        if not self.model.bookings:
            return
        key = self._booking(which)
        kept = self.model.bookings[key]
        at_host = host or kept.booker == WALK_IN
        actor = self._actor(WALK_IN if at_host else kept.booker, kept.resident)
        refused = self.model.refused(key, act, at_host=at_host)
        assert told(lambda: turn(actor, booking_id=key, act=act)) == (refused or "done")
        if not refused:
            kept.state = LEADS_TO[act]

    @rule(which=numbers, where=numbers)
    def move(self, which: int, where: int) -> None:
        """Whoever booked wants another place instead."""
        if not self.model.bookings:
            return
        key, slot = self._booking(which), self._slot(where)
        old = self.model.bookings[key]
        if old.booker == WALK_IN:
            return
        channel = self._channel(old.booker, old.resident)
        expected = self.model.expected_of_moving(key, slot, channel, own=old.booker == SELF)
        actor = self._actor(old.booker, old.resident)
        done: list[Taken] = []
        assert told(lambda: done.append(move(actor, booking_id=key, slot_id=slot))) == expected[0]
        for taken in done:
            old.state = State.MOVED
            self._keep(taken, slot, old.resident, old.booker, expected[1], State.BOOKED)

    @rule(minutes=st.sampled_from([1, 1, 4, 5, 5, 30, 60, 240, 12 * 60, 24 * 60]))
    def wait(self, minutes: int) -> None:
        """Time goes on: holds lapse, reserves are released, sessions begin."""
        later(minutes=minutes)
        self.model.move_clock(ledger.now())

    # --- what is true after every step

    @invariant()
    def counters_are_the_models(self) -> None:
        """What is used, with holds that nobody has swept yet taken off: of every slot and of every quota."""
        lapsed = self._lapsed_but_counted()
        for slot in Slot.objects.filter(id__in=self.model.slots):
            gone = sum(each.slot_id == slot.id and each.quota_channel in OFFERED for each in lapsed)
            assert slot.used - gone == self.model.in_slot(slot.id) <= slot.capacity
            assert slot.issued == self.model.slots[slot.id].issued
        for quota in Quota.objects.filter(session_id__in=self.model.reserves):
            channel = Channel(quota.channel)
            gone = sum(
                each.session_id == quota.session_id and each.quota_channel == channel for each in lapsed
            )
            assert quota.used - gone == self.model.from_reserve(quota.session_id, channel) <= quota.cap

    @invariant()
    def nothing_drifts(self) -> None:
        """The reconciler has nothing to report."""
        assert drift() == []

    def _lapsed_but_counted(self) -> list[Booking]:
        with scoped(Actor.system("test"), area=EVERYWHERE):
            found = list(Booking.objects.filter(id__in=self.model.bookings))
        assert len(found) == len(self.model.bookings)
        lapsed = []
        for each in found:
            model = self.model.bookings[each.id]
            if each.state == State.HELD and model.state is State.LAPSED:
                lapsed.append(each)
            else:
                assert each.state == model.state
        return lapsed

    # --- short words

    def _slot(self, where: int) -> UUID:
        return list(self.model.slots)[where % len(self.model.slots)]

    def _booking(self, which: int) -> UUID:
        return list(self.model.bookings)[which % len(self.model.bookings)]

    def _actor(self, who: str, resident: UUID) -> Actor:
        return {
            DOCTOR: self.hospital.family_doctor,
            DESK: self.hospital.site.actor(Role.REGISTRAR),
            SELF: self.hospital.site.resident(resident),
            WALK_IN: self.hospital.desk,
        }[who]

    def _channel(self, who: str, resident: UUID) -> Channel:
        if who == DOCTOR and resident in self.residents[:SIGNED]:
            return Channel.FAMILY_DOCTOR
        return {SELF: Channel.OPEN, WALK_IN: Channel.WALK_IN}.get(who, Channel.MEMBER)

    def _keep(
        self, taken: Taken, slot: UUID, resident: UUID, who: str, drawn: frozenset[Channel], state: State
    ) -> None:
        assert taken.drawn in drawn
        place = self.model.slots[slot]
        place.issued += 1
        assert (taken.slot_id, taken.session_id, taken.number) == (slot, place.session, place.issued)
        assert taken.held_until == (self.model.now + HOLD if state is State.HELD else None)
        self.model.bookings[taken.booking_id] = Kept(
            slot, resident, who, taken.drawn, state, taken.held_until
        )


LEADS_TO = {
    Act.CONFIRM: State.BOOKED,
    Act.CANCEL: State.CANCELLED,
    Act.ARRIVE: State.ARRIVED,
    Act.ATTEND: State.ATTENDED,
    Act.MISS: State.NO_SHOW,
}


def told(act: Callable[[], object]) -> str:
    """``done``, or why not."""
    try:
        act()
    except Refused as refused:
        return refused.refusals[0].code.removeprefix("capacity.")
    return "done"


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_desks_do_the_counters_are_the_models(hospital, register, part: int) -> None:
    Desks.hospital = hospital
    Desks.residents = [register(name) for name in NAMES]
    for resident in Desks.residents[:SIGNED]:
        sign(hospital.site, hospital.family_doctor, resident)
    run_state_machine_as_test(Desks, settings=RUN)
