"""An accepted referral is filed with the insurer once, whatever the line does, and nobody overlooks that it was not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange import queries as requests
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.exchange.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.handlers import find
from tiercare.apps.mandates.models import Mandate
from tiercare.apps.referrals import commands, queries
from tiercare.apps.referrals.commands import filing_sent
from tiercare.apps.referrals.models import Filing
from tiercare.apps.referrals.rules.filing import State
from tiercare.apps.residents import commands as residents
from tiercare.apps.residents import events as resident_events
from tiercare.apps.residents.rules.cover import Given
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from ..capacity.admitting import altered
from ..capacity.conftest import Hospital, hospital, later, session, synthetic_clock
from ..residents.conftest import Site, given, register, site
from .insurer_site import Agency, agency_on
from .test_loop import Channel, held, patient

__all__ = ["Site", "given", "hospital", "patient", "register", "session", "site", "synthetic_clock"]
pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
AREA = "340223"


@pytest.fixture(autouse=True)
def xinhui(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The county goes by the pack of 新会; its referral desks (XH-42) are another test's."""
    Mandate.objects.create(division_code=AREA, pack="xinhui", period=DateRange(date(2018, 1, 1), None))
    altered(monkeypatch, "XH-42", referral_staff=0)


@pytest.fixture
def agency(tmp_path: Path) -> Iterator[Agency]:
    with agency_on(tmp_path) as one:
        yield one


@pytest.fixture
def insured(site: Site, patient: UUID) -> UUID:
    """The patient is in the residents' insurance of the county."""
    cover(site, patient)
    return patient


def cover(site: Site, patient: UUID, scheme: str = "RESIDENT", area: str = AREA) -> UUID:
    given = Given(scheme, area, ledger.today() - timedelta(days=99))
    return residents.record_cover(site.actor(Role.REGISTRAR), resident_id=patient, given=given)


@pytest.fixture
def accepted(hospital: Hospital) -> Callable[..., UUID]:
    """A referral up that was sent and accepted; answers its id."""

    def run(patient: UUID, urgency: Urgency = Urgency.ROUTINE) -> UUID:
        key = sent(hospital, patient, urgency)
        exchange.turn(hospital.office, request_id=key, act=Act.ACCEPT)
        return key

    return run


def sent(hospital: Hospital, patient: UUID, urgency: Urgency = Urgency.ROUTINE) -> UUID:
    doctor = hospital.family_doctor
    row = commands.start(doctor, resident_id=patient, kind="up")
    commands.send(
        doctor, request_id=row.id, content=exchange.Content(to_institution=hospital.id, urgency=urgency)
    )
    return row.id


def filed(hospital: Hospital, request_id: UUID) -> queries.Filed:
    """How it stands, the same for both sides."""
    mine, theirs = (
        queries.filing_of(actor, request_id) for actor in (hospital.family_doctor, hospital.office)
    )
    assert mine is not None and mine == theirs
    return mine


def told(hospital: Hospital) -> bool:
    """Whether both offices heard that a filing needs somebody."""
    return all(
        "filing" in {each.about for each in requests.notices(actor)}
        for actor in (hospital.site.actor(Role.REFERRAL_OFFICE), hospital.office)
    )


def due(hospital: Hospital, request_id: UUID) -> None:
    """Until it comes due again."""
    at = filed(hospital, request_id).next_try_at
    assert at is not None
    later(seconds=(at - ledger.now()).total_seconds() + 1)


@pytest.mark.clause("XH-43")
def test_booking_record_with_receipt_and_filing_are_seen_by_both_sides(
    hospital: Hospital,
    insured: UUID,
    session: Callable[..., UUID],
    agency: Agency,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    doctor, office = hospital.family_doctor, hospital.office
    row = held(hospital, insured, session({Channel.REFERRAL: 2, Channel.OPEN: 1}))
    commands.send(doctor, request_id=row.id)
    exchange.receive(office, request_id=row.id)
    exchange.turn(office, request_id=row.id, act=Act.ACCEPT)
    assert commands.send_filings() == 1

    for actor in (doctor, office):
        line = requests.opened(actor, row.id).line
        assert line.booking_id is not None and line.planned_at is not None, "the place that was booked"
        assert line.received_at is not None, "that it was received"
        package = queries.package_of(actor, row.id)
        assert package is not None and package.digest
        assert [each["code"] for each in package.content["problems"]] == ["I10"]
        filing = queries.filing_of(actor, row.id)
        assert filing is not None and (filing.state, filing.number) == (State.ACCEPTED, "YB000001")
    stranger = hospital.site.actor(Role.REFERRAL_OFFICE, "stranger")
    with pytest.raises(Refused):
        queries.filing_of(stranger, row.id)

    exchange.turn(doctor, request_id=row.id, act=Act.CANCEL, said=Said(words="改日"))
    altered(monkeypatch, "XH-43", services=("referral_booking", "record_handover"))
    row = held(hospital, insured, session({Channel.REFERRAL: 2, Channel.OPEN: 1}))
    commands.send(doctor, request_id=row.id)
    exchange.turn(office, request_id=row.id, act=Act.ACCEPT)
    assert queries.filing_of(doctor, row.id) is None, "what no document asks for is not filed"


@pytest.mark.clause("XH-45")
def test_unanswered_it_is_queued_and_tried_again_until_it_is_answered(
    hospital: Hospital,
    insured: UUID,
    accepted: Callable[..., UUID],
    agency: Agency,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    agency.script = [500, "nonsense", 401]
    request = accepted(insured)
    assert filed(hospital, request).state is State.WAITING
    waits = []
    for tries, words in ((1, "HTTP 500"), (2, "unreadable"), (3, "HTTP 401")):
        before = ledger.now()
        assert commands.send_filings() == 1
        standing = filed(hospital, request)
        assert (standing.state, standing.tries) == (State.SENT, tries)
        assert standing.next_try_at is not None and standing.words == words
        waits.append((standing.next_try_at - before).total_seconds())
        assert commands.send_filings() == 0, "it waits"
        due(hospital, request)
    assert waits == pytest.approx([60, 120, 240], abs=1)
    assert commands.send_filings() == 1
    done = filed(hospital, request)
    assert (done.state, done.number, done.words) == (State.ACCEPTED, "YB000001", "已备案")
    assert done.answered_at is not None and done.next_try_at is None
    assert len({key for key, _ in agency.heard}) == 1 and len({repr(body) for _, body in agency.heard}) == 1
    assert not agency.wrong, "every message was signed"
    body = agency.heard[0][1]
    assert body["cover"] == {"scheme": "RESIDENT", "area": AREA}
    assert body["person"]["name"] == "王小明" and len(body["person"]["number"]) == 18
    assert body["referral"]["kind"] == "up" and body["referral"]["to"]["id"] == str(hospital.id)
    with scoped(SYSTEM, persons=(insured,)):
        assert "filing" in {event.payload["what"] for event in ledger.readings([insured], limit=20)}

    exchange.turn(hospital.family_doctor, request_id=request, act=Act.CANCEL, said=Said(words="改日"))
    altered(monkeypatch, "XH-45", peer="")
    request = accepted(insured)
    assert filed(hospital, request).state is State.UNCONNECTED, "no document asks for the line: by hand"
    assert told(hospital)


def test_refused_it_waits_for_somebody_and_goes_again_with_the_right_cover(
    hospital: Hospital, site: Site, patient: UUID, accepted: Callable[..., UUID], agency: Agency
) -> None:
    desk = site.actor(Role.REGISTRAR)
    wrong = cover(site, patient, "EMPLOYEE")
    agency.script = ["refused"]
    request = accepted(patient)
    commands.send_filings()
    standing = filed(hospital, request)
    assert (standing.state, standing.words, standing.task) == (State.REFUSED, "E102 参保状态异常", True)
    assert told(hospital)
    for actor in (hospital.family_doctor, hospital.office):
        assert [each.request_id for each in queries.filings_to_see_to(actor)] == [request]
    assert commands.send_filings() == 0, "what was refused is not sent again by itself"

    residents.end_cover(
        desk, resident_id=patient, cover_id=wrong, ended_on=ledger.today() - timedelta(days=99)
    )
    cover(site, patient)
    assert commands.file_again(hospital.family_doctor, request_id=request) is State.WAITING
    anew = filed(hospital, request)
    assert (anew.words, anew.answered_at) == ("", None), "the old answer is no answer to this one"
    commands.send_filings()
    assert filed(hospital, request).state is State.ACCEPTED
    first, second = (key for key, _ in agency.heard)
    assert first != second, "corrected, it is another filing to the insurer"
    assert queries.filings_to_see_to(hospital.office) == []
    with pytest.raises(Refused, match="filing_not_now"):
        commands.file_again(hospital.office, request_id=request)


def test_tried_often_enough_it_is_given_up_and_filed_by_hand(
    hospital: Hospital,
    insured: UUID,
    accepted: Callable[..., UUID],
    agency: Agency,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    altered(monkeypatch, "XH-45", filing_most_tries=2)
    agency.script = [503, 503, 503]
    request = accepted(insured)
    commands.send_filings()
    due(hospital, request)
    commands.send_filings()
    assert (filed(hospital, request).state, len(agency.heard)) == (State.FAILED, 2)
    assert told(hospital)
    with pytest.raises(Refused, match="filing_number"):
        commands.filed_by_hand(hospital.office, request_id=request, number="  ")
    commands.filed_by_hand(hospital.office, request_id=request, number="SG-2026-17")
    assert (filed(hospital, request).state, filed(hospital, request).number) == (State.BY_HAND, "SG-2026-17")
    assert commands.send_filings() == 0


def test_an_agency_that_keeps_silent_is_left_after_its_time(
    hospital: Hospital,
    insured: UUID,
    accepted: Callable[..., UUID],
    agency: Agency,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    altered(monkeypatch, "XH-45", filing_answer_within_seconds=1)
    agency.script = ["silence"]
    request = accepted(insured)
    assert commands.send_filings() == 1
    standing = filed(hospital, request)
    assert (standing.state, standing.words) == (State.SENT, "timeout")
    due(hospital, request)
    commands.send_filings()
    assert filed(hospital, request).state is State.ACCEPTED


def test_killed_between_sending_and_keeping_it_finds_its_answer_again(
    hospital: Hospital, insured: UUID, accepted: Callable[..., UUID], agency: Agency
) -> None:
    request = accepted(insured)
    claimed = filing_sent._claim(Actor.system("job"), ())
    assert isinstance(claimed, filing_sent._Claimed)
    insurer = filing_sent.insurer_of(claimed.area)
    assert insurer is not None
    lost = insurer.hand_over(claimed.message, within_seconds=5)  # and here the worker dies
    assert filed(hospital, request).state is State.SENT
    assert commands.send_filings() == 0, "nobody else sends it meanwhile"
    due(hospital, request)
    commands.send_filings()
    done = filed(hospital, request)
    assert (done.state, done.number) == (State.ACCEPTED, lost.number)
    assert len(agency.answers) == 1, "filed once"


def test_a_late_answer_does_not_move_what_was_given_up(
    hospital: Hospital, insured: UUID, accepted: Callable[..., UUID], agency: Agency
) -> None:
    request = accepted(insured)
    claimed = filing_sent._claim(Actor.system("job"), ())
    assert isinstance(claimed, filing_sent._Claimed)
    exchange.turn(hospital.family_doctor, request_id=request, act=Act.CANCEL, said=Said(words="改日"))
    assert filed(hospital, request).state is State.TAKING_BACK
    assert commands.send_filings() == 0, "it is taken back once nothing of it can be under way any more"
    assert filing_sent._hand_over(Actor.system("job"), claimed)
    late = filed(hospital, request)
    assert (late.state, late.number) == (State.TAKING_BACK, "YB000001"), "the number is kept"
    due(hospital, request)
    commands.send_filings()
    assert filed(hospital, request).state is State.TAKEN_BACK
    assert [body["message"] for _, body in agency.heard] == ["file", "take_back"]


def test_off_before_the_patient_came_it_is_taken_back_and_later_not(
    hospital: Hospital, insured: UUID, accepted: Callable[..., UUID], agency: Agency
) -> None:
    doctor, office = hospital.family_doctor, hospital.office
    request = accepted(insured)
    exchange.turn(office, request_id=request, act=Act.RETURN, said=Said(code="other", words="请补充", alternative={"missing": "心电图"}))  # fmt: skip
    assert filed(hospital, request).state is State.DROPPED, "never sent: nothing to take back"
    exchange.turn(doctor, request_id=request, act=Act.SUBMIT)
    exchange.turn(office, request_id=request, act=Act.ACCEPT)
    commands.send_filings()
    assert filed(hospital, request).state is State.ACCEPTED, "accepted again, it is filed again"
    exchange.turn(office, request_id=request, act=Act.ARRIVE)
    exchange.turn(office, request_id=request, act=Act.DIE, said=Said(words="抢救无效"))
    assert filed(hospital, request).state is State.ACCEPTED, "the bill is settled by it"
    assert len(agency.heard) == 1


def test_what_was_filed_by_hand_is_taken_back_by_hand(
    hospital: Hospital, insured: UUID, accepted: Callable[..., UUID], tmp_path: Path
) -> None:
    doctor = hospital.family_doctor
    request = accepted(insured)
    assert filed(hospital, request).state is State.UNCONNECTED and told(hospital)
    commands.filed_by_hand(doctor, request_id=request, number="SG-1")
    exchange.turn(doctor, request_id=request, act=Act.CANCEL, said=Said(words="改日"))
    assert filed(hospital, request).state is State.NOT_TAKEN_BACK
    commands.taken_back_by_hand(hospital.office, request_id=request)
    assert filed(hospital, request).state is State.TAKEN_BACK
    with pytest.raises(Refused, match="filing_not_now"):
        commands.taken_back_by_hand(hospital.office, request_id=request)


def test_without_a_cover_it_waits_and_goes_on_once_one_is_recorded(
    hospital: Hospital, site: Site, patient: UUID, accepted: Callable[..., UUID], agency: Agency
) -> None:
    request = accepted(patient)
    assert filed(hospital, request).state is State.NO_COVER and told(hospital)
    cover(site, patient)
    event = ledger.events(kind=resident_events.CoverChanged.KIND, subject_id=patient, limit=1)[0]
    find("referrals.after_cover")(event)
    find("referrals.after_cover")(event)
    commands.send_filings()
    assert filed(hospital, request).state is State.ACCEPTED
    assert len(agency.heard) == 1


def test_who_pays_for_themself_is_not_filed(
    hospital: Hospital, site: Site, patient: UUID, accepted: Callable[..., UUID], agency: Agency
) -> None:
    cover(site, patient, "SELF_PAID", "")
    standing = filed(hospital, accepted(patient))
    assert (standing.state, standing.task) == (State.NOT_NEEDED, False)
    assert commands.send_filings() == 0 and not agency.heard


def test_an_emergency_that_nobody_accepted_is_filed_when_it_arrives(
    hospital: Hospital, insured: UUID, agency: Agency
) -> None:
    request = sent(hospital, insured, Urgency.EMERGENCY)
    assert queries.filing_of(hospital.office, request) is None
    exchange.turn(hospital.office, request_id=request, act=Act.ARRIVE)
    commands.send_filings()
    assert filed(hospital, request).state is State.ACCEPTED


def test_accepted_and_arrived_it_is_filed_once(
    hospital: Hospital, insured: UUID, accepted: Callable[..., UUID], agency: Agency
) -> None:
    request = accepted(insured)
    exchange.turn(hospital.office, request_id=request, act=Act.ARRIVE)
    commands.send_filings()
    with scoped(SYSTEM, area="*"):
        assert Filing.objects.filter(request_id=request).count() == 1
    assert len(agency.heard) == 1
