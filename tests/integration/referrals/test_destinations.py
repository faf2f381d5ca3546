"""Where a resident can be sent: with a place in sight, an estimate, and what stands against it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.commands import book
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import queries as network
from tiercare.apps.network.models import (
    KeySpecialty,
    LicensedSpecialty,
)
from tiercare.apps.network.rules import Category
from tiercare.apps.referrals.queries.destinations import Destination, objection
from tiercare.apps.referrals.rules.ranking import Tie
from tiercare.apps.residents.models import Resident, ResponsibleDoctor
from tiercare.engines.guidelines import Direction
from tiercare.engines.payment import Cover, InsuranceKind
from tiercare.engines.policy import PackSet
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from ..capacity.conftest import Hospital, hospital, session, slot_of
from ..residents.conftest import Site, given, register, site
from .places import (
    CARDIOLOGY,
    NEPHROLOGY,
    allowed,
    altered,
    at,
    away,
    by,
    change,
    down,
    ids,
    known_at,
    lay_down,
    person,
    said,
    up,
    version,
)

__all__ = ["Site", "given", "hospital", "known_at", "register", "session", "site"]


@pytest.fixture
def asked(hospital: Hospital, register) -> Callable[..., Destination]:
    """What the township's doctor is told of the county hospital."""
    resident = register()

    def run(actor: Actor | None = None, **more) -> Destination:
        found = up(actor or hospital.family_doctor, resident, CARDIOLOGY, **more)
        return next(each for each in found if each.institution_id == hospital.id)

    run.resident = resident
    return run


def sign(resident_id: UUID, institution_id: UUID) -> None:
    """A family doctor there answers for the resident."""
    with scoped(person(institution_id)):
        ResponsibleDoctor.objects.create(
            resident_id=resident_id,
            institution_id=institution_id,
            doctor_name="示例医生",
            source="paper",
            period=DateRange(ledger.today(), None),
        )


def test_the_first_free_place_is_the_one_that_can_be_booked(hospital, session, asked) -> None:
    assert asked().first is None
    late = session({Channel.MEMBER: 3}, days=5)
    first = asked().first
    assert first is not None
    assert (first.session_id, first.channel, first.free) == (late, Channel.MEMBER, 3)
    soon = session({Channel.MEMBER: 1}, days=2)
    first = asked().first
    assert first is not None
    assert (first.session_id, first.slot_id) == (soon, slot_of(soon))
    book(hospital.family_doctor, slot_id=first.slot_id, resident_id=asked.resident)
    again = asked().first
    assert again is not None
    assert again.session_id == late  # the nearer one is full


def test_places_are_those_of_the_channel_that_the_evidence_gives(site, hospital, session, asked) -> None:
    kept = session({Channel.REFERRAL: 2, Channel.FAMILY_DOCTOR: 1}, days=3)
    assert asked().first is None  # a member's places are not those of referrals
    first = asked(requested=True).first
    assert first is not None
    assert (first.session_id, first.channel, first.free) == (kept, Channel.REFERRAL, 2)
    sign(asked.resident, site.township)
    first = asked().first
    assert first is not None
    assert (first.channel, first.free) == (Channel.FAMILY_DOCTOR, 3)
    assert Tie.OWN_LEAD in asked().ties
    stopped = asked(urgency=Urgency.EMERGENCY)
    assert stopped.first is None


def test_what_is_shown_can_be_held_for_the_request(hospital, session, asked) -> None:
    session({Channel.REFERRAL: 1}, days=3)
    row = exchange.draft(
        hospital.family_doctor,
        kind="up",
        resident_id=asked.resident,
        urgency=Urgency.ROUTINE,
        problem_code="I10",
        problem="原发性高血压",
    )
    first = asked(requested=True).first
    assert first is not None
    assert (first.channel, first.free) == (Channel.REFERRAL, 1)
    taken = exchange.hold_place(hospital.family_doctor, request_id=row.id, slot_id=first.slot_id)
    assert (taken.institution_id, taken.starts_at) == (hospital.id, first.starts_at)
    assert asked(requested=True).first is None


def test_a_place_goes_before_none_and_the_wish_before_both(site, hospital, session, asked) -> None:
    own, other = at("wuhu-nanling_hospital"), at("wuhu-fanchang_hospital")
    resident, doctor = asked.resident, hospital.family_doctor
    assert ids(up(doctor, resident, CARDIOLOGY))[0] == hospital.id
    assert ids(up(doctor, resident, CARDIOLOGY, wish=other))[0] == other
    change(own, level=2)
    session({Channel.MEMBER: 1}, days=1)
    assert ids(up(doctor, resident, CARDIOLOGY))[0] == hospital.id
    found = up(doctor, resident, CARDIOLOGY, wish=other)
    assert [each.wished for each in found[:2]] == [True, False]
    assert by(found, other)["wish"] == ()


def test_the_statements_are_the_same_however_many(wuhu, known_at, django_assert_num_queries) -> None:
    centre = at("wuhu-jinghu_zheshan")
    doctor, resident = person(centre), known_at(centre)
    counts = []
    for specialty in ("15", CARDIOLOGY, ""):  # what stands open to all (WH-04) has more
        with django_assert_num_queries(5):
            counts.append(len(up(doctor, resident, specialty)))
    assert counts == sorted(set(counts))  # few, more, all
    with django_assert_num_queries(5):
        assert down(doctor, resident)


def test_what_no_text_sets_stands_in_the_pack_as_ours(wuhu, known_at) -> None:
    """NHC-37: the order, the lowest level, how far to look and how fast one travels are the region's to change."""
    centre = at("wuhu-jinghu_zheshan")
    near, far = at("wuhu-second_hospital"), at("wuhu-yijishan_hospital")
    away(near, of=centre, km=4)
    away(far, of=centre, km=30)
    change(far, division_code="340302")  # over the border
    KeySpecialty.objects.create(
        institution_id=far, code=NEPHROLOGY, rank="NATIONAL", period=DateRange(ledger.today(), None)
    )
    doctor, resident = person(centre), known_at(centre)

    def found(packs: PackSet | None = None) -> list[Destination]:
        return up(doctor, resident, NEPHROLOGY, packs=packs)

    def order(packs: PackSet | None = None) -> list[UUID]:
        return [each for each in ids(found(packs)) if each in {near, far}]

    def minutes(packs: PackSet | None = None) -> int | None:
        return next(each.minutes for each in found(packs) if each.institution_id == near)

    assert order() == [near, far]
    assert order(altered("NHC-37.destination_order", ("key_specialty", "near"))) == [far, near]
    assert order(altered("NHC-37.destination_within_km", 20)) == [near]
    kmh = said("NHC-37.destination_kmh")
    assert isinstance(kmh, int)
    slow, usual = minutes(altered("NHC-37.destination_kmh", 1)), minutes()
    assert slow is not None
    assert usual is not None
    assert usual < slow
    # Where no text names the level, the nation's pack does.
    lay_down("xinhui")
    centre = at("xinhui-xinhui_siqian")
    doctor, resident = person(centre), known_at(centre)
    assert {each.level for each in up(doctor, resident, "03")} == {2}
    assert not up(doctor, resident, "03", packs=altered("NHC-37.destination_level", 3))


def test_below_the_residents_own_doctor_comes_first(site, hospital, known_at) -> None:
    resident = known_at(hospital.id)
    found = down(hospital.office, resident)
    assert {each.category for each in found} == {
        Category.TOWNSHIP_CENTRE,
        Category.COMMUNITY_CENTRE,
        Category.REHABILITATION,
        Category.NURSING,
    }
    assert Tie.OWN_MEMBER in found[0].ties
    far = found[-1].institution_id
    sign(resident, far)
    again = down(hospital.office, resident)
    assert again[0].institution_id == far
    assert Tie.DOCTOR in again[0].ties
    assert set(ids(again)) == set(ids(found))


def test_an_estimate_needs_a_cover_and_says_that_it_is_one(asked) -> None:
    plain = asked()
    assert not plain.estimate.known
    assert "cost" not in {each.code for each in plain.reasons}
    told = asked(cover=Cover(InsuranceKind.RESIDENT))
    (chip,) = (each.sentence() for each in told.reasons if each.code == "cost")
    assert str(told.estimate.out_of_pocket) in chip
    assert "估算，仅供参考" in chip


def test_a_licence_for_the_undivided_specialty_covers_what_lies_below(wuhu, known_at) -> None:
    """诊疗科目名录使用说明: who has not divided a first-level specialty registers that alone."""
    centre, private = at("wuhu-jinghu_zheshan"), at("wuhu-demo_jinghu_private_hospital")
    doctor, resident = person(centre), known_at(centre)
    rows = LicensedSpecialty.objects.filter(institution_id=private, code__startswith="03.")
    assert rows.exists()
    assert private not in ids(up(doctor, resident, NEPHROLOGY))
    assert not allowed(doctor, resident, private, NEPHROLOGY)
    rows.delete()
    assert private in ids(up(doctor, resident, NEPHROLOGY))
    assert allowed(doctor, resident, private, NEPHROLOGY)


def codes(actor: Actor, resident_id: UUID, institution_id: UUID, specialty: str = CARDIOLOGY) -> str:
    asked = {"resident_id": resident_id, "institution_id": institution_id, "specialty": specialty}
    refusal = objection(actor, **asked, direction=Direction.UP)
    return refusal.code if refusal else ""


def test_what_stands_against_a_destination(site, register) -> None:
    doctor, resident = site.actor(Role.PRIMARY_DOCTOR), register()
    stranger = site.stranger
    assert codes(doctor, resident, site.county_hospital) == ""
    assert codes(doctor, resident, site.township) == "exchange.to_oneself"
    assert codes(doctor, resident, uuid7()) == "exchange.receiver_closed"
    assert codes(doctor, resident, site.county_hospital, "04.06") == "referrals.not_licensed"
    today = ledger.today()
    row = version(stranger)
    row.period = DateRange(row.period.lower, today)
    row.save()
    assert codes(doctor, resident, stranger) == "exchange.receiver_closed"
    assert stranger not in ids(up(doctor, resident, CARDIOLOGY, wish=stranger))
    assert network.place_of(stranger, on=today - timedelta(days=1)) is not None


def test_nobody_is_sent_who_died_or_is_not_looked_after(site, register) -> None:
    doctor, resident = site.actor(Role.PRIMARY_DOCTOR), register()
    elsewhere = site.actor(Role.CLINICIAN, "stranger")
    for actor, code in (
        (elsewhere, "exchange.not_your_resident"),
        (site.actor(Role.REGISTRAR), "access.not_your_right"),
    ):
        with pytest.raises(Refused) as refused:
            up(actor, resident, CARDIOLOGY)
        assert refused.value.refusals[0].code == code
    with scoped(doctor):
        assert Resident.objects.filter(id=resident).update(deceased_on=ledger.today())
    with pytest.raises(Refused) as refused:
        up(doctor, resident, CARDIOLOGY)
    assert refused.value.refusals[0].code == "exchange.deceased"
    assert codes(doctor, resident, site.county_hospital) == "exchange.deceased"
