"""Admission in one place and operations: the steps, their order, the lists, the bed, and who may open them."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import commands
from tiercare.apps.capacity.models import CaseStep, Stay
from tiercare.apps.capacity.queries.cases import bed_waiting, case_shown, open_cases
from tiercare.apps.capacity.rules.cases import FUNCTIONS, CaseKind, CaseState, Step, StepState
from tiercare.apps.capacity.rules.criteria import Stage
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Reading
from tiercare.apps.mandates.models import Mandate
from tiercare.kernel.refusal import Refused

from .admitting import altered, centre
from .conftest import later

__all__ = ["centre"]
DAY, ELECTIVE = CaseKind.DAY_SURGERY, CaseKind.ELECTIVE_SURGERY


def code(excinfo) -> str:
    return excinfo.value.refusals[0].code


def steps_of(centre, case) -> list[Step]:
    return [each.step for each in case_shown(centre.hospital.office, case).steps]


def bed(centre, number="1", **more):
    return commands.keep_bed(
        centre.hospital.office, institution_id=centre.hospital.id, ward="外科病区", number=number, **more
    )


def test_a_centre_goes_through_all_that_it_runs_in_one_list_and_only_that(centre) -> None:
    case = centre.begin(centre.patient())
    shown = case_shown(centre.hospital.office, case)
    steps = [each.step for each in shown.steps]
    assert set(steps) == {*FUNCTIONS, Step.DISCHARGE}
    assert all(each.due_at > ledger.now() for each in shown.steps)
    with pytest.raises(Refused) as refused:
        centre.finish(case, Step.DISCHARGE_SETTLEMENT)
    assert code(refused) == "capacity.step_out_of_order"
    with pytest.raises(Refused) as refused:
        centre.finish(case, Step.EXAM_BOOKING, not_needed=True)
    assert code(refused) == "capacity.case_without_reason"
    centre.finish(case, Step.EXAM_BOOKING, not_needed=True, note="已在门诊做完")
    states = [centre.finish(case, step) for step in steps[1:]]
    assert states == [CaseState.OPEN] * 5 + [CaseState.CLOSED]
    assert open_cases(centre.hospital.office).total == 0
    centre.run(Step.ADMISSION)
    assert steps_of(centre, centre.begin(centre.patient("李小红"))) == [Step.ADMISSION, Step.DISCHARGE]


def test_an_elective_operation_passes_what_the_centre_runs_and_what_every_operation_needs(centre) -> None:
    whole = steps_of(centre, centre.begin(centre.patient(), ELECTIVE))
    assert whole[:5] == [
        Step.BOOKING,
        Step.PRE_ASSESSMENT,
        Step.EXAM_BOOKING,
        Step.INSURANCE_REVIEW,
        Step.ADMISSION,
    ]
    assert whole[5:] == [
        Step.OPERATION,
        Step.HEALTH_EDUCATION,
        Step.DISCHARGE,
        Step.DISCHARGE_SETTLEMENT,
        Step.FOLLOW_UP,
    ]
    centre.run(Step.FOLLOW_UP)
    assert steps_of(centre, centre.begin(centre.patient("李小红"), ELECTIVE)) == [
        Step.BOOKING,
        Step.PRE_ASSESSMENT,
        Step.ADMISSION,
        Step.OPERATION,
        Step.DISCHARGE,
        Step.FOLLOW_UP,
    ]


def test_what_is_missing_or_not_the_hospitals_opens_no_case(centre, register) -> None:
    known, nobody_of_theirs = centre.patient(), register("李小红")
    tries = {
        "capacity.no_such_department": lambda: centre.begin(known, department_id=uuid4()),
        "capacity.procedure_not_in_catalogue": lambda: centre.begin(known, DAY),
        "capacity.not_your_resident": lambda: centre.begin(nobody_of_theirs),
        "capacity.no_such_resident": lambda: centre.begin(uuid4()),
        "capacity.disease_too_long": lambda: centre.begin(known, disease="病" * 81),
    }
    for wanted, act in tries.items():
        with pytest.raises(Refused) as refused:
            act()
        assert code(refused) == wanted
    assert open_cases(centre.hospital.office).total == 0
    commands.keep_unit(
        centre.hospital.office, institution_id=centre.hospital.id, functions=(), day_surgery=False
    )
    for kind, wanted in ((CaseKind.ADMISSION, "no_admission_centre"), (DAY, "no_day_surgery")):
        with pytest.raises(Refused) as refused:
            centre.begin(known, kind)
        assert code(refused) == f"capacity.{wanted}"


def test_the_days_for_a_step_come_from_the_pack(centre, monkeypatch) -> None:
    centre.run(Step.ADMISSION)
    altered(monkeypatch, "NHC-49", due_days_admission=2, due_days_discharge=5)
    shown = case_shown(centre.hospital.office, centre.begin(centre.patient()))
    assert [each.due_at - shown.requested_at for each in shown.steps] == [
        timedelta(days=2),
        timedelta(days=7),
    ]


@pytest.mark.clause("NHC-42")
def test_a_booked_referral_is_offered_a_bed_first_where_the_pack_says_so(centre, monkeypatch) -> None:
    office = centre.hospital.office
    plain = centre.begin(centre.patient("王小明"))
    later(hours=5)
    brought = centre.begin(centre.patient("李小红", request=uuid4()))
    later(hours=1)
    first, second = bed_waiting(office)
    assert (first.case_id, first.green, first.waited) == (brought, True, timedelta(hours=1))
    assert (second.case_id, second.green, second.waited) == (plain, False, timedelta(hours=6))
    assert first.department == "普外科"
    assert [each.id for each in open_cases(office).cases] == [brought, plain]
    altered(monkeypatch, "NHC-42", channel="none")
    assert not case_shown(office, centre.begin(centre.patient("张小军", request=uuid4()))).green


def test_signed_residents_wait_less_only_where_the_pack_in_force_says_so(centre) -> None:
    office = centre.hospital.office
    plain, signed = centre.patient("王小明"), centre.patient("李小红")
    centre.sign(signed)
    centre.begin(plain)
    later(hours=1)
    centre.begin(signed)
    assert [(each.resident_id, each.signed) for each in bed_waiting(office)] == [
        (plain, False),
        (signed, False),
    ]
    Mandate.objects.create(division_code="340223", pack="yunnan", period=DateRange(date(2018, 1, 1), None))
    assert [(each.resident_id, each.signed) for each in bed_waiting(office)] == [
        (signed, True),
        (plain, False),
    ]


def test_a_bed_that_is_kept_ends_the_wait_and_lying_in_it_is_the_admission(centre) -> None:
    office, resident = centre.hospital.office, centre.patient()
    case, other = centre.begin(resident), centre.begin(centre.patient("李小红"))
    place, starts = bed(centre), ledger.now() + timedelta(hours=1)
    with pytest.raises(Refused) as refused:
        commands.plan_stay(office, bed_id=place.id, resident_id=resident, starts=starts, case_id=other)
    assert code(refused) == "capacity.case_of_another"
    stay = commands.plan_stay(office, bed_id=place.id, resident_id=resident, starts=starts, case_id=case)
    assert [each.case_id for each in bed_waiting(office)] == [other]
    with pytest.raises(Refused) as refused:
        commands.plan_stay(
            office, bed_id=bed(centre, "2").id, resident_id=resident, starts=starts, case_id=case
        )
    assert code(refused) == "capacity.case_has_a_bed"
    commands.admit(office, stay_id=stay.id)
    shown = case_shown(office, case)
    assert {each.step for each in shown.steps if each.state is StepState.DONE} == {Step.ADMISSION}
    assert (shown.next.step, shown.stay.number) == (Step.EXAM_BOOKING, "1")


def test_the_step_of_admission_lays_the_patient_into_the_bed_that_is_kept(centre) -> None:
    office, resident = centre.hospital.office, centre.patient()
    centre.run(Step.ADMISSION)
    case = centre.begin(resident)
    stay = commands.plan_stay(
        office, bed_id=bed(centre).id, resident_id=resident, starts=ledger.now(), case_id=case
    )
    centre.finish(case, Step.ADMISSION)
    assert case_shown(office, case).stay.state == "IN"
    again = centre.patient("李小红")
    second = centre.begin(again)
    commands.plan_stay(
        office,
        bed_id=bed(centre, "2").id,
        resident_id=again,
        starts=ledger.now() + timedelta(days=1),
        case_id=second,
    )
    commands.cancel_case(office, case_id=second, reason="患者改去外院")
    with scoped(office):
        assert Stay.objects.get(case_id=second).state == "CANCELLED"
        assert Stay.objects.get(id=stay.id).state == "IN"


def test_criteria_are_recorded_and_all_of_discharge_propose_the_way_down(centre) -> None:
    office, about = centre.hospital.office, {"institution_id": centre.hospital.id, "disease": "急性阑尾炎"}
    centre.run(Step.ADMISSION)
    commands.keep_criteria(office, stage=Stage.ADMISSION, items=["确诊急性阑尾炎", "需手术"], **about)
    commands.keep_criteria(office, stage=Stage.DISCHARGE, items=["体温正常", "切口无渗出"], **about)
    case = centre.begin(centre.patient(), disease="急性阑尾炎")
    with pytest.raises(Refused) as refused:
        centre.finish(case, Step.ADMISSION)
    assert code(refused) == "capacity.no_criterion_met"
    centre.finish(case, Step.ADMISSION, met=["需手术"])
    with pytest.raises(Refused) as refused:
        centre.finish(case, Step.DISCHARGE, met=["体温正常"])
    assert code(refused) == "capacity.criteria_of_discharge_not_met"
    commands.keep_criteria(office, stage=Stage.DISCHARGE, items=["体温正常三天", "切口无渗出"], **about)
    with pytest.raises(Refused) as refused:
        centre.finish(case, Step.DISCHARGE, met=["体温正常", "切口无渗出"])
    assert code(refused) == "capacity.criteria_changed"
    assert not case_shown(office, case).proposes_down_referral
    centre.finish(case, Step.DISCHARGE, met=["体温正常三天", "切口无渗出"])
    shown = case_shown(office, case)
    assert shown.proposes_down_referral
    assert [(each.met, each.version) for each in shown.steps] == [
        (("需手术",), 1),
        (("体温正常三天", "切口无渗出"), 2),
    ]
    early = centre.begin(centre.patient("李小红"), disease="急性阑尾炎")
    centre.finish(early, Step.ADMISSION, met=["需手术"])
    centre.finish(early, Step.DISCHARGE, note="本人要求出院")
    assert not case_shown(office, early).proposes_down_referral


def test_another_institution_neither_opens_nor_finishes_nor_sees(centre) -> None:
    case, stranger = centre.begin(centre.patient()), centre.hospital.stranger
    desk = centre.hospital.site.actor(Role.REGISTRAR, "stranger")
    for actor in (stranger, desk):
        for act in (
            lambda actor=actor: commands.open_case(
                actor,
                kind=CaseKind.ADMISSION,
                institution_id=centre.hospital.id,
                resident_id=uuid4(),
                department_id=centre.surgery,
            ),
            lambda actor=actor: commands.finish_step(actor, case_id=case, step=Step.EXAM_BOOKING),
            lambda actor=actor: commands.cancel_case(actor, case_id=case, reason="越权"),
            lambda actor=actor: case_shown(actor, case),
        ):
            with pytest.raises(Refused):
                act()
    assert open_cases(desk).total == 0 and bed_waiting(desk) == []
    commands.cancel_case(centre.hospital.office, case_id=case, reason="患者改去外院")
    assert open_cases(centre.hospital.office).total == 0
    with scoped(centre.hospital.office):
        assert set(CaseStep.objects.values_list("state", flat=True)) == {"NOT_NEEDED"}


def test_the_worklist_is_filtered_paged_and_recorded(centre, django_assert_num_queries) -> None:
    office = centre.hospital.office
    urology = centre.department("泌尿外科", "04.04")
    for name in ("王小明", "李小红", "张小军"):
        centre.begin(centre.patient(name), department_id=urology if name == "李小红" else centre.surgery)
    before = Reading.objects.count()
    with django_assert_num_queries(6):
        found = open_cases(office, per_page=2)
    assert (len(found.cases), found.total) == (2, 3)
    assert len(open_cases(office, per_page=2, page=2).cases) == 1
    assert open_cases(office, department_id=urology).total == 1
    assert open_cases(office, step=Step.OPERATION).total == 0
    assert open_cases(office, kind=CaseKind.ADMISSION).total == 3
    with scoped(office):
        assert Reading.objects.count() > before
