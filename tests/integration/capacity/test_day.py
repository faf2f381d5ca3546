"""The day at the hospital: who checks in when, whose hold it is, who is called, and how long people waited."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import queries
from tiercare.apps.capacity.commands import allow_extra, book, call, call_next, turn, walk_in
from tiercare.apps.capacity.models import Booking
from tiercare.apps.capacity.queries.waits import LONGEST
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.workflow import Act, State
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.mandates.models import Mandate
from tiercare.apps.residents.models import ResponsibleDoctor
from tiercare.engines.policy import PackSet
from tiercare.kernel.refusal import Refused

from .conftest import HOLD, later, slot_of, to_the_day, used

OPEN = Channel.OPEN


def altered(clause: str, key: str, value: object) -> PackSet:
    """Our packs with another value of one parameter of that clause."""
    packs = mandates.packs()
    pack = packs.packs[packs.clause[clause].pack]
    clauses = tuple(
        replace(
            each,
            parameters=tuple(replace(p, value=value) if p.key == key else p for p in each.parameters),
        )
        if each.id == clause
        else each
        for each in pack.clauses
    )
    return PackSet({**packs.packs, pack.id: replace(pack, clauses=clauses)})


def code(caught: pytest.ExceptionInfo[Refused]) -> str:
    return caught.value.refusals[0].code.removeprefix("capacity.")


def told(run) -> str:
    try:
        run()
    except Refused as refused:
        return refused.refusals[0].code.removeprefix("capacity.")
    return "done"


def sign(hospital, resident: UUID) -> None:
    """A family doctor answers for them."""
    with scoped(hospital.family_doctor):
        ResponsibleDoctor.objects.create(
            resident_id=resident,
            institution_id=hospital.site.township,
            doctor_name="示例医生",
            source="test",
            period=DateRange(ledger.today(), None),
        )


@pytest.fixture
def booked(hospital, session, register):
    """A session of the day after tomorrow, and somebody booked in it by the township."""
    at = session({OPEN: 9}, by_time=60, per_slot=3)
    key = book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register()).booking_id
    return at, key


# --- the day of a place


@pytest.mark.parametrize("act", [Act.ARRIVE, Act.ATTEND, Act.MISS])
def test_before_its_day_nobody_comes_is_seen_or_is_missed(hospital, booked, act: Act) -> None:
    _, key = booked
    expected = "not_missed_yet" if act is Act.MISS else "not_its_day"
    assert told(lambda: turn(hospital.desk, booking_id=key, act=act)) == expected


@pytest.mark.parametrize("minutes", [1, 9 * 60])  # long before the place, and long after it
def test_on_its_day_people_come_early_or_late(hospital, booked, minutes: int) -> None:
    at, key = booked
    to_the_day(at)
    later(minutes=minutes)
    assert turn(hospital.desk, booking_id=key, act=Act.ARRIVE).state is State.ARRIVED
    with scoped(hospital.desk):
        assert Booking.objects.get(id=key).arrived_at == ledger.now()


def test_after_its_day_who_never_came_is_missed_and_who_did_may_still_be_seen(
    hospital, booked, register
) -> None:
    at, away = booked
    here = book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register("李小红")).booking_id
    to_the_day(at)
    turn(hospital.desk, booking_id=here, act=Act.ARRIVE)
    later(days=1)
    for act in (Act.ARRIVE, Act.ATTEND):
        assert told(lambda act=act: turn(hospital.desk, booking_id=away, act=act)) == "not_its_day"
    assert turn(hospital.desk, booking_id=away, act=Act.MISS).state is State.NO_SHOW
    assert turn(hospital.desk, booking_id=here, act=Act.ATTEND).state is State.ATTENDED


def test_the_platforms_clock_decides_and_no_desk_ten_minutes_off(hospital, booked) -> None:
    """What a desk's own clock says is asked nowhere: a quarter to midnight is still the day before."""
    at, key = booked
    to_the_day(at)
    later(hours=-7, minutes=-5)
    assert told(lambda: turn(hospital.desk, booking_id=key, act=Act.ARRIVE)) == "not_its_day"
    later(minutes=10)
    assert told(lambda: turn(hospital.desk, booking_id=key, act=Act.ARRIVE)) == "done"


# --- whose hold it is


def test_a_hold_is_confirmed_by_who_made_it_or_by_the_resident(hospital, session, register) -> None:
    at, (one, other) = session({OPEN: 4}), (register(), register("李小红"))
    doctor = hospital.family_doctor
    held = [
        book(doctor, slot_id=slot_of(at), resident_id=each, hold=True).booking_id for each in (one, other)
    ]
    own = hospital.site.resident(one)
    assert told(lambda: turn(hospital.desk, booking_id=held[0], act=Act.CONFIRM)) == "not_your_hold"
    assert turn(own, booking_id=held[0], act=Act.CONFIRM).state is State.BOOKED
    assert turn(doctor, booking_id=held[1], act=Act.CONFIRM).state is State.BOOKED


def test_nobody_else_confirms_what_a_resident_holds(hospital, session, register) -> None:
    at, resident = session({OPEN: 2}), register()
    own = hospital.site.resident(resident)
    held = book(own, slot_id=slot_of(at), resident_id=resident, hold=True).booking_id
    assert told(lambda: turn(hospital.desk, booking_id=held, act=Act.CONFIRM)) == "not_your_hold"
    assert told(lambda: turn(hospital.family_doctor, booking_id=held, act=Act.CONFIRM)) == "no_such_booking"
    assert turn(hospital.desk, booking_id=held, act=Act.CANCEL).state is State.CANCELLED


def test_a_hold_lasts_as_long_as_the_pack_says(hospital, session, register, monkeypatch) -> None:
    at = session({OPEN: 3})
    doctor, now = hospital.family_doctor, ledger.now()
    first = book(doctor, slot_id=slot_of(at), resident_id=register(), hold=True)
    assert first.held_until == now + HOLD
    longer = altered("NHC-40", "hold_minutes", 17)
    monkeypatch.setattr(mandates, "packs", lambda: longer)
    second = book(doctor, slot_id=slot_of(at), resident_id=register("李小红"), hold=True)
    assert second.held_until == now + timedelta(minutes=17)


def test_how_long_a_hold_lasts_is_asked_once_not_at_every_hold(
    hospital, session, register, django_assert_num_queries
) -> None:
    at = session({OPEN: 3})
    doctor = hospital.family_doctor
    residents = [register(), register("李小红"), register("张小军")]
    book(doctor, slot_id=slot_of(at), resident_id=residents[0], hold=True)
    slot = slot_of(at)
    with django_assert_num_queries(3):  # the ground, the consortium, the booking
        book(doctor, slot_id=slot, resident_id=residents[1])
    with django_assert_num_queries(3):
        book(doctor, slot_id=slot, resident_id=residents[2], hold=True)


# --- calling


def test_whoever_is_next_in_the_order_is_called_each_once(hospital, booked, register) -> None:
    at, first = booked
    second = book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register("李小红")).booking_id
    desk = hospital.desk
    to_the_day(at)
    assert told(lambda: call_next(desk, session_id=at)) == "nobody_to_call"
    assert told(lambda: call(desk, booking_id=first)) == "not_there_to_call"
    turn(desk, booking_id=second, act=Act.ARRIVE)
    assert call_next(desk, session_id=at) == second
    turn(desk, booking_id=first, act=Act.ARRIVE)
    assert call_next(desk, session_id=at) == first
    assert told(lambda: call_next(desk, session_id=at)) == "nobody_to_call"
    later(minutes=3)
    call(desk, booking_id=second)  # again: they were in the corridor
    entries = queries.queue(desk, session_id=at).entries
    assert entries[second].called_at == ledger.now() > entries[first].called_at
    turn(desk, booking_id=second, act=Act.ATTEND)
    assert told(lambda: call(desk, booking_id=second)) == "not_there_to_call"
    assert Event.objects.filter(kind="capacity.called", subject_id=second).count() == 2


def test_only_the_hospital_calls(hospital, booked) -> None:
    at, key = booked
    to_the_day(at)
    turn(hospital.desk, booking_id=key, act=Act.ARRIVE)
    assert told(lambda: call(hospital.family_doctor, booking_id=key)) == "host_only"
    assert told(lambda: call(hospital.stranger, booking_id=key)) == "no_such_booking"
    for actor in (hospital.family_doctor, hospital.stranger):
        with pytest.raises(Refused) as refused:
            call_next(actor, session_id=at)
        assert refused.value.refusals[0].status == 403


# --- the numbers of the day


def test_the_day_counts_each_patient_where_they_stand(hospital, session, register) -> None:
    at = session({OPEN: 9}, by_time=60, per_slot=9, walk_ins=2)
    names = ("王小明", "李小红", "张小军", "赵小丽", "陈小刚")
    keys = [
        book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register(name)).booking_id
        for name in names
    ]
    book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register("孙小梅"), hold=True)
    desk = hospital.desk
    turn(hospital.family_doctor, booking_id=keys[4], act=Act.CANCEL)
    to_the_day(at)  # the hold has lapsed, swept or not
    guest = register("周小兵", actor=desk)
    walk_in(desk, session_id=at, resident_id=guest)
    since = ledger.now()
    later(hours=1, minutes=5)
    turn(desk, booking_id=keys[0], act=Act.ARRIVE)
    for key in keys[1:2]:
        turn(desk, booking_id=key, act=Act.ATTEND)
    turn(desk, booking_id=keys[2], act=Act.MISS)
    (found,) = queries.day_sessions(desk, day=ledger.today())
    assert (found.expected, found.arrived, found.seen, found.missed) == (1, 2, 1, 1)
    assert (found.walk_ins, found.walk_ins_left, found.beyond, found.since) == (1, 1, 0, since)
    assert found == queries.day_session(desk, at)
    assert queries.day_sessions(desk, day=ledger.today() + timedelta(days=1)) == []
    assert queries.day_sessions(hospital.family_doctor, day=ledger.today()) == []
    assert {(each.id, each.state) for each in queries.done_of(desk, at)} == {
        (keys[1], State.ATTENDED),
        (keys[2], State.NO_SHOW),
    }
    for ask in (queries.day_session, queries.done_of):
        with pytest.raises(Refused) as refused:
            ask(hospital.family_doctor, at)
        assert refused.value.refusals[0].status == 403


def test_the_mark_changes_with_the_list_and_only_then(hospital, booked) -> None:
    at, key = booked
    desk = hospital.desk
    to_the_day(at)
    marks = [queries.day_mark(desk, at)]
    for act in (
        lambda: turn(desk, booking_id=key, act=Act.ARRIVE),
        lambda: call(desk, booking_id=key),
        lambda: turn(desk, booking_id=key, act=Act.ATTEND),
    ):
        act()
        marks.append(queries.day_mark(desk, at))
        assert queries.day_mark(desk, at) == marks[-1]
    assert len(set(marks)) == 4


@pytest.mark.clause("YN-49")
def test_the_mean_wait_of_signed_residents_stands_beside_that_of_the_others(
    hospital, session, register
) -> None:
    """By hand: signed 10 and 20 minutes, mean 15; others 30, 40 and, walking in, 50, mean 40."""
    Mandate.objects.create(division_code="340223", pack="yunnan", period=DateRange(date(2018, 1, 1), None))
    at = session({OPEN: 9}, by_time=60, per_slot=9, walk_ins=1)
    desk, minutes = hospital.desk, {"王小明": 10, "李小红": 20, "张小军": 30, "赵小丽": 40}
    people = {name: register(name) for name in (*minutes, "陈小刚")}
    for name in ("王小明", "李小红"):
        sign(hospital, people[name])
    keys = {
        name: book(hospital.site.resident(each), slot_id=slot_of(at), resident_id=each).booking_id
        for name, each in people.items()
    }
    guest = register("周小兵", actor=desk)
    to_the_day(at)
    for name in minutes:
        turn(desk, booking_id=keys[name], act=Act.ARRIVE)
    turn(desk, booking_id=keys["陈小刚"], act=Act.ATTEND)  # never checked in: nobody knows how long
    keys["周小兵"] = walk_in(desk, session_id=at, resident_id=guest).booking_id
    assert queries.queue(desk, session_id=at).placed[0].precedence.value == "signed"
    for name in ("王小明", "李小红", "张小军", "赵小丽", "周小兵"):
        later(minutes=10)
        turn(desk, booking_id=keys[name], act=Act.ATTEND)
    today = ledger.today()
    found = queries.waits(desk, first=today, last=today)
    assert (found.signed.people, found.signed.wait) == (2, timedelta(minutes=15))
    assert (found.others.people, found.others.wait) == (3, timedelta(minutes=40))
    assert queries.waits(desk, first=today, last=today, session_id=at) == found
    yesterday = today - timedelta(days=1)
    nothing = queries.waits(desk, first=yesterday, last=yesterday)
    assert (nothing.signed.people, nothing.signed.wait, nothing.others.people) == (0, None, 0)
    with pytest.raises(Refused) as refused:
        queries.waits(desk, first=today - LONGEST, last=today)
    assert code(refused) == "waits_wrong_days"


def test_walk_ins_and_places_beyond_the_offer_stand_in_the_queue_like_all(hospital, booked, register) -> None:
    at, key = booked
    desk = hospital.desk
    allow_extra(hospital.office, session_id=at, channel=Channel.WALK_IN, units=1, reason="示例")
    guest = register("周小兵", actor=desk)
    to_the_day(at)
    walked = walk_in(desk, session_id=at, resident_id=guest).booking_id
    found = queries.queue(desk, session_id=at)
    assert [each.waiting.booking_id for each in found.placed] == [walked, key]
    assert found.entries[walked].drawn is Channel.WALK_IN
    assert found.entries[walked].arrived_at == ledger.now()
    assert used(at) == {"OPEN": 1, "WALK_IN": 1}
    registrar = hospital.site.actor(Role.REGISTRAR)
    with pytest.raises(Refused):
        queries.nameless_queue(registrar, session_id=at)
