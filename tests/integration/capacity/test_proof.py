"""The proof over a simulated month of 太原: what the texts promise is kept on every day, and a breach is shown where it is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from pytest_django.plugin import DjangoDbBlocker

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import queries
from tiercare.apps.capacity.commands import NoPlace, book, lend, publish, stop
from tiercare.apps.capacity.commands.demonstration import lay_places
from tiercare.apps.capacity.models import Pool, Session, Slot
from tiercare.apps.capacity.rules.demonstration import MARK
from tiercare.apps.capacity.rules.planning import Planned
from tiercare.apps.capacity.rules.vocabulary import Channel, Grade, Kind
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import commands as network
from tiercare.apps.network import queries as network_queries
from tiercare.apps.network.commands.demonstrating import lay_down_registers
from tiercare.apps.residents import commands as residents
from tiercare.apps.residents.models import Resident, ResponsibleDoctor
from tiercare.apps.terms import commands as terms
from tiercare.engines.policy import State
from tiercare.engines.policy.load import own_folder
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .crowd import Booked, book_for
from .planted import plant

FIRST, LAST = date(2024, 12, 1), date(2024, 12, 31)
PACE = 5  # attempts to book at a hospital a day
AREA = "1401"
SYSTEM = Actor.system("test")
LEAD, ASSISTING = "taiyuan/lead_hospital_keeps_share", "taiyuan/assisting_hospital_keeps_share"
FAMILY, OPEN = Channel.FAMILY_DOCTOR, Channel.OPEN


@dataclass(frozen=True)
class Month:
    """The month as it was played, and two of its hospitals."""

    played: Booked
    lead: UUID
    assisting: UUID


@pytest.fixture(scope="module")
def month(
    synthetic_clock: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Month]:
    """太原 laid down, and a month of it played, once for this file; taken back afterwards."""
    with (
        django_db_blocker.unblock(),
        override_settings(HOME=tmp_path_factory.mktemp("home")),
        transaction.atomic(),
    ):
        terms.lay_down_divisions(SYSTEM)
        laid = network.lay_down_region(actor=SYSTEM, pack_id="taiyuan")
        lay_down_registers(actor=SYSTEM, region="taiyuan", on=laid.verdict_on)
        lay_places(SYSTEM, region="taiyuan", first=FIRST, until=LAST)
        played = book_for("taiyuan", FIRST, LAST, pace=PACE)
        ledger.set_clock(SYSTEM, at=None)
        connection.cursor().execute("SET LOCAL enable_nestloop = off")  # there are no statistics yet
        yield Month(played, _by_slug("yangqu_hospital"), _by_slug("shanxi_peoples_hospital"))
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _taken_back(month: Month, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What a test writes is taken back; the clock stands in the last days of the month before."""
    with django_db_blocker.unblock(), transaction.atomic():
        clock(FIRST - timedelta(days=2))
        yield
        transaction.set_rollback(True)


@pytest.fixture
def altered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of 太原's pack that the platform reads instead of ours."""
    copy = Path(shutil.copytree(own_folder() / "taiyuan", tmp_path / "taiyuan"))
    monkeypatch.setattr(django_settings, "POLICY_PACKS", [tmp_path])
    mandates.reload_packs()
    yield copy
    mandates.reload_packs()


def clock(day: date, hour: int = 10) -> None:
    ledger.set_clock(SYSTEM, at=datetime(day.year, day.month, day.day, hour, tzinfo=ZONE))


def rewrite(pack: Path, before: str, after: str) -> None:
    """Change one number in the pack, and have it read anew."""
    file = pack / "clauses" / "4-service-capacity.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count(before) == 1
    file.write_text(text.replace(before, after), encoding="utf-8")
    mandates.reload_packs()


def _by_slug(name: str) -> UUID:
    found = network_queries.institution_by_slug(f"taiyuan-{name}", on=FIRST)
    assert found is not None
    return found


def whole(**more: object) -> queries.Proof:
    return queries.proof(SYSTEM, first=FIRST, last=LAST, area=AREA, **more)


def pool_of(hospital: UUID, code: str = "nfm-zj") -> Pool:
    return Pool.objects.get(institution_id=hospital, code=MARK + code)


def planned(pool: Pool, day: date, units: dict[Channel, int]) -> Planned:
    """An afternoon of the pool."""
    starts = datetime(day.year, day.month, day.day, 14, tzinfo=ZONE)
    return Planned(
        pool_id=pool.id,
        pool_name=pool.name,
        kind=Kind(pool.kind),
        grade=Grade(pool.grade),
        starts=starts,
        ends=starts + timedelta(hours=3),
        capacity=sum(units.values()),
        units=units,
    )


def days_by(proof: queries.Proof, card: str) -> dict[tuple[date, UUID, str], tuple[int, int]]:
    """Offered and kept of every line that the card looks at."""
    return {
        (line.day, line.institution_id, line.resource): (line.offered, owed.kept)
        for line in proof.lines
        for owed in line.owed
        if owed.card == card
    }


def test_every_day_of_the_month_keeps_what_the_text_promises(month: Month) -> None:
    proof = whole()
    assert proof.kept and proof.breaches == ()
    share = {
        LEAD: mandates.packs().parameters["TY-91.reserve_lead_hospital"][0].value,
        ASSISTING: mandates.packs().parameters["TY-92.reserve_assisting_hospital"][0].value,
    }
    for card in (LEAD, ASSISTING):
        found = days_by(proof, card)
        assert {day for day, *_ in found} == {FIRST + timedelta(days=n) for n in range(31)}
        assert {resource for *_, resource in found} == {"expert_slot", "inpatient_bed", "exam_booking"}
        assert all(kept / offered >= share[card] for offered, kept in found.values())
    assert len({institution for _, institution, _ in days_by(proof, LEAD)}) == 10
    assert {institution for _, institution, _ in days_by(proof, ASSISTING)} == {month.assisting}


def test_the_month_was_used_unevenly_and_nothing_was_taken_early(month: Month) -> None:
    assert month.played.hospitals == 11 and month.played.bookings > 1000 and month.played.refused > 0
    clock(LAST + timedelta(days=1))
    proof = whole()
    use = [line.use for line in proof.lines]
    assert sum(each.early for each in use) == 0
    assert sum(each.entitled for each in use) > 0 and sum(each.released for each in use) > 0
    assert sum(each.late for each in use) > 0
    asked = [
        each for each in proof.lines if each.resource != "expert_slot"
    ]  # experts count as visits as well
    assert 0 < sum(each.use.refused for each in asked) <= month.played.refused
    assert any(each.use.refused_reserved for each in asked)
    used = {
        code: sum(each.used for each in Slot.objects.filter(session__pool__code=MARK + code))
        for code in ("xnk-zj", "nfm-zj")
    }
    assert used["xnk-zj"] > 3 * used["nfm-zj"] > 0
    assert queries.drift() == []
    offered = Session.objects.count()
    lay_places(SYSTEM, region="taiyuan", first=FIRST, until=LAST)
    assert Session.objects.count() == offered, "once only"


@pytest.mark.clause("TY-91")
def test_a_planted_schedule_is_shown_with_its_day_and_pool(month: Month) -> None:
    pool, day = pool_of(month.lead), date(2024, 12, 17)
    plant(pool, day, 8)
    proof = whole()
    (breach,) = proof.breaches
    assert (breach.day, breach.institution_id, breach.resource) == (day, month.lead, "expert_slot")
    assert (breach.pools, breach.pool_ids) == ((pool.name,), (pool.id,))
    assert breach.card == LEAD and "TY-91" in breach.clauses
    assert not proof.kept
    states = {v.card.key: v for v in queries.standing("taiyuan", on=day)}
    assert states[LEAD].state is State.VIOLATED and states[LEAD].found == 1
    assert states[ASSISTING].state is State.MET
    assert "阳曲县人民医院" in breach.said.zh and "2024-12-17" in breach.said.zh
    others = queries.proof(SYSTEM, first=FIRST, last=LAST, institution_id=month.assisting)
    assert others.kept


@pytest.mark.clause("TY-92")
def test_a_planted_schedule_of_an_assisting_hospital_is_shown(month: Month) -> None:
    pool, day = pool_of(month.assisting, "nk-cw"), date(2024, 12, 8)
    plant(pool, day, 10)
    (breach,) = whole().breaches
    assert (breach.day, breach.card, breach.pools) == (day, ASSISTING, (pool.name,))


@pytest.mark.parametrize(
    ("number", "hospital", "kept"),
    [
        pytest.param(
            'reserve_lead_hospital, op: ">=", value: 0.20',
            "lead",
            2,
            marks=pytest.mark.clause("TY-91"),
            id="lead",
        ),
        pytest.param(
            'reserve_assisting_hospital, op: ">=", value: 0.10',
            "assisting",
            1,
            marks=pytest.mark.clause("TY-92"),
            id="assisting",
        ),
    ],
)
def test_another_share_in_the_pack_refuses_the_schedule_and_turns_the_proof_red(
    month: Month, altered: Path, number: str, hospital: str, kept: int
) -> None:
    at = getattr(month, hospital)
    pool, day = pool_of(at), date(2024, 12, 16)  # a Monday: no session of it yet
    schedule = [planned(pool, day, {FAMILY: kept, OPEN: 10 - kept})]
    assert whole().kept
    publish(SYSTEM, institution_id=at, planned=schedule)
    Session.objects.filter(pool=pool, day=day).update(state="STOPPED")
    rewrite(altered, number, number.rpartition(" ")[0] + " 0.30")
    with pytest.raises(Refused) as refused:
        publish(SYSTEM, institution_id=at, planned=schedule)
    refusal = refused.value.refusals[0]
    assert refusal.code.endswith("_hospital_keeps_share") and "30%" in refusal.sentence()
    proof = whole()
    assert not proof.kept
    red = {breach.day for breach in proof.breaches if breach.institution_id == at}
    assert len(red) > 20


@pytest.mark.clause("TY-93")
def test_what_is_kept_goes_to_family_doctors_first_until_the_release(month: Month) -> None:
    """A resident of their own is refused what a family doctor gets, until it opens to all; so is a doctor who does not
    answer for the resident any more."""
    pool, day = pool_of(month.lead), date(2024, 12, 16)
    schedule = [planned(pool, day, {FAMILY: 2})]
    (session,) = publish(SYSTEM, institution_id=month.lead, planned=schedule).session_ids
    slot = Slot.objects.get(session_id=session).id
    doctor, (signed, left), other = _people()
    residents.end_doctor(doctor, resident_id=left)
    for who, whom in (other, (doctor, left)):
        with pytest.raises(NoPlace) as lost:
            book(who, slot_id=slot, resident_id=whom)
        assert lost.value.refusals[0].code == "capacity.only_reserved_left"
    assert book(doctor, slot_id=slot, resident_id=signed).drawn is FAMILY
    clock(day, hour=9)
    assert book(other[0], slot_id=slot, resident_id=other[1]).drawn is FAMILY
    (line,) = [
        each
        for each in queries.proof(SYSTEM, first=day, last=day, institution_id=month.lead).lines
        if each.resource == "expert_slot"
    ]
    assert line.use.entitled >= 1 and line.use.late >= 1 and line.use.early == 0
    # Whoever had used it before its release is found out, and where.
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('tiercare.area', '*', true)")
        cursor.execute(
            "UPDATE capacity_booking SET made_at = made_at - interval '3 days' WHERE session_id = %s AND channel = 'OPEN'",
            [session],
        )
        assert cursor.rowcount == 1
    breaches = queries.proof(SYSTEM, first=day, last=day, institution_id=month.lead).breaches
    assert [(each.card, each.pools) for each in breaches] == [("", (pool.name,))]


def _people() -> tuple[Actor, list[UUID], tuple[Actor, UUID]]:
    """A family doctor with two residents of theirs, and a resident who books for themself."""
    with scoped(SYSTEM, area=EVERYWHERE):
        row = ResponsibleDoctor.objects.order_by("id").first()
        assert row is not None
        theirs = ResponsibleDoctor.objects.filter(institution_id=row.institution_id).order_by("id")[:2]
        signed = [each.resident_id for each in theirs]
        taken = set(ResponsibleDoctor.objects.values_list("resident_id", flat=True))
        other = Resident.objects.exclude(id__in=taken).filter(deceased_on=None).order_by("id").first()
        assert other is not None
    doctor = Actor(
        uuid7(), "演示", Role.PRIMARY_DOCTOR.value, row.institution_id, "140122", request_id=uuid7()
    )
    own = Actor(uuid7(), "演示", Role.RESIDENT.value, resident_id=other.id, request_id=uuid7())
    return doctor, signed, (own, other.id)


def test_what_a_stopped_session_kept_is_missed(month: Month) -> None:
    """The day kept enough by one session; with it gone the other is short, and named."""
    kept, bare, day = pool_of(month.lead), pool_of(month.lead, "xnk-zj"), date(2024, 12, 17)
    first, _ = publish(
        SYSTEM,
        institution_id=month.lead,
        planned=[planned(kept, day, {FAMILY: 4, OPEN: 6}), planned(bare, day, {OPEN: 10})],
    ).session_ids
    assert queries.proof(SYSTEM, first=day, last=day, institution_id=month.lead).kept
    done = stop(SYSTEM, session_id=first, reason="医师病假", move=False)
    assert [refusal.code for refusal in done.short] == ["lead_hospital_keeps_share"]
    (breach,) = queries.proof(SYSTEM, first=day, last=day, institution_id=month.lead).breaches
    assert (breach.resource, breach.pools) == ("expert_slot", (bare.name,))


def test_lending_stands_in_the_proof(month: Month) -> None:
    pool, day = pool_of(month.lead), date(2024, 12, 16)
    units = {FAMILY: 5, OPEN: 5}
    (session,) = publish(SYSTEM, institution_id=month.lead, planned=[planned(pool, day, units)]).session_ids
    lend(SYSTEM, session_id=session, source=FAMILY, target=OPEN, units=2, reason="门诊高峰")
    proof = queries.proof(SYSTEM, first=day, last=day, institution_id=month.lead)
    (line,) = [each for each in proof.lines if each.resource == "expert_slot"]
    assert line.use.lent == 2
    assert proof.kept


def test_a_month_costs_as_many_queries_as_a_day(month: Month) -> None:
    def asked(first: date, last: date) -> int:
        with CaptureQueriesContext(connection) as captured:
            queries.proof(SYSTEM, first=first, last=last, area=AREA)
        return len(captured)

    queries.proof(SYSTEM, first=FIRST, last=FIRST, area=AREA)
    assert asked(FIRST, FIRST + timedelta(days=1)) == asked(FIRST, LAST)


def test_who_may_see_it(month: Month) -> None:
    def actor(role: Role, institution: UUID | None, division: str) -> Actor:
        return Actor(uuid7(), "演示", role.value, institution, division, request_id=uuid7())

    office = actor(Role.REFERRAL_OFFICE, month.lead, "140122")
    own = queries.proof(office, first=FIRST, last=LAST)
    assert {line.institution_id for line in own.lines} == {month.lead}
    county = actor(Role.COMMISSION, None, "140122")
    assert {line.institution_id for line in queries.proof(county, first=FIRST, last=LAST).lines} == {
        month.lead
    }
    for who, where in (
        (office, {"institution_id": month.assisting}),
        (office, {"area": AREA}),
        (county, {"area": AREA}),
        (county, {"institution_id": month.assisting}),
        (actor(Role.CLINICIAN, month.lead, "140122"), {}),
        (actor(Role.OPERATOR, None, AREA), {"area": AREA}),
    ):
        with pytest.raises(Refused) as refused:
            queries.proof(who, first=FIRST, last=LAST, **where)
        assert refused.value.refusals[0].status == 403


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (LAST, FIRST, "capacity.proof_ends_before_start"),
        (date(2023, 1, 1), LAST, "capacity.proof_too_long"),
    ],
)
def test_a_period_that_is_none_is_refused(month: Month, first: date, last: date, code: str) -> None:
    with pytest.raises(Refused) as refused:
        queries.proof(SYSTEM, first=first, last=last, area=AREA)
    assert [each.code for each in refused.value.refusals] == [code]
