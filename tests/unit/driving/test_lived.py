"""The month of the twin's people that a drive plays: theirs, day by day, by residents who could be them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiercare.apps.capacity.rules.demonstration import SHAPES
from tiercare.engines.measures.synth.diseases import diseases
from tiercare.engines.twin.acting import IN, OUT, SELF
from tiercare.engines.twin.facts.rows import UPWARDS
from tiercare.engines.twin.levers import Levers
from tiercare.engines.twin.running import Year
from tiercare.jobs.driving.cases import cases
from tiercare.jobs.driving.ground import Clinic, Ground, Person, Place
from tiercare.jobs.driving.lived import lived, rates_of
from tiercare.jobs.driving.script import CLOSES, OPENS, Kind, Planned, Rates
from tiercare.kernel.ids import stable_id

from ..twin import years

FIRST, DAYS, EVERYTHING = date(2025, 3, 3), 14, 10**9
BOOKS = {Kind.BOOK_DOCTOR, Kind.BOOK_CLINIC, Kind.BOOK_SELF}


@cache
def year_of(signing: float = 0.4) -> Year:
    levers = Levers(signing_coverage=signing, key_signing_coverage=signing)
    return years.played(levers, residents=6_000)


def house(key: str) -> UUID:
    return stable_id("site", key)


def houses(year: Year) -> Mapping[str, UUID]:
    return {site.key: house(site.key) for site in year.world.sites}


@cache
def ground_of(first: date = FIRST, signing: float = 0.4) -> Ground:
    """Every other institution of primary care that somebody goes to, and all hospitals of the region, each to be referred to."""
    year = year_of(signing)
    sites = year.world.sites
    hospitals = tuple(house(sites[n].key) for n in np.flatnonzero(_hospitals(year)))
    clinics = {
        house(sites[n].key): Clinic(house(sites[n].key), sites[n].division, _people(n), hospitals, hospitals)
        for n in sorted(set(year.residents["usual"].tolist()))[::2]
    }
    slot = Place(stable_id("slot", "any"), datetime(2025, 3, 3, tzinfo=UTC))
    places = {hospital: {shape.given.code: [slot] for shape in SHAPES} for hospital in hospitals}
    return Ground("invented", "9999", first, DAYS, clinics, places, {})


def _hospitals(year: Year) -> np.ndarray:
    return year.ground.site["hospital"] & year.ground.site["inside"]


def _people(n: int) -> tuple[Person, ...]:
    """Sixteen: of each age and sex one who is signed, first, and one who is not."""
    kinds = [(female, born) for female in (False, True) for born in (2020, 1995, 1970, 1945)]
    return tuple(
        Person(stable_id("person", str(n), str(number), str(signed)), female, born, signed)
        for signed in (True, False)
        for number, (female, born) in enumerate(kinds)
    )


def played(
    acts: int = EVERYTHING, *, first: date = FIRST, seed: int = 1, signing: float = 0.4
) -> list[Planned]:
    year = year_of(signing)
    return lived(year, ground_of(first, signing), houses(year), acts=acts, seed=seed, rates=Rates())


def in_days(year: Year, days: np.ndarray, first: date = FIRST) -> np.ndarray:
    begins = (first - date(2025, 1, 1)).days
    return (days >= begins) & (days < begins + DAYS)


def on_ground(year: Year, rows: np.ndarray) -> np.ndarray:
    usual = [house(year.world.sites[n].key) for n in year.residents["usual"][rows["person"]]]
    return np.array([each in ground_of().clinics for each in usual])


def test_every_referral_of_the_clinics_on_the_ground_is_played_on_its_day() -> None:
    year = year_of()
    rows = year.sent[(year.sent["direction"] == UPWARDS) & in_days(year, year.sent["submitted"])]
    rows = rows[on_ground(year, rows) & _hospitals(year)[rows["target"]]]
    begins, names = (FIRST - date(2025, 1, 1)).days, diseases().names.to_pylist()
    wanted = Counter(
        (int(row["submitted"]) - begins, str(house(year.world.sites[row["target"]].key)), names[row["code"]])
        for row in rows
    )
    found = Counter((each.day, each.target, each.code) for each in played() if each.kind is Kind.REFER)
    assert found == wanted and wanted.total() > 10
    waits = [each.after for each in played() if each.kind is Kind.REFER]
    assert sorted(waits) == sorted(
        np.where(rows["place"] < 0, -1, rows["place"] - rows["submitted"]).tolist()
    )


def test_every_place_that_people_asked_for_is_wanted_on_the_day_they_asked() -> None:
    year = year_of()
    rows = year.visits[(year.visits["arrival"] == SELF) & np.isin(year.visits["kind"], [OUT, IN])]
    asked = rows["day"] - rows["wait"]
    keep = in_days(year, asked) & _hospitals(year)[rows["site"]]
    rows, asked = rows[keep], asked[keep]
    here = on_ground(year, rows)
    begins = (FIRST - date(2025, 1, 1)).days
    wanted = Counter(
        (int(day) - begins, str(house(year.world.sites[row["site"]].key)), int(row["wait"]))
        for row, day in zip(rows[here], asked[here], strict=True)
    )
    exams = {exam for case in cases().values() for exam in case.exams}
    found = Counter(
        (each.day, each.target, each.after)
        for each in played()
        if each.kind in BOOKS and each.code not in exams
    )
    assert found == wanted and wanted.total() > 200
    assert any(each.code in exams for each in played()), "examinations go with some of them"


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 4_000), st.integers(1, 4_000), st.integers(0, 50))
def test_a_larger_sample_has_all_of_a_smaller_one_and_neither_is_too_large(a: int, b: int, seed: int) -> None:
    rates, (few, many) = Rates(), sorted((a, b))
    less, more = Counter(played(few, seed=seed)), Counter(played(many, seed=seed))
    assert less <= more
    for acts, found in ((few, less), (many, more)):
        # Of a few days hardly anything comes to its end: ``seen_of``.
        assert sum(rates.acts_of(each.kind) * count for each, count in found.items()) <= 1.5 * acts


def test_the_same_arguments_are_the_same_month_and_it_is_in_order() -> None:
    assert played() == played() != played(seed=2)
    assert [each.day for each in played()] == sorted(each.day for each in played())
    assert {each.day for each in played()} == set(range(DAYS))
    assert all(OPENS <= each.minute < CLOSES - 30 for each in played())


def test_who_stands_in_is_of_the_same_age_and_sex_and_signed_where_that_matters() -> None:
    year = year_of()
    of_referrals: Counter[tuple[bool, int]] = Counter()
    for each in played():
        person = ground_of().clinics[UUID(each.site)].people[each.person]
        if each.kind in {Kind.BOOK_DOCTOR, Kind.REFER}:
            assert person.signed
        if each.kind is Kind.REFER:
            assert person.born is not None
            of_referrals[person.female, sum(2025 - person.born >= edge for edge in (15, 45, 65))] += 1
    rows = year.sent[(year.sent["direction"] == UPWARDS) & in_days(year, year.sent["submitted"])]
    rows = rows[on_ground(year, rows) & _hospitals(year)[rows["target"]]]
    who, names = year.residents[rows["person"]], diseases().names.to_pylist()
    women = np.array([cases()[names[code]].women for code in rows["code"]])
    assert of_referrals == Counter(zip((who["female"] | women).tolist(), who["band"].tolist(), strict=True))


def test_what_only_women_have_no_man_is_referred_with() -> None:
    year = replace(year_of(), residents=year_of().residents.copy(), sent=year_of().sent.copy())
    year.residents["female"], year.sent["code"] = False, diseases().names.to_pylist().index("D25.9")
    ground = ground_of()
    planned = lived(year, ground, houses(year), acts=EVERYTHING, seed=1, rates=Rates())
    referred = [each for each in planned if each.kind is Kind.REFER]
    assert {each.code for each in referred} == {"D25.9"}
    assert all(ground.clinics[UUID(each.site)].people[each.person].female for each in referred)


def test_nobody_books_as_a_family_doctor_where_nobody_is_signed() -> None:
    assert any(each.kind is Kind.BOOK_DOCTOR for each in played())
    assert not any(each.kind is Kind.BOOK_DOCTOR for each in played(signing=0.0))


@pytest.mark.parametrize(
    ("first", "same"),
    [
        pytest.param(date(2026, 3, 2), date(2025, 3, 3), id="the year after: the same days of the week"),
        pytest.param(date(2024, 3, 4), date(2025, 3, 3), id="the year before"),
    ],
)
def test_a_month_of_another_year_is_lived_as_the_same_days_of_the_week(first: date, same: date) -> None:
    assert first.weekday() == same.weekday()
    found, wanted = (
        Counter((each.day, each.kind, each.target) for each in played(first=day) if each.kind is Kind.REFER)
        for day in (first, same)
    )
    assert found == wanted


def test_a_month_across_the_turn_of_the_year_has_people_on_every_day() -> None:
    found = Counter(each.day for each in played(first=date(2025, 12, 25)))
    assert set(found) == set(range(DAYS))


def test_where_the_demonstration_works_everybody_is_played_before_others_are_sampled() -> None:
    year = year_of()
    ground = ground_of()
    shown = ground.hospitals[0]
    everybody = lived(year, ground, houses(year), acts=EVERYTHING, seed=1, rates=Rates(), shown=shown)
    there = sum(each.target == str(shown) for each in everybody)
    assert there > sum(each.target == str(shown) for each in played()), (
        "from clinics that are not on the ground too"
    )
    acts = 4_000
    some = lived(year, ground, houses(year), acts=acts, seed=1, rates=Rates(), shown=shown)
    plain = played(acts)
    assert sum(each.target == str(shown) for each in some) > 2 * sum(
        each.target == str(shown) for each in plain
    )


def test_how_people_behave_is_what_the_twin_says_of_them() -> None:
    year = year_of()
    rates = rates_of(year)
    up = year.sent[year.sent["direction"] == UPWARDS]
    assert rates.place_in_hand == pytest.approx((up["place"] >= 0).mean())
    assert rates.missed == year.given["no_show"]
    assert 0 < rates.down < 1 and 0 < rates.lies < 1


def test_every_disease_of_the_twin_has_words() -> None:
    assert set(diseases().names.to_pylist()) <= set(cases())
    offered = {shape.given.code for shape in SHAPES}
    for case in cases().values():
        assert case.problem and case.complaint and case.pool_at(offered) in offered
        assert case.pool_at({"demo-nothing"}) == case.pools[0]
