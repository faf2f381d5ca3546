"""The simulated year: the same seed gives the same year, nobody is lost, every yuan has two ends, and every lever acts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from tiercare.engines.measures.synth.diseases import diseases
from tiercare.engines.payment import Care, Case, Cover, InsuranceKind, Referral, estimate
from tiercare.engines.twin import tallies as count
from tiercare.engines.twin.acting import IN, OUT, SELF, UP, first_place, fund_of, release, take
from tiercare.engines.twin.assumptions import all_of_them, given, uncertain
from tiercare.engines.twin.balance import imbalances
from tiercare.engines.twin.choosing import MINOR, weights_of
from tiercare.engines.twin.levers import LEVERS, ROUTINE_WEEKS, Destination, Levers, PaymentMode
from tiercare.engines.twin.outcomes import OUTCOMES, losers, outcomes
from tiercare.engines.twin.play import CLOSED, RETURNED
from tiercare.engines.twin.prices import prices_of
from tiercare.engines.twin.residents import EMPLOYEE, PERSON, RESIDENT
from tiercare.engines.twin.running import simulate
from tiercare.engines.twin.state import FREE, KEPT, OFFERED, RELEASED, RESERVED, TAKEN, USED
from tiercare.kernel.money import Money

from .years import PROFILE, YEAR, benefits, played, prepared

POLICIES = st.builds(
    Levers,
    reserve_share=st.floats(0, 0.9),
    bed_reserve_share=st.floats(0, 0.9),
    release_hours=st.integers(0, 336),
    reimbursement_gap=st.floats(0, 40),
    unreferred_cut=st.floats(0, 60),
    continuous_deductible=st.booleans(),
    signing_coverage=st.floats(0, 1),
    key_signing_coverage=st.floats(0, 1),
    prescription_weeks=st.integers(ROUTINE_WEEKS, 12),
    telemedicine_coverage=st.floats(0, 1),
    secondments=st.floats(0, 20),
    payment_mode=st.sampled_from(PaymentMode),
    destination=st.sampled_from(Destination),
)


def test_the_same_seed_gives_the_same_year_and_another_seed_another() -> None:
    one = played()
    again = simulate(PROFILE, Levers(), residents=12000, seed=3, benefits=benefits(), year=YEAR)
    assert one.visits.tobytes() == again.visits.tobytes() and one.sent.tobytes() == again.sent.tobytes()
    assert one.residents.tobytes() == again.residents.tobytes()
    assert np.array_equal(one.state.tally, again.state.tally)
    assert outcomes(one) == pytest.approx(outcomes(again), nan_ok=True)
    assert played(seed=4).visits.tobytes() != one.visits.tobytes()


@settings(max_examples=25, deadline=None)
@drawn(POLICIES, st.integers(1, 4), st.integers(0, 5))
def test_nobody_is_lost_and_every_yuan_has_two_ends(levers: Levers, seed: int, other: int) -> None:
    using = given().drawn(other)
    year = simulate(
        PROFILE,
        levers,
        residents=1500,
        seed=seed,
        benefits=benefits(),
        year=YEAR,
        assumptions=using,
        prepared=prepared(8000, seed),
    )
    assert imbalances(year) == []
    assert set(outcomes(year)) == set(OUTCOMES)


def test_every_number_of_weeks_that_may_be_asked_for_is_another_policy() -> None:
    lever = LEVERS["prescription_weeks"]
    weeks = range(int(lever.low), int(lever.high) + 1)
    thinned = [played(Levers(prescription_weeks=each)).state.tally[:, count.THINNED].sum() for each in weeks]
    assert thinned[0] == 0 and all(less < more for less, more in pairwise(thinned))


def test_what_does_not_add_up_is_told() -> None:
    def tampered(change) -> set[str]:
        year = simulate(
            PROFILE, Levers(reserve_share=0.2), residents=20000, seed=9, benefits=benefits(), year=YEAR
        )
        assert imbalances(year) == []
        change(year)
        return {each.partition(":")[0] for each in imbalances(year)}

    def one_yuan_more(year) -> None:
        year.visits["fund"][0] += 100

    def a_lost_stay(year) -> None:
        year.visits["kind"][np.flatnonzero(year.visits["kind"] == IN)[0]] = OUT

    def a_place_sold_twice(year) -> None:
        year.state.places[0, 5, TAKEN] += 1

    def a_reserve_that_vanished(year) -> None:
        year.state.places[..., RELEASED][year.state.places[..., RELEASED] > 0] -= 1

    def a_referral_forgotten(year) -> None:
        year.sent["state"][
            np.flatnonzero((year.sent["state"] == CLOSED) & (year.sent["direction"] == 0))[0]
        ] = 0

    def seen_after_death(year) -> None:
        year.residents["died"][year.visits["person"][0]] = year.visits["day"][0] - 1

    def a_need_that_went_nowhere(year) -> None:
        year.state.tally[3, count.FIRST_PRIMARY] += 1000000

    def two_beds(year) -> None:
        stays = np.flatnonzero(year.visits["kind"] == IN)
        year.visits["person"][stays[:2]], year.visits["day"][stays[:2]], year.visits["stay"][stays[:2]] = (
            7,
            [40, 42],
            5,
        )

    assert tampered(one_yuan_more) == {"money"}
    assert tampered(a_lost_stay) == {"beds"}
    assert tampered(a_place_sold_twice) == {"places"}
    assert tampered(a_reserve_that_vanished) == {"places"}
    assert tampered(a_referral_forgotten) == {"referrals"}
    assert "people" in tampered(seen_after_death)
    assert tampered(a_need_that_went_nowhere) == {"needs"}
    assert "people" in tampered(two_beds)


def test_a_policy_does_not_change_who_falls_ill_and_more_coverage_takes_no_contract_away() -> None:
    before, after = (
        played(),
        played(Levers(signing_coverage=0.6, key_signing_coverage=0.9, reserve_share=0.3)),
    )
    for name in ("home", "died", "chronic", "onset", "usual", "cover", "poor", "female", "habit"):
        assert np.array_equal(before.residents[name], after.residents[name]), name
    assert before.needs == after.needs
    assert not (before.residents["signed"] & ~after.residents["signed"]).any()
    assert outcomes(after)["signed"] == pytest.approx(0.6, abs=0.02)


@pytest.mark.parametrize(
    ("lever", "value", "outcome", "way"),
    [
        ("reserve_share", 0.3, "referral_wait", -1),
        ("bed_reserve_share", 0.8, "bed_wait", 1),
        ("reimbursement_gap", 15.0, "primary_first", 1),
        ("reimbursement_gap", 15.0, "fund_surplus", 1),
        ("unreferred_cut", 30.0, "primary_first", 1),
        ("signing_coverage", 0.9, "primary_first", 1),
        ("key_signing_coverage", 0.95, "primary_first", 1),
        ("prescription_weeks", 12, "visits_primary", -1),
        ("telemedicine_coverage", 1.0, "remote", 1),
        ("telemedicine_coverage", 1.0, "referrals_up", -1),
        ("secondments", 10.0, "primary_first", 1),
        ("payment_mode", PaymentMode.CAPITATION_PACKAGE, "referrals_down", 1),
        ("payment_mode", PaymentMode.DRG, "bed_use", -1),
    ],
)
def test_every_lever_moves_what_it_is_for(lever: str, value: object, outcome: str, way: int) -> None:
    moved = replace(Levers(), **{lever: value})
    assert (outcomes(played(moved))[outcome] - outcomes(played())[outcome]) * way > 0


def test_no_lever_is_without_a_range_and_none_is_forgotten() -> None:
    assert list(LEVERS) == list(Levers.__slots__)
    base = played()
    for name, lever in LEVERS.items():
        if lever.unit in {"word", "flag"}:
            continue
        assert lever.low <= getattr(Levers(), name) <= lever.high, name
    assert base.levers == Levers()


def test_a_strict_policy_sends_everybody_to_their_own_lead_and_a_free_one_does_not() -> None:
    strict, free = played(Levers(destination=Destination.STRICT)), played()
    for year, all_own in ((strict, True), (free, False)):
        up = year.sent[year.sent["direction"] == 0]
        assert bool((up["target"] == year.ground.site["up"][up["source"]]).all()) is all_own


def test_reserved_places_are_for_referrals_until_they_are_released() -> None:
    kept_long, kept_short = (
        played(Levers(reserve_share=0.3, release_hours=0)),
        played(Levers(reserve_share=0.3, release_hours=168)),
    )
    places = kept_long.state.places[:, : kept_long.days]
    reserved = places[..., RESERVED].sum()
    assert 0 < places[..., USED].sum() < reserved and places[..., KEPT].sum() == 0, (
        "what nobody took was released"
    )
    assert places[..., USED].sum() + places[..., RELEASED].sum() == reserved
    assert outcomes(kept_short)["reserve_used"] < outcomes(kept_long)["reserve_used"]
    none = played(Levers(reserve_share=0))
    assert none.state.places[..., RESERVED].sum() == 0 and np.isnan(outcomes(none)["reserve_used"])


def test_a_referral_without_any_place_is_returned_and_seen_elsewhere_or_not_at_all() -> None:
    scarce = played(slots_per_bed=0.05)
    up = scarce.sent[scarce.sent["direction"] == 0]
    assert (up["state"][up["place"] < 0] == RETURNED).all() and (up["place"] < 0).mean() > 0.3
    tally = scarce.state.tally.sum(axis=0)
    assert tally[count.GONE_OUTSIDE] + tally[count.UNMET] == (up["place"] < 0).sum()
    assert tally[count.DISPLACED] > 0
    assert imbalances(scarce) == []
    assert outcomes(scarce)["visits_outside"] > outcomes(played())["visits_outside"]


def test_who_goes_on_from_stay_to_stay_pays_the_deductible_once_where_it_counts_on() -> None:
    anew, on = (
        played(residents=20000, moved=0.5),
        played(Levers(continuous_deductible=True), residents=20000, moved=0.5),
    )
    stays = (anew.visits["kind"] == IN) & (anew.visits["arrival"] == UP)
    assert stays.sum() > 20
    assert np.array_equal(anew.visits["cost"][stays], on.visits["cost"][stays]), "the bills are the same"
    assert (on.visits["fund"][stays] >= anew.visits["fund"][stays]).mean() > 0.95
    assert on.visits["fund"][stays].sum() > anew.visits["fund"][stays].sum()
    assert outcomes(on)["own_payment"] < outcomes(anew)["own_payment"]


_KINDS = {RESIDENT: InsuranceKind.RESIDENT, EMPLOYEE: InsuranceKind.EMPLOYEE}


@settings(max_examples=150, deadline=None)
@drawn(
    st.sampled_from([RESIDENT, EMPLOYEE]), st.integers(0, 1), st.integers(0, 2), st.booleans(), st.integers(100, 30_000_000)
)  # fmt: skip
def test_the_compiled_bill_is_that_of_the_payment_engine(
    cover: int, care: int, tier: int, referred: bool, cost: int
) -> None:
    on = date(YEAR, 7, 1)
    prices = prices_of(benefits(), Levers(), given(), on=on)
    who = np.zeros(1, PERSON)
    who["cover"], who["since"] = cover, -1000
    fund = fund_of(prices.table, False, who[0], care, tier, referred, cost, 10)
    # Referred down has no deductible of its own there: what is compared is the share, so referred cases count as up with nothing paid.
    case = Case(
        (Care.OUTPATIENT, Care.INPATIENT)[care],
        tier + 1,
        Referral.UP if referred else Referral.NONE,
        Money(cost),
    )
    told = estimate(Cover(_KINDS[cover]), case, benefits(), on=on)
    assert told.known and told.fund_pays is not None and fund == told.fund_pays.fen


@settings(max_examples=100, deadline=None)
@drawn(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=12, max_size=12),
    st.lists(st.tuples(st.integers(0, 11), st.booleans(), st.integers(0, 5)), max_size=40),
)
def test_places_are_found_and_taken_as_by_hand(
    offered: list[tuple[int, int]], seekers: list[tuple[int, bool, int]]
) -> None:
    places = np.zeros((1, 12, 7), np.int32)
    for d, (free, kept) in enumerate(offered):
        places[0, d, [FREE, KEPT, OFFERED, RESERVED]] = free, kept, free + kept, kept
    by_hand = [list(each) for each in offered]
    for n, (day, referred, patience) in enumerate(seekers):
        until = min(day + patience, 11)
        wanted = next((d for d in range(day, until + 1) if by_hand[d][0] or (referred and by_hand[d][1])), -1)
        assert first_place(places, 0, day, until, referred) == wanted
        if wanted >= 0:
            reserved = bool(referred and by_hand[wanted][1])
            by_hand[wanted][1 if reserved else 0] -= 1
            assert take(places, 0, wanted, referred) is reserved
        if n % 7 == 6:
            by_hand[day] = [sum(by_hand[day]), 0]
            release(places, day)
    assert places[0, :, [FREE, KEPT]].T.tolist() == by_hand
    assert (places >= 0).all()


def test_people_go_where_the_model_says_they_do() -> None:
    """Choices that were drawn, against the weights they were drawn by: minor illness in the first month, when nobody has waited yet."""
    year = played(residents=60000, slots_per_bed=50.0)
    edges = weights_of(year.world, year.ground, year.prices, year.given, np.zeros(len(year.ground.site)))
    shares = np.diff(edges[:, MINOR], axis=-1, prepend=0)
    who = year.residents
    first = year.visits[
        (year.visits["day"] < 31) & (year.visits["kind"] == OUT) & (year.visits["arrival"] == SELF)
    ]
    home = 0
    cell = (who["home"] == home) & ~who["signed"] & ~who["habit"] & (who["cover"] == RESIDENT)
    ill_codes = first[cell[first["person"]]]
    minor = (diseases().serious[ill_codes["code"]] == 0) & (diseases().chronic[ill_codes["code"]] < 0)
    rows = ill_codes[minor]
    expected = shares[home, 0, 0, RESIDENT]
    hospital = year.ground.site["hospital"][rows["site"]].mean()
    wanted = float(expected[2:].sum())
    assert len(rows) > 100
    assert abs(hospital - wanted) < 4 * np.sqrt(wanted * (1 - wanted) / len(rows))


def test_losers_are_those_who_pay_more() -> None:
    before, after = played(), played(Levers(reimbursement_gap=20))
    found = losers(before, after)
    assert any(loss.group.en == "registered poor" and loss.outcome == "own_payment" for loss in found)
    assert all(loss.after > loss.before for loss in found)
    assert losers(before, before) == []


def test_every_assumption_lies_in_its_range_and_is_told_in_both_languages() -> None:
    for each in all_of_them().values():
        assert each.low <= each.value <= each.high, each.name
        assert each.text.zh and each.text.en
    values = given().drawn(1).values
    assert all(each.low <= values[each.name] <= each.high for each in uncertain())
    assert given().drawn(1).values == values != given().drawn(2).values
    with pytest.raises(KeyError):
        given().with_values({"no_such_thing": 1.0})
