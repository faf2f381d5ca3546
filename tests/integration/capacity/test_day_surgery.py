"""Day surgery: every step with its list, in a hospital of the level that the text asks for (NHC-46)."""

from __future__ import annotations

import pytest

from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries.cases import case_shown
from tiercare.apps.capacity.rules.cases import CaseKind, CaseState, Step, checklist
from tiercare.kernel.refusal import Refused

from .admitting import altered, centre

__all__ = ["centre"]
DAY = CaseKind.DAY_SURGERY
STEPS = (
    Step.BOOKING,
    Step.PRE_ASSESSMENT,
    Step.ADMISSION,
    Step.OPERATION,
    Step.DISCHARGE,
    Step.FOLLOW_UP,
)


@pytest.fixture
def procedure(centre):
    """It stands in the hospital's catalogue."""
    return commands.enter_procedure(
        centre.hospital.office, institution_id=centre.hospital.id, name="腹腔镜胆囊切除术"
    )


@pytest.mark.clause("NHC-46")
def test_a_day_surgery_passes_every_step_with_its_list_where_the_level_is_reached(
    centre, procedure, monkeypatch
) -> None:
    case = centre.begin(centre.patient(), DAY, procedure_id=procedure)
    assert [each.step for each in case_shown(centre.hospital.office, case).steps] == list(STEPS)
    for step in STEPS:
        wanted = checklist(DAY, step)
        assert wanted
        for missing in range(len(wanted)):
            with pytest.raises(Refused) as refused:
                centre.finish(case, step, DAY, ticked=[n for n in range(len(wanted)) if n != missing])
            assert refused.value.refusals[0].code == "capacity.checklist_incomplete"
            assert wanted[missing].zh in refused.value.refusals[0].sentence("zh-hans")
        state = centre.finish(case, step, DAY)
        assert state is (CaseState.CLOSED if step is Step.FOLLOW_UP else CaseState.OPEN)
    centre.level(2)
    other = centre.patient("李小红")
    with pytest.raises(Refused) as refused:
        centre.begin(other, DAY, procedure_id=procedure)
    assert refused.value.refusals[0].code == "capacity.day_surgery_level"
    altered(monkeypatch, "NHC-46", hospital_tier=2)
    assert centre.begin(other, DAY, procedure_id=procedure)


def test_a_procedure_taken_off_the_catalogue_opens_nothing_more(centre, procedure) -> None:
    office = centre.hospital.office
    going_on = centre.begin(centre.patient(), DAY, procedure_id=procedure)
    commands.retire_procedure(office, procedure_id=procedure)
    with pytest.raises(Refused) as refused:
        centre.begin(centre.patient("李小红"), DAY, procedure_id=procedure)
    assert refused.value.refusals[0].code == "capacity.procedure_not_in_catalogue"
    assert centre.finish(going_on, Step.BOOKING, DAY) is CaseState.OPEN
    assert case_shown(office, going_on).procedure == "腹腔镜胆囊切除术"


def test_what_another_hospital_keeps_cannot_be_changed(centre, procedure) -> None:
    stranger, own = centre.hospital.stranger, centre.hospital.id
    for act in (
        lambda: commands.retire_procedure(stranger, procedure_id=procedure),
        lambda: commands.enter_procedure(stranger, institution_id=own, name="疝修补术"),
        lambda: commands.keep_unit(stranger, institution_id=own, functions=(), day_surgery=False),
    ):
        with pytest.raises(Refused):
            act()
    with pytest.raises(Refused) as refused:
        commands.enter_procedure(centre.hospital.office, institution_id=own, name=" ")
    assert refused.value.refusals[0].code == "capacity.procedure_without_name"
