"""The waiting list: by urgency, then by who waits longer; an offer is a hold, and goes on when it lapses."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tiercare.apps.access.commands import relate
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis, Role
from tiercare.apps.capacity.commands import (
    NoPlace,
    allow_extra,
    book,
    book_together,
    offer_next,
    overbook,
    sweep_lapsed,
    turn,
    wait,
    walk_in,
    withdraw,
)
from tiercare.apps.capacity.models import Booking, Waiting
from tiercare.apps.capacity.queries import drift, ours
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.rules.waiting import Urgency
from tiercare.apps.capacity.subscribers import after_lapsing, after_turning
from tiercare.apps.capacity.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.messages.models import Message
from tiercare.kernel.refusal import Refused

from .conftest import later, slot_of, to_the_day, used

OPEN = Channel.OPEN


def code(excinfo) -> str:
    return excinfo.value.refusals[0].code


def states(hospital) -> dict:
    with scoped(hospital.office):
        return dict(Waiting.objects.values_list("resident_id", "state"))


def handle(kind: str, handler) -> None:
    """What the dispatcher does after the commit."""
    for event in Event.objects.filter(kind=kind).order_by("sequence"):
        handler(event)


@pytest.fixture
def full(hospital, register):
    """A pool whose only place is taken; answers pool, session and the booking."""
    pool = hospital.pool()
    at = hospital.offer(hospital.planned(pool, capacity=1, units={OPEN: 1})).session_ids[0]
    return pool, at, book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register("陈小刚"))


def test_a_place_that_comes_free_goes_to_the_most_urgent_and_on_when_the_offer_lapses(
    hospital, register, full
) -> None:
    pool, at, taken = full
    doctor, today = hospital.family_doctor, ledger.today()
    routine, urgent = register("王小明"), register("李小红")
    for person, urgency in ((routine, Urgency.ROUTINE), (urgent, Urgency.URGENT)):
        wait(
            doctor,
            pool_id=pool.id,
            resident_id=person,
            first=today,
            last=today + timedelta(days=5),
            urgency=urgency,
        )
    turn(doctor, booking_id=taken.booking_id, act=Act.CANCEL)
    handle("capacity.booking_turned", after_turning)
    assert states(hospital) == {routine: "WAITING", urgent: "OFFERED"}
    with scoped(hospital.office):
        assert "请在" in Message.objects.get().text
    with pytest.raises(NoPlace):  # the offer counts as used
        book(doctor, slot_id=slot_of(at), resident_id=register("赵小丽"))
    later(minutes=ours.number("waiting_offer_minutes", hospital.id, on=today))
    assert sweep_lapsed() == 1
    handle("capacity.holds_lapsed", after_lapsing)
    assert states(hospital) == {routine: "OFFERED", urgent: "LAPSED"}
    with scoped(hospital.office):
        offer = Waiting.objects.get(resident_id=routine).booking_id
    turn(doctor, booking_id=offer, act=Act.CONFIRM)
    for event in Event.objects.filter(kind="capacity.booking_turned", subject_id=offer):
        after_turning(event)
    assert states(hospital) == {routine: "TAKEN", urgent: "LAPSED"}
    assert drift() == []


def test_handled_twice_nothing_happens_twice(hospital, register, full) -> None:
    pool, _, taken = full
    doctor, today = hospital.family_doctor, ledger.today()
    wait(doctor, pool_id=pool.id, resident_id=register(), first=today, last=today + timedelta(days=5))
    turn(doctor, booking_id=taken.booking_id, act=Act.CANCEL)
    for _ in range(2):
        handle("capacity.booking_turned", after_turning)
    with scoped(hospital.office):
        assert Message.objects.count() == 1
        assert Booking.objects.filter(state="HELD").count() == 1


def test_who_waits_for_other_days_or_left_is_not_asked(hospital, register, full) -> None:
    pool, at, taken = full
    doctor, today = hospital.family_doctor, ledger.today()
    other_days, left = register("王小明"), register("李小红")
    late = today + timedelta(days=10)
    wait(doctor, pool_id=pool.id, resident_id=other_days, first=late, last=late)
    entry = wait(doctor, pool_id=pool.id, resident_id=left, first=today, last=late)
    with pytest.raises(Refused) as refused:
        wait(doctor, pool_id=pool.id, resident_id=left, first=today, last=late)
    assert code(refused) == "capacity.waits_already"
    withdraw(doctor, waiting_id=entry)
    turn(doctor, booking_id=taken.booking_id, act=Act.CANCEL)
    assert offer_next(at) == 0
    assert states(hospital) == {other_days: "WAITING", left: "WITHDRAWN"}


def test_residents_wait_as_routine_and_for_sensible_days(hospital, register, full) -> None:
    pool, today, resident = full[0], ledger.today(), register()
    own = hospital.site.resident(resident)
    with pytest.raises(Refused) as refused:
        wait(own, pool_id=pool.id, resident_id=resident, first=today, last=today - timedelta(days=1))
    assert code(refused) == "capacity.waiting_wrong_days"
    wait(own, pool_id=pool.id, resident_id=resident, first=today, last=today, urgency=Urgency.EMERGENCY)
    with scoped(hospital.office):
        assert Waiting.objects.get().urgency == Urgency.ROUTINE


def test_walk_ins_and_places_beyond_the_offer_count_apart(hospital, register) -> None:
    pool = hospital.pool()
    at = hospital.offer(hospital.planned(pool, capacity=1, units={OPEN: 1}, walk_ins=1)).session_ids[0]
    local = [register(name) for name in ("王小明", "李小红", "张小军", "赵小丽")]
    desk = hospital.desk
    for person in local:
        relate_to(hospital, person)
    book(hospital.family_doctor, slot_id=slot_of(at), resident_id=local[0])
    with pytest.raises(NoPlace):
        overbook(desk, slot_id=slot_of(at), resident_id=local[1])
    allow_extra(hospital.office, session_id=at, channel=Channel.OVERBOOK, units=1, reason="专家同意加一个")
    assert overbook(desk, slot_id=slot_of(at), resident_id=local[1]).drawn is Channel.OVERBOOK
    with pytest.raises(Refused) as refused:
        walk_in(desk, session_id=at, resident_id=local[2])
    assert code(refused) == "capacity.walk_in_another_day"
    to_the_day(at)
    assert walk_in(desk, session_id=at, resident_id=local[2]).drawn is Channel.WALK_IN
    with pytest.raises(NoPlace):
        walk_in(desk, session_id=at, resident_id=local[3])
    with pytest.raises(Refused) as refused:
        walk_in(hospital.site.actor(Role.REGISTRAR), session_id=at, resident_id=local[3])
    assert code(refused) == "capacity.host_only"
    assert used(at) == {"OPEN": 1, "OVERBOOK": 1, "WALK_IN": 1}
    assert drift() == []


def test_several_places_are_booked_together_or_not_at_all(hospital, session, register) -> None:
    visit, scan = session({OPEN: 2}), session({OPEN: 1}, hour=13)
    doctor, resident = hospital.family_doctor, register()
    both = [slot_of(visit), slot_of(scan)]
    taken = book_together(doctor, resident_id=resident, slots=both)
    with scoped(doctor):
        assert len(set(Booking.objects.values_list("group_id", flat=True))) == 1
    assert [each.slot_id for each in taken] == both
    with pytest.raises(NoPlace):
        book_together(doctor, resident_id=register("李小红"), slots=list(reversed(both)))
    assert (used(visit), used(scan)) == ({"OPEN": 1}, {"OPEN": 1})
    with pytest.raises(Refused) as refused:
        book_together(doctor, resident_id=resident, slots=[both[0], both[0]])
    assert code(refused) == "capacity.together_how_many"


def relate_to(hospital, person) -> None:
    """The hospital looks after them: they have been seen there."""
    with scoped(hospital.office):
        relate(
            hospital.office,
            resident_id=person,
            institution_id=hospital.id,
            division_code="340223",
            kind=Basis.ENCOUNTER,
            source_id=person,
        )


def test_a_desk_does_not_say_how_urgent_it_is(hospital, register, full) -> None:
    pool, today, resident = full[0], ledger.today(), register()
    registrar = hospital.site.actor(Role.REGISTRAR)
    wait(registrar, pool_id=pool.id, resident_id=resident, first=today, last=today, urgency=Urgency.EMERGENCY)
    with scoped(hospital.office):
        assert Waiting.objects.get().urgency == Urgency.ROUTINE
