"""A session is stopped while others book, move and stop: nobody is forgotten in it, and nobody waits in a ring."""

from __future__ import annotations

from uuid import UUID

import pytest

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.capacity.commands import book, lend, move, stop, turn
from tiercare.apps.capacity.models import Booking, Quota, Session, Slot
from tiercare.apps.capacity.queries import drift
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.workflow import Act
from tiercare.kernel.actor import Actor

from .conftest import slot_of, used
from .racing import Desks, all_done, at_once, desks, gate, site, until_settled, until_waiting

__all__ = ["desks", "site"]  # fixtures

FAMILY, OPEN = Channel.FAMILY_DOCTOR, Channel.OPEN
NAMES = ("王小明", "李小红", "张小军", "赵小刚", "钱小玲", "孙小英")
WHY = "医师临时外出"


@pytest.fixture
def people(register) -> list[UUID]:
    return [register(name) for name in NAMES]


def in_session(session_id: UUID) -> list[str]:
    with scoped(Actor.system("test"), area=EVERYWHERE):
        return sorted(Booking.objects.filter(session_id=session_id).values_list("state", flat=True))


def slots_of(session_id: UUID) -> list[UUID]:
    return list(Slot.objects.filter(session_id=session_id).order_by("during").values_list("id", flat=True))


@pytest.mark.parametrize("books_first", [True, False])
def test_who_books_while_it_is_stopped_is_refused_or_moved(
    hospital, session, people, desks: Desks, books_first: bool
) -> None:
    here, there = session({OPEN: 2}), session({OPEN: 2}, days=3)
    doctor = hospital.family_doctor
    acts = [
        lambda: book(doctor, slot_id=slot_of(here), resident_id=people[0]),
        lambda: stop(hospital.office, session_id=here, reason=WHY),
    ]
    first, second = acts if books_first else reversed(acts)
    paused = desks.pause(first)
    other = desks.start(second)
    until_settled(other, others=0)
    outcome = (paused.end(), other.result(20))
    if books_first:
        assert outcome == ("done", "done")
        assert (in_session(here), in_session(there)) == (["STOPPED"], ["BOOKED"])
    else:
        assert outcome == ("done", "session_closed")
        assert (in_session(here), in_session(there)) == ([], [])
    assert drift() == []


def test_nobody_is_left_in_a_stopped_session_whoever_came_at_the_same_moment(
    hospital, session, people, desks: Desks
) -> None:
    doctor = hospital.family_doctor
    for n in range(8):
        here = session({OPEN: 4}, days=2 + n, by_time=60)
        slots = slots_of(here)
        works = at_once(
            desks,
            [
                *(
                    lambda who=who, slot=slot: book(doctor, slot_id=slot, resident_id=who)
                    for who, slot in zip(people, slots, strict=False)
                ),
                lambda here=here: stop(hospital.office, session_id=here, reason=WHY, move=False),
            ],
        )
        assert works[-1] == "done" and set(works[:-1]) <= {"done", "session_closed"}
        assert set(in_session(here)) <= {"STOPPED"}
        assert len(in_session(here)) == works[:-1].count("done")
        assert used(here) == {"OPEN": 0}
    assert drift() == []


def test_who_is_moved_by_a_stop_and_who_books_there_do_not_wait_for_each_other(
    hospital, session, people, desks: Desks
) -> None:
    """Stopping takes one place there after the other; somebody takes the next one and waits for the quota."""
    doctor = hospital.family_doctor
    here, there = session({OPEN: 2}), session({OPEN: 3}, days=3, by_time=80)
    for who in people[:2]:
        book(doctor, slot_id=slot_of(here), resident_id=who)
    second = slots_of(there)[1]
    with gate("capacity_slot", second):
        booking = desks.start(lambda: book(doctor, slot_id=second, resident_id=people[2]))
        assert until_waiting(1, booking)
        stopping = desks.start(lambda: stop(hospital.office, session_id=here, reason=WHY))
        until_settled(stopping, others=1)
    assert all_done([booking, stopping]) == ["done", "done"]
    assert used(there) == {"OPEN": 3}
    assert drift() == []


def test_two_sessions_stopped_at_once_do_not_wait_for_each_other(
    hospital, session, people, desks: Desks
) -> None:
    doctor = hospital.family_doctor
    one, other = session({OPEN: 2}), session({OPEN: 2}, days=3)
    first = book(doctor, slot_id=slot_of(one), resident_id=people[0])
    book(doctor, slot_id=slot_of(other), resident_id=people[1])
    with gate("capacity_booking", first.booking_id):
        works = [desks.start(lambda: stop(hospital.office, session_id=one, reason=WHY))]
        assert until_waiting(1, *works)
        works.append(desks.start(lambda: stop(hospital.office, session_id=other, reason=WHY)))
        until_settled(works[1], others=1)
    assert all_done(works) == ["done", "done"]
    assert set(Session.objects.values_list("state", flat=True)) == {"STOPPED"}
    assert in_session(one) == ["STOPPED"] and set(in_session(other)) == {"STOPPED"}
    assert drift() == []


@pytest.mark.parametrize("act", ["cancel", "move"])
@pytest.mark.parametrize("point", ["capacity_booking", "capacity_slot"])
def test_a_booking_that_is_stopped_is_not_cancelled_or_moved_as_well(
    hospital, session, people, desks: Desks, act: str, point: str
) -> None:
    doctor = hospital.family_doctor
    here, there = session({OPEN: 1}), session({OPEN: 2}, days=3)
    mine = book(doctor, slot_id=slot_of(here), resident_id=people[0]).booking_id
    run = {
        "cancel": lambda: turn(doctor, booking_id=mine, act=Act.CANCEL),
        "move": lambda: move(doctor, booking_id=mine, slot_id=slot_of(there)),
    }[act]
    with gate(point, mine if point == "capacity_booking" else slot_of(here)):
        mine_first = desks.start(run)
        assert until_waiting(1, mine_first)
        stopping = desks.start(lambda: stop(hospital.office, session_id=here, reason=WHY))
        until_settled(stopping, others=1)
    outcome = all_done([mine_first, stopping])
    assert outcome[1] == "done" and outcome[0] in {"done", "not_in_this_state"}
    assert used(here) == {"OPEN": 0} and used(there)["OPEN"] <= 1
    assert drift() == []


def test_what_is_lent_and_what_is_booked_at_once_is_one_place(
    hospital, session, people, desks: Desks
) -> None:
    at, doctor = session({FAMILY: 1, OPEN: 1}), hospital.family_doctor
    slot = slot_of(at)

    def lending() -> None:
        lend(hospital.office, session_id=at, source=OPEN, target=FAMILY, units=1, reason="示例")

    with gate("capacity_quota", at, "OPEN"):
        works = [
            desks.start(lambda: book(doctor, slot_id=slot, resident_id=people[0])),
            desks.start(lending),
        ]
        assert until_waiting(2, *works)
    booked, lent = all_done(works)
    assert (booked, lent) in {("done", "not_so_many_unused"), ("only_reserved_left", "done")}
    assert sum(Quota.objects.filter(session_id=at).values_list("cap", flat=True)) == 2
    assert drift() == []
