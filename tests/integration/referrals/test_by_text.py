"""Referrals follow the packs: the times of each step, the catalogue and its version, the green channel."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from psycopg.types.range import DateRange

from tiercare.apps.access.models import Account, Grant
from tiercare.apps.access.queries import scoped
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange import queries as requests
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.exchange.workflow import Act, State
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.records import queries as records
from tiercare.apps.records.queries.ours import guidelines_of
from tiercare.apps.referrals import commands
from tiercare.engines.policy.load import own_folder
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from ..capacity.admitting import Admitting, centre
from ..capacity.conftest import Hospital, hospital, later, session, synthetic_clock
from ..records.conftest import altered
from ..residents.conftest import Site, given, register, site
from .test_loop import patient, stored

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


def sent(hospital: Hospital, patient: UUID, urgency: Urgency = Urgency.ROUTINE, **payload: object) -> UUID:
    """A referral up to the hospital, without a place."""
    row = commands.start(hospital.family_doctor, resident_id=patient, kind="up")
    content = exchange.Content(to_institution=hospital.id, urgency=urgency, payload=payload)
    commands.send(hospital.family_doctor, request_id=row.id, content=content)
    return row.id


@pytest.mark.clause("NHC-37")
def test_every_step_has_the_time_that_the_pack_gives(
    hospital: Hospital, patient: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    packs = altered("NHC-37.decide_within", ("15m", "4h", "48h"))
    monkeypatch.setattr(mandates, "packs", lambda extra=(): packs)
    row = stored(sent(hospital, patient))
    assert row.due_at == row.sent_at + timedelta(hours=48)
    assert row.owner_institution == hospital.id
    exchange.turn(hospital.family_doctor, request_id=row.id, act=Act.WITHDRAW, said=Said(words="改日"))

    sooner = altered("NHC-37.decide_within", ("15m", "4h", "3h"))
    monkeypatch.setattr(mandates, "packs", lambda extra=(): sooner)
    row = stored(sent(hospital, patient))
    assert row.due_at == row.sent_at + timedelta(hours=3)
    later(hours=4)
    assert exchange.escalate_overdue() == 1
    assert stored(row.id).owner_level in {"LEAD", "COMMISSION"}, "it never lapses silently"


@pytest.mark.clause("XH-39")
def test_a_referral_keeps_the_entry_of_the_catalogue_and_its_version(
    hospital: Hospital, patient: UUID, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    doctor = hospital.family_doctor
    book = records.guidelines_at(hospital.site.township, on=ledger.today())
    assert book is not None
    row = commands.start(doctor, resident_id=patient, kind="up")
    held = [each["id"] for each in row.basis["rows"]]
    assert row.basis["version"] == book.version
    assert (
        row.payload["ground"]["criterion"]
        == held[0]
        in {each.id for each in book.tables["hypertension"].rows}
    )

    # The region changes its catalogue: what was an emergency at 180 begins at 190 now.
    folder = tmp_path / "cn"
    shutil.copytree(own_folder() / "cn" / "guidelines", folder / "guidelines")
    table = folder / "guidelines" / "hypertension.yaml"
    table.write_text(
        table.read_text("utf-8").replace("sbp >= 180 or dbp >= 110", "sbp >= 190 or dbp >= 120"), "utf-8"
    )
    changed = guidelines_of((folder,))
    monkeypatch.setattr(records, "guidelines_at", lambda institution, on: changed)
    again = commands.start(doctor, resident_id=patient, kind="up", again="目录修订后重开")
    assert again.basis["version"] == changed.version != book.version
    assert [each["id"] for each in again.basis["rows"]] != held
    assert stored(row.id).basis["version"] == book.version, "what was kept stays"


@pytest.mark.clause("XH-67")
def test_an_emergency_alerts_at_once_and_the_answer_is_timed(
    hospital: Hospital, patient: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = hospital.office
    key = sent(hospital, patient, Urgency.EMERGENCY)
    assert [each.about for each in requests.notices(office, unseen_only=True)] == ["submit"]
    first = requests.worklist(office, box=requests.Box.IN).rows[0]
    assert (first.id, first.urgency) == (key, Urgency.EMERGENCY), "before everything else"
    later(seconds=90)
    exchange.receive(office, request_id=key)
    received = list(ledger.events(kind="exchange.request_received", subject_id=key, limit=1))
    assert 90 <= received[0].payload["waited_seconds"] < 120
    assert exchange.turn(office, request_id=key, act=Act.ARRIVE).state is State.ARRIVED, "without acceptance"

    longer = altered("NHC-37.receive_within", ("30m", "30m", "60m"))
    for packs, alarms in ((mandates.packs(), 1), (longer, 0)):
        monkeypatch.setattr(mandates, "packs", lambda extra=(), known=packs: known)
        other = commands.start(hospital.family_doctor, resident_id=patient, kind="up", again="另一次")
        content = exchange.Content(to_institution=hospital.id, urgency=Urgency.EMERGENCY)
        commands.send(hospital.family_doctor, request_id=other.id, content=content)
        later(minutes=6)
        assert exchange.raise_unheard() == alarms


@pytest.mark.clause("NHC-42")
def test_who_needs_a_bed_gets_it_by_the_green_channel(
    hospital: Hospital, patient: UUID, centre: Admitting
) -> None:
    centre.run()
    key = sent(hospital, patient, needs_admission=True)
    said = Said(department=centre.surgery)
    exchange.turn(hospital.office, request_id=key, act=Act.ACCEPT, said=said)
    with scoped(hospital.office), connection.cursor() as cursor:
        cursor.execute("SELECT green FROM capacity_case WHERE resident_id = %s", [patient])
        assert cursor.fetchall() == [(True,)]


def test_a_hospital_without_a_centre_accepts_all_the_same(
    hospital: Hospital, patient: UUID, centre: Admitting
) -> None:
    key = sent(hospital, patient, needs_admission=True)
    said = Said(department=centre.surgery)
    turned = exchange.turn(hospital.office, request_id=key, act=Act.ACCEPT, said=said)
    assert turned.state is State.ACCEPTED


def test_somebody_who_was_slower_does_not_send(hospital: Hospital, patient: UUID) -> None:
    doctor = hospital.family_doctor
    row = commands.start(doctor, resident_id=patient, kind="up")
    content = exchange.Content(to_institution=hospital.id)
    version = exchange.amend(doctor, request_id=row.id, content=content, version=row.version)
    with pytest.raises(Refused, match="changed_meanwhile"):
        commands.send(doctor, request_id=row.id, without_place=True, version=row.version)
    assert stored(row.id).state == "DRAFT"
    sent_now = commands.send(doctor, request_id=row.id, without_place=True, version=version)
    assert sent_now.state is State.SUBMITTED


def test_a_worklist_asks_the_same_however_many_rows(
    hospital: Hospital,
    register: Callable[..., UUID],
    patient: UUID,
    django_assert_num_queries: Callable[..., object],
) -> None:
    office = hospital.office
    sent(hospital, patient)
    requests.worklist(office, box=requests.Box.IN)
    with django_assert_num_queries(10):
        assert len(requests.worklist(office, box=requests.Box.IN).rows) == 1
    for name in ("李国强", "陈建国", "周秀兰"):
        other = register(name)
        row = commands.start(
            hospital.family_doctor, resident_id=other, kind="up", problem_code="K80", problem="胆囊结石"
        )
        content = exchange.Content(
            to_institution=hospital.id,
            specialty="03",
            payload={"reason": "腹痛", "ground": {"beyond": "role"}},
        )
        commands.send(hospital.family_doctor, request_id=row.id, content=content)
    with django_assert_num_queries(10):
        assert len(requests.worklist(office, box=requests.Box.IN).rows) == 4
    assert [each.resident_id for each in requests.worklist(office, box=requests.Box.IN, text="wxm").rows] == [
        patient
    ]


@pytest.mark.clause("XH-42")
def test_without_a_desk_nothing_is_sent(
    hospital: Hospital, patient: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    doctor, office = hospital.family_doctor, hospital.office
    monkeypatch.setattr(mandates, "pack_in_force", lambda division, on: "xinhui")
    row = commands.start(doctor, resident_id=patient, kind="up")
    content = exchange.Content(to_institution=hospital.id)
    with pytest.raises(Refused) as refused:
        commands.send(doctor, request_id=row.id, content=content)
    assert (refused.value.refusals[0].code, refused.value.refusals[0].clauses) == (
        "exchange.no_desk",
        ("XH-42",),
    )
    assert set(requests.without_desk([hospital.id, doctor.institution_id], area="340223")) == {
        hospital.id,
        doctor.institution_id,
    }
    for each in (doctor, office):
        employed(each)
        with pytest.raises(Refused, match="desk_incomplete"):
            exchange.keep_desk(each, name="转诊办公室", phone="", staff=())
        exchange.keep_desk(each, name="转诊办公室", phone="0553-0000000", staff=[each.account_id])
    assert commands.send(doctor, request_id=row.id, content=content).state is State.SUBMITTED

    none_asked = altered("XH-42.referral_staff", 0)
    monkeypatch.setattr(mandates, "packs", lambda extra=(): none_asked)
    assert requests.without_desk([hospital.site.stranger], area="340223") == []


def employed(actor: Actor) -> None:
    """The actor has an account with a role where they act."""
    account = Account.objects.create(
        id=actor.account_id, username=f"t{actor.account_id}", display_name=actor.name
    )
    Grant.objects.create(
        account=account,
        role=actor.role,
        scope="INSTITUTION",
        division_code=actor.division_code,
        institution_id=actor.institution_id,
        place_name="示例机构",
        period=DateRange(ledger.today(), None),
    )
