"""Places: for whom they are kept, when they open, what a hold is, and that nobody gets two."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from uuid import uuid4

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import events
from tiercare.apps.capacity.commands import NoPlace, book, move, turn
from tiercare.apps.capacity.models import Booking, Slot
from tiercare.apps.capacity.queries import first_places
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.workflow import Act, State
from tiercare.apps.ledger import commands as ledger_commands
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.residents.models import ResponsibleDoctor
from tiercare.engines.policy import parameter
from tiercare.kernel.refusal import Refused

from .conftest import HOLD, later, slot_of, to_the_day, used

FAMILY, OPEN = Channel.FAMILY_DOCTOR, Channel.OPEN


@pytest.fixture
def sign(hospital):
    """The township's doctor answers for the resident."""

    def run(resident_id):
        with scoped(hospital.family_doctor):
            ResponsibleDoctor.objects.create(
                resident_id=resident_id,
                institution_id=hospital.site.township,
                doctor_name="示例医生",
                source="test",
                period=DateRange(ledger.today(), None),
            )
        return resident_id

    return run


def code(excinfo) -> str:
    return excinfo.value.refusals[0].code


def kept_hours() -> int:
    """So long before the start the packs open to all what is kept."""
    return parameter(mandates.packs(), "release_hours", "wuhu", on=ledger.today()).value


def test_a_family_doctor_draws_on_the_reserve_and_then_on_the_rest(hospital, session, register, sign) -> None:
    at = session({FAMILY: 1, OPEN: 1})
    first, second, third = (sign(register(name)) for name in ("王小明", "李小红", "张小军"))
    assert book(hospital.family_doctor, slot_id=slot_of(at), resident_id=first).drawn is FAMILY
    assert book(hospital.family_doctor, slot_id=slot_of(at), resident_id=second).drawn is OPEN
    with pytest.raises(NoPlace) as refused:
        book(hospital.family_doctor, slot_id=slot_of(at), resident_id=third)
    assert code(refused) == "capacity.slot_full"
    assert used(at) == {"FAMILY_DOCTOR": 1, "OPEN": 1}


def test_others_do_not_get_what_is_kept_until_it_is_released(hospital, session, register) -> None:
    at = session({FAMILY: 2, OPEN: 1})
    here = [register(name) for name in ("王小明", "李小红")]
    doctor = hospital.family_doctor  # not the responsible doctor of these
    assert book(doctor, slot_id=slot_of(at), resident_id=here[0]).drawn is OPEN
    with pytest.raises(NoPlace) as refused:
        book(doctor, slot_id=slot_of(at), resident_id=here[1])
    assert code(refused) == "capacity.only_reserved_left"
    assert "家庭医生转诊" in refused.value.refusals[0].sentence()
    session_starts = Slot.objects.get(session_id=at).during.lower
    later(seconds=(session_starts - timedelta(hours=kept_hours()) - ledger.now()).total_seconds())
    taken = book(doctor, slot_id=slot_of(at), resident_id=here[1])
    assert taken.drawn is FAMILY
    with scoped(doctor):
        booking = Booking.objects.get(id=taken.booking_id)
    assert (booking.channel, booking.quota_channel) == ("MEMBER", "FAMILY_DOCTOR")


def test_the_channel_follows_from_the_evidence(hospital, session, register, sign) -> None:
    at = session({FAMILY: 5, Channel.MEMBER: 5, OPEN: 5})
    signed, unsigned = sign(register("王小明")), register("李小红")
    drawn = {
        "signed": book(hospital.family_doctor, slot_id=slot_of(at), resident_id=signed).drawn,
        "fellow": book(hospital.family_doctor, slot_id=slot_of(at), resident_id=unsigned).drawn,
    }
    assert drawn == {"signed": FAMILY, "fellow": Channel.MEMBER}
    other = session({FAMILY: 5, Channel.MEMBER: 5, OPEN: 5}, days=3)
    registrar = hospital.site.actor(Role.REGISTRAR)  # of the township, but no doctor
    assert book(registrar, slot_id=slot_of(other), resident_id=signed).drawn is Channel.MEMBER
    own = hospital.site.resident(unsigned)
    assert book(own, slot_id=slot_of(other), resident_id=unsigned).drawn is OPEN


def test_without_a_ground_nobody_books_for_a_resident(hospital, session, register) -> None:
    at, resident = session({OPEN: 5}), register()
    for actor in (hospital.stranger, hospital.desk):
        with pytest.raises(Refused) as refused:
            book(actor, slot_id=slot_of(at), resident_id=resident)
        assert code(refused) == "capacity.not_your_resident"
    another = hospital.site.resident(register("李小红"))
    with pytest.raises(Refused) as refused:
        book(another, slot_id=slot_of(at), resident_id=resident)
    assert code(refused) == "capacity.not_your_resident"
    with pytest.raises(Refused) as refused:
        book(hospital.family_doctor, slot_id=slot_of(at), resident_id=uuid4())
    assert code(refused) == "capacity.no_such_resident"
    assert used(at) == {"OPEN": 0}


def test_a_hold_counts_until_it_lapses_and_then_costs_nobody_a_place(hospital, session, register) -> None:
    at = session({OPEN: 1})
    here = [register(name) for name in ("王小明", "李小红")]
    doctor = hospital.family_doctor
    held = book(doctor, slot_id=slot_of(at), resident_id=here[0], hold=True)
    assert held.held_until == ledger.now() + HOLD
    with pytest.raises(NoPlace):
        book(doctor, slot_id=slot_of(at), resident_id=here[1])
    later(seconds=HOLD.total_seconds())
    assert book(doctor, slot_id=slot_of(at), resident_id=here[1]).drawn is OPEN
    with pytest.raises(Refused) as refused:
        turn(doctor, booking_id=held.booking_id, act=Act.CONFIRM)
    assert code(refused) == "capacity.hold_lapsed"
    assert used(at) == {"OPEN": 1}
    lapsed = Event.objects.get(kind=events.HoldsLapsed.KIND)
    assert lapsed.payload == {"bookings": [str(held.booking_id)]}


def test_a_hold_is_confirmed_once_in_time(hospital, session, register) -> None:
    at = session({OPEN: 1})
    doctor = hospital.family_doctor
    held = book(doctor, slot_id=slot_of(at), resident_id=register(), hold=True)
    later(seconds=HOLD.total_seconds() - 1)
    assert turn(doctor, booking_id=held.booking_id, act=Act.CONFIRM).state is State.BOOKED
    later(minutes=10)
    with pytest.raises(Refused) as refused:
        turn(doctor, booking_id=held.booking_id, act=Act.CONFIRM)
    assert code(refused) == "capacity.not_in_this_state"
    assert used(at) == {"OPEN": 1}


def test_a_cancelled_place_goes_back_and_a_cancelled_hold_is_not_confirmed(
    hospital, session, register
) -> None:
    at, resident = session({FAMILY: 1, OPEN: 1}), register()
    doctor = hospital.family_doctor
    held = book(doctor, slot_id=slot_of(at), resident_id=resident, hold=True)
    assert used(at) == {"FAMILY_DOCTOR": 0, "OPEN": 1}
    turn(doctor, booking_id=held.booking_id, act=Act.CANCEL)
    assert used(at) == {"FAMILY_DOCTOR": 0, "OPEN": 0}
    assert Slot.objects.get(session_id=at).used == 0
    with pytest.raises(Refused) as refused:
        turn(doctor, booking_id=held.booking_id, act=Act.CONFIRM)
    assert code(refused) == "capacity.not_in_this_state"
    again = book(doctor, slot_id=slot_of(at), resident_id=resident)
    assert again.number == held.number + 1  # numbers are never given out twice


def test_nobody_has_two_places_in_one_session(hospital, session, register) -> None:
    at, resident = session({OPEN: 5}), register()
    doctor = hospital.family_doctor
    book(doctor, slot_id=slot_of(at), resident_id=resident)
    with pytest.raises(NoPlace) as refused:
        book(doctor, slot_id=slot_of(at), resident_id=resident)
    assert code(refused) == "capacity.booked_already"
    assert used(at) == {"OPEN": 1}
    assert Slot.objects.get(session_id=at).issued == 1


def test_moving_is_both_or_neither(hospital, session, register) -> None:
    one, other = session({OPEN: 1}), session({OPEN: 1}, days=3)
    doctor = hospital.family_doctor
    mine = book(doctor, slot_id=slot_of(one), resident_id=register())
    theirs = book(doctor, slot_id=slot_of(other), resident_id=register("李小红"))
    with pytest.raises(NoPlace):
        move(doctor, booking_id=mine.booking_id, slot_id=slot_of(other))
    assert (used(one), used(other)) == ({"OPEN": 1}, {"OPEN": 1})
    turn(doctor, booking_id=theirs.booking_id, act=Act.CANCEL)
    moved = move(doctor, booking_id=mine.booking_id, slot_id=slot_of(other))
    assert (used(one), used(other)) == ({"OPEN": 0}, {"OPEN": 1})
    with scoped(doctor):
        states = dict(Booking.objects.values_list("id", "state"))
    assert (states[mine.booking_id], states[moved.booking_id]) == ("MOVED", "BOOKED")


def test_only_the_host_checks_in_and_nobody_sees_another_institutions_bookings(
    hospital, session, register
) -> None:
    at = session({OPEN: 2})
    doctor = hospital.family_doctor
    mine = book(doctor, slot_id=slot_of(at), resident_id=register())
    with pytest.raises(Refused) as refused:
        turn(doctor, booking_id=mine.booking_id, act=Act.ARRIVE)
    assert code(refused) == "capacity.host_only"
    with pytest.raises(Refused) as refused:
        turn(hospital.stranger, booking_id=mine.booking_id, act=Act.CANCEL)
    assert code(refused) == "capacity.no_such_booking"
    to_the_day(at)
    assert turn(hospital.desk, booking_id=mine.booking_id, act=Act.ARRIVE).state is State.ARRIVED
    assert turn(hospital.desk, booking_id=mine.booking_id, act=Act.ATTEND).state is State.ATTENDED
    assert used(at) == {"OPEN": 1}


def test_the_past_cannot_be_booked(hospital, session, register) -> None:
    at, resident = session({OPEN: 2}, days=1), register()
    later(days=2)
    with pytest.raises(NoPlace) as refused:
        book(hospital.family_doctor, slot_id=slot_of(at), resident_id=resident)
    assert code(refused) == "capacity.slot_past"


def test_the_same_request_books_once(hospital, session, register) -> None:
    at, resident = session({OPEN: 5}), register()
    doctor = hospital.family_doctor
    call = ledger_commands.keyed(doctor, key="abcdefgh", route="POST /x", body=b"1")
    first = book(doctor, slot_id=slot_of(at), resident_id=resident, call=call)
    again = book(doctor, slot_id=slot_of(at), resident_id=resident, call=call)
    assert again == replace(first, again=True)
    turn(doctor, booking_id=first.booking_id, act=Act.CANCEL)
    assert book(doctor, slot_id=slot_of(at), resident_id=resident, call=call) == again
    other = ledger_commands.keyed(doctor, key="abcdefgh", route="POST /x", body=b"2")
    with pytest.raises(Refused) as refused:
        book(doctor, slot_id=slot_of(at), resident_id=resident, call=other)
    assert code(refused) == "ledger.idempotency_key_reused"
    assert Event.objects.filter(kind=events.Booked.KIND).count() == 1


def test_events_written_by_the_database_have_the_fields_of_their_class(hospital, session, register) -> None:
    at = session({OPEN: 5})
    book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register(), hold=True)
    book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register("李小红"))
    for kind in (events.Held, events.Booked):
        event = Event.objects.get(kind=kind.KIND)
        assert set(event.payload) == {field.name for field in fields(kind)}
        assert event.institution_id == hospital.id


def test_a_release_of_its_own_counts_before_the_default(hospital, register) -> None:
    pool = hospital.pool(release_hours=72)
    at = hospital.offer(hospital.planned(pool, days=2, capacity=1, units={FAMILY: 1, OPEN: 0})).session_ids[0]
    assert book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register()).drawn is FAMILY


def test_the_first_places_of_a_specialty_are_found_within_reach_for_the_channel(
    hospital, session, register, sign
) -> None:
    kept, free = session({FAMILY: 2, OPEN: 0}), session({OPEN: 2}, days=3)
    signed, unsigned = sign(register("王小明")), register("李小红")
    doctor = hospital.family_doctor

    def sessions(resident, **more):
        hits = first_places(doctor, resident_id=resident, specialty="03.04", far=200, **more)
        return [(hit.place.session_id, hit.channel) for hit in hits]

    assert sessions(signed) == [(kept, FAMILY), (free, FAMILY)]
    assert sessions(unsigned) == [(free, Channel.MEMBER)]
    assert sessions(signed, first=ledger.today() + timedelta(days=3)) == [(free, FAMILY)]
    assert first_places(doctor, resident_id=signed, specialty="03.04", far=0.1) == []
    for name in ("张小军", "赵小丽"):
        book(doctor, slot_id=slot_of(free), resident_id=register(name))
    assert sessions(unsigned) == []


def test_the_host_moves_within_its_house_on_the_channel_of_the_booking(
    hospital, session, register, sign
) -> None:
    one, other = session({FAMILY: 1, OPEN: 0}), session({FAMILY: 1, OPEN: 0}, days=3)
    mine = book(hospital.family_doctor, slot_id=slot_of(one), resident_id=sign(register()))
    moved = move(hospital.desk, booking_id=mine.booking_id, slot_id=slot_of(other))
    assert moved.drawn is FAMILY
    with scoped(hospital.family_doctor):  # still the doctor's to see
        assert Booking.objects.get(id=moved.booking_id).booked_by == hospital.site.township
    with pytest.raises(Refused) as refused:
        move(hospital.stranger, booking_id=moved.booking_id, slot_id=slot_of(one))
    assert code(refused) == "capacity.no_such_booking"
