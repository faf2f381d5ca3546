"""Pools, weeks, publishing, stopping, lending: what a hospital's office does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import events
from tiercare.apps.capacity.commands import (
    book,
    keep_pool,
    keep_week,
    lend,
    move,
    plan_days,
    publish_days,
    stop,
    substitute,
    turn,
)
from tiercare.apps.capacity.models import Booking, Quota, Session, Slot
from tiercare.apps.capacity.queries import drift, of_day
from tiercare.apps.capacity.rules.pools import PoolGiven, WeekGiven
from tiercare.apps.capacity.rules.vocabulary import Channel, Grade, Kind
from tiercare.apps.capacity.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.messages.models import Message
from tiercare.apps.messages.queries import inbox
from tiercare.apps.messages.subscribers import send
from tiercare.apps.network.models import Clinician, PracticeSite
from tiercare.apps.terms.commands import enter_day
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused
from tiercare.web.capacity.presenters import default_release

from .conftest import slot_of, to_the_day, used

FAMILY, OPEN = Channel.FAMILY_DOCTOR, Channel.OPEN
EXPERT = PoolGiven(
    code="xnk-zj", name="心血管内科专家门诊", kind=Kind.CLINIC, grade=Grade.EXPERT, specialty_code="03.04"
)


def codes(excinfo) -> list[str]:
    return [refusal.code for refusal in excinfo.value.refusals]


@pytest.fixture
def weekly(hospital):
    """An expert's clinic every day of the week, in slots of a quarter of an hour."""
    given = PoolGiven(**{**{name: getattr(EXPERT, name) for name in EXPERT.__slots__}, "slot_minutes": 15})
    pool = keep_pool(hospital.office, institution_id=hospital.id, given=given)
    lines = [WeekGiven(day, time(8), time(10), capacity=8) for day in range(1, 8)]
    keep_week(hospital.office, pool_id=pool.id, lines=lines)
    return pool


@pytest.fixture
def two_physicians(hospital):
    """Two of the hospital's own."""
    found = []
    for name in ("示例甲医师", "示例乙医师"):
        clinician = Clinician.objects.create(name=name, title="主任医师", synthetic=True)
        PracticeSite.objects.create(
            clinician=clinician,
            institution_id=hospital.id,
            ground="REGISTERED",
            period=DateRange(ledger.today(), None),
        )
        found.append(clinician.id)
    return found


def test_a_pool_is_entered_changed_and_told(hospital) -> None:
    pool = keep_pool(hospital.office, institution_id=hospital.id, given=EXPERT)
    again = keep_pool(
        hospital.office, institution_id=hospital.id, given=replace(EXPERT, name="心内科专家"), pool_id=pool.id
    )
    assert again.name == "心内科专家"
    told = Event.objects.filter(kind=events.PoolKept.KIND).order_by("sequence")
    assert [event.payload["fields"] for event in told][-1] == ["name"]


def test_everything_wrong_with_a_pool_is_told_at_once(hospital) -> None:
    bad = PoolGiven(
        code="有空格 的",
        name="",
        kind=Kind.EXAM,
        grade=Grade.EXPERT,
        slot_minutes=0,
        shares={FAMILY: 1.3},
        release_hours=9999,
    )
    with pytest.raises(Refused) as refused:
        keep_pool(hospital.office, institution_id=hospital.id, given=bad)
    assert set(codes(refused)) == {
        "capacity.wrong_code",
        "capacity.wrong_name",
        "capacity.grade_misfits",
        "capacity.examination_without_item",
        "capacity.wrong_slot_minutes",
        "capacity.wrong_release_hours",
        "capacity.shares_over_all",
    }


def test_only_the_own_office_keeps_its_pools(hospital) -> None:
    for actor in (hospital.family_doctor, hospital.site.actor(Role.REFERRAL_OFFICE, "stranger")):
        with pytest.raises(Refused):
            keep_pool(actor, institution_id=hospital.id, given=EXPERT)


def test_a_week_is_published_without_holidays_and_once(hospital, weekly) -> None:
    first = ledger.today() + timedelta(days=1)
    last = first + timedelta(days=6)
    enter_day(Actor.system(), day=first + timedelta(days=2), workday=False, name="院庆")
    published, week = publish_days(hospital.office, institution_id=hospital.id, first=first, last=last)
    assert len(published.session_ids) == 6
    assert [(skip.day, skip.why.zh) for skip in week.skipped] == [(first + timedelta(days=2), "院庆")]
    assert published.units == 6 * 8
    slots = Slot.objects.filter(session_id=published.session_ids[0]).order_by("during")
    assert [slot.capacity for slot in slots] == [1] * 8
    with pytest.raises(Refused) as refused:
        publish_days(hospital.office, institution_id=hospital.id, first=first, last=last)
    assert codes(refused) == ["capacity.nothing_to_publish"]


def test_a_published_holiday_counts_without_being_entered(hospital, weekly) -> None:
    ledger_today = ledger.today()
    new_year = date(ledger_today.year + 1, 1, 1)
    if new_year > ledger_today + timedelta(days=92):
        pytest.skip("New Year is too far ahead to be planned")
    week = plan_days(hospital.id, new_year, new_year)
    assert len(week.planned) + len(week.skipped) == 1


def test_one_physician_is_not_in_two_places(hospital, two_physicians) -> None:
    one = hospital.pool("a", clinician_id=two_physicians[0])
    other = hospital.pool("b", clinician_id=two_physicians[0])
    hospital.offer(hospital.planned(one))
    with pytest.raises(Refused) as refused:
        hospital.offer(hospital.planned(other, hour=11))
    assert codes(refused) == ["capacity.physician_in_one_place"]
    day = ledger.today() + timedelta(days=2)
    for words in ("示例甲医师", f"{day} 08:00–12:00", "示例池 a"):
        assert words in refused.value.refusals[0].sentence()
    hospital.offer(hospital.planned(other, hour=12))  # half-open: one ends as the other begins


def test_stopping_moves_those_it_can_and_tells_everybody(hospital, register) -> None:
    pool = hospital.pool()
    gone = hospital.offer(hospital.planned(pool, capacity=3, units={OPEN: 3})).session_ids[0]
    left = hospital.offer(hospital.planned(pool, days=3, capacity=2, units={OPEN: 2})).session_ids[0]
    people = [register(name) for name in ("王小明", "李小红", "张小军")]
    for person in people:
        book(hospital.family_doctor, slot_id=slot_of(gone), resident_id=person)
    done = stop(hospital.office, session_id=gone, reason="医师参加抢救")
    assert (done.moved, done.freed) == (2, 1)
    assert (used(gone), used(left)) == ({"OPEN": 0}, {"OPEN": 2})
    with scoped(hospital.office):
        states = sorted(Booking.objects.filter(session_id=gone).values_list("state", flat=True))
        texts = list(Message.objects.order_by("written_at", "id").values_list("text", flat=True))
    assert states == ["STOPPED"] * 3
    assert [("已为您改到" in text, "医师参加抢救" in text) for text in texts].count((True, True)) == 2
    assert sum("请联系医院另约" in text for text in texts) == 1
    mine = inbox(hospital.site.resident(people[0]), people[0])
    assert len(mine) == 1
    with pytest.raises(Refused) as refused:
        book(hospital.family_doctor, slot_id=slot_of(gone), resident_id=register("赵小丽"))
    assert codes(refused) == ["capacity.session_closed"]
    assert drift() == []
    with scoped(hospital.family_doctor):  # those who were moved are still theirs to see
        assert Booking.objects.filter(session_id=left, booked_by=hospital.site.township).count() == 2


def test_a_message_reaches_the_gateway_once(hospital, session, register, settings) -> None:
    at = session({OPEN: 1})
    book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register(phone="13900000001"))
    stop(hospital.office, session_id=at, reason="停电")
    event = Event.objects.get(kind="words.message_written")
    for _ in range(2):  # delivered again after a crash
        send(event)
    lines = (settings.HOME / "outbox/sms.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1
    assert "停电" in lines[0] and "13900000001" in lines[0]
    with scoped(hospital.office):
        assert Message.objects.get().sent_at is not None


def test_a_substitute_keeps_everybody_and_tells_them(hospital, register, two_physicians) -> None:
    pool = hospital.pool("zj", clinician_id=two_physicians[0])
    at = hospital.offer(hospital.planned(pool, capacity=2, units={OPEN: 2})).session_ids[0]
    taken = book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register())
    assert substitute(hospital.office, session_id=at, clinician_id=two_physicians[1], reason="外出开会") == 1
    assert Session.objects.get(id=at).clinician_id == two_physicians[1]
    to_the_day(at)
    assert turn(hospital.desk, booking_id=taken.booking_id, act=Act.ARRIVE)


def test_lending_moves_unused_places_with_its_record(hospital, session, register) -> None:
    at = session({Channel.REFERRAL: 3, OPEN: 1})
    lend(hospital.office, session_id=at, source=Channel.REFERRAL, target=OPEN, units=2, reason="转诊不多")
    for name in ("王小明", "李小红", "张小军"):
        book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register(name))
    with pytest.raises(Refused) as refused:
        lend(hospital.office, session_id=at, source=OPEN, target=Channel.REFERRAL, units=1, reason="还回")
    assert codes(refused) == ["capacity.not_so_many_unused"]
    assert Event.objects.get(kind=events.QuotaLent.KIND).payload["units"] == 2
    assert drift() == []


@pytest.mark.clause("TY-64")
def test_devices_publish_slots_and_orders_are_booked_moved_and_cancelled_online(hospital, register) -> None:
    pool = hospital.pool("ct", kind="EXAM", grade="EXAM", item="胸部 CT 平扫", slot_minutes=15)
    today, other = (
        hospital.offer(
            hospital.planned(pool, days=days, hours=1, capacity=4, units={OPEN: 4}, by_time=15)
        ).session_ids[0]
        for days in (2, 3)
    )
    doctor = hospital.family_doctor
    taken = book(doctor, slot_id=slot_of(today), resident_id=register())

    def free(day: int) -> list[int]:
        on = ledger.today() + timedelta(days=day)
        return [each.free for each in of_day(doctor, institution_id=hospital.id, day=on, channel=OPEN)]

    assert (free(2), free(3)) == ([0, 1, 1, 1], [1, 1, 1, 1])
    moved = move(doctor, booking_id=taken.booking_id, slot_id=slot_of(other))
    assert (free(2), free(3)) == ([1, 1, 1, 1], [0, 1, 1, 1])
    turn(doctor, booking_id=moved.booking_id, act=Act.CANCEL)
    assert free(3) == [1, 1, 1, 1]


def test_when_places_open_follows_the_pack_on_the_page_and_in_what_is_published(
    hospital, monkeypatch
) -> None:
    packs = mandates.packs()
    clause = packs.clause["NHC-40"]
    pack = packs.packs[clause.pack]
    later_on = tuple(
        replace(each, value=36) if each.key == "release_hours" else each for each in clause.parameters
    )
    clauses = tuple(
        replace(each, parameters=later_on) if each.id == clause.id else each for each in pack.clauses
    )
    altered = replace(packs, packs={**packs.packs, pack.id: replace(pack, clauses=clauses)})
    units = {FAMILY: 1, OPEN: 1}

    def opens(code: str) -> timedelta:
        at = hospital.offer(hospital.planned(hospital.pool(code), capacity=2, units=units)).session_ids[0]
        quota = Quota.objects.get(session_id=at, channel=FAMILY.value)
        return Session.objects.get(id=at).during.lower - quota.release_at

    before = default_release(hospital.id, ledger.today())
    assert opens("one") == timedelta(hours=before)
    monkeypatch.setattr(mandates, "packs", lambda extra=(): altered)
    assert before != default_release(hospital.id, ledger.today()) == 36
    assert opens("two") == timedelta(hours=36)
