"""Going down as an obligation: the drugs against the receiver's list, a place in hand, and who left without a plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import queries as capacity
from tiercare.apps.capacity.commands import keep_criteria
from tiercare.apps.capacity.models import Booking
from tiercare.apps.capacity.queries.cases import case_shown
from tiercare.apps.capacity.rules.cases import Step
from tiercare.apps.capacity.rules.criteria import Stage as AskedAt
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange import queries as requests
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.workflow import Act, State
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.records import commands as records
from tiercare.apps.records import queries as record_queries
from tiercare.apps.records.models import CarePlan, PlannedContact
from tiercare.apps.records.rules.asked import Ground
from tiercare.apps.records.rules.vocabulary import Stage
from tiercare.apps.referrals import commands, queries
from tiercare.apps.referrals.queries.statistics import scope_of, statistics
from tiercare.apps.residents.models import Resident, ResponsibleDoctor
from tiercare.engines.policy import PackSet
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of
from tiercare.kernel.refusal import Refused

from ..capacity.admitting import Admitting, centre
from ..capacity.conftest import Hospital, hospital, later, session, slot_of, synthetic_clock, used
from ..records.conftest import altered
from ..residents.conftest import Site, given, register, site
from .test_loop import PLAN, patient, stay_of, stored

__all__ = [
    "Site",
    "centre",
    "given",
    "hospital",
    "patient",
    "register",
    "session",
    "site",
    "synthetic_clock",
]
pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
DRUGS = [
    {"name": "苯磺酸氨氯地平片", "code": "C08CA01", "dose": "5 mg 每日一次"},
    {"name": "硫酸氢氯吡格雷片", "code": "B01AC04", "dose": "75 mg 每日一次"},
]


def clinician_of(hospital: Hospital) -> Actor:
    return hospital.site.actor(Role.CLINICIAN, "county_hospital")


def content_to(institution: UUID | None, **plan: object) -> exchange.Content:
    return exchange.Content(
        to_institution=institution,
        payload={"reason": "术后恢复良好", "group": "convalescent", "plan": {**PLAN, **plan}},
    )


def with_packs(monkeypatch: pytest.MonkeyPatch, packs: PackSet) -> None:
    monkeypatch.setattr(mandates, "packs", lambda extra=(): packs)


def test_the_gap_to_the_receivers_list_goes_with_the_plan(hospital: Hospital, patient: UUID) -> None:
    doctor, clinician = hospital.family_doctor, clinician_of(hospital)
    down = commands.go_down(clinician, encounter_id=stay_of(hospital, patient, clinician))
    records.keep_drug(doctor, name="氨氯地平片", code="C08CA01", strength="5 mg")
    content = content_to(doctor.institution_id, drugs=DRUGS)
    with pytest.raises(Refused) as refused:
        commands.send(clinician, request_id=down.id, content=content)
    (refusal,) = refused.value.refusals
    assert (refusal.code, refusal.at) == ("referrals.drug_gap", "drugs")
    assert "硫酸氢氯吡格雷片" in refusal.sentence() and "氨氯地平" not in refusal.sentence()
    without_name = [DRUGS[0], DRUGS[1] | {"instead": "SUBSTITUTE"}]
    with pytest.raises(Refused, match="no_substitute"):
        commands.send(
            clinician, request_id=down.id, content=content_to(doctor.institution_id, drugs=without_name)
        )
    said = [DRUGS[0], DRUGS[1] | {"instead": "PRESCRIBE", "instead_words": "开足 4 周"}]
    commands.send(clinician, request_id=down.id, content=content_to(doctor.institution_id, drugs=said))

    with scoped(doctor):  # the receiver sees it, in the request and in the plan
        plan = CarePlan.objects.get(request_id=down.id)
    shown = requests.opened(doctor, down.id).payload["plan"]["drugs"]
    for drugs in (plan.drugs, shown):
        assert [(each["held"], each.get("instead", "")) for each in drugs] == [
            ("ALIKE", ""),
            ("LACKS", "PRESCRIBE"),
        ]
        assert drugs[0]["listed"] == "氨氯地平片 5 mg" and drugs[1]["instead_words"] == "开足 4 周"
    # What the receiver gets later changes nothing of the plan as it was sent.
    records.keep_drug(doctor, name="硫酸氢氯吡格雷片")
    assert requests.opened(doctor, down.id).payload["plan"]["drugs"] == shown


def test_without_a_list_it_is_unknown_and_never_there(hospital: Hospital, patient: UUID) -> None:
    clinician = clinician_of(hospital)
    down = commands.go_down(clinician, encounter_id=stay_of(hospital, patient, clinician))
    content = content_to(hospital.family_doctor.institution_id, drugs=DRUGS)
    commands.send(clinician, request_id=down.id, content=content)
    assert {each["held"] for each in stored(down.id).payload["plan"]["drugs"]} == {"UNKNOWN"}


def township_session(hospital: Hospital, session: Callable[..., UUID], units: dict[Channel, int]) -> UUID:
    """A session of the township's own doctor."""
    at = replace(hospital, site=replace(hospital.site, county_hospital=hospital.site.township))
    pool = at.pool("qkmz", name="全科门诊", grade="ORDINARY", specialty_code="02")
    (key,) = at.offer(at.planned(pool, days=9, capacity=sum(units.values()), units=units)).session_ids
    return key


def test_the_next_visit_is_a_place_at_the_receiver(
    hospital: Hospital, patient: UUID, session: Callable[..., UUID]
) -> None:
    doctor, clinician = hospital.family_doctor, clinician_of(hospital)
    key = township_session(hospital, session, {Channel.REFERRAL: 1, Channel.OPEN: 1})
    down = commands.go_down(clinician, encounter_id=stay_of(hospital, patient, clinician))
    exchange.amend(clinician, request_id=down.id, content=content_to(doctor.institution_id))
    taken = exchange.hold_place(clinician, request_id=down.id, slot_id=slot_of(key))
    assert taken.institution_id == doctor.institution_id
    commands.send(clinician, request_id=down.id)
    assert sum(used(key).values()) == 1 and used(key)["REFERRAL"] == 1
    row = stored(down.id)
    day = day_of(taken.starts_at)
    assert row.payload["plan"]["next_visit_on"] == day.isoformat()
    with scoped(SYSTEM, area="*"):
        assert CarePlan.objects.get(request_id=down.id).next_visit_on == day
        assert Booking.objects.get(id=row.booking_id).state == "BOOKED"
    accepted = exchange.turn(doctor, request_id=down.id, act=Act.ACCEPT)
    assert accepted.state is State.SCHEDULED, "the place is the appointment"
    with scoped(SYSTEM, area="*"):
        own = PlannedContact.objects.get(request_id=down.id, institution_id=doctor.institution_id)
        live = Booking.objects.filter(source_id=down.id, state__in=("HELD", "BOOKED"))
        assert (own.due_on, live.count()) == (day, 1)
    assert not list(capacity.drift())


def test_a_plan_that_came_back_is_none(hospital: Hospital, patient: UUID) -> None:
    doctor, clinician = hospital.family_doctor, clinician_of(hospital)
    stay = stay_of(hospital, patient, clinician)
    down = commands.go_down(clinician, encounter_id=stay)
    commands.send(clinician, request_id=down.id, content=content_to(doctor.institution_id))
    said = Said(code="no_capacity", words="家庭病床已满", alternative={"advice": "请转城关中心"})
    exchange.turn(doctor, request_id=down.id, act=Act.RETURN, said=said)
    with scoped(SYSTEM, area="*"):
        assert CarePlan.objects.get(request_id=down.id).ended_at is not None
    with pytest.raises(Refused, match="kept_without_reason"):
        records.end_encounter(clinician, encounter_id=stay)
    commands.send(clinician, request_id=down.id)
    with scoped(SYSTEM, area="*"):
        assert CarePlan.objects.filter(request_id=down.id, ended_at=None).count() == 1
    records.end_encounter(clinician, encounter_id=stay)
    assert queries.discharged_without_plan(clinician) == []


def signed(resident: UUID, institution: UUID, *, days: int = 300) -> None:
    with scoped(SYSTEM, area="*"):
        ResponsibleDoctor.objects.create(
            resident_id=resident,
            institution_id=institution,
            doctor_name="示例医生",
            source="test",
            period=(ledger.today() - timedelta(days=days), None),
        )


@pytest.mark.clause("XH-49")
def test_who_left_without_going_down_is_seen_by_both_offices(
    hospital: Hospital, patient: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mandates, "pack_in_force", lambda division, on: "xinhui")
    with_packs(monkeypatch, without_desks := altered("XH-42.referral_staff", 0))
    doctor, clinician = hospital.family_doctor, clinician_of(hospital)
    stay = stay_of(hospital, patient, clinician)
    signed(patient, hospital.site.township)
    assert [each.encounter_id for each in queries.ready_to_go_down(clinician)] == [stay]
    with pytest.raises(Refused, match="kept_without_reason"):
        records.end_encounter(clinician, encounter_id=stay)

    def left() -> tuple[list[UUID], list[UUID]]:
        """As the hospital's office sees it, and the office of whoever answers for the resident."""
        return (
            [each.encounter_id for each in queries.discharged_without_plan(hospital.office)],
            [each.encounter_id for each in record_queries.left_elsewhere(doctor)],
        )

    assert left() == ([], [])
    # The text asks for no reason: the patient leaves, and both see it.
    with_packs(monkeypatch, altered("XH-49.kept_reason_asked", False))
    records.end_encounter(clinician, encounter_id=stay)
    with_packs(monkeypatch, without_desks)
    assert left() == ([stay], [stay])
    (seen,) = record_queries.left_elsewhere(doctor)
    assert (seen.resident_id, seen.institution_id, seen.days) == (patient, hospital.id, 0)
    for shown_to, expected in (
        (("sender",), ([stay], [])),
        (("receiver",), ([], [stay])),
        ((), ([], [])),
    ):
        with_packs(monkeypatch, altered("XH-49.left_without_shown_to", shown_to))
        assert left() == expected
    with_packs(monkeypatch, without_desks)
    # Nobody else sees it. Where the resident has no doctor, the one that keeps the file does; then who has become responsible.
    assert record_queries.left_elsewhere(hospital.stranger) == []
    with scoped(SYSTEM, area="*"):
        ended = (ledger.today() - timedelta(days=300), ledger.today() - timedelta(days=1))
        ResponsibleDoctor.objects.filter(resident_id=patient).update(period=ended)
        Resident.objects.filter(id=patient).update(keeps_file=True)
    assert left() == ([stay], [stay])
    signed(patient, hospital.site.stranger, days=0)
    assert left() == ([stay], [])
    assert [each.encounter_id for each in record_queries.left_elsewhere(hospital.stranger)] == [stay]
    later(days=91)
    assert record_queries.left_elsewhere(hospital.stranger) == [], "as long as the text has it shown"


@pytest.mark.clause("NHC-38")
def test_the_groups_of_the_text_are_on_the_list_and_their_delay_is_counted(
    hospital: Hospital, patient: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    doctor, clinician = hospital.family_doctor, clinician_of(hospital)
    stay = stay_of(hospital, patient, clinician)
    assert [each.stage for each in queries.ready_to_go_down(clinician)] == [Stage.POSTOP_RECOVERY]
    # A text that names other groups has others go down, and owes no reason for these.
    with monkeypatch.context() as there:
        with_packs(there, altered("NHC-38.down_groups", ("acute_recovery",)))
        assert queries.ready_to_go_down(clinician) == []
        with pytest.raises(Refused, match="no_candidate"):
            commands.go_down(clinician, encounter_id=stay)
        assert not record_queries.reason_owed(hospital.id, Stage.POSTOP_RECOVERY, on=ledger.today())
    assert record_queries.reason_owed(hospital.id, Stage.POSTOP_RECOVERY, on=ledger.today())
    marked = ledger.today()
    later(days=3)
    (ready,) = queries.ready_to_go_down(clinician)
    assert ready.days == 3
    down = commands.go_down(clinician, encounter_id=stay)
    commands.send(clinician, request_id=down.id, content=content_to(doctor.institution_id))
    scope = scope_of(hospital.office, first=marked, last=ledger.today())
    (counted,) = statistics(scope).stages
    assert (counted.stage, counted.marked, counted.sent) == ("POSTOP_RECOVERY", 1, 1)
    assert counted.median == pytest.approx(3, abs=0.01)


@pytest.mark.clause("XH-66")
def test_criteria_are_asked_kept_and_propose_the_way_down(
    hospital: Hospital, centre: Admitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mandates, "pack_in_force", lambda division, on: "xinhui")
    with_packs(monkeypatch, altered("XH-42.referral_staff", 0))
    office, about = hospital.office, {"institution_id": hospital.id, "disease": "急性阑尾炎"}
    centre.run(Step.ADMISSION)
    keep_criteria(office, stage=AskedAt.ADMISSION, items=["确诊急性阑尾炎", "需手术"], **about)
    keep_criteria(office, stage=AskedAt.DISCHARGE, items=["体温正常", "切口无渗出"], **about)
    patient = centre.patient()
    case = centre.begin(patient, disease="急性阑尾炎")
    with pytest.raises(Refused, match="no_criterion_met"):
        centre.finish(case, Step.ADMISSION)
    centre.finish(case, Step.ADMISSION, met=["需手术"])
    assert queries.criteria_met(office) == []
    centre.finish(case, Step.DISCHARGE, met=["体温正常", "切口无渗出"])
    assert [each.met for each in case_shown(office, case).steps] == [("需手术",), ("体温正常", "切口无渗出")]
    (due,) = queries.criteria_met(office)
    assert (due.case_id, due.disease, due.items) == (case, "急性阑尾炎", ("体温正常", "切口无渗出"))
    # Taken up: it stays on the list until it is sent, and says what it is about.
    down = commands.go_down_by_criteria(office, case_id=case)
    assert (down.kind, down.problem, stored(down.id).payload["group"]) == (
        "down",
        "急性阑尾炎",
        "convalescent",
    )
    assert [each.case_id for each in queries.criteria_met(office)] == [case]
    content = replace(content_to(hospital.site.township), problem_code="K35.8")
    commands.send(office, request_id=down.id, content=content)
    assert queries.criteria_met(office) == []
    # Another is declined, with a word why.
    other = centre.begin(centre.patient("李小红"), disease="急性阑尾炎")
    centre.finish(other, Step.ADMISSION, met=["需手术"])
    centre.finish(other, Step.DISCHARGE, met=["体温正常", "切口无渗出"])
    (due,) = queries.criteria_met(office)
    answer = {"ground": Ground.CRITERIA, "source_id": other, "taken": False, "resident_id": due.resident_id}
    with pytest.raises(Refused, match="prompt_reason"):
        records.answer_prompt(office, **answer)
    records.answer_prompt(office, **answer, reason="家属接回外市")
    assert queries.criteria_met(office) == []
    # A text that asks for criteria of admission only has none asked at discharge, and nothing proposed.
    with_packs(monkeypatch, altered("XH-66.criteria", ("admission",)))
    third = centre.begin(centre.patient("张小军"), disease="急性阑尾炎")
    with pytest.raises(Refused, match="no_criterion_met"):
        centre.finish(third, Step.ADMISSION)
    centre.finish(third, Step.ADMISSION, met=["需手术"])
    centre.finish(third, Step.DISCHARGE)
    assert not case_shown(office, third).proposes_down_referral and queries.criteria_met(office) == []
