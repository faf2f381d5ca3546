"""The queue of a session: booked referrals and signed residents before others, as the pack in force orders."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.commands import relate
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis
from tiercare.apps.capacity import queries
from tiercare.apps.capacity.commands import book, offer_next, turn, wait
from tiercare.apps.capacity.models import Booking, Session
from tiercare.apps.capacity.rules.queueing import Precedence
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.rules.waiting import Urgency
from tiercare.apps.capacity.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.mandates.models import Mandate
from tiercare.apps.residents import commands as residents
from tiercare.apps.residents.models import ResponsibleDoctor
from tiercare.engines.policy import PackSet
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .conftest import slot_of, to_the_day

OPEN = Channel.OPEN


def reordered(clause: str, *words: str) -> PackSet:
    """Our packs with another order in that clause; without ``words`` it sets none."""
    packs = mandates.packs()
    pack = packs.packs[packs.clause[clause].pack]

    def change(parameters):
        kept = [p for p in parameters if p.key != "queue_order" or words]
        return tuple(replace(p, value=words) if p.key == "queue_order" else p for p in kept)

    clauses = tuple(
        replace(c, parameters=change(c.parameters)) if c.id == clause else c for c in pack.clauses
    )
    return PackSet({**packs.packs, pack.id: replace(pack, clauses=clauses)})


@pytest.fixture
def place(hospital, session):
    """A session, and three residents who book it for themselves, one after the other."""
    at = session({OPEN: 9})

    def run(resident: UUID, source: UUID | None = None) -> UUID:
        own = hospital.site.resident(resident)
        return book(own, slot_id=slot_of(at), resident_id=resident, source_id=source).booking_id

    return at, run


def request_for(hospital, resident: UUID) -> UUID:
    """An open request that brings the resident to the hospital."""
    source = uuid7()
    with scoped(hospital.desk):
        relate(
            hospital.desk,
            resident_id=resident,
            institution_id=hospital.id,
            division_code="340223",
            kind=Basis.REQUEST,
            source_id=source,
        )
    return source


def sign(hospital, resident: UUID) -> None:
    with scoped(hospital.family_doctor):
        ResponsibleDoctor.objects.create(
            resident_id=resident,
            institution_id=hospital.site.township,
            doctor_name="示例医生",
            source="test",
            period=DateRange(ledger.today(), None),
        )


def order(hospital, at: UUID, packs: PackSet | None = None) -> list[UUID]:
    found = queries.queue(hospital.desk, session_id=at, packs=packs)
    return [each.waiting.booking_id for each in found.placed]


@pytest.mark.clause("NHC-41")
def test_a_booked_referral_is_seen_before_others_of_the_session(hospital, place, register) -> None:
    at, book_for = place
    plain = book_for(register("王小明"))
    referred = register("李小红")
    second = book_for(referred, request_for(hospital, referred))
    assert order(hospital, at) == [second, plain]
    by_nation = reordered("WH-31")
    found = queries.queue(hospital.desk, session_id=at, packs=by_nation)
    assert found.by is not None and found.by.clause.id == "NHC-41"
    assert [each.precedence for each in found.placed] == [Precedence.REFERRED, Precedence.OTHER]
    assert "预约转诊" in found.placed[0].reason()
    assert found.clause_of(Precedence.REFERRED) == "NHC-41" and found.clause_of(Precedence.OTHER) == ""
    # The same bookings under an order that does not name them: by number.
    assert order(hospital, at, reordered("WH-31", "acute_critical")) == [plain, second]


@pytest.mark.clause("YN-49")
def test_signed_residents_come_first_where_the_pack_says_so(hospital, place, register) -> None:
    at, book_for = place
    plain = book_for(register("王小明"))
    signed = register("李小红")
    sign(hospital, signed)
    second = book_for(signed)
    assert order(hospital, at) == [plain, second]  # 芜湖's order does not name them
    Mandate.objects.create(division_code="340223", pack="yunnan", period=DateRange(date(2018, 1, 1), None))
    found = queries.queue(hospital.desk, session_id=at)
    assert found.by is not None and found.by.clause.id == "YN-49"
    assert [each.waiting.booking_id for each in found.placed] == [second, plain]
    assert found.placed[0].precedence is Precedence.SIGNED
    assert (found.clause_of(Precedence.SIGNED), found.clause_of(Precedence.REFERRED)) == ("YN-49", "NHC-41")
    assert order(hospital, at, reordered("YN-49", "acute_critical")) == [plain, second]
    residents.end_doctor(hospital.family_doctor, resident_id=signed)
    assert order(hospital, at) == [plain, second]


def test_an_emergency_on_the_waiting_list_is_seen_before_a_referral(hospital, place, register) -> None:
    at, book_for = place
    referred, acute = register("李小红"), register("王小明")
    second = book_for(referred, request_for(hospital, referred))
    offered = Session.objects.get(id=at)
    days = {"first": offered.day, "last": offered.day}
    wait(
        hospital.family_doctor,
        pool_id=offered.pool_id,
        resident_id=acute,
        urgency=Urgency.EMERGENCY,
        **days,
    )
    assert offer_next(at) == 1
    with scoped(hospital.desk):
        held = Booking.objects.get(session_id=at, resident_id=acute).id
    assert order(hospital, at) == [second]  # an offer that nobody has confirmed is no place in the queue
    turn(hospital.family_doctor, booking_id=held, act=Act.CONFIRM)
    found = queries.queue(hospital.desk, session_id=at)
    assert [each.waiting.booking_id for each in found.placed] == [held, second]
    assert found.placed[0].precedence is Precedence.ACUTE
    # A resident who calls their own case one waits like everybody.
    plain = register("张小军")
    wait(
        hospital.site.resident(plain),
        pool_id=offered.pool_id,
        resident_id=plain,
        urgency=Urgency.EMERGENCY,
        **days,
    )
    assert offer_next(at) == 1
    with scoped(hospital.desk):
        last = Booking.objects.get(session_id=at, resident_id=plain).id
    turn(hospital.site.resident(plain), booking_id=last, act=Act.CONFIRM)
    assert order(hospital, at) == [held, second, last]


def test_who_is_there_is_called_before_who_is_not(hospital, place, register) -> None:
    at, book_for = place
    referred = register("李小红")
    away = book_for(referred, request_for(hospital, referred))
    here = book_for(register("王小明"))
    to_the_day(at)
    turn(hospital.desk, booking_id=here, act=Act.ARRIVE)
    assert order(hospital, at) == [here, away]
    turn(hospital.desk, booking_id=away, act=Act.ARRIVE)
    assert order(hospital, at) == [away, here]
    turn(hospital.desk, booking_id=away, act=Act.ATTEND)
    assert order(hospital, at) == [here]


def test_only_the_hospital_sees_its_queue_and_the_reading_is_recorded(hospital, place, register) -> None:
    at, book_for = place
    resident = register()
    book_for(resident)
    for actor in (hospital.stranger, hospital.family_doctor, hospital.site.resident(resident)):
        with pytest.raises(Refused) as refused:
            queries.queue(actor, session_id=at)
        assert refused.value.refusals[0].status == 403
    queries.queue(hospital.desk, session_id=at)
    read = Event.objects.filter(kind="access.record_read", institution_id=hospital.id).latest("sequence")
    assert read.payload["what"] == "bookings" and read.payload["residents"] == [str(resident)]
