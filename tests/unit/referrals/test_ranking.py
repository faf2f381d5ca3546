"""The order of destinations: whatever a consortium is, it moves somebody up and never out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.network.rules import Affiliation, Category, Kind, Owner, Role
from tiercare.apps.referrals.rules.functions import ABOVE, FUNCTIONS, offered
from tiercare.apps.referrals.rules.preferences import Criterion, Preferences, preferences_of
from tiercare.apps.referrals.rules.ranking import (
    Ask,
    Belonging,
    Candidate,
    Standing,
    Tie,
    in_order,
    is_own_receiver,
    listed,
    minutes,
    objection,
    order_of,
    wanted_level,
)
from tiercare.apps.referrals.rules.reasons import reasons
from tiercare.engines.guidelines import Direction
from tiercare.engines.payment import Estimate
from tiercare.engines.policy import load_packs
from tiercare.kernel.ids import stable_id
from tiercare.kernel.money import Money
from tiercare.kernel.text import Text

ON = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
PACKS = load_packs()
REGIONS = {pack.id: preferences_of(PACKS, pack.id, on=ON) for pack in PACKS}
SENDER = UUID(int=1)
UP = Ask(SENDER, Direction.UP, Urgency.ROUTINE, "340223")

belongings = st.builds(Belonging, st.sampled_from(Kind), st.sampled_from(Role), st.sampled_from(Standing))
estimates = st.none() | st.integers(0, 10**7).map(
    lambda fen: Estimate(True, Text("估算", "estimate"), out_of_pocket=Money(fen))
)
hospitals = st.builds(
    Candidate,
    institution_id=st.integers(2, 10**9).map(lambda n: UUID(int=n)),
    name=st.sampled_from(["甲", "乙", "丙"]),
    level=st.integers(0, 3),
    category=st.sampled_from(sorted(ABOVE)),
    owner=st.sampled_from(Owner),
    affiliation=st.sampled_from(Affiliation),
    division=st.sampled_from(["340223", "340202", "340302"]),
    licensed=st.booleans(),
    open=st.booleans(),
    offers=st.frozensets(st.sampled_from(sorted(FUNCTIONS)), max_size=3),
    key_rank=st.sampled_from(["", "NATIONAL", "PROVINCIAL", "PREFECTURE"]),
    belongings=st.lists(belongings, max_size=3).map(tuple),
    alliance=st.booleans(),
    leads_county=st.booleans(),
    emergency=st.booleans(),
    doctor=st.booleans(),
    wished=st.booleans(),
    km=st.none() | st.floats(0, 400),
    first_at=st.none() | st.integers(0, 13).map(lambda n: NOW + timedelta(days=n)),
    estimate=estimates,
)
regions = st.sampled_from(sorted(REGIONS)).map(REGIONS.__getitem__)
asks = st.builds(
    Ask,
    st.just(SENDER),
    st.sampled_from(Direction),
    st.sampled_from(Urgency),
    st.sampled_from(["340223", "340202"]),
    st.none() | st.integers(0, 3),
    st.frozensets(st.sampled_from(sorted(FUNCTIONS)), max_size=2),
)
ups = asks.map(lambda ask: replace(ask, direction=Direction.UP))


def candidate(name: str = "示例医院", **more: object) -> Candidate:
    values: dict[str, object] = {
        "institution_id": stable_id("candidate", name),
        "name": name,
        "level": 2,
        "category": Category.GENERAL,
        "owner": Owner.PUBLIC,
        "affiliation": Affiliation.COUNTY,
        "division": "340223",
        "km": 10.0,
    }
    return Candidate(**(values | more))


def names(candidates: list[Candidate], ask: Ask, preferences: Preferences) -> list[str]:
    return [each.name for each in in_order(candidates, ask, preferences)]


@given(st.lists(hospitals, max_size=8), ups, regions)
def test_a_consortium_never_takes_anybody_off_the_list(
    found: list[Candidate], ask: Ask, region: Preferences
) -> None:
    """With any memberships taken away from anybody, the same institutions can be chosen."""
    without = [replace(each, belongings=(), alliance=False) for each in found]
    shown = {each.institution_id for each in in_order(found, ask, region)}
    assert {each.institution_id for each in in_order(without, ask, region)} == shown


@given(hospitals, asks, st.lists(belongings, max_size=3).map(tuple), st.booleans())
def test_no_rule_looks_at_consortia_to_refuse(
    found: Candidate, ask: Ask, others: tuple[Belonging, ...], alliance: bool
) -> None:
    other = replace(found, belongings=others, alliance=alliance)
    assert objection(other, ask) == objection(found, ask)


@given(hospitals, ups)
def test_only_four_things_stand_against_a_destination(found: Candidate, ask: Ask) -> None:
    allowed = replace(found, open=True, licensed=True)
    assert objection(allowed, ask) is None
    against = {
        "exchange.deceased": objection(allowed, ask, deceased=True),
        "exchange.to_oneself": objection(replace(allowed, institution_id=SENDER), ask),
        "exchange.receiver_closed": objection(replace(allowed, open=False), ask),
        "referrals.not_licensed": objection(replace(allowed, licensed=False), ask),
    }
    for code, refusal in against.items():
        assert refusal is not None
        assert refusal.code == code
        for language in ("zh", "en"):
            assert refusal.sentence(language)
            assert refusal.way_on(language)


@given(hospitals, ups)
def test_any_hospital_of_the_level_is_shown_whoever_owns_it(found: Candidate, ask: Ask) -> None:
    able = replace(found, open=True, licensed=True)
    region = REGIONS["wuhu"]
    assert listed(able, ask, region) or able.level < region.level


@given(st.lists(hospitals, max_size=8), asks, regions, st.randoms(use_true_random=False))
def test_the_same_facts_give_the_same_order(found, ask, region, shuffle) -> None:
    known = {each.institution_id: each for each in found}
    first = in_order(known.values(), ask, region)
    others = list(known.values())
    shuffle.shuffle(others)
    assert in_order(others, ask, region) == first


@given(st.lists(hospitals, max_size=8), regions, st.none() | st.integers(2, 3))
def test_an_emergency_goes_to_the_nearest_that_is_able(
    found: list[Candidate], region: Preferences, tier: int | None
) -> None:
    ask = replace(UP, urgency=Urgency.EMERGENCY, tier=tier)
    shown = in_order(found, ask, region)
    wanted = wanted_level(ask, region) or 0
    fit = [each for each in shown if each.level >= wanted and each.emergency]
    if fit:
        away = [minutes(each, region) for each in fit]
        assert shown[0] in fit
        assert away[0] == min((each for each in away if each is not None), default=None)


@given(hospitals, asks, regions)
def test_every_reason_can_be_said_and_its_clauses_exist(
    found: Candidate, ask: Ask, region: Preferences
) -> None:
    told = reasons(found, ask, region)
    assert len({each.code for each in told}) == len(told)
    for each in told:
        assert set(each.clauses) <= set(PACKS.clause)
        for language in ("zh", "en"):
            assert "{" not in each.sentence(language)


def test_every_region_has_an_order_of_known_criteria() -> None:
    for region in REGIONS.values():
        for ask in (UP, replace(UP, urgency=Urgency.EMERGENCY), replace(UP, direction=Direction.DOWN)):
            order = order_of(ask, region)
            assert order
            assert len(set(order)) == len(order)
            assert set(order) <= set(Criterion)


def test_each_region_says_what_its_own_text_says() -> None:
    wuhu, xinhui, taiyuan = (REGIONS[each] for each in ("wuhu", "xinhui", "taiyuan"))
    assert wuhu.own_lead == {Kind.CITY_GROUP: "WH-16", Kind.COUNTY_COMMUNITY: "WH-26"}
    assert (wuhu.level_by, wuhu.partner_by, wuhu.alliance_by) == ("WH-15", "WH-31", "WH-45")
    assert (xinhui.nearest_by, xinhui.emergency_level) == ("XH-48", 2)
    assert taiyuan.receivers == {Role.LEAD, Role.COLLABORATOR}
    assert (taiyuan.receivers_by, taiyuan.continuing_by) == ("TY-19", "TY-20")
    for silent in (REGIONS["cn"], xinhui, taiyuan):
        assert not silent.own_lead
        assert not silent.partner_by
    # Before the text was issued, it says nothing.
    assert not preferences_of(PACKS, "wuhu", on=date(2019, 6, 24)).own_lead


OWN_LEAD = (Belonging(Kind.COUNTY_COMMUNITY, Role.LEAD, Standing.OWN),)
PARTNER = (Belonging(Kind.URBAN_RURAL, Role.LEAD, Standing.ABOVE),)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"wished": True}, {"level": 3, "belongings": OWN_LEAD}),
        ({"level": 3}, {"first_at": NOW}),
        ({"first_at": NOW}, {"belongings": OWN_LEAD}),
        ({"belongings": OWN_LEAD, "km": 50.0}, {"alliance": True}),
        ({"alliance": True, "km": 50.0}, {"belongings": PARTNER}),
        ({"belongings": PARTNER, "km": 50.0}, {"key_rank": "NATIONAL"}),
        ({"first_at": NOW, "km": 50.0}, {"first_at": NOW + timedelta(days=1), "key_rank": "NATIONAL"}),
        ({"key_rank": "NATIONAL", "km": 50.0}, {"key_rank": "PROVINCIAL"}),
        ({"km": 9.0}, {}),
        ({}, {"km": None}),
    ],
)
def test_the_criteria_come_one_after_the_other(better: dict, worse: dict) -> None:
    wuhu = REGIONS["wuhu"]
    low = {"level": 2}
    found = [candidate("乙", **(low | worse)), candidate("甲", **(low | better))]
    assert names(found, replace(UP, tier=3), wuhu) == ["甲", "乙"]  # by name alone, 乙 would be first


def test_of_equals_the_cheaper_goes_first() -> None:
    dear, cheap = (
        candidate(name, estimate=Estimate(True, Text("", ""), out_of_pocket=Money.yuan(yuan)))
        for name, yuan in (("甲", 300), ("乙", 200))
    )
    assert names([dear, cheap], UP, REGIONS["wuhu"]) == ["乙", "甲"]


def test_an_altered_order_of_the_pack_is_followed() -> None:
    near, wished = candidate("近", km=1.0), candidate("愿", wished=True)
    region = REGIONS["wuhu"]
    assert names([near, wished], UP, region) == ["愿", "近"]
    assert names([near, wished], UP, replace(region, order=(Criterion.NEAR, Criterion.WISH))) == ["近", "愿"]


def test_the_own_lead_is_first_only_where_a_text_says_so() -> None:
    lead = candidate(belongings=OWN_LEAD)
    assert is_own_receiver(lead, REGIONS["wuhu"]) == "WH-26"
    assert not is_own_receiver(lead, REGIONS["xinhui"])
    assert not is_own_receiver(replace(lead, belongings=PARTNER), REGIONS["wuhu"])
    telemedicine = (Belonging(Kind.TELEMEDICINE_NETWORK, Role.LEAD, Standing.OWN),)
    assert not is_own_receiver(replace(lead, belongings=telemedicine), REGIONS["taiyuan"])


def test_a_wish_and_the_residents_own_doctor_are_always_shown() -> None:
    low = candidate(level=0, category=Category.TOWNSHIP_CENTRE)
    assert not listed(low, UP, REGIONS["wuhu"])
    assert listed(replace(low, wished=True), UP, REGIONS["wuhu"])
    assert not listed(replace(low, open=False, wished=True), UP, REGIONS["wuhu"])
    assert not listed(replace(low, doctor=True), UP, REGIONS["wuhu"])  # nobody is sent up to their own doctor
    down = replace(UP, direction=Direction.DOWN, functions=frozenset({"chronic"}))
    for more in ({"wished": True}, {"doctor": True}):
        assert listed(replace(low, offers=frozenset({"chronic"}), **more), down, REGIONS["taiyuan"])
    assert not listed(replace(low, offers=frozenset({"chronic"})), down, REGIONS["taiyuan"])
    # Who belongs to no group has no members to send to; what the text does not name of members anybody may do.
    assert listed(
        replace(low, offers=frozenset({"chronic"})), replace(down, grouped=False), REGIONS["taiyuan"]
    )
    assert not listed(low, replace(down, functions=frozenset()), REGIONS["taiyuan"])
    hospice = frozenset({"hospice"})
    assert listed(replace(low, offers=hospice), replace(down, functions=hospice), REGIONS["taiyuan"])


def test_downwards_the_responsible_doctor_comes_first_then_ones_own() -> None:
    down = replace(UP, direction=Direction.DOWN)
    own = (Belonging(Kind.COUNTY_COMMUNITY, Role.MEMBER, Standing.OWN),)
    found = [
        candidate("远", level=1, km=30.0),
        candidate("近", level=1, km=1.0),
        candidate("员", level=1, km=20.0, belongings=own),
        candidate("医", level=1, km=40.0, doctor=True),
    ]
    for name, region in REGIONS.items():
        told = (
            ["医", "员"] if name == "taiyuan" else ["医", "员", "近", "远"]
        )  # there only to members (TY-20)
        assert names(found, down, region) == told
        assert names(found, replace(down, grouped=False), region) == ["医", "员", "近", "远"]


def test_what_is_needed_below_must_be_offered() -> None:
    down = replace(UP, direction=Direction.DOWN, functions=frozenset({"rehabilitation"}))
    able, other = candidate("甲", offers=frozenset({"rehabilitation", "nursing"})), candidate("乙")
    assert names([able, other], down, REGIONS["wuhu"]) == ["甲"]
    refusal = objection(other, down)
    assert refusal is not None
    assert refusal.code == "referrals.not_offered"


@pytest.mark.parametrize(
    ("word", "category", "specialties", "facilities"),
    [
        ("rehabilitation", Category.TOWNSHIP_CENTRE, {"21"}, set()),
        ("rehabilitation", Category.REHABILITATION, set(), set()),
        ("nursing", Category.TOWNSHIP_CENTRE, set(), {"nursing_service"}),
        ("continuing_care", Category.TOWNSHIP_CENTRE, set(), set()),
        ("common", Category.COMMUNITY_CENTRE, set(), set()),
        ("emergency_rescue", Category.TOWNSHIP_CENTRE, {"20"}, set()),
        ("mental_health", Category.COMMUNITY_CENTRE, set(), {"social_psychology"}),
    ],
)
def test_registers_show_what_is_offered(word, category, specialties, facilities) -> None:
    assert word in offered(category, specialties, facilities)
    assert word not in offered(Category.GENERAL, set(), set())


def test_ties_are_told_apart() -> None:
    def ties(kind: Kind, role: Role, standing: Standing) -> frozenset[Tie]:
        return candidate(belongings=(Belonging(kind, role, standing),)).ties

    assert ties(Kind.CITY_GROUP, Role.LEAD, Standing.OWN) == {Tie.OWN_LEAD}
    assert ties(Kind.CITY_GROUP, Role.COLLABORATOR, Standing.OWN) == {Tie.OWN_COLLABORATOR}
    assert ties(Kind.CITY_GROUP, Role.MEMBER, Standing.OWN) == {Tie.OWN_MEMBER}
    assert ties(Kind.URBAN_RURAL, Role.LEAD, Standing.ABOVE) == {Tie.PARTNER}
    assert ties(Kind.URBAN_RURAL, Role.MEMBER, Standing.BESIDE) == {Tie.FELLOW}
    assert ties(Kind.TELEMEDICINE_NETWORK, Role.LEAD, Standing.OWN) == frozenset()


def test_minutes_by_road_follow_the_packs_speed() -> None:
    region = REGIONS["cn"]
    assert minutes(candidate(km=float(region.kmh)), region) == 60
    assert minutes(candidate(km=0.1), region) == 1
    assert minutes(candidate(km=float(region.kmh)), replace(region, kmh=2 * region.kmh)) == 30
    assert minutes(candidate(km=None), region) is None
