"""Beds: nobody has another's, day beds turn over, and midnight belongs to one of two."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tiercare.apps.access.commands import relate
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis
from tiercare.apps.capacity.commands import admit, cancel_stay, change_bed, discharge, keep_bed, plan_stay
from tiercare.apps.capacity.models import Stay
from tiercare.apps.capacity.queries.beds import bed_board, day_use
from tiercare.apps.capacity.rules.beds import BedSex
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.refusal import Refused

from .conftest import later, to_morning


def code(excinfo) -> str:
    return excinfo.value.refusals[0].code


@pytest.fixture
def bed(hospital):
    """A bed of the ward of internal medicine."""
    numbers = iter(range(1, 100))

    def make(**more):
        return keep_bed(
            hospital.office, institution_id=hospital.id, ward="内科一区", number=str(next(numbers)), **more
        )

    return make


@pytest.fixture
def patient(hospital, register):
    """A resident whom the hospital looks after."""

    def make(name="王小明", **more):
        key = register(name, **more)
        with scoped(hospital.office):
            relate(
                hospital.office,
                resident_id=key,
                institution_id=hospital.id,
                division_code="340223",
                kind=Basis.ENCOUNTER,
                source_id=key,
            )
        return key

    return make


def test_a_bed_is_kept_taken_and_left(hospital, bed, patient) -> None:
    mine, now = bed(), ledger.now()
    stay = plan_stay(
        hospital.office, bed_id=mine.id, resident_id=patient(), starts=now, until=now + timedelta(days=3)
    )
    with pytest.raises(Refused) as refused:
        plan_stay(
            hospital.office, bed_id=mine.id, resident_id=patient("李小红"), starts=now + timedelta(days=2)
        )
    assert code(refused) == "capacity.bed_taken"
    admit(hospital.office, stay_id=stay.id)
    later(minutes=30)
    discharge(hospital.office, stay_id=stay.id)
    assert plan_stay(
        hospital.office, bed_id=mine.id, resident_id=patient("张小军"), starts=now + timedelta(hours=1)
    )


def test_nobody_lies_in_two_beds_and_a_bed_is_changed_in_one_act(hospital, bed, patient) -> None:
    one, other, now, person = bed(), bed(), ledger.now(), patient()
    stay = plan_stay(hospital.office, bed_id=one.id, resident_id=person, starts=now)
    with pytest.raises(Refused) as refused:
        plan_stay(hospital.office, bed_id=other.id, resident_id=person, starts=now + timedelta(hours=1))
    assert code(refused) == "capacity.resident_in_another_bed"
    cancel_stay(hospital.office, stay_id=stay.id)
    assert plan_stay(hospital.office, bed_id=other.id, resident_id=person, starts=now)
    with pytest.raises(Refused) as refused:
        change_bed(hospital.office, stay_id=stay.id, bed_id=other.id)
    assert code(refused) == "capacity.stay_stands_elsewhere"


@pytest.mark.parametrize(
    ("kind", "hours", "wanted"),
    [
        ({"sex": BedSex.FEMALE}, 48, "capacity.bed_other_sex"),
        ({"out_of_use": "维修"}, 48, "capacity.bed_out_of_use"),
        ({"day": True}, 25, "capacity.day_bed_too_long"),
        ({}, 0, "capacity.stay_ends_before_start"),
    ],
)
def test_a_bed_that_does_not_fit_is_refused(hospital, bed, patient, kind, hours, wanted) -> None:
    now = ledger.now()
    with pytest.raises(Refused) as refused:
        plan_stay(
            hospital.office,
            bed_id=bed(**kind).id,
            resident_id=patient(),
            starts=now,
            until=now + timedelta(hours=hours),
        )
    assert code(refused) == wanted


def test_day_beds_turn_over_within_a_day(hospital, bed, patient) -> None:
    mine, now = bed(day=True), ledger.now()
    for n, name in enumerate(("王小明", "李小红", "张小军")):
        start = now + timedelta(hours=4 * n)
        plan_stay(
            hospital.office,
            bed_id=mine.id,
            resident_id=patient(name),
            starts=start,
            until=start + timedelta(hours=4),
        )
    with scoped(hospital.office):
        assert Stay.objects.filter(bed=mine).count() == 3


def test_another_institution_neither_sees_nor_plans(hospital, bed, patient) -> None:
    mine, now = bed(), ledger.now()
    stay = plan_stay(hospital.office, bed_id=mine.id, resident_id=patient(), starts=now)
    with pytest.raises(Refused):
        admit(hospital.stranger, stay_id=stay.id)
    with pytest.raises(Refused):
        plan_stay(hospital.stranger, bed_id=mine.id, resident_id=stay.resident_id, starts=now)


@pytest.fixture
def people(patient):
    """Five patients, for all examples of a property."""
    return [patient(name) for name in ("王小明", "李小红", "张小军", "赵小丽", "陈小刚")]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.integers(0, 72), st.integers(1, 30)), min_size=2, max_size=5))
def test_the_constraint_says_what_plain_intervals_say(hospital, bed, people, times) -> None:
    """Midnights and half-open ends among them: the database against arithmetic."""
    mine, base = bed(), ledger.now().replace(hour=0, minute=0, second=0, microsecond=0)
    kept: list[tuple[int, int]] = []
    for n, (start, length) in enumerate(times):
        free = all(start + length <= other or other + more <= start for other, more in kept)
        try:
            plan_stay(
                hospital.office,
                bed_id=mine.id,
                resident_id=people[n],
                starts=base + timedelta(hours=start),
                until=base + timedelta(hours=start + length),
            )
            taken = True
        except Refused as refused:
            assert refused.refusals[0].code == "capacity.bed_taken"
            taken = False
        assert taken is free
        if taken:
            kept.append((start, length))
    with scoped(hospital.office):  # the next example's patients are free again
        Stay.objects.update(state="CANCELLED")


def test_day_beds_take_several_patients_a_day_and_their_use_is_counted(hospital, bed, people) -> None:
    to_morning()
    day_beds, ordinary, today = [bed(day=True), bed(day=True)], bed(), ledger.today()
    for n, person in enumerate(people[:3]):
        stay = plan_stay(
            hospital.office,
            bed_id=day_beds[0].id,
            resident_id=person,
            starts=ledger.now(),
            until=ledger.now() + timedelta(minutes=20),
        )
        admit(hospital.office, stay_id=stay.id)
        assert not bed_board(hospital.office)[0].free
        later(minutes=20)
        discharge(hospital.office, stay_id=stay.id)
        later(minutes=n + 1)
    plan_stay(hospital.office, bed_id=ordinary.id, resident_id=people[3], starts=ledger.now())
    (used,) = day_use(hospital.office, first=today, last=today)
    assert (used.beds, used.patients, used.per_bed) == (2, 3, 1.5)
    keep_bed(
        hospital.office,
        institution_id=hospital.id,
        ward=day_beds[1].ward,
        number=day_beds[1].number,
        day=True,
        out_of_use="维修",
    )
    assert day_use(hospital.office, first=today, last=today)[0].per_bed == 3.0
