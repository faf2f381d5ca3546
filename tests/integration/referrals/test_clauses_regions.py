"""Referral, follow-up and the referral part of consortia in every region, each with its own parameters: performed in an area of that
region, between institutions of that region, and again with that region's pack changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tiercare.apps.access.queries import scoped
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.models import Desk
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.exchange.workflow import Act, State
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.models import Membership
from tiercare.apps.records import commands as records
from tiercare.apps.records.models import Encounter
from tiercare.apps.records.rules.entries import Diagnosis
from tiercare.apps.records.rules.vocabulary import ContactKind, Stage, VisitKind
from tiercare.apps.referrals import commands, queries
from tiercare.apps.referrals.queries import statistics as counting
from tiercare.apps.referrals.queries.channels import channels, coverage
from tiercare.apps.referrals.queries.destinations import destinations
from tiercare.apps.referrals.queries.first_contact import asked_at
from tiercare.apps.referrals.queries.hops import hops
from tiercare.apps.referrals.queries.register import register as register_of
from tiercare.apps.referrals.rules.first_contact import Section
from tiercare.engines.guidelines import Direction
from tiercare.engines.payment import Care, Cover, InsuranceKind
from tiercare.engines.policy import PackSet
from tiercare.engines.policy.load import own_folder
from tiercare.kernel.money import Money
from tiercare.kernel.refusal import Refused

from ..capacity.conftest import synthetic_clock
from ..residents.conftest import given
from .counting import SYSTEM
from .regions import Region, codes, known_at, region, says, seen_at

__all__ = ["given", "known_at", "region", "synthetic_clock"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wuhu")]


@pytest.mark.clause("NHC-37")
def test_every_urgency_has_the_times_of_the_region(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nation's pack says them (ours); a region may say others, and only its own requests go by those."""
    hours = {Urgency.EMERGENCY: timedelta(minutes=15), Urgency.URGENT: timedelta(hours=4)}
    for urgency, within in hours.items():
        row = region.up(urgency)
        assert (row.owner_institution, row.due_at) == (region.hospital, row.sent_at + within)
        region.withdraw(row)
    says(region, monkeypatch, "decide_within", ("20m", "5h", "48h"))
    for urgency, within in (
        (Urgency.EMERGENCY, timedelta(minutes=20)),
        (Urgency.URGENT, timedelta(hours=5)),
        (Urgency.ROUTINE, timedelta(hours=48)),
    ):
        row = region.up(urgency)
        assert row.due_at == row.sent_at + within
        region.withdraw(row)


@pytest.mark.clause("XH-46")
def test_an_upward_referral_rests_on_what_the_region_asks(region: Region) -> None:
    nothing = {"ground": {"criterion": "", "severity": "", "beyond": ""}}
    if region.holds("xinhui"):
        with pytest.raises(Refused) as refused:
            region.up(**nothing)
        assert codes(refused) == {"XH-46"}
        assert region.up(ground={"beyond": "capacity"}).state == "SUBMITTED"
    else:
        assert region.up(**nothing).state == "SUBMITTED", "no other text asks for it"


@pytest.mark.clause("XH-42")
def test_a_desk_is_asked_for_where_the_text_asks(region: Region) -> None:
    Desk.objects.filter(institution_id=region.hospital).delete()
    if region.holds("xinhui"):
        with pytest.raises(Refused) as refused:
            region.up()
        assert codes(refused) == {"XH-42"}
    else:
        assert region.up().state == "SUBMITTED"


def going_down(region: Region, stage: Stage) -> UUID:
    """The patient came by a referral, lies at the hospital and is marked."""
    row = region.up(ground={"beyond": "capacity"})
    exchange.turn(region.office, request_id=row.id, act=Act.ACCEPT)
    exchange.turn(region.office, request_id=row.id, act=Act.ARRIVE)
    return records.note_visit(
        region.clinician,
        resident_id=region.resident,
        kind=VisitKind.INPATIENT,
        complaint="胸闷",
        conditions=(Diagnosis("I25.1", "冠状动脉粥样硬化性心脏病"),),
        stage=stage,
        request_id=row.id,
    )


@pytest.mark.clause("NHC-38")
@pytest.mark.clause("YN-52")
def test_who_goes_down_is_the_regions_to_say(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    stay = going_down(region, Stage.POSTOP_RECOVERY)
    for stage in (Stage.ACUTE_RECOVERY, Stage.CRITICAL_STABLE, Stage.CHRONIC_STABLE, Stage.POSTOP_RECOVERY):
        records.set_stage(region.clinician, encounter_id=stay, stage=stage)
        assert [each.encounter_id for each in queries.ready_to_go_down(region.clinician)] == [stay]
    says(region, monkeypatch, "down_groups", ("acute_recovery",))
    assert queries.ready_to_go_down(region.clinician) == []
    records.set_stage(region.clinician, encounter_id=stay, stage=Stage.ACUTE_RECOVERY)
    assert [each.encounter_id for each in queries.ready_to_go_down(region.clinician)] == [stay]


@pytest.mark.clause("XH-47")
@pytest.mark.clause("XH-50")
def test_what_goes_with_a_patient_down_is_the_regions_to_say(region: Region) -> None:
    stay = going_down(region, Stage.POSTOP_RECOVERY)
    down = commands.go_down(region.clinician, encounter_id=stay)
    plan = {"treatment": "氨氯地平 5mg 每日一次"}
    payload = {"reason": "术后恢复良好", "group": "", "plan": plan}
    bare = exchange.Content(to_institution=region.primary, payload=payload)
    if region.holds("xinhui"):
        with pytest.raises(Refused) as refused:
            commands.send(region.clinician, request_id=down.id, content=bare, without_place=True)
        assert codes(refused) == {"XH-47", "XH-50"}
        plan |= {"rehabilitation": "每周步行五次", "nursing": "低盐饮食指导"}
        payload |= {"group": "convalescent", "plan": plan}
        bare = exchange.Content(to_institution=region.primary, payload=payload)
    sent = commands.send(region.clinician, request_id=down.id, content=bare, without_place=True)
    assert sent.state is State.SUBMITTED
    assert sent.owner is not None and sent.owner.institution_id == region.primary


# Which texts may speak for a destination in each region; any other would be a text of elsewhere.
SPEAK = {
    "wuhu": {"WH-15", "WH-16", "WH-26", "WH-31", "WH-45"},
    "taiyuan": {"TY-18", "TY-19", "TY-20"},
    "xinhui": {"XH-48"},
}


@pytest.mark.clause("WH-15")
@pytest.mark.clause("WH-16")
@pytest.mark.clause("WH-26")
def test_where_to_refer_is_sorted_by_the_regions_text_and_never_blocked(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"resident_id": region.resident, "specialty": "03.04", "urgency": Urgency.ROUTINE}
    found = destinations(region.doctor, **asked, direction=Direction.UP)
    assert found, "somebody treats hearts here"
    chain = {clause.id for clause in mandates.packs().clauses_for(region.pack)}
    spoken = {clause for each in found for reason in each.reasons for clause in reason.clauses}
    assert spoken <= chain
    if region.pack in SPEAK:
        own = {each for each in spoken if not each.startswith("NHC")}
        assert own <= SPEAK[region.pack], "of this region's texts"
    says(region, monkeypatch, "destination_order", ("near",))
    near = destinations(region.doctor, **asked, direction=Direction.UP)
    kept = {each.institution_id for each in found}
    assert kept == {each.institution_id for each in near}, "another order, and nobody less"


@pytest.mark.clause("CX-05")
@pytest.mark.clause("TY-69")
@pytest.mark.clause("WH-12")
@pytest.mark.clause("WH-22")
def test_the_channels_of_a_consortium_are_the_texts_of_the_region(region: Region) -> None:
    today = ledger.today()
    own = Membership.objects.filter(
        institution_id=region.hospital,
        role="LEAD",
        consortium_id__in=Membership.objects.filter(
            institution_id=region.primary, period__contains=today
        ).values("consortium_id"),
        period__contains=today,
    ).first()
    assert own is not None
    found = channels(own.consortium_id, on=today)
    kind = own.consortium.kind
    by_region = {
        "chuxiong": {"CX-05"},
        "taiyuan": {"TY-69"},
        "wuhu": {"WH-22"} if kind == "COUNTY_COMMUNITY" else {"WH-12"},
    }
    assert set(found.clauses) == by_region.get(region.pack, set())
    assert region.primary not in {each.institution_id for each in found.closed}, "both have a desk"


@pytest.mark.clause("CX-06")
@pytest.mark.clause("NHC-43")
@pytest.mark.clause("XH-24")
@pytest.mark.clause("YN-22")
@pytest.mark.clause("YN-48")
@pytest.mark.clause("XH-17")
def test_what_is_counted_is_what_the_region_asks(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    found = asked_at(region.area, on=ledger.today())
    assert "NHC-43" in found.clauses[Section.SPECIALIST]
    assert ("CX-06" in found.clauses[Section.CONSORTIA]) is region.holds("chuxiong")
    assert bool(found.clauses[Section.GROUPS]) is bool(found.groups) is region.holds("xinhui")
    assert bool(found.clauses[Section.SIGNED]) is region.holds("yunnan")
    assert bool(hops(region.scope()).levels) is region.holds("yunnan")
    assert ("XH-17" in register_of(region.scope()).clauses) is region.holds("xinhui")
    says(region, monkeypatch, "episode_gap_days", 9)
    seen_at(region)
    with scoped(SYSTEM, area="*"):
        gaps = Encounter.objects.filter(resident_id=region.resident).values_list("episode_gap", flat=True)
        assert sorted(gaps) == [9, 30], "the one before was judged by what held then"


@pytest.mark.clause("XH-128")
@pytest.mark.clause("XH-129")
@pytest.mark.clause("XH-130")
def test_targets_are_the_regions(region: Region) -> None:
    targets = {each.clause: each.target for each in coverage(region.official, on=ledger.today())}
    grown = counting.growth(region.scope(), year=ledger.today().year).target
    asked = {"XH-128": 1.0, "XH-129": 0.8} if region.holds("xinhui") else dict.fromkeys(targets)
    assert targets == asked
    assert (grown is not None) is region.holds("xinhui")


@pytest.mark.clause("TY-66")
def test_follow_up_has_the_levels_of_the_region(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    def planned(level: int) -> UUID:
        due = ledger.today() + timedelta(days=3)
        return records.plan_contact(
            region.doctor, resident_id=region.resident, kind=ContactKind.FOLLOW_UP, due_on=due, level=level
        )

    if not region.holds("taiyuan"):
        assert planned(1)
        return
    assert planned(3)
    with pytest.raises(Refused):
        planned(4)
    says(region, monkeypatch, "followup_levels", 4)
    assert planned(4)


def test_the_deductible_counts_on_as_the_region_says(region: Region, tmp_path: Path) -> None:
    def deductible(paid: int, packs: PackSet | None = None) -> Money:
        found = destinations(
            region.doctor,
            resident_id=region.resident,
            specialty="",
            urgency=Urgency.ROUTINE,
            direction=Direction.UP,
            care=Care.INPATIENT,
            cover=Cover(InsuranceKind.RESIDENT, Money.yuan(paid)),
            packs=packs,
        )
        (hospital,) = (each for each in found if each.institution_id == region.hospital)
        assert hospital.estimate.deductible is not None
        return hospital.estimate.deductible

    whole = deductible(0)
    assert whole > Money.yuan(300) and deductible(300) == whole - Money.yuan(300)
    assert deductible(10_000) == Money(0)
    packs = mandates.packs()
    text = (own_folder() / "xinhui" / "benefits.yaml").read_text("utf-8")
    (tmp_path / "benefits.yaml").write_text(_own_benefits(region.pack, text), "utf-8")
    pack = replace(packs.packs[region.pack], folder=str(tmp_path), digest=f"anew {region.pack}")
    anew = PackSet({**packs.packs, region.pack: pack})
    assert deductible(300, anew) == deductible(0, anew) == whole, "where it begins anew nothing counts on"


def _own_benefits(pack: str, xinhui: str) -> str:
    """A region's own file, in which a referral begins a new episode; of the nation's with all its rates."""
    text = (own_folder() / "cn" / "benefits.yaml").read_text("utf-8") if pack == "cn" else xinhui
    return text.replace("deductible: continuous", "deductible: anew")
