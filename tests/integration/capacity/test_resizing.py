"""A session that is to offer more or fewer places than it was published with."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import events
from tiercare.apps.capacity.commands import book, resize, turn
from tiercare.apps.capacity.models import Booking, Quota, Session, Slot
from tiercare.apps.capacity.queries import drift
from tiercare.apps.capacity.rules.resizing import Room, resized
from tiercare.apps.capacity.rules.vocabulary import OFFERED, RESERVED
from tiercare.apps.capacity.workflow import Act
from tiercare.apps.ledger.models import Event
from tiercare.apps.messages.models import Message
from tiercare.kernel.refusal import Refused

from ..web.capacity_desk import promised
from .conftest import slot_of, to_morning, used

__all__ = ["promised"]  # fixtures

FAMILY, REFERRAL, MEMBER, OPEN = OFFERED
REASON = "诊室停电"


def caps(session_id) -> dict[str, int]:
    return {row.channel: row.cap for row in Quota.objects.filter(session_id=session_id)}


def refused(run) -> str:
    with pytest.raises(Refused) as caught:
        run()
    (refusal,) = caught.value.refusals
    assert refusal.sentence() and refusal.sentence("en") and refusal.way_on() and refusal.way_on("en")
    return refusal.code


_ROOMS = st.dictionaries(
    st.sampled_from(OFFERED),
    st.integers(0, 30).flatmap(lambda cap: st.builds(Room, st.just(cap), st.integers(0, cap))),
    min_size=1,
)


@given(
    rooms=_ROOMS,
    wanted=st.integers(0, 90),
    floors=st.dictionaries(st.sampled_from(RESERVED), st.integers(0, 20)),
)
def test_nobody_loses_a_place_while_an_unpromised_one_is_free(rooms, wanted: int, floors) -> None:
    found = resized(rooms, wanted, floors)
    assert sum(found.caps.values()) == wanted and min(found.caps.values()) >= 0
    for channel, room in rooms.items():
        assert found.losing.get(channel, 0) == max(0, room.used - found.caps[channel])
    if found.losing:
        for channel, room in rooms.items():
            kept = max(min(floors.get(channel, 0), room.cap), room.used)
            assert found.caps[channel] <= kept  # what is left free is promised
    if any(found.losing.get(channel) for channel in RESERVED):
        assert found.caps.get(OPEN, 0) == 0
    if wanted >= sum(room.cap for room in rooms.values()):
        assert all(found.caps[channel] >= room.cap for channel, room in rooms.items())


def test_free_places_go_first_and_come_back(hospital, session, register) -> None:
    at = session({REFERRAL: 2, OPEN: 6})
    book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register())
    resize(hospital.office, session_id=at, capacity=4)
    assert caps(at) == {"REFERRAL": 2, "OPEN": 2} and Slot.objects.get(session_id=at).capacity == 4
    resize(hospital.office, session_id=at, capacity=9)
    assert caps(at) == {"REFERRAL": 2, "OPEN": 7} and Session.objects.get(id=at).capacity == 9
    told = Event.objects.filter(kind=events.SessionResized.KIND).order_by("sequence")
    assert [(each.payload["was"], each.payload["now"]) for each in told] == [(8, 4), (4, 9)]
    assert drift() == []


def test_below_what_is_booked_it_is_refused_or_moves_those_who_came_last(hospital, session, register) -> None:
    at = session({REFERRAL: 1, OPEN: 3})
    people = [register(name) for name in ("王小明", "李小红", "张小军")]
    for person in people:
        book(hospital.family_doctor, slot_id=slot_of(at), resident_id=person)
    assert refused(lambda: resize(hospital.office, session_id=at, capacity=2)) == "capacity.below_booked"
    assert refused(partial(resize, hospital.office, session_id=at, capacity=1, move=True)) == (
        "capacity.stop_without_reason"
    )
    assert used(at) == {"REFERRAL": 0, "OPEN": 3} and caps(at) == {"REFERRAL": 1, "OPEN": 3}
    later_on = hospital.offer(
        hospital.planned(hospital.pool("more"), days=3, capacity=1, units={OPEN: 1})
    ).session_ids[0]
    Session.objects.filter(id=later_on).update(pool_id=Session.objects.get(id=at).pool_id)
    done = resize(hospital.office, session_id=at, capacity=1, reason=REASON, move=True)
    assert (done.moved, done.freed) == (1, 1)
    assert caps(at) == {"REFERRAL": 0, "OPEN": 1} and used(at) == {"REFERRAL": 0, "OPEN": 1}
    assert used(later_on) == {"OPEN": 1}
    with scoped(hospital.office):
        left = Booking.objects.get(session_id=at, state="BOOKED")
        texts = list(Message.objects.values_list("text", flat=True))
    assert left.resident_id == people[0]  # who booked first stays
    assert len(texts) == 2 and all(REASON in text for text in texts)
    assert sum("已为您改到" in text for text in texts) == 1
    assert drift() == []


def test_who_is_here_already_is_not_sent_away(hospital, session, register) -> None:
    at = session({OPEN: 2}, days=1)
    taken = [
        book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register(n))
        for n in ("王小明", "李小红")
    ]
    to_morning()
    for each in taken:
        turn(hospital.desk, booking_id=each.booking_id, act=Act.ARRIVE)
    down = partial(resize, hospital.office, session_id=at, capacity=1, reason=REASON, move=True)
    assert refused(down) == "capacity.too_many_here"
    assert used(at) == {"OPEN": 2}


def test_the_promise_of_the_day_is_kept_whatever_the_size(promised, hospital, session, register) -> None:
    at = session({FAMILY: 2, OPEN: 8})
    for name in ("王小明", "李小红", "张小军"):
        book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register(name))
    resize(hospital.office, session_id=at, capacity=21)
    assert caps(at) == {"FAMILY_DOCTOR": 5, "OPEN": 16}  # a fifth of 21, rounded up
    resize(hospital.office, session_id=at, capacity=4)
    assert caps(at) == {"FAMILY_DOCTOR": 1, "OPEN": 3}
    assert refused(lambda: resize(hospital.office, session_id=at, capacity=3)) == "capacity.below_booked"
    resize(hospital.office, session_id=at, capacity=3, reason=REASON, move=True)
    assert caps(at) == {"FAMILY_DOCTOR": 1, "OPEN": 2}  # somebody moved rather than the promise broken
    assert drift() == []


@pytest.mark.parametrize("capacity", [0, -1, 2001, 10**9])
def test_absurd_numbers_are_refused(hospital, session, capacity: int) -> None:
    at = session({OPEN: 2})
    code = refused(lambda: resize(hospital.office, session_id=at, capacity=capacity))
    assert code == "capacity.wrong_capacity_here" and caps(at) == {"OPEN": 2}


def test_more_than_the_slots_hold_is_refused_and_others_may_not(hospital, session) -> None:
    at = session({OPEN: 4}, by_time=60)
    assert (
        refused(lambda: resize(hospital.office, session_id=at, capacity=5)) == "capacity.slots_too_few_here"
    )
    resize(hospital.office, session_id=at, capacity=2)
    assert caps(at) == {"OPEN": 2} and Slot.objects.filter(session_id=at).count() == 4
    stranger = hospital.site.actor(Role.REFERRAL_OFFICE, "stranger")
    for actor in (hospital.family_doctor, stranger):
        with pytest.raises(Refused):
            resize(actor, session_id=at, capacity=3)
