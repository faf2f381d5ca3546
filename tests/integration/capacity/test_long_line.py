"""A long waiting list: a place that comes free costs the same however many wait, and nobody in it stands in the way."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tiercare.apps.access.queries import scoped
from tiercare.apps.capacity.commands import book, offer_next, turn, wait
from tiercare.apps.capacity.models import Booking, Waiting
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.workflow import Act
from tiercare.apps.ledger import queries as ledger

from .conftest import Hospital, slot_of, used
from .racing import sign

FAMILY, OPEN = Channel.FAMILY_DOCTOR, Channel.OPEN


def _wait(hospital: Hospital, pool_id: UUID, resident_id: UUID) -> UUID:
    today = ledger.today()
    last = today + timedelta(days=10)
    return wait(hospital.family_doctor, pool_id=pool_id, resident_id=resident_id, first=today, last=last)


def _statements(session_id: UUID, offered: int) -> int:
    with CaptureQueriesContext(connection) as statements:
        assert offer_next(session_id) == offered
    return len(statements)


def test_a_place_that_comes_free_costs_the_same_however_many_wait(hospital, register) -> None:
    pool = hospital.pool()
    (at,) = hospital.offer(hospital.planned(pool, capacity=2, units={OPEN: 2})).session_ids
    taken = [
        book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register(f"王{n}")) for n in "一二"
    ]
    _wait(hospital, pool.id, register("李一"))
    _wait(hospital, pool.id, register("李二"))
    offer_next(at)  # plans are kept from here on
    few = _statements(at, 0)
    turn(hospital.family_doctor, booking_id=taken[0].booking_id, act=Act.CANCEL)
    one = _statements(at, 1)
    for n in "三四五六七八九十":
        _wait(hospital, pool.id, register(f"李{n}"))
    assert _statements(at, 0) == few
    turn(hospital.family_doctor, booking_id=taken[1].booking_id, act=Act.CANCEL)
    assert _statements(at, 1) == one


def test_a_place_kept_for_family_doctors_passes_those_whom_it_is_not_kept_for(hospital, register) -> None:
    pool = hospital.pool()
    (at,) = hospital.offer(hospital.planned(pool, days=9, capacity=2, units={FAMILY: 1, OPEN: 1})).session_ids
    signed, other = (sign(hospital.site, hospital.family_doctor, register(f"王{n}")) for n in "一二")
    mine = book(hospital.family_doctor, slot_id=slot_of(at), resident_id=signed)
    book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register("陈一"))
    for n in "三四五":
        _wait(hospital, pool.id, register(f"李{n}"))
    last = _wait(hospital, pool.id, other)
    turn(hospital.family_doctor, booking_id=mine.booking_id, act=Act.CANCEL)
    assert offer_next(at) == 1
    assert used(at) == {"FAMILY_DOCTOR": 1, "OPEN": 1}
    with scoped(hospital.family_doctor):
        offer = Waiting.objects.get(id=last)
        assert Booking.objects.get(id=offer.booking_id).channel == FAMILY.value
