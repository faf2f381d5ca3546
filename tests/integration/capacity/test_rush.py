"""A rush for places that are gone: who comes too late waits for nobody, and nothing is taken for full that is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tiercare.apps.access.queries import scoped
from tiercare.apps.capacity.commands import book, turn
from tiercare.apps.capacity.models import Booking, Slot, TurnedAway
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.workflow import Act, State

from .conftest import HOLD, later, slot_of, used
from .racing import desks, gate, said, site

__all__ = ["desks", "site"]  # fixtures

FAMILY, OPEN = Channel.FAMILY_DOCTOR, Channel.OPEN


@pytest.mark.parametrize("units", [{OPEN: 1}, {FAMILY: 3, OPEN: 1}], ids=["full", "reserved"])
@pytest.mark.parametrize("row", ["capacity_slot", "capacity_quota"])
def test_who_comes_too_late_waits_for_nobody(hospital, session, register, desks, units, row) -> None:
    place = session(units, days=9)
    slot = slot_of(place)
    book(hospital.family_doctor, slot_id=slot, resident_id=register("王小明"))
    late = register("李小红")
    expected = "slot_full" if units == {OPEN: 1} else "only_reserved_left"
    with gate(row, *((slot,) if row == "capacity_slot" else (place, OPEN.value))):
        asked = desks.start(lambda: book(hospital.family_doctor, slot_id=slot, resident_id=late))
        assert asked.result(5) == expected
    assert TurnedAway.objects.filter(session_id=place, channel=Channel.MEMBER.value).count() == 1
    assert Slot.objects.get(id=slot).issued == 1  # the number that was tried for is not lost


def test_a_place_whose_hold_ran_out_is_had_although_it_looks_full(hospital, session, register) -> None:
    slot = slot_of(place := session({OPEN: 1}))
    held = book(hospital.family_doctor, slot_id=slot, resident_id=register("王小明"), hold=True)
    other = register("李小红")
    assert said(lambda: book(hospital.family_doctor, slot_id=slot, resident_id=other)) == "slot_full"
    later(seconds=(HOLD + timedelta(seconds=1)).total_seconds())
    assert said(lambda: book(hospital.family_doctor, slot_id=slot, resident_id=other)) == "done"
    assert used(place) == {"OPEN": 1}
    with scoped(hospital.family_doctor):
        assert Booking.objects.get(id=held.booking_id).state == State.LAPSED.value


def test_a_place_that_was_given_back_is_had_at_once(hospital, session, register) -> None:
    slot = slot_of(session({FAMILY: 2, OPEN: 1}, days=9))
    mine = book(hospital.family_doctor, slot_id=slot, resident_id=register("王小明"))
    other = register("李小红")
    assert said(lambda: book(hospital.family_doctor, slot_id=slot, resident_id=other)) == "only_reserved_left"
    turn(hospital.family_doctor, booking_id=mine.booking_id, act=Act.CANCEL)
    assert said(lambda: book(hospital.family_doctor, slot_id=slot, resident_id=other)) == "done"
