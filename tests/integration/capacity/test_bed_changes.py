"""Stays that change: another time, another bed, left late; beds that change under people; what residents are told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.commands import (
    admit,
    cancel_stay,
    change_bed,
    discharge,
    enter_beds,
    keep_bed,
    plan_stay,
    retime,
)
from tiercare.apps.capacity.models import Bed, Stay
from tiercare.apps.capacity.queries.beds import bed_board, bed_sheet, day_use, fitting, wards
from tiercare.apps.capacity.rules.beds import BedSex
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.messages.models import Message
from tiercare.apps.residents.rules import Sex
from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refused

from ..residents.conftest import id_number
from .conftest import later, to_morning
from .test_beds import bed, code, patient

__all__ = ["bed", "patient"]  # fixtures
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def told(resident_id) -> list[str]:
    """What the resident was told, in order."""
    return list(Message.objects.filter(resident_id=resident_id).order_by("id").values_list("text", flat=True))


def stay_of(hospital, stay) -> Stay:
    with scoped(hospital.office):
        return Stay.objects.get(id=stay.id)


# --- what residents are told -------------------------------------------------------------------------


def test_the_resident_is_told_of_a_plan_its_change_and_its_end(hospital, bed, patient) -> None:
    person, other, tomorrow = patient(), bed(), ledger.now() + DAY
    stay = plan_stay(hospital.office, bed_id=bed().id, resident_id=person, starts=tomorrow)
    change_bed(hospital.office, stay_id=stay.id, bed_id=other.id)
    retime(hospital.office, stay_id=stay.id, starts=tomorrow + DAY, until=None)
    cancel_stay(hospital.office, stay_id=stay.id)
    with scoped(hospital.office, persons=(person,)):
        said = told(person)
    assert [("已为您安排" in said[0]), ("有变" in said[1]), ("有变" in said[2]), ("已取消" in said[3])] == [
        True
    ] * 4
    assert f"{other.ward} {other.number}" in said[1] and "内科一区 2" in said[0]
    assert len(said) == 4


def test_who_lies_in_bed_needs_no_message(hospital, bed, patient) -> None:
    person = patient()
    stay = plan_stay(hospital.office, bed_id=bed().id, resident_id=person, starts=ledger.now())
    admit(hospital.office, stay_id=stay.id)
    later(minutes=5)
    moved = change_bed(hospital.office, stay_id=stay.id, bed_id=bed().id)
    later(minutes=5)
    discharge(hospital.office, stay_id=moved.id)
    with scoped(hospital.office, persons=(person,)):
        assert len(told(person)) == 1


# --- times -------------------------------------------------------------------------------------------


def test_a_clash_names_the_day_and_the_time(hospital, bed, patient) -> None:
    to_morning()
    mine, now = bed(), ledger.now()
    plan_stay(hospital.office, bed_id=mine.id, resident_id=patient(), starts=now + DAY, until=now + 3 * DAY)
    with pytest.raises(Refused) as refused:
        plan_stay(hospital.office, bed_id=mine.id, resident_id=patient("李小红"), starts=now)
    said = refused.value.refusals[0].sentence("zh")
    first = (now + DAY).astimezone(ZONE)
    assert f"{first.month}月{first.day}日08:00" in said and code(refused) == "capacity.bed_taken"


def test_who_stays_longer_than_planned_keeps_the_bed_until_they_leave(hospital, bed, patient) -> None:
    mine, now = bed(), ledger.now()
    first = plan_stay(
        hospital.office, bed_id=mine.id, resident_id=patient(), starts=now, until=now + 2 * HOUR
    )
    second = plan_stay(
        hospital.office, bed_id=mine.id, resident_id=patient("李小红"), starts=now + 3 * HOUR, until=now + DAY
    )
    admit(hospital.office, stay_id=first.id)
    later(hours=4)
    (shown,) = bed_board(hospital.office)
    assert (
        shown.now is not None and shown.now.id == first.id and not shown.free
    )  # still there, beyond the end
    with pytest.raises(Refused) as refused:
        admit(hospital.office, stay_id=second.id)
    assert code(refused) == "capacity.bed_not_left"
    discharge(hospital.office, stay_id=first.id)
    left = stay_of(hospital, first).during.upper
    assert left > now + 3 * HOUR and stay_of(hospital, second).during.lower == left
    assert admit(hospital.office, stay_id=second.id).state == "IN"


def test_a_plan_whose_time_passed_meanwhile_ends_and_is_told(hospital, bed, patient) -> None:
    mine, now, missed = bed(), ledger.now(), patient("李小红")
    first = plan_stay(hospital.office, bed_id=mine.id, resident_id=patient(), starts=now, until=now + HOUR)
    plan_stay(
        hospital.office, bed_id=mine.id, resident_id=missed, starts=now + 2 * HOUR, until=now + 3 * HOUR
    )
    admit(hospital.office, stay_id=first.id)
    later(hours=5)
    discharge(hospital.office, stay_id=first.id)
    with scoped(hospital.office, persons=(missed,)):
        assert "已取消" in told(missed)[-1]
    assert bed_board(hospital.office)[0].free


def test_a_stay_is_prolonged_as_long_as_nobody_else_has_the_bed(hospital, bed, patient) -> None:
    mine, now = bed(), ledger.now()
    stay = plan_stay(hospital.office, bed_id=mine.id, resident_id=patient(), starts=now, until=now + HOUR)
    plan_stay(hospital.office, bed_id=mine.id, resident_id=patient("李小红"), starts=now + DAY)
    admit(hospital.office, stay_id=stay.id)
    assert retime(hospital.office, stay_id=stay.id, until=now + 20 * HOUR).during.upper == now + 20 * HOUR
    for until, wanted in (
        (now + 2 * DAY, "capacity.bed_taken"),
        (now - HOUR, "capacity.stay_ends_before_start"),
    ):
        with pytest.raises(Refused) as refused:
            retime(hospital.office, stay_id=stay.id, until=until)
        assert code(refused) == wanted


@pytest.mark.parametrize(
    ("starts", "until", "wanted"),
    [
        (-2 * DAY, None, "capacity.stay_in_the_past"),
        (400 * DAY, None, "capacity.stay_too_far_ahead"),
        (DAY, 400 * DAY, "capacity.stay_too_long"),
    ],
)
def test_absurd_times_are_refused(hospital, bed, patient, starts, until, wanted) -> None:
    now = ledger.now()
    with pytest.raises(Refused) as refused:
        plan_stay(
            hospital.office,
            bed_id=bed().id,
            resident_id=patient(),
            starts=now + starts,
            until=until and now + until,
        )
    assert code(refused) == wanted


def test_nobody_is_admitted_after_their_time(hospital, bed, patient) -> None:
    now = ledger.now()
    stay = plan_stay(hospital.office, bed_id=bed().id, resident_id=patient(), starts=now, until=now + HOUR)
    later(hours=2)
    with pytest.raises(Refused) as refused:
        admit(hospital.office, stay_id=stay.id)
    assert code(refused) == "capacity.stay_time_over"


# --- beds --------------------------------------------------------------------------------------------


def test_a_row_of_beds_is_entered_at_once_or_not_at_all(hospital) -> None:
    some = {"institution_id": hospital.id, "ward": "骨科"}
    assert len(enter_beds(hospital.office, numbers="01-20", day=False, **some)) == 20
    assert Bed.objects.filter(ward="骨科", number="07").exists()
    with pytest.raises(Refused) as refused:
        enter_beds(hospital.office, numbers="20、21", **some)
    assert code(refused) == "capacity.bed_known" and not Bed.objects.filter(number="21").exists()
    with pytest.raises(Refused) as refused:
        enter_beds(hospital.office, numbers="1-5000", **some)
    assert code(refused) == "capacity.too_many_beds_at_once"
    with pytest.raises(Refused):
        enter_beds(hospital.stranger, numbers="1", **some)


@pytest.mark.parametrize(
    "change", [{"out_of_use": "漏水"}, {"sex": BedSex.FEMALE}, {"day": True}], ids=["out", "sex", "day"]
)
def test_a_bed_that_somebody_has_does_not_stop_fitting_them(hospital, bed, patient, change) -> None:
    mine = bed()
    stay = plan_stay(hospital.office, bed_id=mine.id, resident_id=patient(), starts=ledger.now() + DAY)
    it = {"institution_id": hospital.id, "ward": mine.ward, "number": mine.number}
    with pytest.raises(Refused) as refused:
        keep_bed(hospital.office, **it, **change)
    assert code(refused) == "capacity.bed_has_patients"
    assert keep_bed(hospital.office, **it, isolation=True)  # what takes nothing away is done
    cancel_stay(hospital.office, stay_id=stay.id)
    assert keep_bed(hospital.office, **it, **change)


def test_only_beds_that_fit_and_are_free_are_proposed(hospital, bed, patient) -> None:
    now, woman = ledger.now(), patient("李小红", sex=Sex.FEMALE, number=id_number(sequence=102))
    beds = {"any": bed(), "men": bed(sex=BedSex.MALE), "broken": bed(out_of_use="维修"), "day": bed(day=True)}
    beds["isolation"] = bed(isolation=True)
    plan_stay(
        hospital.office, bed_id=bed().id, resident_id=patient(), starts=now, until=now + HOUR
    )  # taken for an hour
    found = fitting(hospital.office, resident_id=woman, starts=now, until=None)
    assert {each.id for each in found} == {beds["any"].id, beds["isolation"].id}
    found = fitting(hospital.office, resident_id=woman, starts=now, until=None, isolation=True)
    assert [each.id for each in found] == [beds["isolation"].id]
    found = fitting(hospital.office, resident_id=woman, starts=now + 2 * HOUR, until=now + 4 * HOUR)
    assert len(found) == 4  # the day bed, and the one that is free again
    with pytest.raises(Refused):
        fitting(hospital.stranger, resident_id=woman, starts=now, until=None)


def test_wards_are_counted(hospital, bed, patient) -> None:
    to_morning()
    now = ledger.now()
    lying, leaving, planned = bed(), bed(), bed()
    bed(out_of_use="维修")
    for place, name, until in ((lying, "王小明", now + 3 * DAY), (leaving, "李小红", now + HOUR)):
        stay = plan_stay(hospital.office, bed_id=place.id, resident_id=patient(name), starts=now, until=until)
        admit(hospital.office, stay_id=stay.id)
    plan_stay(hospital.office, bed_id=planned.id, resident_id=patient("张小军"), starts=now + HOUR)
    plan_stay(
        hospital.office, bed_id=lying.id, resident_id=patient("赵小丽"), starts=now + 4 * DAY
    )  # not today
    (ward,) = wards(hospital.office)
    assert (ward.beds, ward.free, ward.out_of_use, ward.leaving, ward.planned) == (4, 1, 1, 1, 1)


def test_a_bed_shows_everybody_who_is_planned_and_who_lay_there(hospital, bed, patient) -> None:
    mine, now = bed(), ledger.now()
    for n, name in enumerate(("王小明", "李小红", "张小军")):
        plan_stay(
            hospital.office,
            bed_id=mine.id,
            resident_id=patient(name),
            starts=now + n * DAY,
            until=now + n * DAY + HOUR,
        )
    sheet = bed_sheet(hospital.office, mine.id)
    assert len(sheet.planned) == 3 and sheet.bed.planned == 3 and sheet.past == ()
    admit(hospital.office, stay_id=sheet.planned[0].id)
    later(minutes=5)
    discharge(hospital.office, stay_id=sheet.planned[0].id)
    sheet = bed_sheet(hospital.office, mine.id)
    assert (len(sheet.planned), len(sheet.past)) == (2, 1)
    with pytest.raises(Refused):
        bed_sheet(hospital.site.actor(Role.REGISTRAR, "stranger"), mine.id)


def test_who_only_counts_beds_sees_nobody_and_lays_nobody(hospital, bed, patient) -> None:
    mine = bed()
    stay = plan_stay(hospital.office, bed_id=mine.id, resident_id=patient(), starts=ledger.now())
    office = hospital.site.actor(Role.CONSORTIUM_OFFICE, "county_hospital")
    (shown,) = bed_board(office)
    assert shown.next is not None and shown.next.resident_id is None
    with pytest.raises(Refused):
        admit(office, stay_id=stay.id)


# --- the report --------------------------------------------------------------------------------------


def test_day_use_counts_what_there_was_on_each_day(hospital, bed, patient) -> None:
    """Three days by hand: 2 beds and 3 patients; 1 bed and 1 patient; a bed that came back and nobody."""
    to_morning()
    first, other, day_one = bed(day=True), bed(day=True), ledger.today()
    people = [patient(name) for name in ("王小明", "李小红", "张小军")]

    def serve(place, person) -> None:
        now = ledger.now()
        stay = plan_stay(hospital.office, bed_id=place.id, resident_id=person, starts=now, until=now + HOUR)
        admit(hospital.office, stay_id=stay.id)
        later(minutes=50)
        discharge(hospital.office, stay_id=stay.id)
        later(minutes=10)

    serve(first, people[0])
    serve(first, people[1])
    serve(other, people[2])
    to_morning()
    it = {"institution_id": hospital.id, "ward": other.ward, "number": other.number, "day": True}
    keep_bed(hospital.office, **it, out_of_use="维修")
    serve(first, people[0])
    to_morning()
    keep_bed(hospital.office, **it)
    found = day_use(hospital.office, first=day_one - DAY, last=day_one + 2 * DAY)
    assert [(each.beds, each.patients, each.per_bed) for each in found] == [
        (0, 0, None),  # before there was a bed: no value
        (2, 3, 1.5),
        (1, 1, 1.0),
        (2, 0, 0.0),
    ]


def test_who_changes_day_beds_is_one_patient(hospital, bed, patient) -> None:
    to_morning()
    one, other, now = bed(day=True), bed(day=True), ledger.now()
    stay = plan_stay(hospital.office, bed_id=one.id, resident_id=patient(), starts=now, until=now + 4 * HOUR)
    admit(hospital.office, stay_id=stay.id)
    later(minutes=30)
    change_bed(hospital.office, stay_id=stay.id, bed_id=other.id)
    (today,) = day_use(hospital.office, first=ledger.today(), last=ledger.today())
    assert (today.beds, today.patients) == (2, 1)


@pytest.mark.parametrize(("first", "last"), [(0, -1), (0, 1), (-400, 0)])
def test_a_period_that_makes_no_sense_is_refused(hospital, first, last) -> None:
    today = ledger.today()
    with pytest.raises(Refused):
        day_use(hospital.office, first=today + first * DAY, last=today + last * DAY)
