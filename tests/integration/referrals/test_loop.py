"""The loop that closes: a township refers up with a place in hand, the hospital treats and sends down with a plan."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import commands as places
from tiercare.apps.capacity import queries as capacity
from tiercare.apps.capacity.models import Booking, Slot
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.workflow import Act as PlaceAct
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange import queries as requests
from tiercare.apps.exchange.models import Request
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.exchange.workflow import Act, State
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.records import commands as records
from tiercare.apps.records.models import CarePlan, PlannedContact
from tiercare.apps.records.rules.entries import Diagnosis, Reading
from tiercare.apps.records.rules.vocabulary import Stage, VisitKind
from tiercare.apps.referrals import commands, queries
from tiercare.apps.residents.models import Resident
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from ..capacity.conftest import HOLD, Hospital, hospital, later, session, synthetic_clock, to_the_day, used
from ..records.conftest import altered
from ..residents.conftest import Site, given, register, site

__all__ = ["Site", "given", "hospital", "register", "session", "site", "synthetic_clock"]
pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
REPORT = Said(
    content={
        "diagnosis": "高血压病3级（很高危）",
        "findings": "心脏彩超：左室肥厚",
        "treatment": "调整为两药联合",
        "advice": "两周后复诊，家庭自测血压",
    }
)
PLAN = {"treatment": "氨氯地平 5mg 每日一次", "rehabilitation": "每周步行五次", "nursing": "低盐饮食指导"}


@pytest.fixture
def patient(hospital: Hospital, register: Callable[..., UUID]) -> UUID:
    """A resident of the township with badly controlled hypertension."""
    resident = register("王小明")
    records.note_visit(
        hospital.family_doctor,
        resident_id=resident,
        kind=VisitKind.OUTPATIENT,
        complaint="头晕",
        conditions=(Diagnosis("I10", "原发性高血压"),),
        readings=(
            Reading("sbp", Decimal(186), unit="mmHg"),
            Reading("dbp", Decimal(112), unit="mmHg"),
        ),
    )
    return resident


def stored(request_id: UUID) -> Request:
    with scoped(SYSTEM, area="*"):
        return Request.objects.get(id=request_id)


def place_of(request_id: UUID) -> Booking:
    with scoped(SYSTEM, area="*"):
        return Booking.objects.get(id=stored(request_id).booking_id)


def slot_in(session_id: UUID) -> UUID:
    key: UUID = Slot.objects.filter(session_id=session_id).order_by("during").values_list("id", flat=True)[0]
    return key


def held(hospital: Hospital, patient: UUID, session_id: UUID) -> Request:
    row = commands.start(hospital.family_doctor, resident_id=patient, kind="up")
    exchange.hold_place(hospital.family_doctor, request_id=row.id, slot_id=slot_in(session_id))
    return row


@pytest.mark.clause("NHC-37")
@pytest.mark.clause("XH-44")
@pytest.mark.clause("TY-69")
def test_up_with_a_place_and_back_with_an_answer(
    hospital: Hospital, patient: UUID, session: Callable[..., UUID]
) -> None:
    doctor, office = hospital.family_doctor, hospital.office
    key = session({Channel.REFERRAL: 1, Channel.OPEN: 1})
    row = held(hospital, patient, key)
    assert (row.problem_code, row.urgency) == ("I10", Urgency.URGENT)
    assert row.payload["ground"]["criterion"].startswith("HT-")
    assert place_of(row.id).state == "HELD"

    sent = commands.send(doctor, request_id=row.id)
    assert (sent.state, place_of(row.id).state) == (State.SUBMITTED, "BOOKED")
    assert sent.owner is not None and sent.owner.institution_id == hospital.id and sent.due_at is not None
    package = queries.package_of(office, row.id)
    assert package is not None
    assert [each["code"] for each in package.content["problems"]] == ["I10"]

    accepted = exchange.turn(office, request_id=row.id, act=Act.ACCEPT)
    assert accepted.state is State.SCHEDULED, "what is accepted with a place in hand is scheduled by that"
    to_the_day(key)
    exchange.turn(office, request_id=row.id, act=Act.ARRIVE)
    assert place_of(row.id).state == "ARRIVED"
    exchange.turn(office, request_id=row.id, act=Act.TAKE_IN)
    assert place_of(row.id).state == "ATTENDED"
    with pytest.raises(Refused, match="no_report"):
        exchange.turn(office, request_id=row.id, act=Act.REPORT)
    exchange.turn(office, request_id=row.id, act=Act.REPORT, said=REPORT)

    case = requests.opened(doctor, row.id)
    assert case.report is not None and case.report.content["advice"] == REPORT.content["advice"]
    assert case.acts == (Act.ACKNOWLEDGE, Act.DIE)
    told = {each.about for each in requests.notices(doctor)}
    assert {"schedule", "arrive", "take_in", "report"} <= told, "the doctor learns of each step unasked"
    over = exchange.turn(doctor, request_id=row.id, act=Act.ACKNOWLEDGE)
    assert (over.state, over.owner, over.due_at) == (State.CLOSED, None, None)
    assert not list(capacity.drift())


@pytest.mark.clause("TY-19")
@pytest.mark.clause("XH-50")
def test_down_with_a_plan_and_followed_up(
    hospital: Hospital, patient: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    doctor = hospital.family_doctor
    clinician = hospital.site.actor(Role.CLINICIAN, "county_hospital")
    stay = stay_of(hospital, patient, clinician)
    ready = queries.ready_to_go_down(clinician)
    assert [each.resident_id for each in ready] == [patient]

    down = commands.go_down(clinician, encounter_id=stay)
    _lacks_what_the_text_asks(clinician, down.id, doctor, monkeypatch)
    content = exchange.Content(
        to_institution=doctor.institution_id,
        payload={
            "reason": "术后恢复良好，回社区康复",
            "group": "convalescent",
            "plan": {**PLAN, "next_visit_on": (ledger.today() + timedelta(days=7)).isoformat()},
            "guidance": [{"due_on": (ledger.today() + timedelta(days=14)).isoformat(), "words": "电话指导"}],
        },
    )
    sent = commands.send(clinician, request_id=down.id, content=content, without_place=True)
    assert sent.owner is not None and sent.owner.institution_id == doctor.institution_id
    assert queries.ready_to_go_down(clinician) == [], "they are on their way"
    with scoped(SYSTEM, area="*"):
        plan = CarePlan.objects.get(request_id=down.id)
        guidance = PlannedContact.objects.get(request_id=down.id)
    assert (plan.institution_id, plan.receiver_id) == (hospital.id, doctor.institution_id)
    assert guidance.institution_id == hospital.id, "the upper hospital keeps a date for its guidance"

    exchange.turn(doctor, request_id=down.id, act=Act.ACCEPT)
    with scoped(SYSTEM, area="*"):
        own = PlannedContact.objects.get(request_id=down.id, institution_id=doctor.institution_id)
    assert own.due_on == ledger.today() + timedelta(days=7), "the family doctor's follow-up is planned"


def test_who_left_without_a_plan_is_shown(hospital: Hospital, patient: UUID) -> None:
    clinician = hospital.site.actor(Role.CLINICIAN, "county_hospital")
    stay = stay_of(hospital, patient, clinician)
    with pytest.raises(Refused):
        records.end_encounter(clinician, encounter_id=stay, disposition="出院")
    assert [each.encounter_id for each in queries.ready_to_go_down(clinician)] == [stay]


@pytest.mark.clause("XH-46")
def test_an_upward_referral_names_what_it_rests_on(
    hospital: Hospital, patient: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    doctor = hospital.family_doctor
    monkeypatch.setattr(mandates, "pack_in_force", lambda division, on: "xinhui")
    without_desks = altered("XH-42.referral_staff", 0)
    monkeypatch.setattr(mandates, "packs", lambda extra=(): without_desks)
    neither = altered("XH-46.criteria", ())
    monkeypatch.setattr(mandates, "packs", lambda extra=(): neither)
    row = commands.start(doctor, resident_id=patient, kind="up")
    bare = exchange.Content(
        to_institution=hospital.id, payload={"ground": {"criterion": "", "severity": "", "beyond": ""}}
    )
    commands.send(doctor, request_id=row.id, content=bare)
    exchange.turn(doctor, request_id=row.id, act=Act.WITHDRAW, said=Said(words="改日"))

    monkeypatch.setattr(mandates, "packs", lambda extra=(): without_desks)
    row = commands.start(doctor, resident_id=patient, kind="up")
    with pytest.raises(Refused) as refused:
        commands.send(doctor, request_id=row.id, content=bare)
    assert (refused.value.refusals[0].at, refused.value.refusals[0].clauses) == ("ground", ("XH-46",))
    assert stored(row.id).state == "DRAFT", "nothing is half done"
    beyond = exchange.Content(to_institution=hospital.id, payload={"ground": {"beyond": "capacity"}})
    assert commands.send(doctor, request_id=row.id, content=beyond).state is State.SUBMITTED


def test_another_time_that_was_agreed_on_gives_the_place_back(
    hospital: Hospital, patient: UUID, session: Callable[..., UUID]
) -> None:
    doctor, office = hospital.family_doctor, hospital.office
    key = session({Channel.REFERRAL: 1})
    row = held(hospital, patient, key)
    commands.send(doctor, request_id=row.id)
    exchange.turn(office, request_id=row.id, act=Act.ACCEPT)
    with pytest.raises(Refused, match="time_past"):
        exchange.turn(
            office, request_id=row.id, act=Act.SCHEDULE, said=Said(at=ledger.now() - timedelta(minutes=1))
        )
    agreed = ledger.now() + timedelta(days=3)
    exchange.turn(office, request_id=row.id, act=Act.SCHEDULE, said=Said(at=agreed))
    now = stored(row.id)
    assert (now.booking_id, now.planned_at, sum(used(key).values())) == (None, agreed, 0)


def test_what_is_open_ends_with_a_death(
    hospital: Hospital, patient: UUID, session: Callable[..., UUID]
) -> None:
    doctor = hospital.family_doctor
    row = held(hospital, patient, session({Channel.REFERRAL: 1}))
    commands.send(doctor, request_id=row.id)
    draft = commands.start(doctor, resident_id=patient, kind="up", again="另一问题")
    assert exchange.follow_death(patient) == 0, "they live"
    with scoped(SYSTEM, area="*"):
        Resident.objects.filter(id=patient).update(deceased_on=ledger.today())
    assert exchange.follow_death(patient) == 2
    assert exchange.follow_death(patient) == 0
    assert (stored(row.id).state, stored(draft.id).state) == ("DIED", "WITHDRAWN")
    assert stored(row.id).owner_level is None
    assert not list(capacity.drift())
    with pytest.raises(Refused, match="deceased"):
        commands.start(doctor, resident_id=patient, kind="up")


def test_a_draft_that_was_forgotten_stays_in_the_house(hospital: Hospital, patient: UUID) -> None:
    row = commands.start(hospital.family_doctor, resident_id=patient, kind="up")
    for _ in range(3):
        later(days=14)
        assert exchange.escalate_overdue() == 1
    now = stored(row.id)
    assert (now.owner_level, now.owner_institution, now.parties) == (
        "OFFICE",
        hospital.family_doctor.institution_id,
        [hospital.family_doctor.institution_id],
    )


def _lacks_what_the_text_asks(
    clinician: Actor, request_id: UUID, doctor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where 新会's text holds, nobody goes down without a group and the three parts of the plan."""
    bare = exchange.Content(
        to_institution=doctor.institution_id, payload={"reason": "好转", "group": "", "plan": {}}
    )
    with monkeypatch.context() as there:
        there.setattr(mandates, "pack_in_force", lambda division, on: "xinhui")
        for name, clauses in (("XH-42.referral_staff", {"XH-47", "XH-50"}), ("XH-47.groups", {"XH-50"})):
            packs = altered(name, 0 if name.startswith("XH-42") else ())
            with there.context() as so:
                so.setattr(mandates, "packs", lambda extra=(), known=packs: known)
                with pytest.raises(Refused) as refused:
                    commands.send(clinician, request_id=request_id, content=bare, without_place=True)
            assert {each for one in refused.value.refusals for each in one.clauses} == clauses
    assert stored(request_id).state == "DRAFT"


def stay_of(hospital: Hospital, patient: UUID, clinician: Actor) -> UUID:
    """A stay after an operation, marked as recovering; an open referral brought the patient."""
    row = commands.start(hospital.family_doctor, resident_id=patient, kind="up")
    content = exchange.Content(to_institution=hospital.id)
    commands.send(hospital.family_doctor, request_id=row.id, content=content)
    return records.note_visit(
        clinician,
        resident_id=patient,
        kind=VisitKind.INPATIENT,
        complaint="胸闷",
        conditions=(Diagnosis("I25.1", "冠状动脉粥样硬化性心脏病"),),
        stage=Stage.POSTOP_RECOVERY,
        request_id=row.id,
    )


def test_a_question_becomes_a_referral_without_retyping(hospital: Hospital, patient: UUID) -> None:
    doctor, office = hospital.family_doctor, hospital.office
    asked = commands.start(doctor, resident_id=patient, kind="advice")
    with pytest.raises(Refused, match="no_question"):
        commands.send(doctor, request_id=asked.id, content=exchange.Content(to_institution=hospital.id))
    content = exchange.Content(
        to_institution=hospital.id, payload={"question": "血压控制不佳，是否需要住院？"}
    )
    commands.send(doctor, request_id=asked.id, content=content)
    with pytest.raises(Refused, match="not_answered"):
        commands.convert(doctor, request_id=asked.id)
    exchange.turn(office, request_id=asked.id, act=Act.ACCEPT)
    answer = Said(content={"advice": "建议转诊评估靶器官"})
    exchange.turn(office, request_id=asked.id, act=Act.REPORT, said=answer)
    made = commands.convert(doctor, request_id=asked.id)
    assert (made.parent_id, made.to_institution, made.state) == (asked.id, hospital.id, "DRAFT")
    assert made.payload["reason"] == "血压控制不佳，是否需要住院？"
    assert made.payload["advice"] == answer.content


def test_a_hold_that_ran_out_loses_nothing_that_was_written(
    hospital: Hospital, patient: UUID, session: Callable[..., UUID]
) -> None:
    doctor = hospital.family_doctor
    row = held(hospital, patient, session({Channel.REFERRAL: 1}))
    later(seconds=(HOLD + timedelta(seconds=1)).total_seconds())
    with pytest.raises(Refused, match="place_lapsed"):
        commands.send(doctor, request_id=row.id, content=exchange.Content(payload={"wanted": "评估"}))
    exchange.amend(doctor, request_id=row.id, content=exchange.Content(payload={"wanted": "评估"}))
    assert stored(row.id).payload["wanted"] == "评估"
    sent = commands.send(doctor, request_id=row.id, without_place=True)
    assert (sent.state, stored(row.id).booking_id) == (State.SUBMITTED, None)
    assert not list(capacity.drift())


@pytest.mark.parametrize("act", [Act.RETURN, Act.REDIRECT, Act.WITHDRAW])
def test_the_place_of_a_request_that_fails_goes_back(
    act: Act, hospital: Hospital, patient: UUID, session: Callable[..., UUID]
) -> None:
    doctor, office = hospital.family_doctor, hospital.office
    key = session({Channel.REFERRAL: 1})
    row = held(hospital, patient, key)
    commands.send(doctor, request_id=row.id)
    assert sum(used(key).values()) == 1
    said = Said(
        code="no_capacity",
        words="本周已满",
        alternative={"advice": "请转市二院"},
        to=hospital.site.stranger if act is Act.REDIRECT else None,
    )
    exchange.turn(doctor if act is Act.WITHDRAW else office, request_id=row.id, act=act, said=said)
    assert sum(used(key).values()) == 0
    assert stored(row.id).booking_id is None
    assert not list(capacity.drift())


def test_when_the_clinic_stops_the_request_is_scheduled_anew(
    hospital: Hospital, patient: UUID, session: Callable[..., UUID]
) -> None:
    doctor, office = hospital.family_doctor, hospital.office
    row = held(hospital, patient, session({Channel.REFERRAL: 1}))
    commands.send(doctor, request_id=row.id)
    exchange.turn(office, request_id=row.id, act=Act.ACCEPT)
    booking = stored(row.id).booking_id
    assert booking is not None
    places.turn(office, booking_id=booking, act=PlaceAct.CANCEL, reason="停诊")
    assert exchange.follow_booking(booking, PlaceAct.CANCEL)
    assert not exchange.follow_booking(booking, PlaceAct.CANCEL), "told twice it changes nothing"
    now = stored(row.id)
    assert (now.state, now.booking_id, now.owner_institution) == ("ACCEPTED", None, hospital.id)
    assert "lose_place" in {each.about for each in requests.notices(doctor)}
    again = slot_in(session({Channel.REFERRAL: 1}))
    exchange.turn(office, request_id=row.id, act=Act.SCHEDULE, said=Said(slot=again))
    assert (stored(row.id).state, place_of(row.id).slot_id) == ("SCHEDULED", again)


def test_what_nobody_sees_raises_an_alarm_once(hospital: Hospital, patient: UUID) -> None:
    doctor, office = hospital.family_doctor, hospital.office
    row = commands.start(doctor, resident_id=patient, kind="up")
    commands.send(doctor, request_id=row.id, content=exchange.Content(to_institution=hospital.id))
    assert exchange.raise_unheard() == 0
    later(seconds=16 * 60)
    assert exchange.raise_unheard() == 1
    assert exchange.raise_unheard() == 0
    assert "unheard" in {each.about for each in requests.notices(doctor)}
    assert "unheard" in {each.about for each in requests.notices(office)}
    assert requests.worklist(office, box=requests.Box.IN).counts["unheard"] == 1
    exchange.receive(office, request_id=row.id)
    assert requests.worklist(office, box=requests.Box.IN).counts["unheard"] == 0
