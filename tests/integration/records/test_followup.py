"""After a discharge: contacts at three levels by their forms, alerts that answers raise, the survey of the year; and the
proposal to refer down at the end of a tertiary outpatient visit."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.handlers import find
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.models import InstitutionVersion
from tiercare.apps.records import commands, events, queries
from tiercare.apps.records.models import FollowUpAlert, FormAnswer, Observation, PlannedContact
from tiercare.apps.records.queries.ours import Said, said
from tiercare.apps.records.rules.asked import Ground
from tiercare.apps.records.rules.entries import Diagnosis
from tiercare.apps.records.rules.vocabulary import ConditionStatus, ContactOutcome, Stage, VisitKind
from tiercare.apps.residents.models import Resident, ResponsibleDoctor
from tiercare.engines.policy import PackSet
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from .conftest import HYPERTENSION, Ward, altered, codes, later, pressure

SYSTEM = Actor.system("test")
WELL = {
    "nursing": {"wound": "dry", "bleeding": False, "drugs_missed": False},
    "rehabilitation": {"falls": False, "new_weakness": False},
    "chronic": {"chest_pain": False, "breathless": False, "drugs_missed_days": 0},
}


def discharged(ward: Ward) -> UUID:
    """A stay at the county hospital that ended, and what the dispatcher does after the commit."""
    ward.at_hospital()
    stay = ward.visit(ward.clinician, kind=VisitKind.INPATIENT)
    commands.end_encounter(ward.clinician, encounter_id=stay, disposition="好转出院")
    for _ in range(2):  # a delivery that is repeated plans nothing twice
        for event in ledger.events(kind=events.EncounterEnded.KIND, subject_id=ward.resident, limit=1):
            find("records.after_discharge")(event)
    return stay


def doctor_at(ward: Ward, institution: UUID) -> None:
    with scoped(SYSTEM, area="*"):
        ResponsibleDoctor.objects.create(
            resident_id=ward.resident,
            institution_id=institution,
            doctor_name="周家庭",
            source="test",
            period=(ledger.today() - timedelta(days=30), None),
        )


def planned() -> list[PlannedContact]:
    with scoped(SYSTEM, area="*"):
        return list(PlannedContact.objects.filter(source="discharge").order_by("level"))


def set_by(key: str, ward: Ward) -> Said:
    """What the pack in force at the hospital says."""
    return said(key, ward.site.county_hospital, on=ledger.today())


def use(monkeypatch: pytest.MonkeyPatch, packs: PackSet) -> None:
    monkeypatch.setattr(mandates, "packs", lambda extra=(): packs)


@pytest.mark.clause("TY-66")
def test_a_discharge_is_followed_up_at_the_levels_of_the_text(ward, in_force, monkeypatch) -> None:
    in_force("taiyuan")
    with scoped(SYSTEM, area="*"):
        Resident.objects.filter(id=ward.resident).update(keeps_file=True)
    doctor_at(ward, ward.site.stranger)
    discharged(ward)
    today = ledger.today()
    assert [
        (each.level, each.institution_id, each.form, (each.due_on - today).days) for each in planned()
    ] == [
        (level, house, form, int(days))
        for level, (house, form, days) in enumerate(
            zip(
                (ward.site.county_hospital, ward.site.township, ward.site.stranger),
                set_by("levels_form", ward).words,
                set_by("levels_after_days", ward).words,
                strict=True,
            ),
            start=1,
        )
    ]
    first = planned()[0]
    # The standard form is asked: nobody says it was done without it.
    with pytest.raises(Refused) as refused:
        commands.do_contact(ward.clinician, contact_id=first.id, outcome=ContactOutcome.REACHED)
    assert codes(refused) == {"forms.left_out"}
    commands.do_contact(
        ward.clinician, contact_id=first.id, outcome=ContactOutcome.REACHED, asked=WELL["nursing"]
    )
    with scoped(ward.clinician):
        answer = FormAnswer.objects.get(contact_id=first.id)
        assert (answer.form, answer.version, answer.answers) == ("nursing", 1, WELL["nursing"])
        assert not FollowUpAlert.objects.exists()
    # Another text: two levels, other days, another order.
    for name, value in (
        ("TY-66.followup_levels", 2),
        ("TY-66.levels_after_days", (1, 2, 3)),
        ("TY-66.levels_by", ("family_doctor", "hospital", "township")),
    ):
        use(monkeypatch, altered(name, value))
    with scoped(SYSTEM, area="*"):
        PlannedContact.objects.filter(source="discharge").update(source="before")
    discharged(ward)
    assert [(each.institution_id, (each.due_on - today).days) for each in planned()] == [
        (ward.site.stranger, 1),
        (ward.site.county_hospital, 2),
    ]


def test_where_no_text_has_levels_nothing_is_planned(ward) -> None:
    discharged(ward)
    assert planned() == []


def test_who_has_no_doctor_is_followed_up_all_the_same(ward, in_force) -> None:
    in_force("taiyuan")
    discharged(ward)
    assert {each.institution_id for each in planned()} == {ward.site.county_hospital}
    with scoped(SYSTEM, area="*"):
        PlannedContact.objects.filter(source="discharge").update(source="before")
        Resident.objects.filter(id=ward.resident).update(deceased_on=ledger.today())
    for event in ledger.events(kind=events.EncounterEnded.KIND, subject_id=ward.resident, limit=1):
        find("records.after_discharge")(event)
    assert planned() == [], "the dead are not called"


@pytest.mark.clause("TY-68")
def test_answers_beyond_the_limits_alert_whoever_answers_for_the_resident(
    ward, in_force, monkeypatch
) -> None:
    in_force("taiyuan")
    doctor_at(ward, ward.site.township)
    discharged(ward)
    hospital, _township, family = planned()
    ill = WELL["nursing"] | {"wound": "pus", "temperature": 39.0}
    commands.do_contact(ward.clinician, contact_id=hospital.id, outcome=ContactOutcome.REACHED, asked=ill)
    (alert,) = queries.followup_alerts(ward.doctor)
    assert (alert.mine, alert.green, alert.overdue, alert.doctor_name) == (True, True, False, "周家庭")
    assert [(item.id, value) for item, value in alert.items if item] == [
        ("temperature", 39.0),
        ("wound", "pus"),
    ]
    assert alert.due_at - alert.raised_at == timedelta(hours=set_by("alert_handle_within_hours", ward).number)
    (followed,) = queries.followup_alerts(ward.clinician)
    assert (followed.id, followed.mine) == (alert.id, False), "who raised it follows it"
    assert queries.followup_alerts(ward.stranger) == []
    # Not handled in the set time it is listed, at both.
    assert queries.followup_alerts(ward.doctor, overdue=True) == []
    later(hours=1 + set_by("alert_handle_within_hours", ward).number)
    for actor in (ward.doctor, ward.clinician):
        assert [each.id for each in queries.followup_alerts(actor, overdue=True)] == [alert.id]
    for actor, words, code in (
        (ward.doctor, " ", "records.alert_how"),
        (ward.clinician, "已电话", "records.no_such_alert"),
        (ward.stranger, "已电话", "records.no_such_alert"),
    ):
        with pytest.raises(Refused) as refused:
            commands.handle_alert(actor, alert_id=alert.id, handling=words)
        assert codes(refused) == {code}
    commands.handle_alert(ward.doctor, alert_id=alert.id, handling="上门换药，转上级医院")
    assert queries.followup_alerts(ward.doctor, overdue=True) == []
    with pytest.raises(Refused) as refused:
        commands.handle_alert(ward.doctor, alert_id=alert.id, handling="再次")
    assert codes(refused) == {"records.alert_handled"}
    # What the guidelines know of a form's answers stands in the record, and meets their criteria.
    alerts = commands.do_contact(
        ward.doctor,
        contact_id=family.id,
        outcome=ContactOutcome.REACHED,
        asked=WELL["chronic"] | {"sbp": 186.0, "dbp": 112.0},
    )
    assert alerts and len(queries.followup_alerts(ward.doctor)) == 2
    with scoped(ward.doctor):
        assert Observation.objects.filter(contact_id=family.id).count() == 2
    # Another text: no green channel, two hours to handle it; and a kind of follow-up that raises none.
    use(monkeypatch, altered("TY-68.channel", None))
    use(monkeypatch, altered("TY-68.alert_handle_within_hours", 2))
    third = again(ward)
    commands.do_contact(ward.clinician, contact_id=third, outcome=ContactOutcome.REACHED, asked=ill)
    newest = max(queries.followup_alerts(ward.doctor), key=lambda each: each.raised_at)
    assert newest.due_at - newest.raised_at == timedelta(hours=2) and not newest.green
    use(monkeypatch, altered("TY-68.types", ("rehabilitation", "chronic")))
    fourth = again(ward)
    commands.do_contact(ward.clinician, contact_id=fourth, outcome=ContactOutcome.REACHED, asked=ill)
    assert len(queries.followup_alerts(ward.doctor)) == 3


def again(ward: Ward) -> UUID:
    """Another contact by the hospital with the nursing form."""
    with scoped(SYSTEM, area="*"):
        return PlannedContact.objects.create(
            resident_id=ward.resident,
            institution_id=ward.site.county_hospital,
            planner_id=ward.site.county_hospital,
            kind="NURSING",
            form="nursing",
            due_on=ledger.today(),
            way="PHONE",
        ).id


def test_the_lists_cost_the_same_however_much_there_is(ward, in_force) -> None:
    in_force("taiyuan")
    doctor_at(ward, ward.site.township)
    ill = WELL["nursing"] | {"wound": "pus"}
    counted = []
    for _ in range(3):
        discharged(ward)
        commands.do_contact(ward.clinician, contact_id=again(ward), outcome=ContactOutcome.REACHED, asked=ill)
        with CaptureQueriesContext(connection) as alerts:
            shown = queries.followup_alerts(ward.doctor)
        with CaptureQueriesContext(connection) as stays:
            asked = queries.stays_here(ward.clinician)
        counted.append((len(shown), len(asked), len(alerts), len(stays)))
    assert [each[:2] for each in counted] == [(1, 1), (2, 2), (3, 3)]
    assert len({each[2:] for each in counted}) == 1, counted


@pytest.mark.clause("TY-66")
def test_the_survey_of_the_year_is_kept(ward, in_force, monkeypatch) -> None:
    in_force("taiyuan")
    stay = discharged(ward)
    me = ward.site.resident(ward.resident)
    year = ledger.today().year
    (asked,) = queries.own_stays(me, ward.resident)
    assert (asked.id, asked.answered, asked.form) == (stay, False, "satisfaction")
    content = {"overall": 5, "explained": 4, "handover": 2, "again": True}
    with pytest.raises(Refused) as refused:
        commands.answer_survey(me, encounter_id=stay, answers={"overall": 9})
    assert codes(refused) == {"forms.cannot_be", "forms.left_out"}
    with pytest.raises(Refused) as refused:
        commands.answer_survey(ward.doctor, encounter_id=stay, answers=content)
    assert codes(refused) == {"records.survey_not_asked"}, "another institution's stay"
    commands.answer_survey(me, encounter_id=stay, answers=content)
    with pytest.raises(Refused) as refused:
        commands.answer_survey(ward.clinician, encounter_id=stay, answers=content)
    assert codes(refused) == {"records.survey_answered"}
    other = discharged(ward)
    commands.answer_survey(ward.clinician, encounter_id=other, answers=content | {"overall": 2})
    kept = queries.survey(ward.office, year=year)
    assert (kept.people, kept.clauses) == (2, ("TY-66",))
    assert {each.item.id: (each.people, each.mean) for each in kept.items} == {
        "overall": (2, 3.5),
        "explained": (2, 4.0),
        "handover": (2, 2.0),
        "again": (2, None),
    }
    assert queries.survey(ward.office, year=year - 1).people == 0
    assert queries.survey(ward.stranger, year=year).people == 0
    # A text that asks within another time, or by no form.
    third = discharged(ward)
    later(days=20)
    with scoped(ward.clinician):
        assert {each.id for each in queries.stays_here(ward.clinician)} == {stay, other, third}
    use(monkeypatch, altered("TY-66.satisfaction_within_days", 10))
    assert queries.stays_here(ward.clinician) == []
    use(monkeypatch, altered("TY-66.satisfaction_within_days", 365))
    use(monkeypatch, altered("TY-66.satisfaction_form", None))
    assert queries.stays_here(ward.clinician) == []
    with pytest.raises(Refused) as refused:
        commands.answer_survey(ward.clinician, encounter_id=third, answers=content)
    assert codes(refused) == {"records.survey_not_asked"}


def tertiary(ward: Ward, level: int = 3) -> None:
    InstitutionVersion.objects.filter(institution_id=ward.site.county_hospital).update(level=level)


STABLE = Diagnosis("I10", "原发性高血压", status=ConditionStatus.STABLE)


@pytest.mark.clause("NHC-51")
def test_a_stable_known_diagnosis_is_proposed_to_go_down(ward, monkeypatch) -> None:
    tertiary(ward)
    ward.at_hospital()
    visit = ward.visit(ward.clinician, conditions=[STABLE], readings=pressure(128, 78))
    (prompt,) = queries.open_prompts(ward.clinician)
    assert (prompt.source_id, prompt.code, prompt.resident_id) == (visit, "I10", ward.resident)
    assert queries.open_prompts(ward.doctor) == []
    answer = {"ground": Ground.VISIT, "source_id": visit}
    with pytest.raises(Refused) as refused:
        commands.answer_prompt(ward.clinician, **answer, taken=False)
    assert codes(refused) == {"records.prompt_reason"}
    with pytest.raises(Refused) as refused:
        commands.answer_prompt(ward.doctor, **answer, taken=True)
    assert codes(refused) == {"records.no_such_prompt"}
    commands.answer_prompt(ward.clinician, **answer, taken=False, reason="需复查动态血压")
    with pytest.raises(Refused) as refused:
        commands.answer_prompt(ward.clinician, **answer, taken=True)
    assert codes(refused) == {"records.prompt_answered"}
    second = ward.visit(ward.clinician, stage=Stage.CHRONIC_STABLE, readings=pressure(128, 78))
    commands.answer_prompt(ward.clinician, ground=Ground.VISIT, source_id=second, taken=True)
    ward.visit(ward.clinician, conditions=[STABLE], readings=[])
    today = ledger.today()
    counted = queries.prompted(ward.clinician, first=today, last=today)
    assert (counted.shown, counted.taken, counted.declined) == (3, 1, 1)
    assert counted.rate == pytest.approx(1 / 3)
    assert queries.prompted(ward.stranger, first=today, last=today).rate is None

    def shown(**more) -> bool:
        ward.visit(ward.clinician, **({"conditions": [STABLE], "readings": []} | more))
        now = queries.prompted(ward.clinician, first=today, last=today).shown
        return now > counted.shown

    assert not shown(conditions=[HYPERTENSION], readings=pressure(190, 112)), "not stable"
    assert not shown(conditions=[Diagnosis("R42", "头晕", status=ConditionStatus.STABLE)]), "no diagnosis"
    assert not shown(kind=VisitKind.EMERGENCY), "no outpatient visit"
    assert not shown(source="his", source_key="1"), "a feed has nobody to show it to"
    tertiary(ward, 2)
    assert not shown(), "no tertiary hospital"
    tertiary(ward)
    for condition in ("", "diagnosis_clear&moon_is_full"):
        use(monkeypatch, altered("NHC-51.condition", condition))
        assert not shown()
    use(monkeypatch, altered("NHC-51.condition", "condition_stable"))
    assert shown(conditions=[Diagnosis("R42", "头晕", status=ConditionStatus.STABLE)])


def test_readings_under_control_are_stable_too(ward) -> None:
    tertiary(ward)
    ward.series((132, 82), (128, 78))
    ward.at_hospital()
    ward.visit(ward.clinician, readings=pressure(130, 80))
    assert [each.code for each in queries.open_prompts(ward.clinician)] == ["I10"]


def test_the_list_of_drugs_by_page_and_by_file(ward) -> None:
    doctor, today = ward.doctor, ledger.today()
    key = commands.keep_drug(doctor, name="苯磺酸氨氯地平片", strength="5 mg×28")
    assert commands.keep_drug(doctor, name="苯磺酸 氨氯地平片", strength="5 mg×28", code="c08ca01") == key
    (item,) = queries.formulary(ward.site.township, on=today)
    assert (item.code, item.since) == ("C08CA01", today)
    rows = "药品通用名,规格,药品编码\n苯磺酸氨氯地平片,5 mg×28,C08CA01\n阿司匹林肠溶片,100 mg,B01AC06\n"
    bad = rows + "阿司匹林肠溶片,100 mg,\n二甲双胍片,0.5 g,A10B\n,0.5 g,\n"
    checked = commands.import_drugs(doctor, file_name="目录.csv", content=bad.encode(), check=True)
    assert (checked.rows, checked.created, checked.bad) == (5, 1, 3)
    told = {(each["place"].partition("!")[2], each["column"]) for each in checked.faults}
    assert told == {("4", "name"), ("5", "code"), ("6", "name")}
    assert all(each["fix"]["zh"] and each["message"]["en"] for each in checked.faults)
    with pytest.raises(Refused) as refused:
        commands.import_drugs(doctor, file_name="目录.csv", content=bad.encode())
    assert codes(refused) == {"records.formulary_rows_are_bad"}
    assert len(queries.formulary(ward.site.township, on=today)) == 1, "all or none"
    taken = commands.import_drugs(doctor, file_name="目录.csv", content=rows.encode())
    assert (taken.created, taken.changed, taken.unchanged, taken.ended) == (1, 1, 0, 0)
    later(days=2)
    whole = "药品通用名,规格,药品编码\n阿司匹林肠溶片,100 mg,B01AC06\n"
    taken = commands.import_drugs(doctor, file_name="目录.csv", content=whole.encode(), whole=True)
    assert (taken.unchanged, taken.ended) == (1, 1)
    assert [each.name for each in queries.formulary(ward.site.township, on=ledger.today())] == [
        "阿司匹林肠溶片"
    ]
    assert len(queries.formulary(ward.site.township, on=today)) == 2, "what was on an earlier day stays so"
    again = queries.formulary_export(ward.site.township, on=ledger.today()).content
    taken = commands.import_drugs(doctor, file_name="目录.xlsx", content=again, whole=True)
    assert (taken.created, taken.changed, taken.ended) == (0, 0, 0)
    (item,) = queries.formulary(ward.site.township, on=ledger.today())
    with pytest.raises(Refused) as refused:
        commands.end_drug(ward.clinician, item_id=item.id)
    assert codes(refused) == {"records.no_such_drug"}
    commands.end_drug(doctor, item_id=item.id)
    assert queries.formulary(ward.site.township, on=ledger.today()) == []
    with pytest.raises(Refused):
        commands.keep_drug(ward.site.actor(Role.REGISTRAR), name="阿司匹林肠溶片")
