"""What somebody is told who lost a place: the same clinic first, then the same house, then elsewhere; by time."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tiercare.apps.capacity.commands import book, publish
from tiercare.apps.capacity.models import Pool, Slot
from tiercare.apps.capacity.queries import others, others_lately, places
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.kernel.actor import Actor

from .conftest import Hospital, slot_of

FAMILY, OPEN = Channel.FAMILY_DOCTOR, Channel.OPEN


def _offered(hospital: Hospital, pool: Pool, *, capacity: int = 2, **more) -> UUID:
    """A session of the pool, all of it open unless said otherwise; answers its first slot."""
    planned = hospital.planned(pool, **({"capacity": capacity, "units": {OPEN: capacity}} | more))
    made = publish(Actor.system("test"), institution_id=pool.institution_id, planned=[planned])
    return slot_of(made.session_ids[0])


def test_the_same_clinic_then_the_same_house_then_elsewhere_each_by_time(hospital) -> None:
    mine, beside = hospital.pool("mine"), hospital.pool("beside")
    away = hospital.pool("away", institution_id=hospital.site.stranger)
    other = hospital.pool("other", specialty_code="04.01")
    lost = _offered(hospital, mine, days=2)
    expected = [
        lost,  # it has another place by now
        _offered(hospital, mine, days=3),
        _offered(hospital, mine, days=16),  # the last of the fourteen days
        _offered(hospital, beside, days=2, hour=14, hours=3),
        _offered(hospital, beside, days=5),
        _offered(hospital, away, days=2, hour=14, hours=3),
        _offered(hospital, away, days=4),
    ]
    _offered(hospital, mine, days=17)  # too late
    _offered(hospital, beside, days=1)  # before the lost one
    _offered(hospital, other, days=2)  # of another specialty
    found = others(hospital.desk, slot_id=lost, channel=OPEN, limit=20)
    assert [each.slot_id for each in found] == expected
    few = others(hospital.desk, slot_id=lost, channel=OPEN)
    assert [each.slot_id for each in few] == expected[:5]


def test_of_each_session_the_free_slot_nearest_in_time_if_the_channel_has_room(hospital, register) -> None:
    pool = hospital.pool(slot_minutes=60)
    times = {"capacity": 4, "by_time": 60}
    lost = _offered(hospital, pool, days=2, **times)
    next_day = _offered(hospital, pool, days=3, units={FAMILY: 3, OPEN: 1}, **times)
    last = Slot.objects.filter(session__slots=lost).order_by("during").last()
    book(hospital.family_doctor, slot_id=next_day, resident_id=register("王小明"))  # all that was open there
    found = others(hospital.desk, slot_id=last.id, channel=OPEN)
    assert [each.slot_id for each in found] == [last.id]
    family = others(hospital.family_doctor, slot_id=last.id, channel=FAMILY)
    assert [each.starts_at - last.during.lower for each in family] == [
        timedelta(0),
        timedelta(hours=22),
    ]  # its second: the first is taken


def test_losers_of_one_moment_are_told_the_same_and_later_ones_what_is_left(
    hospital, register, monkeypatch
) -> None:
    """The machine's clock stands still here, so that the moment is one however slow the machine."""
    moment = 1000.0
    monkeypatch.setattr(places, "monotonic", lambda: moment)
    pool = hospital.pool()
    lost = _offered(hospital, pool, days=2, capacity=1)
    next_day = _offered(hospital, pool, days=3, capacity=1)
    book(hospital.family_doctor, slot_id=lost, resident_id=register("王小明"))

    def told(actor: Actor, channel: Channel = OPEN) -> list[UUID]:
        return [each.slot_id for each in others_lately(actor, slot_id=lost, channel=channel)]

    assert told(hospital.desk) == [next_day]
    with CaptureQueriesContext(connection) as statements:
        assert told(hospital.desk) == [next_day]
    assert len(statements) == 0
    with CaptureQueriesContext(connection) as statements:
        assert told(hospital.family_doctor) == [next_day]  # another house may have quotas of its own
        assert told(hospital.desk, FAMILY) == [next_day]
    assert len(statements) == 2
    book(hospital.family_doctor, slot_id=next_day, resident_id=register("李小红"))
    assert told(hospital.desk) == [next_day]
    moment += 1
    assert told(hospital.desk) == []
