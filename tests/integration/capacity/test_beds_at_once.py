"""Several wards at once, in real transactions: a bed goes to one, and is not taken out of use under anybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connections

from tiercare.apps.access.commands import relate
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis
from tiercare.apps.capacity.commands import admit, change_bed, discharge, keep_bed, plan_stay
from tiercare.apps.capacity.models import Bed, Stay
from tiercare.apps.ledger import queries as ledger

from .conftest import Hospital
from .racing import at_once, desks, site

__all__ = ["desks", "site"]  # fixtures

NAMES = ("王小明", "李小红", "张小军", "赵小刚")
HOUR = timedelta(hours=1)


@pytest.fixture
def bed(hospital) -> Iterator[Callable[[str], Bed]]:
    """A bed, really entered; taken away again."""

    def make(number: str) -> Bed:
        return keep_bed(hospital.office, institution_id=hospital.id, ward="内科一区", number=number)

    yield make
    with connections["owner"].cursor() as cursor:
        cursor.execute("TRUNCATE capacity_bed CASCADE")


@pytest.fixture
def people(hospital, register) -> list[UUID]:
    """Whom the hospital looks after."""
    found = [register(name) for name in NAMES]
    for key in found:
        with scoped(hospital.office):
            relate(
                hospital.office,
                resident_id=key,
                institution_id=hospital.id,
                division_code="340223",
                kind=Basis.ENCOUNTER,
                source_id=key,
            )
    return found


def states(hospital: Hospital) -> list[str]:
    with scoped(hospital.office):
        return sorted(Stay.objects.values_list("state", flat=True))


def test_a_bed_is_kept_for_one(hospital, bed, people, desks) -> None:
    mine, now = bed("1"), ledger.now()

    def plan(person: UUID) -> Callable[[], object]:
        return lambda: plan_stay(hospital.office, bed_id=mine.id, resident_id=person, starts=now)

    said = at_once(desks, [plan(person) for person in people])
    assert sorted(said) == ["bed_taken"] * 3 + ["done"]
    assert states(hospital) == ["PLANNED"]


def test_a_bed_goes_out_of_use_before_somebody_has_it_or_not_at_all(hospital, bed, people, desks) -> None:
    mine, now = bed("1"), ledger.now()
    planning = desks.pause(
        lambda: plan_stay(hospital.office, bed_id=mine.id, resident_id=people[0], starts=now)
    )
    stopping = desks.start(
        lambda: keep_bed(
            hospital.office, institution_id=hospital.id, ward=mine.ward, number=mine.number, out_of_use="漏水"
        )
    )
    assert planning.end() == "done"
    assert stopping.result(20) == "bed_has_patients"  # it waited, and saw who has the bed
    assert not Bed.objects.get(id=mine.id).out_of_use


def test_two_patients_change_into_the_same_bed(hospital, bed, people, desks) -> None:
    first, second, free, now = bed("1"), bed("2"), bed("3"), ledger.now()
    lying = []
    for place, person in ((first, people[0]), (second, people[1])):
        stay = plan_stay(hospital.office, bed_id=place.id, resident_id=person, starts=now - HOUR)
        lying.append(admit(hospital.office, stay_id=stay.id))

    def change(stay: Stay) -> Callable[[], object]:
        return lambda: change_bed(hospital.office, stay_id=stay.id, bed_id=free.id)

    assert sorted(at_once(desks, [change(stay) for stay in lying])) == ["bed_taken", "done"]
    assert states(hospital) == ["IN", "IN", "OUT"]  # who lost lies where they lay


def test_whoever_presses_twice_discharges_once(hospital, bed, people, desks) -> None:
    stay = plan_stay(hospital.office, bed_id=bed("1").id, resident_id=people[0], starts=ledger.now())
    admit(hospital.office, stay_id=stay.id)
    said = at_once(desks, [lambda: discharge(hospital.office, stay_id=stay.id)] * 3)
    assert sorted(said) == ["done", "stay_stands_elsewhere", "stay_stands_elsewhere"]
