"""A hospital sends down whom only a referral brought, gets it back, and sends it again: its open request is its ground, and nobody else's."""

from __future__ import annotations

from importlib import import_module
from uuid import UUID

import pytest
from django.db import connections

from tiercare.apps.access.models import CareRelation
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis, Role
from tiercare.apps.capacity.queries.ground import ground_at, request_that_brings
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.models import Request
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.exchange.workflow import Act, State
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network.models import InstitutionVersion
from tiercare.apps.referrals import commands, queries
from tiercare.apps.referrals.queries.destinations import destinations
from tiercare.apps.referrals.rules.vocabulary import Kind
from tiercare.apps.residents.queries import ground_to_book
from tiercare.engines.guidelines import Direction
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from ..capacity.conftest import Hospital, hospital, later, session, synthetic_clock
from ..residents.care import codes, reads
from ..residents.conftest import Site, given, register, site
from .test_loop import PLAN, REPORT, patient

__all__ = ["Site", "given", "hospital", "patient", "register", "session", "site", "synthetic_clock"]
pytestmark = pytest.mark.django_db
RETURNED = Said(code="incomplete", words="请补充出院小结", alternative={"missing": "出院小结"})
SYSTEM = Actor.system("test")


def clinician_of(hospital: Hospital) -> Actor:
    return hospital.site.actor(Role.CLINICIAN, "county_hospital")


@pytest.fixture
def going_down(hospital: Hospital, patient: UUID) -> Request:
    """The referral down that was sent while the one up was open. That one is closed since, and what the visit allowed is over."""
    doctor, office, clinician = hospital.family_doctor, hospital.office, clinician_of(hospital)
    up = commands.start(doctor, resident_id=patient, kind=Kind.UP)
    commands.send(doctor, request_id=up.id, content=exchange.Content(to_institution=hospital.id))
    for act in (Act.ACCEPT, Act.ARRIVE, Act.TAKE_IN):
        exchange.turn(office, request_id=up.id, act=act)
    down = commands.start(
        clinician, resident_id=patient, kind=Kind.DOWN, problem="冠心病", problem_code="I25.1"
    )
    commands.send(clinician, request_id=down.id, content=content(doctor.institution_id))
    exchange.turn(clinician, request_id=up.id, act=Act.REPORT, said=REPORT)
    exchange.turn(doctor, request_id=up.id, act=Act.ACKNOWLEDGE)
    later(days=60)
    with scoped(SYSTEM, area="*"):
        own = CareRelation.objects.filter(institution_id=hospital.id, resident_id=patient)
        assert not own.exclude(source_id=down.id).filter(until=None).exists(), "nothing else ties them"
    return down


def content(to: UUID | None, reason: str = "病情稳定，回社区") -> exchange.Content:
    return exchange.Content(
        to_institution=to, payload={"reason": reason, "group": "convalescent", "plan": PLAN}
    )


def another_clinic(hospital: Hospital) -> UUID:
    """Another township centre of the county."""
    mine = InstitutionVersion.objects.get(
        institution_id=hospital.site.township, period__contains=ledger.today()
    )
    found = InstitutionVersion.objects.filter(
        category=mine.category, division_code=mine.division_code, period__contains=ledger.today()
    ).exclude(institution_id=mine.institution_id)
    key: UUID = found.order_by("institution_id").values_list("institution_id", flat=True)[0]
    return key


def known(patient: UUID, institution_id: UUID) -> bool:
    return ground_to_book(patient, booker=institution_id, on=ledger.today()).known


def test_what_came_back_is_mended_and_sent_again(
    hospital: Hospital, patient: UUID, going_down: Request
) -> None:
    doctor, clinician = hospital.family_doctor, clinician_of(hospital)
    exchange.turn(doctor, request_id=going_down.id, act=Act.RETURN, said=RETURNED)
    assert destinations(
        clinician, resident_id=patient, specialty="", urgency=Urgency.ROUTINE, direction=Direction.DOWN
    ), "where else they could go is found"
    mended = content(doctor.institution_id, "出院小结已附")
    sent = commands.send(clinician, request_id=going_down.id, content=mended)
    assert (sent.state, sent.owner and sent.owner.institution_id) == (State.SUBMITTED, doctor.institution_id)
    package = queries.package_of(doctor, going_down.id)
    assert package is not None and package.content["problems"], "the record goes along again"


def test_what_came_back_goes_to_another_clinic(
    hospital: Hospital, patient: UUID, going_down: Request
) -> None:
    """By the hospital's office, which sees to what came back."""
    doctor, other = hospital.family_doctor, another_clinic(hospital)
    exchange.turn(doctor, request_id=going_down.id, act=Act.RETURN, said=RETURNED)
    sent = commands.send(hospital.office, request_id=going_down.id, content=content(other))
    assert sent.owner is not None and sent.owner.institution_id == other
    with scoped(SYSTEM, area="*"):
        relations = CareRelation.objects.filter(source_id=going_down.id, until=None)
        assert set(relations.values_list("institution_id", "kind")) == {
            (hospital.id, "sent"),
            (other, "request"),
        }


def test_a_clinic_passes_it_on(hospital: Hospital, patient: UUID, going_down: Request) -> None:
    """Where it goes is judged for whoever sent it, also then."""
    on = Said(code="other", words="患者住在邻镇", to=another_clinic(hospital))
    passed = exchange.turn(hospital.family_doctor, request_id=going_down.id, act=Act.REDIRECT, said=on)
    assert passed.owner is not None and passed.owner.institution_id == on.to


def test_the_ground_is_the_senders_alone_and_ends_with_the_request(
    hospital: Hospital, patient: UUID, going_down: Request
) -> None:
    doctor, clinician, stranger = hospital.family_doctor, clinician_of(hospital), hospital.stranger
    exchange.turn(doctor, request_id=going_down.id, act=Act.RETURN, said=RETURNED)
    assert known(patient, hospital.id) and reads(clinician, patient) == Basis.SENT
    assert not known(patient, hospital.site.stranger) and reads(stranger, patient) == ""
    with pytest.raises(Refused) as refused:
        commands.start(stranger, resident_id=patient, kind=Kind.DOWN, problem="冠心病")
    assert codes(refused) <= {"exchange.not_your_resident", "access.no_basis"}
    with pytest.raises(Refused) as refused:
        commands.send(stranger, request_id=going_down.id, content=content(hospital.site.township))
    assert codes(refused) == {"exchange.no_such_request"}

    exchange.turn(clinician, request_id=going_down.id, act=Act.WITHDRAW, said=Said(words="家属另有安排"))
    assert not known(patient, hospital.id) and reads(clinician, patient) == ""
    with pytest.raises(Refused) as refused:
        exchange.draft(
            clinician,
            kind=Kind.DOWN,
            resident_id=patient,
            urgency=Urgency.ROUTINE,
            problem_code="I25.1",
            problem="冠心病",
        )
    assert codes(refused) == {"exchange.not_your_resident"}


def test_a_draft_is_no_ground(hospital: Hospital, patient: UUID, going_down: Request) -> None:
    """Nobody keeps a record open by writing something that they do not send."""
    clinician = clinician_of(hospital)
    draft = exchange.draft(
        clinician,
        kind=Kind.DOWN,
        resident_id=patient,
        urgency=Urgency.ROUTINE,
        problem_code="I10",
        problem="高血压",
        to_institution=hospital.site.township,
    )
    exchange.turn(clinician, request_id=going_down.id, act=Act.WITHDRAW, said=Said(words="家属另有安排"))
    assert not known(patient, hospital.id)
    with pytest.raises(Refused) as refused:
        commands.send(clinician, request_id=draft.id, content=content(hospital.site.township))
    assert "exchange.not_your_resident" in codes(refused)


def test_what_the_sender_books_itself_is_not_for_the_request(
    hospital: Hospital, patient: UUID, going_down: Request
) -> None:
    """Places that are kept for referrals are for those who were referred to the hospital, not for those that it sends away."""
    clinician = clinician_of(hospital)
    with scoped(clinician):
        assert request_that_brings([patient], hospital.id) is None
    assert not ground_at(hospital.id, patient, booker=hospital.id, source=going_down.id).requested


def test_what_was_open_before_has_its_ground(hospital: Hospital, patient: UUID, going_down: Request) -> None:
    """The migration gives it to whoever had sent something by then, and to no draft."""
    migration = import_module("tiercare.apps.exchange.migrations.0007_ground_of_senders").Migration
    (step,) = migration.operations
    draft = commands.start(
        clinician_of(hospital), resident_id=patient, kind=Kind.DOWN, problem="高血压", problem_code="I10"
    )
    with scoped(SYSTEM, area="*"), connections["default"].cursor() as cursor:
        CareRelation.objects.filter(kind="sent").delete()
        cursor.execute(step.sql)
        cursor.execute(step.sql)
        made = CareRelation.objects.filter(kind="sent", until=None)
        assert (
            made.filter(source_id=going_down.id, institution_id=hospital.id, resident_id=patient).count() == 1
        )
        assert not made.filter(source_id=draft.id).exists()
