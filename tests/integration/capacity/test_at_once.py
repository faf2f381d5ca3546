"""Many at once, in real transactions: the last place goes to one, and nobody waits in a ring."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from django.db import connection, connections

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.capacity.commands import book, move, publish, turn
from tiercare.apps.capacity.commands.booking import channel_for, take
from tiercare.apps.capacity.models import Booking, Quota, Session, Slot
from tiercare.apps.capacity.queries import drift
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.workflow import Act, State
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

from .conftest import HOLD, Hospital, later, slot_of, used
from .racing import (
    Desks,
    all_done,
    alone,
    at_once,
    deadlocks,
    desks,
    gate,
    said,
    sign,
    site,
    until_waiting,
)

__all__ = ["desks", "site"]  # fixtures

FAMILY, OPEN = Channel.FAMILY_DOCTOR, Channel.OPEN
ROUNDS, CONTENDERS = 50, 4
MOMENT = timedelta(milliseconds=60)
NAMES = ("王小明", "李小红", "张小军", "赵小刚", "钱小玲", "孙小英", "周小东", "吴小南")

# What many systems do: look, compare, write. The same race must oversell with it, or it is no race.
NAIVE = """
CREATE FUNCTION naive_take(booking uuid, at_slot uuid, resident uuid, booker uuid) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    place record;
BEGIN
    SELECT l.session_id, l.used, l.capacity, s.institution_id INTO place
    FROM capacity_slot l JOIN capacity_session s ON s.id = l.session_id WHERE l.id = at_slot;
    IF place.used >= place.capacity THEN
        RETURN false;
    END IF;
    UPDATE capacity_slot SET used = place.used + 1, issued = place.used + 1 WHERE id = at_slot;
    INSERT INTO capacity_booking (id, session_id, slot_id, resident_id, institution_id, booked_by, channel,
                                  quota_channel, holder_id, state, number)
    VALUES (booking, place.session_id, at_slot, resident, place.institution_id, booker, 'OPEN', 'OPEN',
            '00000000-0000-0000-0000-000000000000', 'BOOKED', 1);
    RETURN true;
END $$
"""


@pytest.fixture
def people(register) -> list[UUID]:
    """Whom the township looks after."""
    return [register(name) for name in NAMES]


@pytest.fixture
def last_places(hospital: Hospital) -> Callable[[int], list[UUID]]:
    """So many sessions with one place each; answers their slots."""

    def run(count: int) -> list[UUID]:
        pool = hospital.pool("last")
        first = hospital.planned(pool, capacity=1, hours=1)
        step = timedelta(minutes=1)
        sessions = hospital.offer(
            *(
                hospital.planned(pool, capacity=1, starts=first.starts + step * n, ends=first.ends + step * n)
                for n in range(count)
            )
        ).session_ids
        return [slot_of(each) for each in sessions]

    return run


def booked_in(slot_id: UUID) -> int:
    with scoped(Actor.system("test"), area=EVERYWHERE):
        return Booking.objects.filter(slot_id=slot_id, state="BOOKED").count()


def test_of_four_who_want_the_last_place_one_gets_it(hospital, last_places, people, desks: Desks) -> None:
    before = deadlocks()
    for slot in last_places(ROUNDS):
        with gate("capacity_slot", slot):
            contenders = [
                desks.start(
                    lambda who=who, slot=slot: book(hospital.family_doctor, slot_id=slot, resident_id=who)
                )
                for who in people[:CONTENDERS]
            ]
            assert until_waiting(CONTENDERS, *contenders)
        assert sorted(all_done(contenders)) == ["done", *["slot_full"] * (CONTENDERS - 1)]
        assert booked_in(slot) == 1
    assert drift() == []
    assert deadlocks() == before


def test_a_function_that_looks_and_then_writes_oversells_in_the_same_race(
    hospital, last_places, people, desks: Desks
) -> None:
    doctor = hospital.family_doctor

    def naive(slot: UUID, who: UUID) -> None:
        with scoped(doctor), connection.cursor() as cursor:
            cursor.execute("SELECT naive_take(%s, %s, %s, %s)", [uuid7(), slot, who, doctor.institution_id])

    slots = last_places(5)
    with connections["owner"].cursor() as owner:
        owner.execute(NAIVE)
        try:
            for slot in slots:
                with gate("capacity_slot", slot):
                    contenders = [
                        desks.start(lambda who=who, slot=slot: naive(slot, who))
                        for who in people[:CONTENDERS]
                    ]
                    assert until_waiting(CONTENDERS, *contenders)
                all_done(contenders)
        finally:
            owner.execute("DROP FUNCTION naive_take")
    assert [booked_in(slot) for slot in slots] == [CONTENDERS] * len(slots)
    assert len(drift()) >= len(slots), "and the reconciler sees it"


def test_the_last_place_of_a_channel_goes_to_one_though_each_wants_another_time(
    hospital, session, people, desks: Desks
) -> None:
    """The slots have room for everybody; the quota decides."""
    at = session({FAMILY: 3, OPEN: 1}, by_time=60)
    slots = list(Slot.objects.filter(session_id=at).order_by("during").values_list("id", flat=True))
    assert len(slots) == CONTENDERS
    with gate("capacity_quota", at, "OPEN"):
        contenders = [
            desks.start(
                lambda who=who, slot=slot: book(hospital.family_doctor, slot_id=slot, resident_id=who)
            )
            for who, slot in zip(people, slots, strict=False)
        ]
        assert until_waiting(CONTENDERS, *contenders)
    assert sorted(all_done(contenders)) == ["done", *["only_reserved_left"] * (CONTENDERS - 1)]
    assert used(at) == {"FAMILY_DOCTOR": 0, "OPEN": 1}
    assert sum(Slot.objects.filter(session_id=at).values_list("used", flat=True)) == 1
    assert drift() == []


def test_nobody_is_refused_while_there_is_room(hospital, session, people, desks: Desks) -> None:
    at = session({OPEN: len(people)})
    with gate("capacity_slot", slot_of(at)):
        works = [
            desks.start(lambda who=who: book(hospital.family_doctor, slot_id=slot_of(at), resident_id=who))
            for who in people
        ]
        assert until_waiting(len(people), *works)
    assert all_done(works) == ["done"] * len(people)
    with scoped(hospital.family_doctor):
        numbers = sorted(Booking.objects.values_list("number", flat=True))
    assert numbers == list(range(1, len(people) + 1))


def test_one_resident_gets_one_place_however_many_book_it(hospital, session, people, desks: Desks) -> None:
    at = session({OPEN: 8}, by_time=30)
    slots = list(Slot.objects.filter(session_id=at).values_list("id", flat=True))[:CONTENDERS]
    with gate("capacity_quota", at, "OPEN"):
        works = [
            desks.start(lambda slot=slot: book(hospital.family_doctor, slot_id=slot, resident_id=people[0]))
            for slot in slots
        ]
        assert until_waiting(CONTENDERS, *works)
    assert sorted(all_done(works)) == [*["booked_already"] * (CONTENDERS - 1), "done"]
    assert used(at) == {"OPEN": 1}
    assert drift() == []


def test_of_two_confirmations_one_confirms(hospital, session, people, desks: Desks) -> None:
    at, doctor = session({OPEN: 1}), hospital.family_doctor
    held = book(doctor, slot_id=slot_of(at), resident_id=people[0], hold=True).booking_id
    with gate("capacity_booking", held):
        works = [desks.start(lambda: turn(doctor, booking_id=held, act=Act.CONFIRM)) for _ in range(2)]
        assert until_waiting(2, *works)
    assert sorted(all_done(works)) == ["done", "not_in_this_state"]
    assert used(at) == {"OPEN": 1}


def test_a_hold_is_confirmed_or_lapses_but_never_both(hospital, session, people, desks: Desks) -> None:
    """Confirming began in time, and stands at the door while the time runs out and somebody wants the place."""
    doctor = hospital.family_doctor
    for n in range(6):
        at = session({OPEN: 1}, days=2 + n)
        held = book(doctor, slot_id=slot_of(at), resident_id=people[0], hold=True).booking_id
        with gate("capacity_booking", held):
            confirming = desks.start(lambda held=held: turn(doctor, booking_id=held, act=Act.CONFIRM))
            assert until_waiting(1, confirming)
            later(seconds=HOLD.total_seconds())
            wanting = desks.start(lambda at=at: book(doctor, slot_id=slot_of(at), resident_id=people[1]))
            assert until_waiting(2, wanting)
        outcome = all_done([confirming, wanting])
        assert outcome in (["done", "slot_full"], ["hold_lapsed", "done"])
        assert used(at) == {"OPEN": 1} and booked_in(slot_of(at)) == 1
    assert drift() == []


def test_publishing_the_same_week_twice_at_once_publishes_it_once(hospital, desks: Desks) -> None:
    pool = hospital.pool()
    week = [hospital.planned(pool, days=days) for days in range(2, 9)]
    works = at_once(
        desks,
        [lambda: publish(hospital.office, institution_id=hospital.id, planned=week) for _ in range(3)],
    )
    assert sorted(works) == ["done", "session_once", "session_once"]
    assert Session.objects.count() == Slot.objects.count() == len(week)
    assert sum(Quota.objects.values_list("cap", flat=True)) == sum(each.capacity for each in week)
    assert drift() == []


def test_moves_in_opposite_directions_never_wait_in_a_ring(hospital, session, people, desks: Desks) -> None:
    doctor, before = hospital.family_doctor, deadlocks()
    sessions = [session({FAMILY: 2, OPEN: 4}, days=days, by_time=80, per_slot=2) for days in (2, 3)]
    slots = [
        list(Slot.objects.filter(session_id=each).order_by("during").values_list("id", flat=True))
        for each in sessions
    ]
    for who in people[:3]:
        sign(hospital.site, doctor, who)
    places = {
        who: book(doctor, slot_id=slots[n % 2][n // 2 % 3], resident_id=who).booking_id
        for n, who in enumerate(people)
    }

    def wander(number: int) -> dict[str, int]:
        choice, told = Random(number), {"done": 0}
        who = people[number]
        for turn_of in range(40):
            target = choice.choice(slots[(number + turn_of) % 2])

            def go(target: UUID = target) -> None:
                places[who] = move(doctor, booking_id=places[who], slot_id=target).booking_id

            outcome = said(go)
            told[outcome] = told.get(outcome, 0) + 1
        return told

    told = [desks.pool.submit(alone, wander, number) for number in range(len(people))]
    outcomes = [each.result(60) for each in told]
    assert {code for each in outcomes for code in each} <= {"done", "slot_full", "only_reserved_left"}
    assert sum(each["done"] for each in outcomes) > 100
    assert drift() == []
    with scoped(doctor):
        assert Booking.objects.filter(state="BOOKED").count() == len(people)
    assert deadlocks() == before


def test_a_busy_morning_leaves_every_counter_right_and_nobody_waiting_in_a_ring(
    hospital, session, people, desks: Desks
) -> None:
    """Eight desks hold, book, confirm, cancel and move at random in three sessions; holds lapse in moments."""
    doctor, before = hospital.family_doctor, deadlocks()
    slots = [
        slot
        for days in (2, 3, 4)
        for slot in Slot.objects.filter(
            session_id=session({FAMILY: 1, OPEN: 4}, days=days, by_time=60, per_slot=2)
        ).values_list("id", flat=True)
    ]
    for who in people[:3]:
        sign(hospital.site, doctor, who)

    def work(number: int) -> set[str]:
        choice, who, mine, told = Random(number), people[number], list[UUID](), set[str]()

        def hold_one() -> None:
            slot = choice.choice(slots)
            channel, _ = channel_for(doctor, slot, who, None)
            held = take(
                doctor, channel=channel, slot_id=slot, resident_id=who, state=State.HELD, hold_for=MOMENT
            )
            mine.append(held.booking_id)

        def book_one() -> None:
            mine.append(book(doctor, slot_id=choice.choice(slots), resident_id=who).booking_id)

        def go(key: UUID) -> None:
            mine.append(move(doctor, booking_id=key, slot_id=choice.choice(slots)).booking_id)

        for _ in range(40):
            key = choice.choice(mine) if mine else None
            acts: list[Callable[[], object]] = [hold_one, hold_one, book_one]
            if key is not None:
                acts += [
                    lambda key=key: turn(doctor, booking_id=key, act=Act.CONFIRM),
                    lambda key=key: turn(doctor, booking_id=key, act=Act.CANCEL),
                    lambda key=key: go(key),
                ]
            told.add(said(choice.choice(acts)))
        return told

    works = [desks.pool.submit(alone, work, number) for number in range(len(people))]
    told = set().union(*(each.result(120) for each in works))
    assert {"done", "booked_already"} <= told
    assert told <= {
        *("done", "slot_full", "only_reserved_left", "booked_already"),
        *("not_in_this_state", "hold_lapsed"),
    }
    with scoped(doctor):
        assert Booking.objects.filter(state="LAPSED").exists()
    assert drift() == []
    assert deadlocks() == before
