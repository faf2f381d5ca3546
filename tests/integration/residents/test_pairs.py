"""Pairs that may be one person: the list, the decisions, two valid numbers, the words for it."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.rules import IdentityKind, mask_number
from tiercare.apps.residents.rules.doubles import (
    CONTRADICTION_NAMES,
    LEVEL_NAMES,
    Contradiction,
    common_area,
    likelihood,
)
from tiercare.engines.linkage.levels import COMPARISONS
from tiercare.kernel.refusal import Refused

from .conftest import id_number
from .pairs import (
    NO_NUMBER,
    WHY,
    codes,
    decision,
    keeper,
    merges_in_force,
    people,
    report,
)

__all__ = ["keeper", "people"]  # fixtures


# --- two valid numbers


def test_two_valid_numbers_are_two_people_even_where_their_masks_coincide(keeper, register) -> None:
    """Six and four digits are shown; the years between differ."""
    one = id_number(date(1968, 5, 17), 1)
    other = next(
        number
        for day in (date(1969, 5, 17) + timedelta(days=days) for days in range(400))
        for number in (id_number(day, 1),)
        if mask_number(IdentityKind.ID_CARD, number) == mask_number(IdentityKind.ID_CARD, one)
    )
    born = date(int(other[6:10]), int(other[10:12]), int(other[12:14]))
    a, b = register("王小明", number=one), register("李晓红", number=other, birth_date=born)
    assert queries.effect(keeper, a, b).refusal is not None
    with pytest.raises(Refused) as caught:
        commands.merge(keeper, kept_id=a, merged_id=b, reason=WHY)
    assert codes(caught) == {"residents.both_have_numbers"}
    assert merges_in_force() == []


def test_the_number_of_any_entry_counts_for_the_person(keeper, people, register) -> None:
    numbered, plain = people[:2]
    other = register("周小燕", number=id_number(date(1980, 1, 1), 9), birth_date=date(1980, 1, 1))
    commands.merge(keeper, kept_id=plain, merged_id=numbered, reason=WHY)
    with pytest.raises(Refused) as caught:
        commands.merge(keeper, kept_id=plain, merged_id=other, reason=WHY)
    assert codes(caught) == {"residents.both_have_numbers"}
    passport = register("周小燕", number="E12345678", identity_kind=IdentityKind.PASSPORT)
    commands.merge(keeper, kept_id=plain, merged_id=passport, reason="护照与身份证同为本人")


# --- the list of pairs


def test_what_is_merged_waits_no_more_and_waits_again_when_parted(keeper, people) -> None:
    a, b, c = people[1:4]
    for one, other in combinations((a, b, c), 2):
        report(one, other)
    first = commands.merge(keeper, kept_id=a, merged_id=b, reason=WHY)
    assert [decision(a, b), decision(a, c), decision(b, c)] == ["merged", None, None]
    second = commands.merge(keeper, kept_id=c, merged_id=b, reason=WHY)  # joins all three
    assert [decision(a, b), decision(a, c), decision(b, c)] == ["merged"] * 3
    assert queries.open_pairs(keeper) == []
    commands.part(keeper, merge_id=second, reason="两人同时到场")
    assert [decision(a, b), decision(a, c), decision(b, c)] == ["merged", "different", None]
    commands.part(keeper, merge_id=first, reason="两人同时到场")
    assert [decision(a, b), decision(a, c), decision(b, c)] == ["different", "different", None]


def test_a_dismissed_pair_stays_dismissed(keeper, people, given) -> None:
    a, b = people[1:3]
    report(a, b)
    commands.dismiss(keeper, first_id=b, second_id=a, remark="两人同时到场")
    assert (decision(a, b), queries.open_pairs(keeper)) == ("different", [])
    with pytest.raises(Refused) as caught:
        commands.dismiss(keeper, first_id=a, second_id=b, remark="两人同时到场")
    assert codes(caught) == {"residents.pair_not_waiting"}
    assert Contradiction.SAID_DIFFERENT in queries.effect(keeper, a, b).contradictions
    commands.merge(keeper, kept_id=a, merged_id=b, reason="再次核对，确是一人")  # people may err
    assert queries.person_of(b) == (a, b)


def test_pairs_come_by_likelihood_page_after_page(keeper, people) -> None:
    pairs = list(combinations(people, 2))
    for number, (one, other) in enumerate(pairs):
        report(one, other, weight=float(number % 4))
    seen, after = [], None
    while page := queries.open_pairs(keeper, after=after, limit=4):
        seen += page
        after = (page[-1].weight, page[-1].id)
    assert [pair.weight for pair in seen] == sorted((pair.weight for pair in seen), reverse=True)
    assert {(pair.first.id, pair.second.id) for pair in seen} == {tuple(sorted(pair)) for pair in pairs}
    assert len(seen) == len(pairs)
    assert {pair.first.name for pair in seen} <= {"王*明", "李*红", "欧**娜", "赵*柱", "钱*多", "孙*净"}


def test_reporting_a_pair_twice_is_one_pair_and_changes_no_decision(site, keeper, given, register) -> None:
    first = register("王小明", phone="13800001111")
    again = given("王晓明", phone="13800001111", **NO_NUMBER)
    made = commands.register(site.actor(Role.REGISTRAR), given=again, despite=[first])
    (pair,) = queries.open_pairs(keeper)
    assert {pair.first.id, pair.second.id} == {first, made.resident_id} and 0 < pair.likelihood < 1
    commands.dismiss(keeper, first_id=first, second_id=made.resident_id, remark="父子同名不同字")
    commands.report_same(site.actor(Role.REGISTRAR), resident_id=first, other_id=made.resident_id)
    assert queries.open_pairs(keeper) == [] and decision(first, made.resident_id) == "different"


def test_the_days_are_counted(keeper, people) -> None:
    a, b, c, d = people[1:5]
    report(a, b), report(c, d), report(a, c)
    merge_id = commands.merge(keeper, kept_id=a, merged_id=b, reason=WHY)
    commands.part(keeper, merge_id=merge_id, reason=WHY)
    commands.dismiss(keeper, first_id=c, second_id=d, remark=WHY)
    told = queries.metrics(keeper)
    assert told.waiting == 1
    assert told.days == (queries.Day(ledger.today(), found=3, merged=1, different=2, parted=1),)
    (row,) = queries.merges(keeper)
    assert (row.kept.id, row.merged.id, row.undone_reason) == (a, b, WHY) and row.undone_at is not None


# --- words and small rules


def test_every_reason_of_the_engine_has_words() -> None:
    levels = {level.key for comparison in COMPARISONS for level in comparison.levels}
    assert levels | {"relatives", "number.other"} == set(LEVEL_NAMES)
    assert set(CONTRADICTION_NAMES) == set(Contradiction)


@given(st.lists(st.from_regex(r"[1-8][0-9]{5}([0-9]{3})?", fullmatch=True), min_size=1, max_size=4))
def test_the_common_area_holds_all_and_is_the_smallest(codes_: list[str]) -> None:
    area = common_area(codes_)
    assert len(area) in (0, 2, 4, 6) and all(code.startswith(area) for code in codes_)
    wider = {code[: len(area) + 2] for code in codes_}
    assert len(area) == 6 or len(wider) > 1


@given(st.floats(-1e6, 1e6))
def test_a_likelihood_is_one(weight: float) -> None:
    assert 0 <= likelihood(weight) <= 1
    assert likelihood(weight) <= likelihood(weight + 1)
