"""The six base registers of a hospital (XH-16): entered, changed, with their history, and how fresh each is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import events
from tiercare.apps.capacity.commands import book, import_places, publish_days, receive, turn
from tiercare.apps.capacity.models import Booking, Pool, Quota, Session, Slot
from tiercare.apps.capacity.queries.freshness import By, Register, registers
from tiercare.apps.capacity.rules.vocabulary import Kind
from tiercare.apps.capacity.workflow import COUNTED, Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.network.commands import confirm_register
from tiercare.apps.network.commands.imports import Source
from tiercare.apps.network.models import Clinician, Department, PracticeSite
from tiercare.engines.sheets import Table, write_xlsx
from tiercare.kernel.refusal import Refused

from .conftest import later
from .feeding import full, told
from .test_promises import altered

POOLS = [
    ["zj", "专家门诊", "门诊号源", "专家门诊", "示例科", "", ""],
    ["wd", "一病区", "住院床位", "住院", "示例科", "", ""],
    ["ct", "CT", "检查", "检查", "示例科", "胸部 CT 平扫", "15"],
]
HEADER = ["池编号", "池名称", "种类", "类别", "科室", "检查项目", "每号分钟"]


def book_of(pools: list[list[str]], weeks: list[list[str]]) -> Source:
    tables = [Table("号源床位检查池", HEADER, pools)]
    if weeks:
        tables.append(Table("周排班", ["池编号", "星期", "开始", "结束", "号数"], weeks))
    return Source("登记.xlsx", write_xlsx(tables))


@pytest.fixture
def staffed(hospital):
    """A department and a physician of the hospital's."""
    today = DateRange(ledger.today(), None)
    Department.objects.create(institution_id=hospital.id, name="示例科", specialty_code="03.04", period=today)
    made = Clinician.objects.create(name="示例甲医师", code="ys01", title="主任医师", synthetic=True)
    PracticeSite.objects.create(clinician=made, institution_id=hospital.id, ground="REGISTERED", period=today)


def of(hospital, actor=None, **more):
    (found,) = registers(actor or hospital.office, **more)
    return {each.register: each for each in found.kept}


def free(institution: UUID, kind: Kind) -> tuple[int, int, int]:
    """Units offered, units that bookings take, and units that can still be had, of a kind."""
    sessions = Session.objects.filter(institution_id=institution, kind=kind.value, state="PUBLISHED")
    total = sum(each.capacity for each in sessions)
    quotas = Quota.objects.filter(session__in=sessions)
    taken = Booking.objects.filter(session__in=sessions, state__in=[each.value for each in COUNTED]).count()
    return total, taken, sum(each.cap - each.used for each in quotas)


@pytest.mark.clause("XH-16")
def test_the_six_registers_are_entered_changed_and_pools_hold_what_bookings_consume(
    hospital, staffed, register
):
    today = ledger.today()
    first = today + timedelta(days=1)
    weekday = f"周{'一二三四五六日'[first.weekday()]}"
    weeks = [[code, weekday, "08:00", "10:00", "4"] for code in ("zj", "wd", "ct")]
    import_places(hospital.office, institution_id=hospital.id, sources=[book_of(POOLS, weeks)])
    kept = of(hospital)
    assert set(kept) == set(Register) and all(each.rows >= 1 for each in kept.values())
    assert kept[Register.HOSPITAL].stale  # entered years ago, and never confirmed since
    office = hospital.site.actor(Role.CONSORTIUM_OFFICE, "county_hospital")
    for name in ("institutions", "departments", "clinicians"):
        confirm_register(actor=office, institution_id=hospital.id, register=name)
    kept = of(hospital)
    assert not any(each.stale for each in kept.values())
    assert kept[Register.HOSPITAL].who == office.name
    assert [kept[each].by for each in (Register.CLINIC, Register.BED, Register.EXAM)] == [By.FILE] * 3

    # Changed, with the history of what it was.
    changed = [[*POOLS[0][:1], "心内科专家门诊", *POOLS[0][2:]], *POOLS[1:]]
    import_places(hospital.office, institution_id=hospital.id, sources=[book_of(changed, [])])
    pool = Pool.objects.get(institution_id=hospital.id, code="zj")
    history = Event.objects.filter(subject_id=pool.id, kind=events.PoolKept.KIND).order_by("sequence")
    assert [each.payload["now"]["name"] for each in history] == ["专家门诊", "心内科专家门诊"]
    assert history[1].payload["was"]["name"] == "专家门诊"

    # Free is what is offered less what is booked, after every step.
    publish_days(hospital.office, institution_id=hospital.id, first=first, last=first)
    people = [register(name) for name in ("王小明", "李小红", "张小军")]
    for kind in Kind:
        slot = Slot.objects.filter(session__kind=kind.value, session__institution_id=hospital.id)
        taken = []
        for n, person in enumerate(people):
            with scoped(hospital.office):
                offered, booked, left = free(hospital.id, kind)
            assert (booked, left) == (n, offered - n)
            place = slot.filter(used=0).order_by("during").first() or slot.order_by("during").first()
            if Session.objects.get(id=place.session_id).capacity > n:
                taken.append(book(hospital.family_doctor, slot_id=place.id, resident_id=person).booking_id)
        turn(hospital.family_doctor, booking_id=taken[0], act=Act.CANCEL)
        with scoped(hospital.office):
            offered, booked, left = free(hospital.id, kind)
        assert (booked, left) == (len(taken) - 1, offered - len(taken) + 1)


@pytest.mark.clause("XH-16")
def test_how_old_a_register_may_be_is_the_pack_s_to_say(hospital, staffed):
    import_places(hospital.office, institution_id=hospital.id, sources=[book_of(POOLS, [])])
    limit = registers(hospital.office)[0].limit
    assert limit is not None
    later(days=limit)
    assert not of(hospital)[Register.CLINIC].stale
    later(days=1)
    assert of(hospital)[Register.CLINIC].stale and of(hospital)[Register.CLINIC].age == limit + 1
    longer = altered("NHC-40.register_fresh_days", limit + 10)
    assert not of(hospital, packs=longer)[Register.CLINIC].stale
    import_places(hospital.office, institution_id=hospital.id, sources=[book_of([POOLS[0]], [])])
    assert of(hospital)[Register.CLINIC].stale  # the same file again is no keeping
    mended = [[*POOLS[0][:1], "新名称", *POOLS[0][2:]]]
    import_places(hospital.office, institution_id=hospital.id, sources=[book_of(mended, [])])
    assert not of(hospital)[Register.CLINIC].stale and of(hospital)[Register.BED].stale


def test_a_feed_keeps_the_pools_that_it_tells_of(hospital, staffed):
    import_places(hospital.office, institution_id=hospital.id, sources=[book_of(POOLS, [])])
    later(days=2)
    day = ledger.today() + timedelta(days=3)
    receive(hospital.office, message=full(1, [day], told("a", day)))
    kept = of(hospital)
    assert (kept[Register.CLINIC].by, kept[Register.CLINIC].age) == (By.FEED, 0)
    assert (kept[Register.EXAM].by, kept[Register.EXAM].age) == (By.FILE, 2)


def test_the_commission_sees_its_area_and_others_nothing(hospital):
    commission = replace(hospital.site.actor(Role.COMMISSION), division_code=hospital.site.division[:6])
    found = registers(commission)
    own = next(each for each in found if each.institution_id == hospital.id)
    assert own.stale >= 3  # no pools yet
    assert [each.stale for each in found] == sorted((each.stale for each in found), reverse=True)
    for actor in (hospital.family_doctor, hospital.stranger):
        with pytest.raises(Refused):
            registers(actor, institution_id=hospital.id)
