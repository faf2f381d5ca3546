"""One record from all institutions in the order of time, for those who may read it, and of it what their role sees."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Purpose, Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.records import commands, queries
from tiercare.apps.records.models import Encounter
from tiercare.apps.records.rules.entries import Diagnosis, Reading
from tiercare.apps.records.rules.vocabulary import (
    ConditionRole,
    ContactKind,
    ContactOutcome,
    DocumentKind,
    VisitKind,
)
from tiercare.apps.residents import queries as residents
from tiercare.apps.residents.commands import give_consent
from tiercare.apps.residents.models import Resident
from tiercare.kernel.refusal import Refused

from .conftest import HYPERTENSION, codes, later, pressure

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def fill(ward) -> None:
    """A year of visits, a report, a file, a plan and contacts, in the township and at the hospital."""
    ward.series((172, 104), (160, 96), (138, 84), apart=30)
    ward.at_hospital()
    commands.record_results(
        ward.clinician,
        resident_id=ward.resident,
        title="生化全套",
        readings=[Reading("potassium", Decimal("4.1"), unit="mmol/L")],
        taken_at=ledger.now() - timedelta(days=45),
    )
    commands.add_document(
        ward.clinician,
        resident_id=ward.resident,
        kind=DocumentKind.DISCHARGE,
        title="出院小结",
        content=PDF,
        dated_at=ledger.now() - timedelta(days=40),
    )
    later(seconds=5)
    commands.make_plan(
        ward.clinician,
        resident_id=ward.resident,
        code="I10",
        name="高血压",
        treatment="氨氯地平 5 mg 每日一次",
        receiver_id=ward.site.township,
    )
    for days in (0, 30):
        commands.plan_contact(
            ward.clinician,
            resident_id=ward.resident,
            kind=ContactKind.FOLLOW_UP,
            due_on=ledger.today() + timedelta(days=days),
            institution_id=ward.site.township,
        )
    later(seconds=5)
    first = queries.contacts_due(ward.doctor).contacts[0]
    commands.do_contact(
        ward.doctor, contact_id=first.id, outcome=ContactOutcome.REACHED, answers={"sbp": 136.0, "dbp": 82.0}
    )


def test_everything_stands_in_one_order_with_its_source(ward) -> None:
    fill(ward)
    shown = queries.timeline(ward.doctor, ward.resident)
    assert [each.kind for each in shown.entries] == [
        "contact",
        "plan",
        "visit",
        "visit",
        "document",
        "document",
        "visit",
    ]
    assert [each.at for each in shown.entries] == sorted((each.at for each in shown.entries), reverse=True)
    assert {each.institution_id for each in shown.entries} == {ward.site.township, ward.site.county_hospital}
    assert all(each.institution and each.source == "here" for each in shown.entries)
    by_kind = {each.kind: each for each in shown.entries}
    assert {each["item"] for each in by_kind["contact"].readings} == {"sbp", "dbp"}
    visit = by_kind["visit"]
    assert (visit.conditions[0]["code"], visit.body["complaint"]) == ("I10", "头晕三天")
    assert shown.next is None and [each.overdue for each in shown.ahead] == [False]


def test_pages_follow_each_other_without_gap_or_repeat(ward) -> None:
    fill(ward)
    whole = queries.timeline(ward.doctor, ward.resident).entries
    got, before = [], None
    for _ in range(10):
        page = queries.timeline(ward.doctor, ward.resident, before=before, limit=2)
        got += page.entries
        before = page.next
        if before is None:
            break
    assert [each.id for each in got] == [each.id for each in whole]


def test_a_page_costs_the_same_number_of_statements_however_much_there_is(ward) -> None:
    ward.visit()
    with CaptureQueriesContext(connection) as few:
        queries.timeline(ward.doctor, ward.resident)
    fill(ward)
    with CaptureQueriesContext(connection) as many:
        shown = queries.timeline(ward.doctor, ward.resident)
    assert len(shown.entries) == 8
    assert len(many) == len(few)
    gate = 0
    with CaptureQueriesContext(connection) as alone, residents.opened(ward.doctor, ward.resident):
        gate = len(alone)
    # Beside the gate: the clock, the person, a page between showing withdrawn entries and ceasing to, what is ahead, the
    # names of institutions.
    assert gate and len(many) - len(alone) <= 7


def test_nobody_reads_without_a_ground_and_every_reading_is_on_record(ward) -> None:
    ward.visit()
    with pytest.raises(Refused) as refused:
        queries.timeline(ward.stranger, ward.resident)
    assert codes(refused) == {"access.no_basis"}
    queries.timeline(ward.doctor, ward.resident)
    own = residents.my_readings(ward.site.resident(ward.resident), ward.resident)
    assert [(each.reading.what, each.reading.refused) for each in own.seen][:2] == [
        ("record", False),
        ("record", True),
    ]


@pytest.mark.clause("YN-65")
def test_a_visit_at_one_member_is_read_at_another_in_the_order_of_time(ward, in_force) -> None:
    in_force("yunnan")
    ward.at_hospital()
    ward.visit(ward.clinician, complaint="胸闷", started_at=ledger.now() - timedelta(hours=3))
    ward.visit(complaint="复诊")  # the township sees both, whoever wrote them
    shown = queries.timeline(ward.doctor, ward.resident)
    assert [(each.body["complaint"], each.institution_id) for each in shown.entries] == [
        ("复诊", ward.site.township),
        ("胸闷", ward.site.county_hospital),
    ]
    # And the hospital both, by the resident's consent to the consortium, once its own visit is over.
    later(days=2)
    with pytest.raises(Refused):
        queries.timeline(ward.clinician, ward.resident)
    give_consent(
        ward.site.resident(ward.resident),
        ward.resident,
        grantee_id=ward.site.county_hospital,
        purposes=[Purpose.TREATMENT],
        until=ledger.today() + timedelta(days=30),
    )
    assert len(queries.timeline(ward.clinician, ward.resident).entries) == 2


def test_what_can_brand_a_person_stays_with_those_who_treat(ward) -> None:
    ward.at_hospital()
    ward.visit(ward.clinician, conditions=[Diagnosis("F20.0", "偏执型精神分裂症")], complaint="失眠")
    later(seconds=5)
    ward.visit(ward.clinician, complaint="头晕")
    treating = queries.timeline(ward.clinician, ward.resident).entries
    assert [bool(each.hidden) for each in treating] == [False, False]
    office = queries.timeline(ward.office, ward.resident).entries
    assert [bool(each.hidden) for each in office] == [False, True]
    assert "失眠" not in repr(office[1]) and "F20" not in repr(office[1]) and not office[1].drugs
    with pytest.raises(Refused) as refused:
        queries.timeline(ward.site.actor(Role.REGISTRAR, "county_hospital"), ward.resident)
    assert codes(refused) == {"records.not_for_role"}


def test_residents_read_their_own(ward) -> None:
    ward.visit()
    own = queries.timeline(ward.site.resident(ward.resident), ward.resident)
    assert [each.kind for each in own.entries] == ["visit"] and own.basis.value == "self"


def test_the_summary_is_the_latest_word_on_each_thing(ward) -> None:
    fill(ward)
    ward.visit(conditions=[Diagnosis("J06.9", "急性上呼吸道感染")], drugs=[])
    with residents.opened(ward.doctor, ward.resident) as ground:
        found = queries.summary(ground.persons, on=ledger.today())
    assert [each.code for each in found.problems] == ["J06.9", "I10"]
    assert {each.item: each.value for each in found.results}["sbp"] == Decimal(168)
    assert len(found.visits) == 4 and found.visits[0].diagnoses == ("J06.9 急性上呼吸道感染",)
    assert [(each.title, each.held) for each in found.documents] == [("出院小结", True), ("生化全套", False)]


def test_facts_for_the_guidelines_carry_their_day(ward) -> None:
    today = ledger.today()
    ward.visit(
        readings=[*pressure(150, 92), Reading("smoking", words="yes"), Reading("chest_pain", words="yes")],
        started_at=ledger.now() - timedelta(days=40),
    )
    ward.visit(
        conditions=[HYPERTENSION, Diagnosis("E11.9", "2型糖尿病", ConditionRole.OTHER)],
        readings=pressure(182, 112),
    )
    with residents.opened(ward.doctor, ward.resident) as ground:
        book = queries.guidelines_at(ward.site.township, on=today)
        found = queries.facts(ground.persons, on=today, book=book)
    assert found.diseases == ("diabetes", "hypertension") or set(found.diseases) == {
        "diabetes",
        "hypertension",
    }
    assert (found.observed["sbp"], found.observed["sex"], found.observed["diabetes"]) == (182.0, "M", True)
    assert found.observed["smoking"] is True and found.dated["sbp"] == today
    assert "chest_pain" not in found.observed  # a sign of an earlier day says nothing of today
    assert found.observed["not_at_target_twice"] is True


def test_the_visits_of_a_merged_entry_are_the_persons(ward, register) -> None:
    twin = register("李小红")
    ward.visit(complaint="以前的档案", resident_id=twin)
    later(seconds=5)
    ward.visit(complaint="现在的档案")
    with scoped(ward.doctor):
        Resident.objects.filter(id=twin).update(master_id=ward.resident)
    for entry in (twin, ward.resident):
        shown = queries.timeline(ward.doctor, entry)
        assert [each.body["complaint"] for each in shown.entries] == ["现在的档案", "以前的档案"]
    ward.visit(complaint="用旧编号记的", resident_id=twin)
    with scoped(ward.doctor):
        assert Encounter.objects.get(complaint="用旧编号记的").resident_id == ward.resident


def test_a_stay_is_shown_as_such(ward) -> None:
    ward.at_hospital()
    ward.visit(ward.clinician, kind=VisitKind.INPATIENT)
    (entry,) = queries.timeline(ward.clinician, ward.resident).entries
    assert entry.body["kind"] == "INPATIENT" and entry.body["ended_at"] is None
