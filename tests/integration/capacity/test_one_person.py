"""One person has one place in a session, under whichever of their entries it was booked."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.commands import book, move, offer_next, turn, wait
from tiercare.apps.capacity.models import Slot
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.residents.models import Resident
from tiercare.kernel.refusal import Refused

from .conftest import HOLD, later, slot_of, used
from .test_waiting import code, states

OPEN = Channel.OPEN


@pytest.fixture
def two(hospital, register):
    """Two entries that will be found to be one person's; answers both and what finds it out."""
    one, other = register("王小明"), register("李小红", birth_date=date(1971, 2, 3))

    def merge() -> None:
        with scoped(hospital.site.actor(Role.REGISTRAR)):
            Resident.objects.filter(id=one).update(master_id=other)

    return one, other, merge


def test_found_to_be_one_person_they_get_no_second_place(hospital, session, two) -> None:
    one, other, merge = two
    at = session({OPEN: 4})
    taken = book(hospital.family_doctor, slot_id=slot_of(at), resident_id=one)
    merge()
    for entry in (one, other):
        with pytest.raises(Refused) as refused:
            book(hospital.family_doctor, slot_id=slot_of(at), resident_id=entry)
        assert code(refused) == "capacity.booked_already"
    assert used(at) == {"OPEN": 1}
    turn(hospital.family_doctor, booking_id=taken.booking_id, act=Act.CANCEL)
    assert book(hospital.family_doctor, slot_id=slot_of(at), resident_id=one)


def test_a_hold_that_ran_out_is_no_place(hospital, session, two) -> None:
    one, other, merge = two
    at = session({OPEN: 4})
    book(hospital.family_doctor, slot_id=slot_of(at), resident_id=one, hold=True)
    merge()
    later(seconds=HOLD.total_seconds())
    assert book(hospital.family_doctor, slot_id=slot_of(at), resident_id=other)


@pytest.mark.parametrize("who", ["family_doctor", "desk"])
def test_moving_counts_the_others_of_the_person_but_not_itself(hospital, session, two, who: str) -> None:
    one, other, merge = two
    at, elsewhere = session({OPEN: 4}, by_time=60), session({OPEN: 4}, days=3)
    here = book(hospital.family_doctor, slot_id=slot_of(at), resident_id=one)
    there = book(hospital.family_doctor, slot_id=slot_of(elsewhere), resident_id=other)
    merge()
    actor = getattr(hospital, who)
    with pytest.raises(Refused) as refused:
        move(actor, booking_id=there.booking_id, slot_id=slot_of(at))
    assert code(refused) == "capacity.booked_already"
    later_slot = Slot.objects.filter(session_id=at).order_by("during").last()
    assert move(actor, booking_id=here.booking_id, slot_id=later_slot.id).slot_id == later_slot.id
    assert (used(at), used(elsewhere)) == ({"OPEN": 1}, {"OPEN": 1})


def test_nobody_is_offered_a_place_beside_their_own(hospital, session, register, two) -> None:
    one, other, merge = two
    at = session({OPEN: 2})
    gone = book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register("陈小刚"))
    book(hospital.family_doctor, slot_id=slot_of(at), resident_id=one)
    pool_id, today = Slot.objects.get(id=slot_of(at)).session.pool_id, ledger.today()
    wait(hospital.family_doctor, pool_id=pool_id, resident_id=other, first=today, last=in_days(5))
    merge()
    turn(hospital.family_doctor, booking_id=gone.booking_id, act=Act.CANCEL)
    assert offer_next(at) == 0
    assert states(hospital) == {other: "WAITING"}


def in_days(days: int) -> date:
    return date.fromordinal(ledger.today().toordinal() + days)


def test_two_persons_have_a_place_each(hospital, session, two) -> None:
    one, other, _ = two
    at = session({OPEN: 4})
    made: set[UUID] = {
        book(hospital.family_doctor, slot_id=slot_of(at), resident_id=each).booking_id
        for each in (one, other)
    }
    assert len(made) == 2 and used(at) == {"OPEN": 2}
