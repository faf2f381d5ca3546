"""Which limits a change goes beyond, who has to choose, and what data say of a pair: rules without a database."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.apps.network.rules.choosing import Link, choice_missing, digest_of, sides
from tiercare.apps.network.rules.institution_plans import (
    House,
    Line,
    Machines,
    Subject,
    amount,
    covered,
    kind_name,
    marks,
)
from tiercare.apps.network.rules.pairing import Grade, Judged, Pair, Partner, measured, total, unscored

ALL = [each.value for each in Subject]
HERE, THERE = "340202", "340203"


def house(
    code: str = "a", *, area: str = HERE, category: str = "GENERAL", level: str = "2", beds: int = 10
) -> House:
    return House(code, code, (area,), category, level, beds)


def line(subject: Subject, allowed: int, **more: str) -> Line:
    return Line(HERE, subject, allowed, id=f"{subject}{more}", **more)


def test_a_line_counts_its_area_kind_and_level() -> None:
    things = [house(), house("b", area=THERE), house("c", category="TCM"), Machines(house(), "ct", 3)]
    assert amount(line(Subject.INSTITUTIONS, 0), things) == 2
    assert amount(line(Subject.BEDS, 0, kind="GENERAL", level="2"), things) == 10
    assert amount(line(Subject.EQUIPMENT, 0, kind="ct"), things) == 3
    assert amount(line(Subject.EQUIPMENT, 0, kind="mri"), things) == 0
    assert amount(line(Subject.INSTITUTIONS, 0, level="3"), things) == 0
    assert kind_name(line(Subject.BEDS, 0, kind="GENERAL", level="2")).zh == "二级综合医院"


@pytest.mark.parametrize("kind", ["", "GENERAL"])
@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_a_mark_says_that_more_is_added_and_that_it_is_too_much(
    kind: str, allowed: int, there: int, gone: int, come: int
) -> None:
    found = marks(
        [line(Subject.BEDS, allowed, kind=kind)],
        limited=ALL,
        existing=[house(beds=there)],
        gone=[house(beds=gone)],
        come=[house(beds=come)],
    )
    assert bool(found) is (come > gone and there + come - gone > allowed)
    assert not marks(
        [line(Subject.BEDS, allowed)], limited=["equipment"], existing=[], gone=[], come=[house(beds=come)]
    )


@given(st.integers(1, 20), st.integers(0, 20))
def test_an_override_covers_its_excess_and_less(granted: int, now: int) -> None:
    limit = line(Subject.BEDS, 0)
    found = marks([limit], limited=ALL, existing=[], gone=[], come=[house(beds=now)])
    assert covered(found, [{"line": limit.id, "over": granted}]) is (now <= granted)
    assert covered(found, []) is (now == 0)


def test_both_sides_are_asked_and_those_excused_are_not() -> None:
    found = [
        Link("group", "clinic", "MEMBER", date(2019, 1, 1)),
        Link("group", "centre", "MEMBER", date(2019, 1, 1)),
        Link("group", "community", "", date(2019, 1, 1), whole=True),
    ]
    leads = {"group": "hospital", "community": "county"}
    kinds = {
        "clinic": "VILLAGE_CLINIC",
        "centre": "TOWNSHIP_CENTRE",
        "hospital": "GENERAL",
        "county": "GENERAL",
    }
    assert sides(found, leads, category_of=kinds, excused=("village_clinic",)) == {
        "centre": ("group",), "county": ("group",), "hospital": ("group",),
    }  # fmt: skip
    assert digest_of(found) == digest_of(found[::-1]) != digest_of(found[:2])
    assert choice_missing([]) is None


def _partner(code: str, **more: object) -> Partner:
    given_ = {
        "division": HERE,
        "area": "镜湖区",
        "category": "GENERAL",
        "level": 2,
        "beds": 100,
        "staff": 5,
    } | more
    return Partner(code=code, name=code, **given_)


def test_data_say_a_share_and_where_they_do_not_a_clerk_does_with_words() -> None:
    lead = _partner("lead", level=3, beds=900, specialties=frozenset({"03", "04"}))
    near = Pair(lead, _partner("near", specialties=frozenset({"03"})), km=3.2, requests=4, agreed=True)
    far = Pair(lead, _partner("far", division=THERE, specialties=frozenset({"50"})))
    pairs = [near, far]
    shares = {word: measured(word, pairs).share for word in ("related_business", "existing_cooperation", "geography",
              "mutual_choice", "role", "capacity", "complementary")}  # fmt: skip
    half = Fraction(1, 2)
    assert shares == {
        "related_business": half, "existing_cooperation": half, "geography": half, "mutual_choice": half,
        "role": 1, "capacity": 1, "complementary": 1,
    }  # fmt: skip
    silent = measured("sustainable", pairs)
    assert silent.share is None and len(silent.figures) == 2
    without, graded = Judged("YN-01", silent), Judged("YN-01", silent, Grade.PARTLY, "有预算")
    assert without.share is None and Judged("YN-01", silent, Grade.YES, " ").share is None
    assert graded.share == half
    assert [each.at for each in unscored([without, graded])] == ["sustainable"]
    assert total([without, graded, Judged("YN-16", measured("role", pairs))]) == (Fraction(3, 4), 2)
    assert total([without]) == (None, 0)
    assert measured("a word of another pack", pairs).share is None
