"""Admission in one place and day surgery: the steps, their order, the lists, and who may open them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from tiercare.apps.access.commands import relate
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis
from tiercare.apps.capacity.commands import cancel_case, enter_procedure, finish_step, keep_unit, open_case
from tiercare.apps.capacity.models import CaseStep
from tiercare.apps.capacity.queries.cases import catalogue, open_cases, waits
from tiercare.apps.capacity.rules.cases import CHECKLIST, CaseKind, CaseState, Step
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.models import InstitutionVersion
from tiercare.kernel.refusal import Refused

from .conftest import later

CENTRE = (
    Step.ADMISSION,
    Step.INSURANCE_REVIEW,
    Step.DISCHARGE_SETTLEMENT,
    Step.EXAM_BOOKING,
    Step.FOLLOW_UP,
    Step.HEALTH_EDUCATION,
)


def code(excinfo) -> str:
    return excinfo.value.refusals[0].code


@pytest.fixture
def centre(hospital):
    """The hospital runs all six functions, and day surgery."""
    keep_unit(hospital.office, institution_id=hospital.id, functions=CENTRE, day_surgery=True)


@pytest.fixture
def patient(hospital, register):
    """Somebody whom the hospital looks after; with ``request`` an open request brings them."""

    def make(name="王小明", *, request=None):
        key = register(name)
        with scoped(hospital.office):
            relate(
                hospital.office,
                resident_id=key,
                institution_id=hospital.id,
                division_code="340223",
                kind=Basis.REQUEST if request else Basis.ENCOUNTER,
                source_id=request or key,
            )
        return key

    return make


@pytest.fixture
def tertiary(hospital):
    """The hospital is of the level that NHC-46 asks for."""
    InstitutionVersion.objects.filter(institution_id=hospital.id).update(level=3)


def begin(hospital, resident, kind=CaseKind.ADMISSION, **more):
    return open_case(hospital.office, kind=kind, institution_id=hospital.id, resident_id=resident, **more)


def finish(hospital, case, step, **more):
    ticked = range(len(CHECKLIST.get(step, ())))
    return finish_step(hospital.office, case_id=case, step=step, ticked=ticked, **more)


def test_a_centre_goes_through_all_that_it_runs_in_one_list_and_only_that(hospital, centre, patient) -> None:
    case = begin(hospital, patient())
    with scoped(hospital.office):
        steps = list(
            CaseStep.objects.filter(case_id=case).order_by("position").values_list("step", flat=True)
        )
        assert all(step.due_at > ledger.now() for step in CaseStep.objects.filter(case_id=case))
    assert set(steps) == {step.value for step in CENTRE}
    with pytest.raises(Refused) as refused:
        finish(hospital, case, Step.DISCHARGE_SETTLEMENT)
    assert code(refused) == "capacity.step_out_of_order"
    with pytest.raises(Refused) as refused:
        finish(hospital, case, Step.EXAM_BOOKING, not_needed=True)
    assert code(refused) == "capacity.case_without_reason"
    finish(hospital, case, Step.EXAM_BOOKING, not_needed=True, note="已在门诊做完")
    states = [finish(hospital, case, Step(step)) for step in steps[1:]]
    assert states == [CaseState.OPEN] * 4 + [CaseState.CLOSED]
    assert open_cases(hospital.office) == []
    keep_unit(hospital.office, institution_id=hospital.id, functions=(Step.ADMISSION,), day_surgery=False)
    shorter = begin(hospital, patient("李小红"))
    assert finish(hospital, shorter, Step.ADMISSION) is CaseState.CLOSED


def test_without_a_centre_no_admission_is_opened(hospital, patient) -> None:
    with pytest.raises(Refused) as refused:
        begin(hospital, patient())
    assert code(refused) == "capacity.no_admission_centre"


def test_a_booked_referral_goes_first_and_nobody_says_so_for_themself(hospital, centre, patient) -> None:
    request = uuid4()
    plain, brought = patient("王小明"), patient("李小红", request=request)
    begin(hospital, plain, source_id=request)  # the request is not theirs
    later(hours=5)
    begin(hospital, brought, source_id=request)
    listed = open_cases(hospital.office)
    assert [(each.resident_id, each.green) for each in listed] == [(brought, True), (plain, False)]


def test_day_surgery_passes_every_step_with_its_list_in_a_hospital_of_the_level(
    hospital, centre, patient, tertiary, monkeypatch
) -> None:
    procedure = enter_procedure(hospital.office, institution_id=hospital.id, name="腹腔镜胆囊切除术")
    case = begin(hospital, patient(), CaseKind.DAY_SURGERY, procedure_id=procedure)
    finish(hospital, case, Step.BOOKING)
    with pytest.raises(Refused) as refused:
        finish_step(hospital.office, case_id=case, step=Step.PRE_ASSESSMENT, ticked=(0,))
    assert code(refused) == "capacity.checklist_incomplete"
    for step in (Step.PRE_ASSESSMENT, Step.ADMISSION, Step.OPERATION, Step.DISCHARGE):
        assert finish(hospital, case, step) is CaseState.OPEN
    assert finish(hospital, case, Step.FOLLOW_UP) is CaseState.CLOSED
    InstitutionVersion.objects.filter(institution_id=hospital.id).update(level=2)
    other = patient("李小红")
    with pytest.raises(Refused) as refused:
        begin(hospital, other, CaseKind.DAY_SURGERY, procedure_id=procedure)
    assert code(refused) == "capacity.day_surgery_level"
    lower_the_tier(monkeypatch)
    assert begin(hospital, other, CaseKind.DAY_SURGERY, procedure_id=procedure)


def lower_the_tier(monkeypatch) -> None:
    """The pack asks for the second level from now on."""

    packs = mandates.packs()
    clause = packs.clause["NHC-46"]
    pack = packs.packs[clause.pack]
    lower = replace(
        clause,
        parameters=tuple(
            replace(each, value=2) if each.key == "hospital_tier" else each for each in clause.parameters
        ),
    )
    clauses = tuple(lower if each.id == clause.id else each for each in pack.clauses)
    altered = replace(packs, packs={**packs.packs, pack.id: replace(pack, clauses=clauses)})
    monkeypatch.setattr(mandates, "packs", lambda extra=(): altered)


def test_the_catalogue_of_day_surgery_is_counted_by_day(hospital, centre) -> None:
    before = ledger.today()
    enter_procedure(hospital.office, institution_id=hospital.id, name="白内障超声乳化术")
    with pytest.raises(Refused) as refused:
        enter_procedure(hospital.office, institution_id=hospital.id, name="白内障超声乳化术")
    assert code(refused) == "capacity.procedure_known"
    later(days=30)
    enter_procedure(hospital.office, institution_id=hospital.id, name="疝修补术")
    assert len(catalogue(hospital.id, on=before)) == 1
    assert {name for name, _ in catalogue(hospital.id, on=ledger.today())} == {"疝修补术", "白内障超声乳化术"}


def test_the_wait_for_admission_and_operation_is_the_median_in_days(
    hospital, centre, patient, tertiary
) -> None:
    first = ledger.today()
    procedure = enter_procedure(hospital.office, institution_id=hospital.id, name="疝修补术")
    cases = [
        begin(hospital, patient(name), CaseKind.DAY_SURGERY, procedure_id=procedure)
        for name in ("王小明", "李小红", "张小军")
    ]
    for case in cases:
        later(hours=24)
        for step in (Step.BOOKING, Step.PRE_ASSESSMENT, Step.ADMISSION):
            finish(hospital, case, step)
    found = waits(hospital.office, institution_id=hospital.id, first=first, last=first + timedelta(days=10))
    assert [(each.step, each.days, each.cases) for each in found] == [(Step.ADMISSION, 2.0, 3)]


def test_another_institution_neither_opens_nor_finishes_nor_sees(hospital, centre, patient) -> None:
    case = begin(hospital, patient())
    stranger = hospital.stranger
    for act in (
        lambda: open_case(stranger, kind=CaseKind.ADMISSION, institution_id=hospital.id, resident_id=uuid4()),
        lambda: finish_step(stranger, case_id=case, step=Step.EXAM_BOOKING),
        lambda: cancel_case(stranger, case_id=case, reason="越权"),
    ):
        with pytest.raises(Refused):
            act()
    cancel_case(hospital.office, case_id=case, reason="患者改去外院")
    assert open_cases(hospital.office) == []
