"""The bed board as wards meet it: beds entered, a bed kept, taken, changed and left, and what is refused on the way."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.commands import admit, enter_beds, keep_unit, open_case, plan_stay
from tiercare.apps.capacity.models import Bed, CaseStep, Stay
from tiercare.apps.capacity.rules.cases import CaseKind, Step
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.kernel.clock import ZONE

from ..capacity.conftest import later, synthetic_clock, to_morning
from ..capacity.test_beds import patient
from ..residents.conftest import id_number
from .capacity_desk import acting_at, given, hospital, office, register, registers, sent, site, text_of

__all__ = [
    "acting_at",
    "given",
    "hospital",
    "office",
    "patient",
    "register",
    "registers",
    "site",
    "synthetic_clock",
]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def when(at: datetime) -> str:
    """As the inputs send it."""
    return f"{at.astimezone(ZONE):%Y-%m-%dT%H:%M}"


@pytest.fixture
def ward(hospital) -> list[Bed]:
    """Three ordinary beds of a ward."""
    return enter_beds(hospital.office, institution_id=hospital.id, ward="内科一区", numbers="1-3")


def stays(hospital, state: str) -> list[UUID]:
    with scoped(hospital.office):
        return list(Stay.objects.filter(state=state).order_by("id").values_list("id", flat=True))


# --- beds --------------------------------------------------------------------------------------------


def test_a_row_of_beds_is_entered_and_stands_on_the_board(office) -> None:
    assert "还没有登记床位" in text_of(office.get("/beds"))
    row = {"ward": "骨科二区", "numbers": "1-4", "sex": "F"}
    assert "不是床号" in (text := text_of(office.post("/beds/new", sent(**(row | {"numbers": "4-1"}))), 422))
    assert 'value="4-1"' in text and 'value="骨科二区"' in text
    assert office.post("/beds/new", sent(**row)).status_code == 302
    text = text_of(office.get("/beds"))
    assert text.count('class="bed bed-free"') == 4 and text.count("女床") >= 4
    assert "已有床号：4" in text_of(office.post("/beds/new", sent(**(row | {"numbers": "4-6"}))), 409)
    assert "没有符合条件的床" in text_of(office.get("/beds", {"sex": "M"}))


def test_a_bed_is_taken_out_of_use_with_its_reason_unless_somebody_has_it(
    office, hospital, ward, patient
) -> None:
    keep = f"/beds/{ward[0].id}/keep"
    assert "要写明原因" in text_of(office.post(keep, sent(sex="ANY", stopped="on")), 422)
    assert office.post(keep, sent(sex="ANY", stopped="on", why="漏水")).status_code == 302
    text = text_of(office.get("/beds"))
    assert "bed-out" in text and "漏水" in text
    taken = plan_stay(hospital.office, bed_id=ward[1].id, resident_id=patient(), starts=ledger.now())
    text = text_of(office.post(f"/beds/{ward[1].id}/keep", sent(sex="ANY", stopped="on", why="粉刷")), 409)
    assert "1 位患者在床或已预留" in text and 'value="粉刷"' in text and taken.state == "PLANNED"


# --- who has them ------------------------------------------------------------------------------------


def test_a_bed_is_kept_by_number_taken_changed_and_left(office, hospital, ward, patient) -> None:
    number = id_number(sequence=301)
    patient("欧阳示例", number=number)
    bed, now = f"/beds/{ward[0].id}", ledger.now()
    wrong = sent(number=number, starts=when(now), until=when(now - DAY))
    text = text_of(office.post(f"{bed}/plan", wrong), 422)
    assert "离床时间须晚于入床时间" in text and f'value="{when(now)}"' in text
    assert office.post(f"{bed}/plan", sent(number=number, starts=when(now), until="")).status_code == 302
    text = text_of(office.get("/beds"))
    assert "欧**例" in text and "欧阳示例" not in text and number not in text and "空，已预留" in text
    (stay,) = stays(hospital, "PLANNED")
    assert office.post(f"/beds/stays/{stay}/admit", sent()).status_code == 302
    assert "已被他人办理" in text_of(office.post(f"/beds/stays/{stay}/admit", sent()), 409)
    later(minutes=5)
    text = text_of(office.get(f"/beds/stays/{stay}/change"))
    assert str(ward[1].id) in text and f'value="{ward[0].id}"' not in text
    assert office.post(f"/beds/stays/{stay}/change", sent(bed=ward[1].id)).status_code == 302
    (lying,) = stays(hospital, "IN")
    later(minutes=5)
    assert office.post(f"/beds/stays/{lying}/discharge", sent()).status_code == 302
    assert text_of(office.get("/beds")).count('class="bed bed-free"') == 3
    assert "最近离床" in text_of(office.get(f"/beds/{ward[1].id}"))


def test_a_bed_is_found_for_a_resident(office, hospital, ward, patient) -> None:
    person, now = patient(), ledger.now()
    place = f"/beds/for/{person}"
    text = text_of(office.get(place, {"starts": when(now + DAY)}))
    assert text.count('class="free-bed"') == 3 and "王小明" in text
    plan_stay(hospital.office, bed_id=ward[2].id, resident_id=patient("李小红"), starts=now)
    chosen = sent(bed=ward[2].id, starts=when(now + DAY))
    text = text_of(office.post(place, chosen), 409)  # gone in the meantime: the others are still there
    assert "已有安排" in text and text.count('class="free-bed"') == 2
    assert office.post(place, sent(bed=ward[1].id, starts=when(now + DAY))).status_code == 302
    assert f"/beds/for/{person}" in text_of(office.get(f"/residents/{person}"))


def test_another_time_is_refused_where_it_clashes_and_what_was_typed_stays(
    office, hospital, ward, patient
) -> None:
    now = ledger.now()
    stay = plan_stay(
        hospital.office, bed_id=ward[0].id, resident_id=patient(), starts=now + DAY, until=now + 2 * DAY
    )
    plan_stay(hospital.office, bed_id=ward[0].id, resident_id=patient("李小红"), starts=now + 3 * DAY)
    retime = f"/beds/stays/{stay.id}/retime"
    wanted = {"starts": when(now + DAY), "until": when(now + 4 * DAY)}
    text = text_of(office.post(retime, sent(**wanted)), 409)
    assert "已有安排，与所选时间冲突" in text and f'value="{wanted["until"]}"' in text
    assert "不是日期和时间" in text_of(office.post(retime, sent(starts="明天")), 422)
    assert office.post(retime, sent(**(wanted | {"until": when(now + 2 * DAY + HOUR)}))).status_code == 302


def test_whoever_presses_twice_plans_once(office, hospital, ward, patient) -> None:
    person, form = patient(), sent(bed=str(ward[0].id), starts=when(ledger.now() + DAY))
    for _ in range(2):
        assert office.post(f"/beds/for/{person}", form).status_code == 302
    assert len(stays(hospital, "PLANNED")) == 1


def test_who_waits_for_a_bed_gets_one_and_their_case_goes_on(
    office, hospital, ward, patient, registers
) -> None:
    keep_unit(hospital.office, institution_id=hospital.id, functions=[Step.ADMISSION], day_surgery=False)
    person = patient("欧阳示例")
    case = open_case(
        hospital.office,
        kind=CaseKind.ADMISSION,
        institution_id=hospital.id,
        resident_id=person,
        department_id=registers["department"],
        disease="冠心病",
    )
    text = text_of(office.get("/beds"))
    assert "等床" in text and "冠心病" in text and f"case={case}" in text and "欧**例" in text
    text = text_of(office.get(f"/beds/for/{person}", {"case": case}))
    assert f'name="case" value="{case}"' in text
    chosen = sent(bed=ward[0].id, starts=when(ledger.now()), case=case)
    assert office.post(f"/beds/for/{person}", chosen).status_code == 302
    assert "冠心病" not in text_of(office.get("/beds"))  # has a bed
    second = sent(bed=ward[1].id, starts=when(ledger.now() + DAY), case=case)
    assert "已安排了床位" in text_of(office.post(f"/beds/for/{person}", second), 409)
    (stay,) = stays(hospital, "PLANNED")
    assert office.post(f"/beds/stays/{stay}/admit", sent()).status_code == 302
    with scoped(hospital.office):
        assert CaseStep.objects.get(case_id=case, step=Step.ADMISSION.value).state == "DONE"


# --- walls -------------------------------------------------------------------------------------------


def test_reading_the_board_is_recorded_for_those_who_stand_on_it(office, hospital, ward, patient) -> None:
    person, other = patient(), patient("李小红")
    plan_stay(hospital.office, bed_id=ward[0].id, resident_id=person, starts=ledger.now() + DAY)
    plan_stay(hospital.office, bed_id=ward[1].id, resident_id=other, starts=ledger.now() + DAY)
    text_of(office.get("/beds"))
    last = Event.objects.filter(kind="access.record_read").order_by("-sequence").first()
    assert last.payload["what"] == "beds" and set(last.payload["residents"]) == {str(person), str(other)}


def test_who_only_counts_sees_no_names_and_others_see_nothing(hospital, ward, patient, acting_at) -> None:
    stay = plan_stay(hospital.office, bed_id=ward[0].id, resident_id=patient("欧阳示例"), starts=ledger.now())
    counts: Client = acting_at(Role.CONSORTIUM_OFFICE, "county_hospital")
    text = text_of(counts.get("/beds"))
    assert "一位患者" in text and "欧**例" not in text
    text_of(counts.post(f"/beds/stays/{stay.id}/admit", sent()), 403)
    stranger = acting_at(Role.REGISTRAR, "stranger")
    assert "还没有登记床位" in text_of(stranger.get("/beds"))
    text_of(stranger.get(f"/beds/{ward[0].id}"), 404)
    text_of(stranger.post(f"/beds/stays/{stay.id}/admit", sent()), 404)
    text_of(acting_at(Role.CLINICIAN, "county_hospital").get("/beds"), 403)


def test_the_board_asks_as_often_however_many_beds_there_are(
    office, hospital, ward, patient, django_assert_num_queries
) -> None:
    for n, name in enumerate(("王小明", "李小红", "张小军")):
        stay = plan_stay(hospital.office, bed_id=ward[n].id, resident_id=patient(name), starts=ledger.now())
        admit(hospital.office, stay_id=stay.id)
    office.get("/beds")
    with CaptureQueriesContext(connection) as three:
        office.get("/beds")
    enter_beds(hospital.office, institution_id=hospital.id, ward="骨科", numbers="1-60")
    with django_assert_num_queries(len(three)):
        office.get("/beds")


# --- day beds ----------------------------------------------------------------------------------------


@pytest.mark.clause("NHC-50")
def test_day_beds_are_booked_by_time_and_their_use_is_reported(office, hospital, ward, patient) -> None:
    """A day bed is entered, kept for two patients by the hour, taken and left; the report counts both, and nobody of
    an ordinary bed."""
    to_morning()
    now = ledger.now()
    assert (
        office.post("/beds/new", sent(ward="日间病房", numbers="1", day="on", sex="ANY")).status_code == 302
    )
    bed = Bed.objects.get(ward="日间病房")
    people = [patient(name) for name in ("王小明", "李小红", "张小军")]
    slot = {"bed": bed.id, "starts": when(now), "until": when(now + 2 * HOUR)}
    assert office.post(f"/beds/for/{people[0]}", sent(**slot)).status_code == 302
    text = text_of(office.post(f"/beds/for/{people[1]}", sent(**slot)), 409)  # the same hours
    assert "已有安排" in text
    too_long = slot | {"starts": when(now + 2 * HOUR), "until": when(now + 30 * HOUR)}
    assert "日间床位，须写明 24 小时以内" in text_of(
        office.post(f"/beds/for/{people[1]}", sent(**too_long)), 422
    )
    text = text_of(office.get("/beds/day"))
    gap = re.search(r"starts=([^&]+)&amp;until", text)
    assert gap and gap.group(1).endswith(when(now + 2 * HOUR)[-5:].replace(":", "%3A"))
    free = slot | {"starts": when(now + 2 * HOUR), "until": when(now + 4 * HOUR)}
    assert office.post(f"/beds/for/{people[1]}", sent(**free)).status_code == 302
    ordinary = {"bed": ward[0].id, "starts": when(now)}
    assert office.post(f"/beds/for/{people[2]}", sent(**ordinary)).status_code == 302

    for _ in range(2):
        (stay, *_rest) = [key for key in stays(hospital, "PLANNED") if bed_of(hospital, key) == bed.id]
        assert office.post(f"/beds/stays/{stay}/admit", sent()).status_code == 302
        later(minutes=115)
        assert office.post(f"/beds/stays/{stay}/discharge", sent()).status_code == 302
        later(minutes=5)
    (stay,) = stays(hospital, "PLANNED")
    assert office.post(f"/beds/stays/{stay}/admit", sent()).status_code == 302

    today = ledger.today().isoformat()
    text = text_of(office.get("/beds/use", {"first": today, "last": today}))
    assert "<strong>2</strong> 人次" in text and "<strong>2.00</strong>" in text
    day_before = (ledger.today() - DAY).isoformat()
    text = text_of(office.get("/beds/use", {"first": day_before, "last": day_before}))
    assert "<strong>—</strong>" in text  # there was no day bed: no value
    assert "止日早于起日" in text_of(office.get("/beds/use", {"first": today, "last": day_before}), 422)


def bed_of(hospital, stay: UUID) -> UUID:
    with scoped(hospital.office):
        return Stay.objects.get(id=stay).bed_id
