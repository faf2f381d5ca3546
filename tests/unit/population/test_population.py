"""Synthetic residents: as many as asked, the same for a seed, with documents that hold and families that make sense."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric

from tiercare.engines import naming
from tiercare.engines.population import (
    CENSUS_DAY,
    FIRST_SEQUENCE,
    KEY_GROUPS,
    PHONE_PREFIX,
    Household,
    Member,
    Village,
    generate,
)
from tiercare.engines.population.draws import Chance
from tiercare.engines.population.papers import Papers

TOWN = Village("340202001001", "演示社区居委会", population=9_000, urban=True)
VILLAGE = Village("340223001201", "演示村村委会", population=3_000)
EMPTY = Village("340223001202", "无人村委会", population=0)
PLACES = (TOWN, VILLAGE, EMPTY)


@pytest.fixture(scope="module")
def many() -> list[Household]:
    shares = {"05": 0.05, "07": 0.1, "04": 0.02}
    return list(generate(seed=4, villages=PLACES, people=12_000, nations=shares))


@pytest.fixture(scope="module")
def members(many: list[Household]) -> list[Member]:
    return [member for household in many for member in household.members]


def age(member: Member) -> int:
    born = member.birth_date
    return CENSUS_DAY.year - born.year - ((CENSUS_DAY.month, CENSUS_DAY.day) < (born.month, born.day))


def share(part: int, whole: int) -> float:
    return 100 * part / whole


class TestHowMany:
    @given(
        people=st.integers(0, 400),
        weights=st.lists(st.integers(0, 50), min_size=1, max_size=6),
        seed=st.integers(0, 2**32),
    )
    @settings(max_examples=25, deadline=None)
    def test_exactly_as_many_as_asked_each_in_one_household(
        self, people: int, weights: list[int], seed: int
    ) -> None:
        villages = [Village(f"34020200100{at}", "村", population=each) for at, each in enumerate(weights)]
        made = list(generate(seed=seed, villages=villages, people=people))
        assert sum(len(household.members) for household in made) == people
        for household in made:
            assert [member.relation for member in household.members].index("0") == 0
            assert Counter(member.relation for member in household.members)["0"] == 1
            assert household.division_code in {village.code12 for village in villages}

    def test_places_get_people_by_their_weight(self, many: list[Household]) -> None:
        found = Counter[str]()
        for household in many:
            found[household.division_code] += len(household.members)
        assert EMPTY.code12 not in found
        assert abs(found[TOWN.code12] - 9_000) < 12  # a household is not divided
        assert abs(found[VILLAGE.code12] - 3_000) < 12

    def test_the_same_seed_makes_the_same_people_and_another_others(self) -> None:
        first = list(generate(seed=1, villages=PLACES, people=300))
        assert first == list(generate(seed=1, villages=PLACES, people=300))
        assert first != list(generate(seed=2, villages=PLACES, people=300))

    @pytest.mark.parametrize(
        "wrong",
        [
            {"people": -1},
            {"villages": ()},
            {"villages": (Village("3402", "x"),)},
            {"nations": {"05": 0.7, "07": 0.7}},
            {"nations": {"05": -0.1}},
        ],
    )
    def test_what_cannot_be_made_is_refused_at_once(self, wrong: dict[str, object]) -> None:
        with pytest.raises(ValueError):
            generate(**{"seed": 1, "villages": PLACES, "people": 10, **wrong})


class TestPapers:
    def test_identity_numbers_hold_and_are_of_the_county_and_the_reserved_sequences(
        self, many: list[Household]
    ) -> None:
        for household in many:
            for member in household.members:
                if member.identity_kind != "id_card":
                    continue
                number = member.identity_number or ""
                assert ric.calc_check_digit(number) == number[-1]
                assert number[:6] == household.division_code[:6]
                assert number[6:14] == f"{member.birth_date:%Y%m%d}"
                assert int(number[14:17]) >= FIRST_SEQUENCE
                assert int(number[16]) % 2 == (member.sex == "1")

    def test_no_number_belongs_to_two(self, members: list[Member]) -> None:
        numbers = [member.identity_number for member in members if member.identity_number]
        assert len(numbers) == len(set(numbers))

    def test_a_crowded_day_runs_out_of_numbers_instead_of_giving_one_twice(self) -> None:
        papers = Papers(Chance(3))
        born = date(1970, 1, 1)
        given_out = [papers.id_card("340202", born, sex) for sex in "12" for _ in range(60)]
        numbers = [number for number in given_out if number is not None]
        assert len(numbers) == len(set(numbers)) == 100
        assert papers.id_card("340223", born, "1") is not None

    def test_newborns_go_by_their_mother_and_other_documents_occur(self, members: list[Member]) -> None:
        kinds = Counter(member.identity_kind for member in members)
        assert {"id_card", "birth_certificate", "by_mother", "none", "hk_macao_permit"} <= set(kinds)
        assert share(kinds["id_card"], len(members)) > 98
        cards = {member.identity_number for member in members if member.sex == "2"}
        for member in members:
            assert (member.identity_number is None) == (member.identity_kind == "none")
            if member.identity_kind == "by_mother":
                assert (CENSUS_DAY - member.birth_date).days < 31
                assert (member.identity_number or "").split("-")[0] in cards

    def test_phones_have_the_reserved_prefix_and_are_shared_in_families_only(
        self, many: list[Household]
    ) -> None:
        owners: dict[str, int] = {}
        for at, household in enumerate(many):
            for member in household.members:
                if member.phone is not None:
                    assert member.phone.startswith(PHONE_PREFIX)
                    assert len(member.phone) == 11
                    assert owners.setdefault(member.phone, at) == at


class TestNames:
    def test_every_name_is_a_name(self, members: list[Member]) -> None:
        assert [member.name for member in members if naming.problem(member.name) is not None] == []

    def test_surnames_are_as_frequent_as_in_the_country(self, members: list[Member]) -> None:
        han = [member for member in members if member.nation == "01"]
        frequent = Counter(member.name[0] for member in han)
        five = sum(frequent[surname] for surname in "王李张刘陈")
        assert 27 < share(five, len(han)) < 35  # 30.8 in the report of 2020
        assert len(frequent) > 200

    def test_most_names_have_three_characters_some_two(self, members: list[Member]) -> None:
        han = [member for member in members if member.nation == "01"]
        lengths = Counter(len(member.name) for member in han)
        assert 70 < share(lengths[3], len(han)) < 90
        assert 10 < share(lengths[2], len(han)) < 28

    def test_names_follow_the_decade(self, members: list[Member]) -> None:
        def given_names(born: range, sex: str) -> Counter[str]:
            return Counter(
                m.name[1:] for m in members if m.birth_date.year in born and m.sex == sex and m.nation == "01"
            )

        old, young = given_names(range(1945, 1965), "2"), given_names(range(2010, 2021), "2")
        assert old["秀英"] > young["秀英"]
        assert young["欣怡"] > old["欣怡"]

    def test_nations_have_their_share_and_their_names(self, members: list[Member]) -> None:
        uyghur = [member for member in members if member.nation == "05"]
        assert 3 < share(len(uyghur), len(members)) < 7
        assert all("·" in member.name for member in uyghur)
        assert not any("·" in member.name for member in members if member.nation == "01")
        yi = [member for member in members if member.nation == "07"]
        assert 0 < sum("·" in member.name for member in yi) < len(yi)

    def test_children_bear_a_parents_surname(self, many: list[Household]) -> None:
        for household in many:
            heads = [
                member for member in household.members if member.relation in "01" and member.nation == "01"
            ]
            children = [
                member for member in household.members if member.relation in "23" and member.nation == "01"
            ]
            if len(heads) == 2:
                surnames = {naming.split(head.name)[0] for head in heads}
                assert {naming.split(child.name)[0] for child in children} <= surnames

    def test_hot_keys_are_there(self, members: list[Member]) -> None:
        days = Counter(member.birth_date for member in members)
        (hottest, most), *_ = days.most_common(1)
        assert (hottest.month, hottest.day) == (1, 1)
        assert most > 4
        assert Counter(member.name for member in members)["王伟"] > 4


class TestFamilies:
    def test_sizes_are_near_those_of_the_census(self, many: list[Household]) -> None:
        sizes = Counter(min(len(household.members), 5) for household in many)
        expected = {1: 25.4, 2: 29.7, 3: 21.0, 4: 13.2, 5: 10.7}
        for size, percent in expected.items():
            assert abs(share(sizes[size], len(many)) - percent) < 4

    def test_ages_and_sexes_are_near_those_of_the_census(self, members: list[Member]) -> None:
        ages = [age(member) for member in members]
        assert abs(share(sum(each < 15 for each in ages), len(ages)) - 17.95) < 1.5
        assert abs(share(sum(each >= 60 for each in ages), len(ages)) - 18.7) < 1.5
        assert 50 < share(sum(member.sex == "1" for member in members), len(members)) < 52.5

    def test_nobody_is_born_after_the_day(self) -> None:
        on = date(2026, 3, 1)
        made = generate(seed=9, villages=[TOWN], people=2_000, on=on)
        assert max(member.birth_date for household in made for member in household.members) <= on

    def test_heads_are_grown_up_and_parents_older_than_children(self, many: list[Household]) -> None:
        for household in many:
            head, *rest = household.members
            assert age(head) >= 18
            for one in rest:
                if one.relation in "23" and rest[0].relation != "1":
                    assert age(head) - age(one) >= 12
                if one.relation == "1":
                    assert abs(age(head) - age(one)) < 20
                    assert head.sex != one.sex

    def test_a_spouse_stands_second(self, many: list[Household]) -> None:
        for household in many:
            relations = [member.relation for member in household.members]
            assert [at for at, relation in enumerate(relations) if relation == "1"] in ([], [1])

    def test_addresses_tell_town_from_village(self, many: list[Household]) -> None:
        for household in many:
            if household.division_code == TOWN.code12:
                assert "路" in household.address
            else:
                assert household.address.startswith("演示村")
                assert household.address.endswith("号")


class TestKeyGroups:
    def test_groups_fit_age_and_sex(self, members: list[Member]) -> None:
        for member in members:
            assert set(member.groups) <= set(KEY_GROUPS)
            assert ("child_0_6" in member.groups) == (age(member) <= 6)
            assert ("elderly" in member.groups) == (age(member) >= 65)
            if "pregnant" in member.groups:
                assert member.sex == "2"
                assert 20 <= age(member) < 45

    def test_chronic_disease_grows_with_age(self, members: list[Member]) -> None:
        def percent(ages: range) -> float:
            inside = [member for member in members if age(member) in ages]
            return share(sum("hypertension" in member.groups for member in inside), len(inside))

        steps = [percent(ages) for ages in (range(18), range(18, 45), range(45, 65), range(65, 120))]
        assert all(younger < older for younger, older in pairwise(steps))
        assert steps[0] == 0

    def test_every_group_occurs(self, members: list[Member]) -> None:
        assert {group for member in members for group in member.groups} == set(KEY_GROUPS)

    def test_poverty_is_a_households(self, many: list[Household]) -> None:
        for household in many:
            assert len({"registered_poor" in member.groups for member in household.members}) == 1
