"""Noting visits: what is kept, who may, what cannot be, and the marks of those who are ready to go down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.records import commands, events, queries
from tiercare.apps.records.models import Condition, Encounter, Medication, Observation
from tiercare.apps.records.rules.entries import Diagnosis, Reading
from tiercare.apps.records.rules.vocabulary import ConditionRole, Flag, Stage, VisitKind
from tiercare.apps.residents import queries as residents
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .conftest import HYPERTENSION, altered, codes, later, pressure


def test_a_visit_keeps_what_was_found_and_is_a_ground_to_read_on(ward) -> None:
    ward.at_hospital()
    key = ward.visit(ward.clinician, findings="心界不大", treatment="加用氨氯地平")
    with scoped(ward.clinician):
        row = Encounter.objects.get(id=key)
        assert (row.complaint, row.findings, row.clinician_name) == ("头晕三天", "心界不大", "示例人员")
        assert row.ended_at == row.started_at  # nothing but a stay goes on
        assert [each.code for each in Condition.objects.filter(encounter=row)] == ["I10"]
        assert {each.item: each.value for each in Observation.objects.filter(encounter=row)} == {
            "sbp": Decimal(168),
            "dbp": Decimal(98),
        }
        assert Medication.objects.get(encounter=row).long_term
    (event,) = ledger.events(kind=events.VisitNoted.KIND, subject_id=ward.resident, limit=5)
    assert event.payload["readings"] == 2 and "头晕" not in str(event.payload)
    later(hours=23)  # the arrival and the visit: both are grounds
    with residents.opened(ward.clinician, ward.resident) as ground:
        assert ground.basis.value == "encounter"
    later(hours=2)
    with pytest.raises(Refused), residents.opened(ward.clinician, ward.resident):
        pass


def test_a_stay_is_a_ground_while_it_lasts_and_an_old_visit_gives_none(ward) -> None:
    ward.at_hospital()
    stay = ward.visit(ward.clinician, kind=VisitKind.INPATIENT)
    later(days=9)
    with residents.opened(ward.clinician, ward.resident) as ground:
        assert ground.basis.value == "encounter"
    commands.end_encounter(ward.clinician, encounter_id=stay, disposition="好转出院")
    later(hours=25)
    with pytest.raises(Refused), residents.opened(ward.clinician, ward.resident):
        pass
    ward.at_hospital()
    ward.visit(ward.clinician, started_at=ledger.now() - timedelta(days=300))
    later(hours=23)
    with residents.opened(ward.clinician, ward.resident):
        pass  # by the arrival
    later(hours=2)
    with pytest.raises(Refused), residents.opened(ward.clinician, ward.resident):
        pass


def test_who_does_not_look_after_the_resident_writes_nothing(ward) -> None:
    with pytest.raises(Refused) as refused:
        ward.visit(ward.stranger)
    assert codes(refused) == {"access.no_basis"}
    with pytest.raises(Refused) as refused:
        ward.visit(ward.site.actor(Role.REGISTRAR))  # a desk has no right to
    assert "access" in next(iter(codes(refused)))
    with pytest.raises(Refused) as refused:
        ward.visit(resident_id=uuid7())
    assert codes(refused) == {"records.not_your_resident"}
    assert not Encounter.objects.exists()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"complaint": "", "conditions": [], "readings": []}, "records.nothing_said"),
        ({"conditions": [replace(HYPERTENSION, code="高血压")]}, "records.not_icd10"),
        ({"conditions": [HYPERTENSION, Diagnosis("E11.9", "2型糖尿病")]}, "records.one_main"),
        ({"readings": [Reading("sbp", Decimal(1680), unit="mmHg")]}, "guidelines.implausible"),
        ({"readings": [Reading("sbp", words="很高")]}, "guidelines.other_kind"),
        ({"readings": [Reading("k")]}, "records.no_value"),
        ({"readings": [Reading("k", Decimal("NaN"))]}, "records.no_value"),
        ({"readings": [Reading("k", Decimal(4), low=Decimal(5), high=Decimal(3))]}, "records.range"),
        ({"complaint": "痛" * 501}, "records.too_long"),
        ({"request_id": uuid7()}, "records.others_request"),
    ],
)
def test_what_cannot_be_is_refused_with_the_way_on(ward, more, code) -> None:
    with pytest.raises(Refused) as refused:
        ward.visit(**more)
    assert codes(refused) == {code}
    assert all(each.way_on() and each.way_on("en") for each in refused.value.refusals)
    assert not Encounter.objects.exists()


def test_times_that_cannot_be(ward) -> None:
    now = ledger.now()
    with pytest.raises(Refused) as refused:
        ward.visit(started_at=now + timedelta(minutes=5))
    assert codes(refused) == {"records.in_future"}
    with pytest.raises(Refused) as refused:
        ward.visit(started_at=now, ended_at=now - timedelta(minutes=5))
    assert codes(refused) == {"records.ends_before_start"}


def test_a_feed_may_be_sent_twice_and_is_asked_about_other_words(ward) -> None:
    sent = {"source": "his-01", "source_key": "MZ20260001", "started_at": ledger.now()}
    first = ward.visit(**sent)
    assert ward.visit(**sent) == first
    with scoped(ward.doctor):
        assert Encounter.objects.count() == 1 and Observation.objects.count() == 2
    with pytest.raises(Refused) as refused:
        ward.visit(**sent, treatment="另外的话")
    assert codes(refused) == {"records.key_taken"} and "MZ20260001" in str(
        refused.value.refusals[0].sentence()
    )
    assert ward.visit(**{**sent, "source": "his-02"}) != first  # another system's key


def test_results_come_as_a_report_and_tell_what_is_out_of_range(ward) -> None:
    said = [
        Reading(
            "potassium", Decimal("6.1"), unit="mmol/L", low=Decimal("3.5"), high=Decimal("5.3"), name="血钾"
        ),
        Reading("HBsAg", words="阴性", name="乙肝表面抗原"),
    ]
    sent = {
        "resident_id": ward.resident,
        "title": "生化",
        "readings": said,
        "source": "lis",
        "source_key": "R1",
    }
    at = ledger.now()
    report = commands.record_results(ward.doctor, **sent, taken_at=at)
    assert commands.record_results(ward.doctor, **sent, taken_at=at) == report
    (event,) = ledger.events(kind=events.ResultsRecorded.KIND, subject_id=ward.resident, limit=5)
    assert (event.payload["readings"], event.payload["abnormal"]) == (2, 1)
    with scoped(ward.doctor):
        assert {each.item: each.flag for each in Observation.objects.all()} == {
            "potassium": Flag.HIGH.value,
            "HBsAg": "",
        }
    with pytest.raises(Refused) as refused:
        commands.record_results(ward.doctor, **(sent | {"readings": []}))
    assert codes(refused) == {"records.no_results"}


def test_the_wall_holds_against_direct_statements(ward) -> None:
    key = ward.visit()
    tables = ("encounter", "condition", "observation", "medication")
    with scoped(ward.stranger), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM records_{table}")
            assert cursor.fetchone() == (0,), table
        cursor.execute("UPDATE records_encounter SET complaint = 'x' WHERE id = %s", [key])
        assert cursor.rowcount == 0
    # Whoever may read the person does not change what another institution wrote.
    ward.at_hospital()
    with residents.opened(ward.clinician, ward.resident), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM records_encounter")
        assert cursor.fetchone() == (1,)
        cursor.execute("UPDATE records_encounter SET complaint = 'x' WHERE id = %s", [key])
        assert cursor.rowcount == 0


def test_who_is_ready_to_go_down_is_listed_with_the_days(ward, monkeypatch) -> None:
    ward.at_hospital()
    stay = ward.visit(ward.clinician, kind=VisitKind.INPATIENT)
    assert queries.going_down(ward.clinician) == []
    commands.set_stage(ward.clinician, encounter_id=stay, stage=Stage.POSTOP_RECOVERY)
    later(days=3)
    (ready,) = queries.going_down(ward.clinician)
    assert (ready.resident_id, ready.stage, ready.days, ready.code) == (
        ward.resident,
        Stage.POSTOP_RECOVERY,
        3,
        "I10",
    )
    assert queries.going_down(ward.doctor) == []  # another institution's patient
    assert queries.going_down(ward.clinician, without={ward.resident}) == []
    # A region whose text names other groups asks for others.
    packs = altered("NHC-38.down_groups", ("acute_recovery",))
    monkeypatch.setattr(mandates, "packs", lambda: packs)
    assert queries.going_down(ward.clinician) == []
    commands.set_stage(ward.clinician, encounter_id=stay, stage=Stage.ACUTE_RECOVERY)
    (ready,) = queries.going_down(ward.clinician)
    assert ready.days == 0  # the delay is that of the new mark
    commands.set_stage(ward.clinician, encounter_id=stay, stage=Stage.NONE)
    assert queries.going_down(ward.clinician) == []


def test_who_is_ready_leaves_with_a_plan_or_with_the_reason(ward) -> None:
    ward.at_hospital()
    stays = [
        ward.visit(ward.clinician, kind=VisitKind.INPATIENT, stage=Stage.ACUTE_RECOVERY) for _ in range(3)
    ]
    with pytest.raises(Refused) as refused:
        commands.end_encounter(ward.clinician, encounter_id=stays[0])
    assert codes(refused) == {"records.kept_without_reason"}
    assert "急性病恢复期" in refused.value.refusals[0].sentence()
    commands.end_encounter(ward.clinician, encounter_id=stays[0], kept_reason="家属要求转至外市")
    assert len(queries.going_down(ward.clinician)) == 2
    # Sent down in the same act, or with a plan for who goes on: no reason is owed.
    commands.end_encounter(ward.clinician, encounter_id=stays[1], goes_down=True)
    commands.make_plan(
        ward.clinician, resident_id=ward.resident, code="I10", name="高血压", treatment="继续口服"
    )
    commands.end_encounter(ward.clinician, encounter_id=stays[2])
    with scoped(ward.clinician):
        assert dict(Encounter.objects.values_list("id", "kept_reason")) == {
            stays[0]: "家属要求转至外市",
            stays[1]: "",
            stays[2]: "",
        }
    with pytest.raises(Refused) as refused:
        commands.end_encounter(ward.clinician, encounter_id=stays[2])
    assert codes(refused) == {"records.encounter_over"}
    with pytest.raises(Refused) as refused:
        commands.end_encounter(ward.doctor, encounter_id=stays[2])
    assert codes(refused) == {"records.no_such_encounter"}


def test_a_second_main_diagnosis_goes_beside_the_first(ward) -> None:
    other = Diagnosis("E11.9", "2型糖尿病", role=ConditionRole.OTHER)
    ward.visit(conditions=[HYPERTENSION, other], readings=[*pressure(150, 90)])
    with residents.opened(ward.doctor, ward.resident) as ground:
        found = queries.summary(ground.persons, on=ledger.today())
    assert {each.code for each in found.problems} == {"E11.9", "I10"}
