"""Where care begins: every share beside visits counted by hand, and the packs changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.handlers import find
from tiercare.apps.network.models import InstitutionVersion
from tiercare.apps.records import commands as records
from tiercare.apps.records.models import Encounter
from tiercare.apps.records.rules.entries import Diagnosis
from tiercare.apps.records.rules.vocabulary import VisitKind
from tiercare.apps.records.rules.withdrawing import What
from tiercare.apps.referrals.queries.first_contact import first_contact, first_contact_cases
from tiercare.apps.referrals.rules.first_contact import Section
from tiercare.apps.residents import commands as residents
from tiercare.apps.residents.events import ResidentsMerged, ResidentsParted
from tiercare.apps.residents.rules import IdentityKind
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from ..capacity.admitting import altered
from ..records.conftest import Ward, ward
from ..residents.conftest import Site, given, register, site
from .counting import SYSTEM
from .seen import Seen, in_force, last_month, lifted

__all__ = ["given", "register", "site", "ward"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def seen(site: Site) -> Seen:
    InstitutionVersion.objects.filter(institution_id__in=[site.county_hospital, site.stranger]).update(
        level=2
    )
    return Seen(site, last_month())


def month_of(seen: Seen, register: Callable[..., UUID]) -> tuple[UUID, UUID, UUID]:
    """Three residents and ten visits: six episodes, two of which began at the township."""
    one, two, three = register("王小明"), register("李小红"), register("张小军")
    seen.visit(one, "township", "I10", 2)
    seen.visit(one, "county_hospital", "I11.9", 10)  # the same disease: one episode
    seen.visit(one, "county_hospital", "E11", 12)  # another: begins at the hospital
    seen.visit(two, "county_hospital", "I10", 3)
    seen.visit(two, "township", "I10", 8)
    seen.visit(two, "county_hospital", "I10", 20)
    seen.visit(three, "township", "J06", 5)
    seen.visit(three, "township", "J06", 27)
    seen.visit(three, "stranger", "K35", 6, kind="EMERGENCY")
    seen.visit(three, "county_hospital", "N20", 22, request_id=uuid7())
    return one, two, three


def shares(seen: Seen, section: Section, **of: object) -> list[tuple[int, int]]:
    """Numerator and denominator of each month of one consortium (or of all) or group."""
    wanted = {"consortium_id": None, "group": ""} | of
    lines = first_contact(seen.scope()).sections.get(section, ())
    return [
        (each.part, each.whole)
        for each in lines
        if all(getattr(each, name) == value for name, value in wanted.items())
    ]


@pytest.mark.clause("CX-06")
def test_the_share_of_first_contact_by_consortium_and_month(
    seen: Seen, register: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force("chuxiong")
    own = seen.consortium()
    assert shares(seen, Section.CONSORTIA, consortium_id=own) == [], "of nothing there is no share"
    month_of(seen, register)
    found = first_contact(seen.scope())
    assert found.asked.clauses[Section.CONSORTIA] == ("CX-06", "NHC-43")
    (line,) = (each for each in found.sections[Section.CONSORTIA] if each.consortium_id == own)
    assert (line.part, line.whole, line.since, bool(line.name)) == (2, 5, seen.month, True)
    assert line.share == 2 / 5
    asked = {"section": Section.CONSORTIA, "consortium_id": own}
    listed, total = first_contact_cases(seen.scope(), **asked)
    assert (total, [each.counted for each in listed].count(True)) == (5, 2)
    assert first_contact_cases(seen.scope(), **asked, counted=False)[1] == 3
    assert [each.problem for each in listed] == ["N20", "diabetes", "J06", "hypertension", "hypertension"]

    lifted(monkeypatch, "CX-06")
    assert first_contact(seen.scope()).asked.clauses[Section.CONSORTIA] == ("NHC-43",)


@pytest.mark.clause("CX-06")
def test_how_far_apart_an_episode_reaches_is_the_packs_to_say(
    seen: Seen, register: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force("chuxiong")
    altered(monkeypatch, "NHC-43", episode_gap_days=7)
    month_of(seen, register)
    # Eight days later it is another episode: of one at the hospital, of two on the 20th; and of three on the 27th.
    assert shares(seen, Section.CONSORTIA, consortium_id=seen.consortium()) == [(3, 8)]


@pytest.mark.clause("CX-06")
def test_each_visit_stores_where_its_episode_began_however_late_it_is_entered(
    ward: Ward, register: Callable[..., UUID]
) -> None:
    ward.at_hospital()
    now = ledger.now()
    hospital = ward.visit(ward.clinician, started_at=now - timedelta(days=3))
    assert began(hospital) == (hospital, ward.site.county_hospital)
    earlier = ward.visit(started_at=now - timedelta(days=20))
    assert began(hospital) == began(earlier) == (earlier, ward.site.township), "what came late stands first"
    other = ward.visit(conditions=[Diagnosis("J06", "急性上呼吸道感染")], started_at=now - timedelta(days=1))
    assert began(other) == (other, ward.site.township), "another problem is another episode"
    stay = ward.visit(ward.clinician, kind=VisitKind.INPATIENT, started_at=now - timedelta(days=90))
    assert began(earlier) == (stay, ward.site.county_hospital), "a stay that goes on is not over"
    records.end_encounter(ward.clinician, encounter_id=stay, ended_at=now - timedelta(days=80))
    assert began(earlier) == (earlier, ward.site.township)


def began(encounter_id: UUID) -> tuple[UUID | None, UUID | None]:
    """The visit that opened the episode, and the institution."""
    with scoped(SYSTEM, area="*"):
        row = Encounter.objects.get(id=encounter_id)
    return row.episode_id, row.first_contact_id


def test_a_visit_that_was_withdrawn_opens_nothing(ward: Ward) -> None:
    now = ledger.now()
    wrong = ward.visit(started_at=now - timedelta(days=5))
    right = ward.visit(started_at=now - timedelta(days=1))
    assert began(right)[0] == wrong
    records.withdraw(ward.doctor, what=What.VISIT, entry_id=wrong, reason="记错患者")
    assert began(right) == (right, ward.site.township)


def test_entries_of_one_person_share_their_episodes_until_they_are_parted(
    seen: Seen, register: Callable[..., UUID]
) -> None:
    passport = {"identity_kind": IdentityKind.PASSPORT, "number": "E12345678"}
    one, other = register("王小明"), register("李晓红", birth_date=date(1990, 1, 1), **passport)
    first = seen.visit(one, "township", "I10", 2)
    second = seen.visit(other, "county_hospital", "I10", 9)
    assert began(second)[0] == second
    keeper = seen.site.actor(Role.INDEX_KEEPER)
    merge = residents.merge(keeper, kept_id=other, merged_id=one, reason="同一人，核对过证件")
    told(ResidentsMerged.KIND, other)
    assert began(second) == (first, seen.site.township)
    residents.part(keeper, merge_id=merge, reason="核对有误")
    told(ResidentsParted.KIND, other)
    assert began(second) == (second, seen.site.county_hospital)


def told(kind: str, resident: UUID) -> None:
    """What the dispatcher does after the commit."""
    (event,) = ledger.events(kind=kind, subject_id=resident, limit=1)
    find("records.after_merge")(event)


@pytest.mark.clause("NHC-43")
def test_specialist_visits_after_primary_care_or_a_referral(
    seen: Seen, register: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    month_of(seen, register)
    own, quarter = seen.consortium(), date(seen.month.year, (seen.month.month - 1) // 3 * 3 + 1, 1)
    (line,) = (
        each for each in first_contact(seen.scope()).sections[Section.SPECIALIST] if each.consortium_id == own
    )
    # Of five at the hospital: one came from the township (10th), two in between (20th), three by a referral (22nd).
    assert (line.part, line.whole, line.since) == (3, 5, quarter)
    listed, total = first_contact_cases(
        seen.scope(), section=Section.SPECIALIST, consortium_id=own, counted=True
    )
    assert (total, [each.at.day for each in listed]) == (3, [22, 20, 10])
    altered(monkeypatch, "NHC-43", specialist_level=3)
    assert shares(seen, Section.SPECIALIST, consortium_id=own) == []
    lifted(monkeypatch, "NHC-43")
    assert Section.SPECIALIST not in first_contact(seen.scope()).sections


@pytest.mark.clause("XH-24")
def test_first_contact_in_total_and_of_the_five_groups(
    seen: Seen, register: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force("xinhui")
    altered(monkeypatch, "NHC-43", least_shown=1)
    month_of(seen, register)
    old = register("赵爷爷", birth_date=date(1944, 5, 17))
    mother, ill = register("孙小丽"), register("周小平")
    child = register("吴小宝", birth_date=seen.month.replace(year=seen.month.year - 5))
    seen.entered(mother, "pregnant")
    seen.entered(ill, "severe_mental")
    for resident, place, code in (
        (old, "township", "M17"),
        (old, "county_hospital", "H25"),
        (mother, "county_hospital", "Z34"),
        (child, "township", "J06"),
        (ill, "township", "F20"),
        (ill, "county_hospital", "K29"),
    ):
        seen.visit(resident, place, code, 15)
    groups = {
        name: shares(seen, Section.GROUPS, group=name)
        for name in ("", "hypertension", "diabetes", "severe_mental", "elderly", "maternal_child")
    }
    assert groups == {
        "": [(5, 11)],
        "hypertension": [(1, 2)],
        "diabetes": [(0, 1)],
        "severe_mental": [(1, 2)],
        "elderly": [(1, 2)],
        "maternal_child": [(1, 2)],
    }
    altered(monkeypatch, "XH-24", groups=("hypertension",))
    assert {each.group for each in first_contact(seen.scope()).sections[Section.GROUPS]} == {
        "",
        "hypertension",
    }
    lifted(monkeypatch, "XH-24")
    assert Section.GROUPS not in first_contact(seen.scope()).sections


@pytest.mark.clause("XH-24")
def test_a_few_people_of_a_group_are_not_shown(
    seen: Seen, register: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force("xinhui")
    month_of(seen, register)
    (line,) = (
        each for each in first_contact(seen.scope()).sections[Section.GROUPS] if each.group == "hypertension"
    )
    assert (line.hidden, line.part, line.whole, line.share) == (True, 0, 0, None)
    asked = {"section": Section.GROUPS, "group": "hypertension"}
    with pytest.raises(Refused, match="too_few"):
        first_contact_cases(seen.scope(), **asked)
    altered(monkeypatch, "NHC-43", least_shown=2)
    assert first_contact_cases(seen.scope(), **asked)[1] == 2


@pytest.mark.clause("YN-48")
def test_who_has_signed_and_where_they_went_first(
    seen: Seen, register: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force("yunnan")
    one, two, three = month_of(seen, register)
    for resident in (one, two):
        seen.signed(resident)
    own = seen.consortium()
    # Of one: the township, then the hospital for another disease; of two: the hospital. The third has not signed.
    assert shares(seen, Section.SIGNED, consortium_id=own) == [(1, 3)]
    seen.signed(three)
    # Their first contact elsewhere counts as well, below the line only.
    assert shares(seen, Section.SIGNED, consortium_id=own) == [(2, 6)]
    assert shares(seen, Section.SIGNED) == [(2, 6)]
    lifted(monkeypatch, "YN-48")
    assert Section.SIGNED not in first_contact(seen.scope()).sections


def test_an_area_that_asks_for_nothing_lists_nothing(seen: Seen) -> None:
    assert set(first_contact(seen.scope()).sections) == {Section.CONSORTIA, Section.SPECIALIST}
    with pytest.raises(Refused, match="not_asked"):
        first_contact_cases(seen.scope(), section=Section.SIGNED)
