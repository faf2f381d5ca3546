"""The order of destinations is that of the region's text, and another one where the text is another."""

from __future__ import annotations

from uuid import UUID

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.rules import Role
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network.models import (
    Facility,
    Membership,
)
from tiercare.apps.network.rules import Affiliation, Category, Owner
from tiercare.apps.referrals.queries.destinations import objection
from tiercare.engines.guidelines import Direction
from tiercare.engines.policy import PackSet

from ..residents.conftest import Site, given, register, site
from .places import (
    CARDIOLOGY,
    NEPHROLOGY,
    NEUROLOGY,
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
    licensed,
    person,
    said,
    up,
    version,
)

__all__ = ["Site", "given", "known_at", "register", "site"]


@pytest.mark.clause("WH-15")
def test_every_hospital_from_the_second_level_on_is_on_the_list(wuhu, known_at) -> None:
    centre = at("wuhu-jinghu_zheshan")
    doctor, resident = person(centre), known_at(centre)
    found = up(doctor, resident, NEUROLOGY)
    assert set(ids(found)) == licensed(NEUROLOGY, level=2)
    assert {each.owner for each in up(doctor, resident, CARDIOLOGY)} == set(Owner)
    assert Category.PSYCHIATRIC in {each.category for each in found}
    assert all(allowed(doctor, resident, each, NEUROLOGY) for each in ids(found))
    apart = [each for each in found if not each.ties]
    assert apart
    assert all("WH-15" in by(found, each.institution_id)["free_choice"] for each in apart)
    # Packs that name another level, or no other kinds.
    tertiary = up(doctor, resident, NEUROLOGY, packs=altered("WH-15.target_tier", 3))
    assert set(ids(tertiary)) == licensed(NEUROLOGY, level=3)
    assert {each.level for each in found} > {each.level for each in tertiary}
    general = altered("WH-15.includes", ())
    assert {each.owner for each in up(doctor, resident, CARDIOLOGY, packs=general)} == {Owner.PUBLIC}
    assert Category.PSYCHIATRIC not in {
        each.category for each in up(doctor, resident, NEUROLOGY, packs=general)
    }


@pytest.mark.clause("WH-16")
def test_the_own_lead_of_the_city_is_first_and_no_other_is_barred(wuhu, known_at) -> None:
    centre, lead = at("wuhu-jinghu_zheshan"), at("wuhu-second_hospital")
    away(lead, of=centre, km=55)
    doctor, resident = person(centre), known_at(centre)
    found = up(doctor, resident, NEPHROLOGY, tier=3)
    assert ids(found)[0] == lead
    assert by(found, lead)["own_lead"] == ("WH-16",)
    tertiary = licensed(NEPHROLOGY, level=3)
    assert tertiary <= set(ids(found))
    of_the_province = [each for each in found if each.affiliation is Affiliation.PROVINCE and each.level == 3]
    assert len(of_the_province) == said("WH-16.provincial_hospitals")
    for each in of_the_province:
        assert "WH-16" in by(found, each.institution_id)["free_choice"]
    assert all(allowed(doctor, resident, each, NEPHROLOGY) for each in tertiary)
    # A pack that prefers nobody: the lead stands where its distance puts it, and the same can be chosen.
    other = up(doctor, resident, NEPHROLOGY, tier=3, packs=altered("WH-16.preferred", "none"))
    assert set(ids(other)) == set(ids(found))
    assert ids(other)[0] != lead
    assert by(other, lead)["own_lead"] == ()


@pytest.mark.clause("WH-26")
def test_the_own_lead_of_the_county_is_first_and_no_other_is_barred(site, register) -> None:
    own, other = at("wuhu-nanling_hospital"), at("wuhu-nanling_tcm_hospital")
    leads = {own, other}
    assert site.county_hospital in leads
    own, other = site.county_hospital, (leads - {site.county_hospital}).pop()
    away(own, of=site.township, km=50)
    away(other, of=site.township, km=5)
    doctor, resident = site.actor(Role.PRIMARY_DOCTOR), register()
    found = up(doctor, resident, CARDIOLOGY)
    assert ids(found)[0] == own
    assert by(found, own)["own_lead"] == ("WH-26",)
    assert "WH-26" in by(found, other)["free_choice"]
    assert all(allowed(doctor, resident, each, CARDIOLOGY) for each in leads)
    plain = up(doctor, resident, CARDIOLOGY, packs=altered("WH-26.preferred", "none"))
    assert set(ids(plain)) == set(ids(found))
    assert ids(plain).index(other) < ids(plain).index(own)


@pytest.mark.clause("WH-31")
def test_the_partner_of_a_community_goes_before_other_hospitals(site, known_at) -> None:
    """南陵县人民医院 leads a community that joined 弋矶山医院's urban–rural consortium as a whole."""
    lead, partner = at("wuhu-nanling_hospital"), at("wuhu-yijishan_hospital")
    others = licensed(NEPHROLOGY, level=3) - {partner}
    away(partner, of=lead, km=55)
    for each in others:
        away(each, of=lead, km=20)
    doctor, resident = person(lead, Role.CLINICIAN), known_at(lead)
    found = up(doctor, resident, NEPHROLOGY, tier=3)
    assert ids(found)[0] == partner
    assert by(found, partner)["partner"] == ("WH-31",)
    assert others < set(ids(found))
    plain = up(doctor, resident, NEPHROLOGY, tier=3, packs=altered("WH-31.priority", ()))
    assert ids(plain)[0] in others
    assert by(plain, partner)["partner"] == ()


@pytest.mark.clause("WH-45")
def test_the_lead_of_an_alliance_receives_from_any_area(site, register) -> None:
    """市二院 leads the alliance of neurology and shares no consortium of care with the township."""
    lead = at("wuhu-second_hospital")
    change(lead, division_code="340302", lng=117.3, lat=32.9)  # further than any other, in another prefecture
    doctor, resident = site.actor(Role.PRIMARY_DOCTOR), register()
    found = up(doctor, resident, NEUROLOGY, tier=3)
    assert ids(found)[0] == lead
    assert by(found, lead)["alliance"] == ("WH-45",)
    assert allowed(doctor, resident, lead, NEUROLOGY)
    bound = up(doctor, resident, NEUROLOGY, tier=3, packs=altered("WH-45.area_limit", "own_area"))
    assert set(ids(found)) - set(ids(bound)) == {lead}
    # For another specialty its alliance says nothing.
    assert lead not in ids(up(doctor, resident, NEPHROLOGY, tier=3))


@pytest.mark.clause("XH-48")
def test_an_emergency_goes_straight_to_the_nearest_able_hospital(known_at, django_assert_num_queries) -> None:
    lay_down("xinhui")
    centre = at("xinhui-xinhui_siqian")
    hospitals = [
        at(f"xinhui-{each}") for each in ("xinhui_second_hospital", "xinhui_tcm_hospital", "xinhui_hospital")
    ]
    unable = at("xinhui-demo_xinhui_private_hospital")  # level two, but no emergency department
    for km, each in zip((2, 5, 10, 30), [unable, *hospitals], strict=True):
        away(each, of=centre, km=km)
    doctor, resident = person(centre), known_at(centre)
    asked = {"urgency": Urgency.EMERGENCY, "tier": 1}

    def order(packs: PackSet | None = None, **more) -> list[UUID]:
        found = up(doctor, resident, CARDIOLOGY, **(asked | {"packs": packs} | more))
        return [each for each in ids(found) if each in hospitals]

    with django_assert_num_queries(4):  # no place is asked for, nor waited for
        found = up(doctor, resident, CARDIOLOGY, **asked)
    assert order() == hospitals
    assert by(found, hospitals[0])["nearest"] == ("XH-48",)
    assert all(each.level >= said("XH-48.target_tier") for each in found)
    assert ids(found)[3] == unable
    assert "no_emergency" in by(found, unable)
    assert all(each.first is None for each in found)
    # Another level in the pack: its hospital goes first, however far.
    change(hospitals[2], level=3)
    assert order() == hospitals
    assert order(altered("XH-48.target_tier", 3)) == [hospitals[2], *hospitals[:2]]
    # A pack that does not ask for the nearest: the order of any other referral, the resident's wish first.
    wish = {"wish": hospitals[1]}
    assert order(**wish) == hospitals
    assert order(altered("XH-48.nearest", False), **wish)[0] == hospitals[1]


@pytest.mark.clause("TY-19")
def test_in_taiyuan_lead_and_collaborator_of_the_group_receive_first(known_at) -> None:
    """TY-19, the part of it that is about receiving: both go before a hospital that is nearer."""
    lay_down("taiyuan")
    centre = at("taiyuan-yingze_wenmiao")
    lead, collaborator = at("taiyuan-yingze_hospital"), at("taiyuan-shanxi_first_hospital")
    nearer = at("taiyuan-taiyuan_central_hospital")
    for km, each in ((3, nearer), (20, lead), (30, collaborator)):
        away(each, of=centre, km=km)
    doctor, resident = person(centre), known_at(centre)

    def order(packs: PackSet | None = None) -> list[UUID]:
        found = up(doctor, resident, "03", packs=packs)
        return [each for each in ids(found) if each in {lead, collaborator, nearer}]

    assert order() == [lead, collaborator, nearer]
    assert order(altered("TY-19.roles", ("lead",))) == [lead, nearer, collaborator]
    assert order(altered("TY-19.functions", ("complex_disease",))) == [nearer, lead, collaborator]


@pytest.mark.clause("TY-20")
def test_in_taiyuan_only_members_with_the_function_are_offered_below(known_at) -> None:
    lay_down("taiyuan")
    lead = at("taiyuan-yingze_hospital")
    office, resident = person(lead, Role.REFERRAL_OFFICE), known_at(lead)
    members = set(
        Membership.objects.filter(
            consortium__slug="taiyuan-city-yingze", role="MEMBER", period__contains=ledger.today()
        ).values_list("institution_id", flat=True)
    )
    assert members

    def shown(*functions: str, packs: PackSet | None = None) -> set[UUID]:
        return set(ids(down(office, resident, functions=functions, packs=packs)))

    own, other = at("taiyuan-yingze_wenmiao"), at("taiyuan-xinghualing_julun")
    for each in (own, other):
        Facility.objects.filter(institution_id=each, kind="chronic_management").delete()
        since = DateRange(ledger.today(), None)
        Facility.objects.create(institution_id=each, kind="chronic_management", period=since)
    functions = said("TY-20.functions")
    for word in functions:
        assert shown(word) <= members, word
    assert own in shown("chronic")
    # A pack that does not name the function of members: whoever offers it is offered.
    without = tuple(each for each in functions if each != "chronic")
    open_to_all = shown("chronic", packs=altered("TY-20.functions", without))
    assert {own, other} <= open_to_all
    assert other not in shown("chronic")
    # Asked for nothing in particular it is continuing care, which the text names too.
    assert shown() == {
        each for each in members if version(each).category in {"TOWNSHIP_CENTRE", "COMMUNITY_CENTRE"}
    }
    assert other in shown(packs=altered("TY-20.functions", ("common",)))
    # Who does not offer it is refused, member or not.
    Facility.objects.filter(institution_id=own).delete()
    assert own not in shown("chronic")
    refusal = objection(
        office,
        resident_id=resident,
        institution_id=own,
        specialty="",
        direction=Direction.DOWN,
        functions=["chronic"],
    )
    assert refusal is not None
    assert refusal.code == "referrals.not_offered"
