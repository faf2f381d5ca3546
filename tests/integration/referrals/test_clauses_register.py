"""One register for bookings and referrals (XH-17, XH-44), both ways with a note back (TY-69), the green channel (NHC-42)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.commands import book
from tiercare.apps.capacity.queries.cases import bed_waiting
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange import queries as requests
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.referrals import commands, queries
from tiercare.apps.referrals.queries import register as registers
from tiercare.apps.referrals.queries import statistics as counting
from tiercare.apps.referrals.queries.channels import channels

from ..capacity.admitting import Admitting, altered, centre
from ..capacity.conftest import Hospital, hospital, later, session, slot_of, synthetic_clock
from ..residents.conftest import Site, given, register, site
from .counting import at, laid
from .seen import Seen, in_force, lifted
from .test_channels import desk
from .test_loop import held, patient

__all__ = ["Site", "centre", "given", "hospital", "patient", "register", "session", "site", "synthetic_clock"]
pytestmark = pytest.mark.django_db


def today_in(site: Site, role: Role = Role.COMMISSION, place: str = "") -> registers.Register:
    """The register of the county today, or of one institution."""
    today = ledger.today()
    if place:
        return registers.register(counting.scope_of(site.actor(role, place), first=today, last=today))
    return registers.register(Seen(site, today).scope(first=today, last=today))


def kinds_in(found: registers.Register) -> list[tuple[str, str]]:
    return [(each.kind, each.state) for each in found.entries]


def in_two_ways(hospital: Hospital, patient: UUID, session: Callable[..., UUID]) -> UUID:
    """A place booked in the hospital by the township, and a referral there with another; answers the referral."""
    doctor = hospital.family_doctor
    key = session({Channel.OPEN: 2, Channel.REFERRAL: 2})
    book(doctor, slot_id=slot_of(key), resident_id=patient)
    later(seconds=60)
    row = held(hospital, patient, session({Channel.REFERRAL: 1}, days=3))
    commands.send(doctor, request_id=row.id)
    return row.id


@pytest.mark.clause("XH-17")
def test_bookings_and_referrals_of_all_stand_in_one_register(
    hospital: Hospital, patient: UUID, session: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force("xinhui")
    for house in (hospital.id, hospital.site.township):
        desk(house)
    row = in_two_ways(hospital, patient, session)
    found = today_in(hospital.site)
    assert kinds_in(found) == [("up", "SUBMITTED"), ("booking", "BOOKED")]
    assert found.clauses == ("XH-17", "XH-44")
    first, second = found.entries
    assert (first.id, first.placed) == (row, True) and first.starts is not None
    assert second.starts is not None and {first.sender, first.receiver} == {second.sender, second.receiver}
    assert kinds_in(today_in(hospital.site, Role.REFERRAL_OFFICE, "county_hospital")) == kinds_in(found)
    assert kinds_in(today_in(hospital.site, Role.REFERRAL_OFFICE, "stranger")) == []
    exchange.turn(hospital.office, request_id=row, act=Act.ACCEPT)
    assert kinds_in(today_in(hospital.site))[0] == ("up", "SCHEDULED"), "the status is that of now"

    altered(monkeypatch, "XH-17", functions=("appointment",))
    assert kinds_in(today_in(hospital.site)) == [("booking", "BOOKED")]
    altered(monkeypatch, "XH-17", functions=("two_way_referral",))
    assert kinds_in(today_in(hospital.site)) == [("up", "SCHEDULED")]


@pytest.mark.clause("XH-44")
def test_one_register_with_the_record_sent_and_the_booking_returned(
    hospital: Hospital, patient: UUID, session: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force("xinhui")
    for house in (hospital.id, hospital.site.township):
        desk(house)
    row = in_two_ways(hospital, patient, session)
    package = queries.package_of(hospital.office, row)
    assert package is not None and [each["code"] for each in package.content["problems"]] == ["I10"]
    line = requests.opened(hospital.family_doctor, row).line
    assert line.planned_at is not None, "the booking comes back to the sender"
    assert today_in(hospital.site).clauses == ("XH-17", "XH-44")
    lifted(monkeypatch, "XH-44")
    assert today_in(hospital.site).clauses == ("XH-17",)


@pytest.mark.clause("TY-69")
def test_in_a_group_referrals_run_both_ways_and_none_ends_without_a_note(
    site: Site, register: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force("taiyuan")
    seen, today = Seen(site, ledger.today()), ledger.today()
    own = seen.consortium()
    assert (channels(own, on=today).clauses, channels(own, on=today).kept) == (("TY-69",), False)
    for house in (site.county_hospital, *(each.institution_id for each in channels(own, on=today).channels)):
        desk(house)
    assert channels(own, on=today).kept is True

    t, h, who = site.township, site.county_hospital, register("王小明")
    sent = at(today - timedelta(days=9))
    noted = [(Act.ACCEPT, 2), (Act.ARRIVE, 24), (Act.TAKE_IN, 25), (Act.REPORT, 49), (Act.ACKNOWLEDGE, 60)]
    laid("up", t, h, who, sent, noted)
    laid("down", h, t, who, sent + timedelta(days=3), noted)
    silent = laid("up", t, h, who, sent + timedelta(days=4), [(Act.ACCEPT, 1), (Act.ARRIVE, 5), (Act.DIE, 9)])
    scope = seen.scope(first=today - timedelta(days=10), last=today)
    found = counting.statistics(scope)
    assert (found.counts["up"], found.counts["down"], found.counts["accepted"]) == (2, 1, 3)
    assert found.counts["without_note"] == 1
    listed, total = counting.cases(scope, measure="without_note")
    assert ([each.id for each in listed], total) == ([silent], 1)
    hours = {each.step: each.cases for each in found.times}
    assert hours["accepted"] == hours["arrived"] == 3 and hours["reported"] == 2, "each with its time"

    lifted(monkeypatch, "TY-69")
    assert channels(own, on=today).clauses == ()


@pytest.mark.clause("NHC-42")
def test_a_bed_for_a_booked_referral_comes_first_as_long_as_the_pack_says_so(
    hospital: Hospital,
    patient: UUID,
    register: Callable[..., UUID],
    centre: Admitting,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    centre.run()
    plain = centre.begin(centre.patient("李小红"))
    later(hours=3)
    admitted(hospital, centre, patient)
    later(hours=2)
    first, second = bed_waiting(hospital.office)
    assert (first.resident_id, first.green, first.waited) == (patient, True, timedelta(hours=2))
    assert (second.case_id, second.green, second.waited) == (plain, False, timedelta(hours=5))

    altered(monkeypatch, "NHC-42", channel="none")
    other = register("张小军")
    admitted(hospital, centre, other)
    assert [each.green for each in bed_waiting(hospital.office) if each.resident_id == other] == [False]
    assert bed_waiting(hospital.office)[-1].resident_id == other


def admitted(hospital: Hospital, centre: Admitting, resident: UUID) -> None:
    """A referral up that needs a bed, accepted for the surgery."""
    doctor = hospital.family_doctor
    row = commands.start(doctor, resident_id=resident, kind="up", problem_code="K80", problem="胆囊结石")
    payload = {"reason": "胆囊结石反复发作", "needs_admission": True, "ground": {"beyond": "role"}}
    content = exchange.Content(to_institution=hospital.id, specialty="04", payload=payload)
    commands.send(doctor, request_id=row.id, content=content, without_place=True)
    said = Said(department=centre.surgery)
    exchange.turn(hospital.office, request_id=row.id, act=Act.ACCEPT, said=said)
