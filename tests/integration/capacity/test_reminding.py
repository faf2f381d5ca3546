"""Reminders: each booking once for its time, whoever runs at the same time and whatever dies in between."""

from __future__ import annotations

from uuid import UUID

import pytest

from tiercare.apps.access.queries import scoped
from tiercare.apps.capacity.commands import book, move, remind, stop, turn
from tiercare.apps.capacity.models import Booking
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.rules.wording import reminder
from tiercare.apps.capacity.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.messages.models import Message
from tiercare.jobs import tasks

from .conftest import later, slot_of
from .test_day import altered

OPEN = Channel.OPEN
NAMES = ("王小明", "李小红", "张小军", "赵小丽", "陈小刚")


@pytest.fixture
def booked(hospital, session, register):
    """A session of the day after tomorrow at eight, and five who are booked in it."""
    at = session({OPEN: 9}, by_time=60, per_slot=9)
    keys = [
        book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register(name)).booking_id
        for name in NAMES
    ]
    return at, keys


def to_hours_before(hospital, key: UUID, hours: float) -> None:
    with scoped(hospital.desk):
        starts = Booking.objects.select_related("slot").get(id=key).slot.during.lower
    later(seconds=(starts - ledger.now()).total_seconds() - hours * 3600)


def told(hospital) -> list[UUID]:
    """Which bookings somebody was reminded of."""
    with scoped(hospital.desk):
        return list(Message.objects.filter(text__contains="提醒").values_list("about_id", flat=True))


def test_everybody_is_reminded_once_the_day_before(hospital, booked) -> None:
    _, keys = booked
    to_hours_before(hospital, keys[0], 24.1)
    assert remind() == 0
    later(minutes=7)
    assert tasks.remind(0) == len(keys)
    assert remind() == 0
    later(hours=3)
    assert remind() == 0
    assert sorted(told(hospital)) == sorted(keys)


def test_in_batches_nobody_is_left_out_and_nobody_told_twice(hospital, booked) -> None:
    _, keys = booked
    to_hours_before(hospital, keys[0], 20)
    assert remind(batch=2) == len(keys)
    assert sorted(told(hospital)) == sorted(keys)


def test_how_long_before_is_the_packs_number(hospital, booked, monkeypatch) -> None:
    _, keys = booked
    to_hours_before(hospital, keys[0], 40)
    assert remind() == 0
    longer = altered("NHC-40", "reminder_hours", 48)
    monkeypatch.setattr(mandates, "packs", lambda: longer)
    assert remind() == len(keys)


def test_who_is_not_coming_any_more_is_not_reminded(hospital, booked, session, register) -> None:
    at, keys = booked
    held = register("孙小梅")
    book(hospital.family_doctor, slot_id=slot_of(at), resident_id=held, hold=True)
    turn(hospital.family_doctor, booking_id=keys[0], act=Act.CANCEL)
    to_hours_before(hospital, keys[1], 1)
    turn(hospital.desk, booking_id=keys[1], act=Act.ARRIVE)
    assert remind() == 3
    assert set(told(hospital)) == set(keys[2:])
    stopped = session({OPEN: 1}, days=2)
    gone = book(hospital.family_doctor, slot_id=slot_of(stopped), resident_id=held).booking_id
    stop(hospital.office, session_id=stopped, reason="停电", move=False)
    to_hours_before(hospital, gone, 2)
    assert remind() == 0
    later(days=3)
    assert remind() == 0


def test_a_moved_booking_is_reminded_of_anew(hospital, booked, session) -> None:
    _, keys = booked
    other = session({OPEN: 9}, days=3)
    to_hours_before(hospital, keys[0], 10)
    assert remind() == len(keys)
    new = move(hospital.family_doctor, booking_id=keys[0], slot_id=slot_of(other)).booking_id
    assert remind() == 0
    to_hours_before(hospital, new, 10)
    assert remind() == 1
    assert told(hospital).count(new) == 1


def test_the_words_say_where_when_what_and_how_to_cancel(hospital, session, register) -> None:
    at = session({OPEN: 1}, days=2)
    key = book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register()).booking_id
    to_hours_before(hospital, key, 5)
    remind()
    with scoped(hospital.desk):
        text = Message.objects.get(about_id=key).text
    assert "1 号" in text and "取消" in text and "08:00" in text and "示例池" in text
    more = {"fasting": True, "preparation": "去掉金属饰物。", "bring": "以前的片子"}
    said = reminder(
        starts_at=ledger.now(),
        number=3,
        institution="示例医院",
        pool="CT",
        physician="",
        place="一楼",
        details=more,
    )
    for each in ("示例医院CT", "3 号", "地点一楼", "以及以前的片子", "请空腹", "去掉金属饰物", "取消或改约"):
        assert each in said
    assert "。。" not in said
