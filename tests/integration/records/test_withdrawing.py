"""What was entered for the wrong patient, or wrongly: withdrawn with the reason, it stays and counts nowhere any more."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.records import commands, events, queries
from tiercare.apps.records.models import Condition, Document, Encounter, Medication, Observation
from tiercare.apps.records.queries.withdrawn import withdrawn_shown
from tiercare.apps.records.rules.entries import Diagnosis, Reading
from tiercare.apps.records.rules.vocabulary import ContactKind, DocumentKind, Stage, VisitKind
from tiercare.apps.records.rules.withdrawing import What
from tiercare.apps.residents import queries as residents
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .conftest import AMLODIPINE, HYPERTENSION, codes, later, pressure

STROKE = Diagnosis("I63.9", "脑梗死")
WRONG = "记错患者"


def summary_of(ward, actor=None):
    with residents.opened(actor or ward.doctor, ward.resident) as ground:
        return queries.summary(ground.persons, on=ledger.today())


def everything(ward) -> dict[str, int]:
    """How many rows there are in all, withdrawn or not."""
    with scoped(ward.doctor, persons=[ward.resident]), withdrawn_shown():
        return {
            model.__name__: model.objects.count()
            for model in (Encounter, Condition, Observation, Medication, Document)
        }


def test_a_withdrawn_visit_stays_and_leaves_every_reading(ward) -> None:
    ward.visit(readings=pressure(150, 92))
    later(minutes=5)
    wrong = ward.visit(
        conditions=[STROKE], readings=pressure(182, 110), drugs=[AMLODIPINE], complaint="右侧肢体无力"
    )
    commands.add_document(
        ward.doctor,
        resident_id=ward.resident,
        kind=DocumentKind.IMAGE,
        title="头颅CT",
        reference="urn:oid:1.2.3",
        encounter_id=wrong,
    )
    before = everything(ward)
    assert {each.code for each in summary_of(ward).problems} == {"I10", "I63.9"}
    assert commands.withdraw(ward.doctor, what=What.VISIT, entry_id=wrong, reason=WRONG) == 5
    assert everything(ward) == before  # nothing is lost

    now = summary_of(ward)
    assert {each.code for each in now.problems} == {"I10"} and not now.documents
    assert {each.item: each.value for each in now.results} == {"sbp": Decimal(150), "dbp": Decimal(92)}
    assert [each.complaint for each in now.visits] == ["头晕三天"]
    known = queries.patient(ward.doctor, ward.resident).facts
    assert known is not None and known.observed["sbp"] == 150.0
    with scoped(ward.doctor):  # the model itself shows it no more
        assert not Encounter.objects.filter(id=wrong).exists()
    (event,) = ledger.events(kind=events.EntryWithdrawn.KIND, subject_id=ward.resident, limit=5)
    assert event.payload["entry_id"] == str(wrong) and event.payload["lines"] == 5
    assert WRONG not in str(event.payload)


def test_its_own_institution_sees_it_struck_through_and_others_that_it_is_gone(ward) -> None:
    wrong = ward.visit(complaint="右侧肢体无力", conditions=[STROKE])
    commands.withdraw(ward.doctor, what=What.VISIT, entry_id=wrong, reason=WRONG)
    (mine,) = queries.timeline(ward.doctor, ward.resident).entries
    assert mine.gone is not None and mine.gone.reason == WRONG and mine.body["complaint"] == "右侧肢体无力"
    assert [each["code"] for each in mine.conditions] == ["I63.9"]
    ward.at_hospital()
    (theirs,) = queries.timeline(ward.clinician, ward.resident).entries
    assert theirs.gone is not None and theirs.gone.reason == WRONG
    # It may be somebody else's: what stood in it is shown to nobody else.
    assert not theirs.conditions and not theirs.readings and "complaint" not in theirs.body


def test_one_line_is_withdrawn_and_the_visit_stands(ward) -> None:
    visit = ward.visit(readings=pressure(268, 98))
    entry = queries.own_entry(ward.doctor, What.VISIT, visit)
    (wrong,) = [each for each in entry.parts if "268" in each.title]
    assert wrong.what is What.READING
    assert commands.withdraw(ward.doctor, what=wrong.what, entry_id=wrong.id, reason="数值录入错误") == 0
    now = summary_of(ward)
    assert [each.item for each in now.results] == ["dbp"] and [each.code for each in now.problems] == ["I10"]
    (mine,) = queries.timeline(ward.doctor, ward.resident).entries
    assert mine.gone is None and {each["item"]: each["withdrawn"] for each in mine.readings} == {
        "sbp": "数值录入错误",
        "dbp": "",
    }
    ward.at_hospital()
    (theirs,) = queries.timeline(ward.clinician, ward.resident).entries
    assert [each["item"] for each in theirs.readings] == ["dbp"] and theirs.fewer == 1


@pytest.mark.parametrize("what", [What.CONDITION, What.DRUG, What.DOCUMENT])
def test_every_kind_of_line_can_be_withdrawn(ward, what) -> None:
    visit = ward.visit()
    commands.record_results(
        ward.doctor,
        resident_id=ward.resident,
        title="血钾",
        readings=[Reading("K", Decimal("4.1"), unit="mmol/L")],
        encounter_id=visit,
    )
    (part,) = [each for each in queries.own_entry(ward.doctor, What.VISIT, visit).parts if each.what is what]
    lines = commands.withdraw(ward.doctor, what=what, entry_id=part.id, reason=WRONG)
    now = summary_of(ward)
    assert lines == (what is What.DOCUMENT)  # a report takes its value with it
    assert bool(now.problems) is (what is not What.CONDITION)
    assert bool(now.drugs) is (what is not What.DRUG)
    assert bool(now.documents) is ("K" in {each.item for each in now.results}) is (what is not What.DOCUMENT)
    assert queries.own_entry(ward.doctor, what, part.id).gone is not None


def test_criteria_due_lists_and_counts_forget_it(ward) -> None:
    ward.series((176, 104), (172, 104), actor=ward.doctor)
    assert [each.resident_id for each in queries.proposals(ward.doctor)] == [ward.resident]
    with scoped(ward.doctor):
        last = Encounter.objects.order_by("started_at").last()
    assert last is not None
    commands.withdraw(ward.doctor, what=What.VISIT, entry_id=last.id, reason=WRONG)
    assert queries.proposals(ward.doctor) == []  # one high pressure is no proposal

    ward.at_hospital()
    stay = ward.visit(ward.clinician, kind=VisitKind.INPATIENT, stage=Stage.POSTOP_RECOVERY)
    assert [each.encounter_id for each in queries.going_down(ward.office)] == [stay]
    counted = queries.completeness(ward.site.actor(Role.COMMISSION), division_code="340223")
    commands.withdraw(ward.clinician, what=What.VISIT, entry_id=stay, reason=WRONG)
    assert queries.going_down(ward.office) == []
    now = queries.completeness(ward.site.actor(Role.COMMISSION), division_code="340223")
    assert [each.entries for each in counted.elements[:2]] == [2, 2]
    assert [each.entries for each in now.elements[:2]] == [1, 1]
    with connection.cursor() as cursor:  # the statistic of who went down counts no stay that was not theirs
        cursor.execute(
            "SELECT count(*) FROM exchange_went_down(%s::uuid[], %s, %s)",
            [[ward.site.county_hospital], ledger.now() - timedelta(days=1), ledger.now() + timedelta(days=1)],
        )
        assert cursor.fetchone() == (0,)


def test_the_ground_that_a_visit_gave_ends_with_it(ward) -> None:
    ward.at_hospital()
    stay = ward.visit(ward.clinician, kind=VisitKind.INPATIENT)
    later(hours=25)  # the arrival is over, the stay goes on
    with residents.opened(ward.clinician, ward.resident):
        pass
    commands.withdraw(ward.clinician, what=What.VISIT, entry_id=stay, reason=WRONG)
    with pytest.raises(Refused), residents.opened(ward.clinician, ward.resident):
        pass
    # The institution still opens what it withdrew itself.
    assert queries.own_entry(ward.clinician, What.VISIT, stay).gone is not None


def test_who_had_read_it_is_known(ward) -> None:
    ward.at_hospital()
    queries.timeline(ward.office, ward.resident)  # before it was entered
    later(minutes=1)
    wrong = ward.visit()
    later(minutes=1)
    queries.timeline(ward.clinician, ward.resident)
    later(minutes=1)
    commands.withdraw(ward.doctor, what=What.VISIT, entry_id=wrong, reason=WRONG)
    later(minutes=1)
    queries.timeline(ward.office, ward.resident)  # after it was withdrawn
    entry = queries.own_entry(ward.doctor, What.VISIT, wrong)
    assert len(entry.readers) == 1 and entry.readers[0].institution
    assert entry.gone is not None and entry.readers[0].at < entry.gone.at


@pytest.mark.parametrize("what", list(What))
def test_what_cannot_be_withdrawn_is_refused_with_the_way_on(ward, what) -> None:
    visit = ward.visit()
    with pytest.raises(Refused) as refused:
        commands.withdraw(ward.doctor, what=what, entry_id=uuid7(), reason=WRONG)
    assert codes(refused) == {"records.no_such_entry"}
    ward.at_hospital()
    with pytest.raises(Refused) as refused:  # another institution's
        commands.withdraw(ward.clinician, what=What.VISIT, entry_id=visit, reason=WRONG)
    assert codes(refused) == {"records.no_such_entry"}
    for reason, code in (
        ("  ", "records.withdrawn_without_reason"),
        ("错" * 201, "records.too_long"),
        ("错\x00", "records.no_text"),
    ):
        with pytest.raises(Refused) as refused:
            commands.withdraw(ward.doctor, what=What.VISIT, entry_id=visit, reason=reason)
        assert codes(refused) == {code}
    with pytest.raises(Refused) as refused:
        commands.withdraw(ward.site.actor(Role.REGISTRAR), what=What.VISIT, entry_id=visit, reason=WRONG)
    assert "access" in next(iter(codes(refused)))
    commands.withdraw(ward.doctor, what=What.VISIT, entry_id=visit, reason=WRONG)
    with pytest.raises(Refused) as refused:
        commands.withdraw(ward.doctor, what=What.VISIT, entry_id=visit, reason=WRONG)
    assert codes(refused) == {"records.withdrawn_already"}
    assert all(each.way_on() and each.way_on("en") for each in refused.value.refusals)


def fed(ward, **more):
    at = ledger.now() if "started_at" not in more else more.pop("started_at")
    return ward.visit(source="his", source_key="MZ1", started_at=at, **more)


def test_a_correction_by_its_source_number_takes_the_place(ward) -> None:
    at = ledger.now()
    first = fed(ward, started_at=at)
    commands.record_results(
        ward.doctor,
        resident_id=ward.resident,
        title="血钾",
        readings=[Reading("K", Decimal("4.1"))],
        encounter_id=first,
    )
    later(minutes=5)
    with pytest.raises(Refused) as refused:
        fed(ward, started_at=at, complaint="胸闷")
    assert codes(refused) == {"records.key_taken"}
    second = fed(ward, started_at=at, complaint="胸闷", corrects=True)
    assert second != first and fed(ward, started_at=at, complaint="胸闷") == second  # a repeated message
    now = summary_of(ward)
    assert [each.complaint for each in now.visits] == ["胸闷"]
    assert [each.title for each in now.documents] == ["血钾"]  # the report is of the corrected visit
    old = queries.own_entry(ward.doctor, What.VISIT, first)
    assert old.gone is not None and old.replaced_by == second
    with scoped(ward.doctor):
        assert Document.objects.get().encounter_id == second


def test_a_feed_moves_a_visit_to_the_right_patient(ward, register) -> None:
    at = ledger.now()
    first = fed(ward, started_at=at)
    other = register("李小红")
    with pytest.raises(Refused) as refused:  # the same words of somebody else are no repeated message
        fed(ward, started_at=at, resident_id=other)
    assert codes(refused) == {"records.key_taken"}
    moved = fed(ward, started_at=at, resident_id=other, corrects=True)
    assert not summary_of(ward).problems
    with residents.opened(ward.doctor, other) as ground:
        assert [each.code for each in queries.summary(ground.persons, on=ledger.today()).problems] == ["I10"]
    assert queries.own_entry(ward.doctor, What.VISIT, first).replaced_by == moved


def test_a_feed_withdraws_by_its_number_and_a_stale_copy_does_not_bring_it_back(ward) -> None:
    at = ledger.now()
    fed(ward, started_at=at)
    withdrawal = {"what": What.VISIT, "source": "his", "source_key": "MZ1", "reason": WRONG}
    assert commands.withdraw_by_key(ward.doctor, **withdrawal) == 4
    with pytest.raises(Refused) as refused:
        commands.withdraw_by_key(ward.doctor, **withdrawal)
    assert codes(refused) == {"records.withdrawn_already"}
    with pytest.raises(Refused) as refused:
        fed(ward, started_at=at)
    assert codes(refused) == {"records.withdrawn_came_again"} and "MZ1" in str(
        refused.value.refusals[0].sentence()
    )
    assert fed(ward, started_at=at, complaint="胸闷")  # the number is free for what is right
    with pytest.raises(Refused) as refused:
        commands.withdraw_by_key(ward.doctor, **(withdrawal | {"source_key": "MZ2"}))
    assert codes(refused) == {"records.no_such_entry"}


def test_a_report_is_corrected_by_its_number(ward) -> None:
    def report(value: str, **more):
        return commands.record_results(
            ward.doctor,
            resident_id=ward.resident,
            title="血钾",
            readings=[Reading("K", Decimal(value))],
            taken_at=at,
            source="lis",
            source_key="L1",
            **more,
        )

    at = ledger.now()
    first = report("7.4")
    later(minutes=1)
    second = report("4.7", corrects=True)
    assert second != first and report("4.7") == second
    assert [each.value for each in summary_of(ward).results] == [Decimal("4.7")]


def test_a_contact_is_planned_for_the_residents_own_plan_and_request_only(ward, register) -> None:
    due = {"kind": ContactKind.FOLLOW_UP, "due_on": ledger.today() + timedelta(days=7)}
    request = ward.by_request()
    other = register("李小红")
    with pytest.raises(Refused) as refused:
        commands.plan_contact(ward.doctor, resident_id=other, request_id=request, **due)
    assert codes(refused) == {"records.others_request"}
    assert "随访" in refused.value.refusals[0].way_on()
    plan = commands.make_plan(
        ward.clinician, resident_id=ward.resident, code="I10", name=HYPERTENSION.name, treatment="原方案"
    )
    with pytest.raises(Refused) as refused:
        commands.plan_contact(ward.doctor, resident_id=other, plan_id=plan, **due)
    assert codes(refused) == {"records.others_plan"}
    assert commands.plan_contact(
        ward.clinician, resident_id=ward.resident, request_id=request, plan_id=plan, **due
    )
