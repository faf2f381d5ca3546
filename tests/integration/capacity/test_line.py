"""The line of those who wait: its numbers, what an answer does to an offer, and what the platform asks by itself."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import queries
from tiercare.apps.capacity.commands import (
    ask_waiting,
    book,
    offer_by_hand,
    offer_next,
    stop,
    turn,
    wait,
    withdraw,
)
from tiercare.apps.capacity.models import Booking, Quota, TurnedAway, Waiting
from tiercare.apps.capacity.queries import waiting
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.rules.waiting import Urgency, WaitingState
from tiercare.apps.capacity.subscribers import after_turning
from tiercare.apps.capacity.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event, Reading
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.messages.models import Message
from tiercare.kernel.refusal import Refused

from .conftest import later, slot_of
from .test_promises import altered
from .test_waiting import code, full, handle, states

__all__ = ["full"]
FAMILY, OPEN = Channel.FAMILY_DOCTOR, Channel.OPEN
FORTNIGHT = timedelta(days=14)


def put(hospital, pool, resident: UUID, urgency: Urgency = Urgency.ROUTINE, **more) -> UUID:
    """On the list for the next fortnight, by the township's doctor."""
    today = ledger.today()
    values = {"first": today, "last": today + FORTNIGHT, "urgency": urgency} | more
    return wait(hospital.family_doctor, pool_id=pool.id, resident_id=resident, **values)


@pytest.fixture
def offered(hospital, full, register):
    """A resident who has been offered the only place, and one who waits behind; answers both, and the entries."""
    pool, at, taken = full
    first, second = register("王小明"), register("李小红")
    entries = [put(hospital, pool, each) for each in (first, second)]
    turn(hospital.family_doctor, booking_id=taken.booking_id, act=Act.CANCEL)
    assert offer_next(at) == 1
    return (first, second), entries


def test_everybody_sees_how_many_stand_before_them_and_nobody_who(hospital, full, register) -> None:
    pool, _, _ = full
    today = ledger.today()
    first, second, urgent, elsewhere = (register(n) for n in ("王小明", "李小红", "张小军", "赵小丽"))
    put(hospital, pool, first)
    put(hospital, pool, second)
    put(hospital, pool, urgent, Urgency.SOON)
    late = today + timedelta(days=20)
    put(hospital, pool, elsewhere, first=late, last=late)
    for resident, before in ((first, 1), (second, 2), (urgent, 0), (elsewhere, 0)):
        (row,) = waiting.my_waiting(hospital.site.resident(resident), resident)
        assert (row.ahead, row.resident_id) == (before, resident)
    assert [row.ahead for row in waiting.put_on_lists(hospital.family_doctor)] == [0, 0, 2, 1]
    line = waiting.line_of(hospital.desk, pool.id)
    assert [row.resident_id for row in line] == [urgent, first, second, elsewhere]
    (named,) = waiting.pools_waited_for(hospital.desk)
    assert (named.pool_id, named.waiting, named.offered) == (pool.id, 4, 0)


def test_the_line_is_the_hosts_and_is_read_on_record(hospital, full, register) -> None:
    pool, resident = full[0], register()
    put(hospital, pool, resident)
    with pytest.raises(Refused) as refused:
        waiting.line_of(hospital.family_doctor, pool.id)
    assert code(refused) == "capacity.no_such_pool"
    assert waiting.put_on_lists(hospital.desk) == [] == waiting.pools_waited_for(hospital.family_doctor)
    before = ledger.now()
    waiting.line_of(hospital.desk, pool.id)
    with scoped(hospital.desk, persons=[resident]):
        last = Reading.objects.filter(resident_id=resident, at__gte=before).latest("at")
    assert Event.objects.get(pk=last.event_id).payload["what"] == "waiting"


@pytest.fixture
def strangers(register):
    """Residents who do not look alike."""
    names, made = iter("赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"), iter(range(20))

    def run() -> UUID:
        return register(f"{next(names)}建国", birth_date=date(1950 + 2 * next(made), 3, 4))

    return run


@pytest.mark.parametrize(("people", "statements"), [(1, 7), (20, 7)])
def test_reading_a_line_costs_the_same_however_long(
    hospital, full, strangers, django_assert_num_queries, people: int, statements: int
) -> None:
    for _ in range(people):
        put(hospital, full[0], strangers())
    with django_assert_num_queries(statements):
        assert len(waiting.line_of(hospital.desk, full[0].id)) == people


def test_declining_passes_it_on_at_once(hospital, offered) -> None:
    (first, second), _ = offered
    (row,) = waiting.my_waiting(hospital.site.resident(first), first)
    assert row.state is WaitingState.OFFERED and row.booking_id is not None and row.held_until is not None
    turn(hospital.site.resident(first), booking_id=row.booking_id, act=Act.CANCEL)
    # Before any job has run, from what became of the hold.
    assert waiting.my_waiting(hospital.site.resident(first), first)[0].state is WaitingState.DECLINED
    for event in Event.objects.filter(kind="capacity.booking_turned", subject_id=row.booking_id):
        after_turning(event)
    assert states(hospital) == {first: "DECLINED", second: "OFFERED"}


def test_leaving_while_asked_gives_the_place_to_the_next(hospital, offered) -> None:
    (first, second), entries = offered
    withdraw(hospital.site.resident(first), waiting_id=entries[0])
    handle("capacity.booking_turned", after_turning)
    assert states(hospital) == {first: "WITHDRAWN", second: "OFFERED"}
    with pytest.raises(Refused) as refused:
        withdraw(hospital.site.resident(second), waiting_id=entries[0])
    assert code(refused) == "capacity.not_waiting"


def test_whoever_is_taken_off_by_others_is_told(hospital, full, register) -> None:
    resident = register()
    entry = put(hospital, full[0], resident)
    withdraw(hospital.desk, waiting_id=entry)
    with scoped(hospital.desk):
        assert "已取消" in Message.objects.get(resident_id=resident).text
    with pytest.raises(Refused):
        withdraw(hospital.site.resident(resident), waiting_id=entry)


def test_a_confirmed_offer_is_not_withdrawn(hospital, offered) -> None:
    (first, _), entries = offered
    own = hospital.site.resident(first)
    (row,) = waiting.my_waiting(own, first)
    turn(own, booking_id=row.booking_id, act=Act.CONFIRM)
    assert waiting.my_waiting(own, first)[0].state is WaitingState.TAKEN
    with pytest.raises(Refused) as refused:
        withdraw(own, waiting_id=entries[0])
    assert code(refused) == "capacity.not_waiting"
    with scoped(own, persons=[first]):
        assert Booking.objects.get(id=row.booking_id).state == "BOOKED"


def test_when_the_hospital_stops_the_session_they_wait_on_where_they_stood(hospital, offered, full) -> None:
    (first, second), _ = offered
    stop(hospital.office, session_id=full[1], reason="医师参加抢救")
    handle("capacity.booking_turned", after_turning)
    assert states(hospital) == {first: "WAITING", second: "WAITING"}
    assert [row.resident_id for row in waiting.line_of(hospital.desk, full[0].id)] == [first, second]
    (row,) = waiting.my_waiting(hospital.site.resident(first), first)
    assert (row.state, row.ahead, row.booking_id) == (WaitingState.WAITING, 0, None)


def test_whose_days_have_passed_is_off_the_list_and_may_wait_again(hospital, full, register) -> None:
    pool, today, resident = full[0], ledger.today(), register()
    put(hospital, pool, resident, last=today)
    later(days=1)
    (row,) = waiting.my_waiting(hospital.site.resident(resident), resident)
    assert row.state is WaitingState.EXPIRED
    put(hospital, pool, resident)
    ask_waiting()
    with scoped(hospital.office):
        assert sorted(Waiting.objects.values_list("state", flat=True)) == ["EXPIRED", "WAITING"]


def test_a_reserve_that_opens_to_all_is_offered_without_anybodys_doing(hospital, session, register) -> None:
    at = session({FAMILY: 1, OPEN: 1})
    resident, own = register(), register("李小红")
    book(hospital.site.resident(own), slot_id=slot_of(at), resident_id=own)
    pool_id = queries.of_day(
        hospital.desk, institution_id=hospital.id, day=ledger.today() + timedelta(days=2), channel=OPEN
    )[0].pool_id
    me = hospital.site.resident(resident)
    wait(me, pool_id=pool_id, resident_id=resident, first=ledger.today(), last=ledger.today() + FORTNIGHT)
    assert ask_waiting() == 0  # what is left is kept for others
    assert TurnedAway.objects.count() == 0  # and nobody came to ask
    released = Quota.objects.get(session_id=at, channel=FAMILY.value).release_at
    later(seconds=(released - ledger.now()).total_seconds())
    assert ask_waiting() == 1 and ask_waiting() == 0
    assert waiting.my_waiting(me, resident)[0].state is WaitingState.OFFERED


def test_a_desk_of_the_host_offers_by_hand_in_its_own_name(hospital, full, register) -> None:
    pool, _, taken = full
    put(hospital, pool, register())
    turn(hospital.family_doctor, booking_id=taken.booking_id, act=Act.CANCEL)
    for stranger in (hospital.family_doctor, hospital.stranger):
        with pytest.raises(Refused):
            offer_by_hand(stranger, pool_id=pool.id)
    assert offer_by_hand(hospital.desk, pool_id=pool.id) == 1
    event = Event.objects.filter(kind="capacity.waiting_turned").latest("sequence")
    assert (event.payload["act"], event.actor_id) == ("offer", hospital.desk.account_id)


@pytest.mark.parametrize(("minutes", "stands"), [(30, 30), (120, 120)])
def test_how_long_an_offer_stands_is_the_packs(
    hospital, full, register, monkeypatch, minutes: int, stands: int
) -> None:
    packs = altered("NHC-41.waiting_offer_minutes", minutes)
    monkeypatch.setattr(mandates, "packs", lambda extra=(): packs)
    pool, at, taken = full
    resident = register()
    put(hospital, pool, resident)
    turn(hospital.family_doctor, booking_id=taken.booking_id, act=Act.CANCEL)
    before = ledger.now()
    offer_next(at)
    (row,) = waiting.my_waiting(hospital.site.resident(resident), resident)
    assert timedelta(0) <= row.held_until - before - timedelta(minutes=stands) < timedelta(minutes=1)


def test_how_far_ahead_one_waits_is_the_packs(hospital, full, register, monkeypatch) -> None:
    resident, last = register(), ledger.today() + FORTNIGHT
    packs = altered("NHC-41.waiting_longest_days", FORTNIGHT.days - 1)
    with monkeypatch.context() as patch:
        patch.setattr(mandates, "packs", lambda extra=(): packs)
        with pytest.raises(Refused) as refused:
            put(hospital, full[0], resident, last=last)
    assert code(refused) == "capacity.waiting_wrong_days"
    assert f"{FORTNIGHT.days - 1} 天" in refused.value.refusals[0].sentence()
    assert put(hospital, full[0], resident, last=last)


def test_only_a_clinician_puts_somebody_before_others(hospital, full, register) -> None:
    pool, today = full[0], ledger.today()
    desk = hospital.site.actor(Role.REGISTRAR)
    plain, asked = register("王小明"), register("李小红")
    put(hospital, pool, plain)
    wait(desk, pool_id=pool.id, resident_id=asked, first=today, last=today, urgency=Urgency.EMERGENCY)
    assert [row.resident_id for row in waiting.line_of(hospital.desk, pool.id)] == [plain, asked]
