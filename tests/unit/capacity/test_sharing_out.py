"""A day's places shared out: every promise kept that can be kept, nothing twice, nothing beyond what is offered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tiercare.apps.capacity.rules.cards import BOUND, PREDICATES, DayOffers, Hospital, promise_of
from tiercare.apps.capacity.rules.planning import Planned, Promise, share_out
from tiercare.apps.capacity.rules.shares import RESOURCE_NAMES, Offer, keeps, promised, resources_of
from tiercare.apps.capacity.rules.vocabulary import GRADES, OFFERED, RESERVED, Channel, Kind
from tiercare.apps.network.rules import Category, Role
from tiercare.kernel.clock import ZONE

DAY = date(2026, 3, 2)
STARTS = datetime(2026, 3, 2, 8, tzinfo=ZONE)
HOSPITAL = UUID(int=7)
FAMILY, OPEN = Channel.FAMILY_DOCTOR, Channel.OPEN
SORTS = [(kind, grade) for kind in Kind for grade in GRADES[kind]]

percents = st.integers(0, 100).map(lambda part: part / 100)
channels = st.sampled_from(RESERVED)
resources = st.frozensets(st.sampled_from(sorted(RESOURCE_NAMES)), min_size=1)
promises = st.builds(Promise, st.just("card"), resources, percents, st.just(FAMILY))


@st.composite
def own_shares(draw: st.DrawFn) -> dict[Channel, float]:
    """The hospital's own reserve, a hundred percent together at most."""
    left, found = 100, {}
    for channel in draw(st.lists(channels, unique=True)):
        part = draw(st.integers(0, left))
        found[channel], left = part / 100, left - part
    return found


@st.composite
def own_units(draw: st.DrawFn, capacity: int) -> dict[Channel, int]:
    """Numbers by channel as the hospital sets them, that add up."""
    left, found = capacity, {}
    for channel in RESERVED:
        found[channel] = draw(st.integers(0, left))
        left -= found[channel]
    return {**found, OPEN: left}


@st.composite
def sessions(draw: st.DrawFn, *, plain: bool = False) -> Planned:
    kind, grade = draw(st.sampled_from(SORTS))
    capacity = draw(st.integers(1, 40))
    free = plain or draw(st.integers(0, 3)) > 0
    return Planned(
        pool_id=UUID(int=draw(st.integers(1, 5))),
        pool_name="示例",
        kind=kind,
        grade=grade,
        starts=STARTS,
        ends=STARTS + timedelta(hours=4),
        capacity=capacity,
        shares=None if plain else draw(st.none() | own_shares()),
        units=None if free else draw(own_units(capacity)),
    )


@st.composite
def earlier(draw: st.DrawFn) -> list[Offer]:
    """What stands published for that day."""
    found = []
    for resource in draw(st.lists(st.sampled_from(sorted(RESOURCE_NAMES)), unique=True)):
        kept = {channel: draw(st.integers(0, 20)) for channel in OFFERED}
        found.append(Offer(HOSPITAL, resource, sum(kept.values()), kept))
    return found


days = st.lists(sessions(), min_size=1, max_size=8)
plain_days = st.lists(sessions(plain=True), min_size=1, max_size=8)


def part_of(day: Sequence[Planned], resource: str) -> list[int]:
    return [n for n, each in enumerate(day) if resource in resources_of(each.kind, each.grade)]


def offers_of(day: Sequence[Planned], before: Sequence[Offer] = ()) -> list[Offer]:
    """The day as the rules see it: everything that is on offer, by resource."""
    found = []
    for resource in sorted(RESOURCE_NAMES):
        known = next((each for each in before if each.resource == resource), None)
        kept = {
            channel: sum((day[n].units or {})[channel] for n in part_of(day, resource))
            + (known.kept.get(channel, 0) if known else 0)
            for channel in OFFERED
        }
        if sum(kept.values()):
            found.append(Offer(HOSPITAL, resource, sum(kept.values()), kept))
    return found


@given(day=days, before=earlier(), wanted=st.lists(promises, max_size=3))
def test_every_session_shares_out_exactly_what_it_offers(
    day: list[Planned], before: list[Offer], wanted: list[Promise]
) -> None:
    for each, shared in zip(day, share_out(day, before, wanted), strict=True):
        assert replace(shared, units=None) == replace(each, units=None)
        assert shared.units is not None and set(shared.units) == set(OFFERED)
        assert sum(shared.units.values()) == each.capacity
        assert all(0 <= places <= each.capacity for places in shared.units.values())
        assert each.units is None or shared.units == each.units, "numbers that the hospital set stand"


@given(day=days, before=earlier(), wanted=st.lists(promises, max_size=3))
def test_every_promise_is_kept_over_the_day_or_nothing_is_left_to_keep_it_with(
    day: list[Planned], before: list[Offer], wanted: list[Promise]
) -> None:
    shared = share_out(day, before, wanted)
    after = {each.resource: each for each in offers_of(shared, before)}
    for promise in wanted:
        for resource in promise.resources:
            part = part_of(day, resource)
            if part:
                whole = after[resource]
                left = sum((shared[n].units or {})[OPEN] for n in part if day[n].units is None)
                assert keeps(whole.offered, whole.kept_for([FAMILY]), promise.share) or left == 0


@given(day=plain_days, wanted=st.lists(promises, max_size=3))
def test_a_hospital_that_sets_nothing_itself_keeps_every_promise(
    day: list[Planned], wanted: list[Promise]
) -> None:
    for whole in offers_of(share_out(day, (), wanted)):
        for promise in wanted:
            assert whole.resource not in promise.resources or keeps(
                whole.offered, whole.kept_for([FAMILY]), promise.share
            )


@given(day=plain_days, share=percents, resource=st.sampled_from(sorted(RESOURCE_NAMES)))
def test_a_promise_keeps_no_more_than_it_says(day: list[Planned], share: float, resource: str) -> None:
    shared = share_out(day, (), [Promise("card", frozenset({resource}), share)])
    part = part_of(day, resource)
    kept = sum((shared[n].units or {})[FAMILY] for n in part)
    assert kept == promised(sum(day[n].capacity for n in part), share)
    for n, each in enumerate(shared):
        assert n in part or each.units == {**dict.fromkeys(RESERVED, 0), OPEN: each.capacity}


@given(day=plain_days, share=percents, resource=st.sampled_from(sorted(RESOURCE_NAMES)))
def test_publishing_in_two_goes_keeps_what_publishing_at_once_keeps(
    day: list[Planned], share: float, resource: str
) -> None:
    wanted = [Promise("card", frozenset({resource}), share)]
    assume(len(day) > 1)
    first, second = day[: len(day) // 2], day[len(day) // 2 :]
    half = share_out(first, (), wanted)
    rest = share_out(second, offers_of(half), wanted)
    kept = [
        sum((each.units or {})[FAMILY] for each in part) for part in (half + rest, share_out(day, (), wanted))
    ]
    assert kept[0] == kept[1]
    whole = next((each for each in offers_of(half + rest) if each.resource == resource), None)
    assert whole is None or keeps(whole.offered, whole.kept_for([FAMILY]), share)


@given(day=plain_days, own=own_shares())
def test_the_hospitals_own_shares_are_rounded_in_favour_of_whom_they_are_for(
    day: list[Planned], own: dict[Channel, float]
) -> None:
    day = [replace(each, shares=own) for each in day]
    for each in share_out(day, (), ()):
        assert each.units is not None
        left = each.capacity
        for channel in RESERVED:
            wanted = promised(each.capacity, own.get(channel, 0))
            assert each.units[channel] == min(left, wanted)
            left -= each.units[channel]


@given(day=days, before=earlier(), wanted=st.lists(promises, max_size=3))
def test_the_same_day_is_always_shared_out_the_same_way(
    day: list[Planned], before: list[Offer], wanted: list[Promise]
) -> None:
    assert share_out(day, before, wanted) == share_out(tuple(day), list(reversed(before)), tuple(wanted))


# --- what the rule cards demand is what sharing out fills in


def hospital(*roles: Role, category: Category = Category.GENERAL, level: int = 2) -> Hospital:
    return Hospital(HOSPITAL, "示例医院", category, level, frozenset(roles))


def parameters(share: float, *names: str) -> dict[str, object]:
    return {"share": share, "resources": list(names or RESOURCE_NAMES)}


ROLE_OF = {"lead_hospital_keeps_share": Role.LEAD, "assisting_hospital_keeps_share": Role.ASSISTING}


def judged(card: str, who: Hospital, offers: Sequence[Offer], given_: dict[str, object]):
    return PREDICATES[card](DayOffers(DAY, {who.id: who}, tuple(offers)), given_)


@pytest.mark.parametrize("card", sorted(ROLE_OF))
@given(day=plain_days, share=percents)
def test_what_was_shared_out_by_a_card_satisfies_it_and_one_place_less_does_not(
    card: str, day: list[Planned], share: float
) -> None:
    who, given_ = hospital(ROLE_OF[card]), parameters(share)
    promise = promise_of(card, given_, who)
    assert promise is not None
    offers = offers_of(share_out(day, (), [promise]))
    outcome = judged(card, who, offers, given_)
    assert (outcome.checked, outcome.findings) == (len(offers), ())
    for n, each in enumerate(offers):
        needed = promised(each.offered, share)
        short = dict.fromkeys(OFFERED, 0) | {FAMILY: needed - 1, OPEN: each.offered - needed + 1}
        if needed:
            broken = [*offers[:n], replace(each, kept=short), *offers[n + 1 :]]
            (finding,) = judged(card, who, broken, given_).findings
            assert (finding.fields["kept"], finding.fields["needed"]) == (needed - 1, needed)
            assert finding.fields["resource"] == RESOURCE_NAMES[each.resource]
            assert finding.links == (finding.subject,) == (f"institution:{HOSPITAL}",)


@pytest.mark.parametrize("card", sorted(ROLE_OF))
def test_only_whom_a_card_binds_owes_anything(card: str) -> None:
    assert set(BOUND) == set(ROLE_OF)
    offers = [Offer(HOSPITAL, resource, 10, {OPEN: 10}) for resource in RESOURCE_NAMES]
    for role in Role:
        who = hospital(role)
        outcome = judged(card, who, offers, parameters(1.0))
        bound = role is ROLE_OF[card]
        assert (promise_of(card, parameters(1.0), who) is not None) is bound
        assert (outcome.checked, len(outcome.findings)) == ((len(offers),) * 2 if bound else (0, 0))
    assert judged(card, hospital(), offers, parameters(1.0)).findings == ()
    stranger = replace(hospital(ROLE_OF[card]), id=UUID(int=8))
    assert judged(card, stranger, offers, parameters(1.0)).checked == 0


def test_a_card_looks_at_the_resources_that_its_clause_names() -> None:
    offers = [Offer(HOSPITAL, resource, 10, {OPEN: 10}) for resource in RESOURCE_NAMES]
    for resource in RESOURCE_NAMES:
        outcome = judged("lead_hospital_keeps_share", hospital(Role.LEAD), offers, parameters(0.5, resource))
        assert [finding.fields["resource"] for finding in outcome.findings] == [RESOURCE_NAMES[resource]]


@pytest.mark.parametrize("channel", list(OFFERED))
def test_a_hospital_of_the_named_tier_keeps_something_of_visits_and_beds(channel: Channel) -> None:
    offers = [
        Offer(HOSPITAL, resource, 10, {OPEN: 9, channel: 10 if channel is OPEN else 1})
        for resource in RESOURCE_NAMES
    ]
    named = {"tier": 2}
    outcome = judged("second_level_keeps_some", hospital(), offers, named)
    # Kept for referrals: what other members may book is no reserve for them (XH-41).
    assert (outcome.checked, len(outcome.findings)) == (2, 2 if channel in {OPEN, Channel.MEMBER} else 0)
    for who in (hospital(level=3), hospital(category=Category.TOWNSHIP_CENTRE)):
        assert judged("second_level_keeps_some", who, offers, named).checked == 0


@pytest.mark.parametrize(
    "wrong", [{"share": "0.5"}, {"share": True}, {"resources": "expert_slot"}, {"resources": 3}]
)
def test_a_pack_that_says_something_else_than_a_number_is_not_guessed_at(wrong: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="the pack says"):
        judged("lead_hospital_keeps_share", hospital(Role.LEAD), [], parameters(0.5) | wrong)
