"""What 国卫医发〔2018〕28号, Yunnan, Chuxiong and Wuhu ask for: each demand just reached, just missed, without data, and altered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache

import pytest

from tiercare.engines.measures.evaluate import Value, evaluate
from tiercare.engines.measures.load import load_book
from tiercare.engines.measures.periods import Span, span
from tiercare.engines.measures.schema import Level
from tiercare.engines.measures.targets import NO_NUMBER, Met, Target, judge
from tiercare.engines.policy import Pack, PackSet
from tiercare.engines.policy import Value as PolicyValue

from .examples import book, every_indicator, packs
from .frames import Frames, filled

DOCUMENTS = ("NHC-", "YN-", "CX-", "WH-")
JUST = Fraction(1, 1000)
# By the number of the clause, or by “all”: the parameter whose alteration turns the verdict; None where the clause has none.
NUMBERED = {
    "nhc_19": "NHC-19.consortium_coverage",
    "nhc_21": "NHC-21.paired_poor_county_hospital_coverage",
    "nhc_74": "NHC-74.group_and_community_coverage",
    "nhc_75": "NHC-75.primary_in_consortium_coverage",
    "nhc_81": None,
    "nhc_82": "NHC-82.grid_coverage",
    "yn_06": None,
    "yn_07": "YN-07.tier3_public_participation",
    "yn_08": "YN-08.effective_consortia_per_prefecture",
    "yn_09": "YN-09.county_with_community",
    "yn_11": "YN-11.tier3_with_consortium",
    "yn_12": "YN-12.county_with_community",
    "yn_13": "YN-13.township_and_government_community_coverage",
    "yn_14_secondary": "YN-14.tier2_public_participation",
    "yn_14_primary": "YN-14.government_primary_participation",
    "yn_15": "YN-15.community_of",
    "yn_19": "YN-19.tier3_led_medical_groups_per_prefecture",
    "yn_30": None,
    "yn_31": None,
    "yn_33": "YN-33.township_coverage",
    "yn_47": "YN-47.registered_poor_signing",
    "yn_93": None,
    "yn_94": "YN-94.tier3_public_started",
    "cx_12_peoples": "CX-12.counties_per_lead",
    "cx_12_tcm": "CX-12.counties_per_lead",
    "cx_13": "CX-13.county_community_coverage",
    "cx_21": "CX-21.township_center_in_tight_community",
    "cx_28": "CX-28.primary_in_consortium_coverage",
    "cx_44": None,
    "cx_45": "CX-45.grid_coverage",
    "wh_40": "WH-40.consortium_coverage",
}
DIRECTED = {
    "up": [
        "nhc_19_levels",
        "nhc_26",
        "nhc_31",
        "nhc_34_in_county",
        "nhc_43",
        "nhc_47",
        "nhc_48",
        "nhc_53",
        "nhc_64_control",
        "yn_61_outpatient",
        "yn_61_tests",
        "yn_61_stays",
        "yn_90_control",
        "wh_05_first_contact",
        "wh_05_two_way_referral",
        "wh_05_vertical",
        "wh_05_institutions",
        "wh_05_private",
        "wh_11",
        "wh_20",
        "wh_21",
        "wh_51_control",
    ],
    "down": [
        "nhc_18",
        "nhc_18_stays",
        "nhc_49_admission",
        "nhc_49_surgery",
        "nhc_52",
        "nhc_64_admission",
        "yn_43",
        "yn_90_admission",
        "wh_05_acute_chronic",
        "wh_51_admission",
    ],
}
NEVER_HERE = ("nhc_33_general", "nhc_33_tcm", "yn_06_forms")
WITHOUT_NUMBER = ("nhc_34",)
# The month or the year each demand is judged over.
WHEN = {
    "nhc_33_general": "2020",
    "nhc_34": "2020",
    "nhc_74": "2018-12",
    "nhc_75": "2020-12",
    "nhc_81": "2018-08",
    "nhc_82": "2018-10",
    "yn_06": "2017-12",
    "yn_12": "2018-12",
    "yn_93": "2017-08",
    "yn_94": "2017-10",
    "cx_12_tcm": "2018-12",
    "cx_44": "2018-10",
    "cx_45": "2018-11",
    "wh_05_vertical": "2020",
}


@cache
def targets() -> dict[str, Target]:
    """Of the four documents, by id."""
    books = (book(pack) for pack in ("cn", "yunnan", "chuxiong", "wuhu"))
    return {each.id: each for found in books for each in found.targets if each.clause.startswith(DOCUMENTS)}


def _named(*ids: str) -> list[object]:
    return [pytest.param(each, id=each) for each in ids]


def _value(target: Target, value: Fraction | None) -> Value:
    """As if that had been computed; without a value as if the denominator were zero."""
    below = Fraction(0) if value is None else Fraction(1)
    return Value(target.indicator, 1, span("2018"), Level.REGION, "53", value or Fraction(0), below, value)


def _altered(values: Mapping[str, PolicyValue]) -> PackSet:
    """The packs with some parameters of other values."""

    def changed(pack: Pack) -> Pack:
        clauses = tuple(
            replace(
                clause,
                parameters=tuple(
                    replace(each, value=values.get(each.name, each.value)) for each in clause.parameters
                ),
            )
            for clause in pack.clauses
        )
        return replace(pack, clauses=clauses)

    return PackSet({key: changed(pack) for key, pack in packs().packs.items()})


@cache
def lowered() -> dict[str, Target]:
    """The demands by a number, asking for less: half of a number, the lower end of a range halved, half of a list."""
    less = {name: _less(name) for name in NUMBERED.values() if name is not None}
    changed = _altered(less)
    return {
        each.id: each
        for pack in ("yunnan", "chuxiong", "wuhu")
        for each in load_book(changed, pack).targets
        if each.id in NUMBERED
    }


def _less(name: str) -> PolicyValue:
    parameter = packs().parameters[name][-1]
    value = parameter.value
    if not isinstance(value, tuple):
        assert isinstance(value, int | float)
        return value / 2
    if parameter.type == "list":
        return value[: len(value) // 2]
    low, high = value
    assert isinstance(low, int | float)
    return (low / 2, high)


def _target_of(changed: PackSet, target: Target) -> Target:
    return next(each for each in load_book(changed, target.pack).targets if each.id == target.id)


def _missed(target: Target) -> Iterator[Fraction]:
    """Values that just miss the demand: below it, and above the upper end of a range."""
    assert target.limit is not None
    yield target.limit - target.tolerance - JUST
    if target.upper is not None:
        yield target.upper + JUST


def test_every_demand_of_the_texts_is_here_and_in_this_file() -> None:
    asked = {
        each.id for each in packs().clause.values() if each.kind == "target" and each.id.startswith(DOCUMENTS)
    }
    assert len(asked) == 33
    assert asked <= {each.clause for each in targets().values()}
    listed = [*NUMBERED, *DIRECTED["up"], *DIRECTED["down"], *NEVER_HERE, *WITHOUT_NUMBER]
    assert sorted(listed) == sorted(targets())


def test_a_demand_belongs_to_an_indicator_that_names_its_clause() -> None:
    strangers = [
        each.id
        for each in targets().values()
        if each.indicator
        and each.clause != "WH-05"  # four pillars, each measured by what other clauses define
        and each.clause not in every_indicator()[each.indicator].clauses
    ]
    assert strangers == []


@pytest.mark.parametrize("key", _named(*NUMBERED))
def test_a_number_is_just_reached_just_missed_or_unknown(key: str) -> None:
    target = targets()[key]
    assert target.limit is not None
    reached = [target.limit - target.tolerance, target.limit, target.upper or target.limit]
    assert [judge(target, _value(target, each)).met for each in reached] == [Met.MET] * 3
    assert {judge(target, _value(target, each)).met for each in _missed(target)} == {Met.NOT_MET}
    assert judge(target, None).met is Met.NO_DATA
    assert judge(target, _value(target, None)).met is Met.NO_DATA


@pytest.mark.parametrize("key", _named(*(key for key, parameter in NUMBERED.items() if parameter)))
def test_the_number_is_the_packs_and_another_one_turns_the_verdict(key: str) -> None:
    target, lower = targets()[key], lowered()[key]
    assert lower.limit is not None
    value = _value(target, lower.limit)
    assert judge(target, value).met is Met.NOT_MET
    assert judge(lower, value).met is Met.MET


def test_another_day_is_judged_in_another_month() -> None:
    changed = _altered({"CX-44.deadline": date(2018, 12, 31), "YN-93.deadline": date(2017, 9, 30)})
    assert _target_of(changed, targets()["cx_44"]).span == span("2018-12")
    assert _target_of(changed, targets()["yn_93"]).span == span("2017-09")


@pytest.mark.parametrize("key", _named(*DIRECTED["up"], *DIRECTED["down"]))
def test_a_direction_is_judged_against_the_year_before(key: str) -> None:
    target = targets()[key]
    direction = "up" if key in DIRECTED["up"] else "down"
    assert (target.op, target.limit) == (direction, None)
    same = Fraction(1, 2)
    better = same + (JUST if direction == "up" else -JUST)
    assert judge(target, _value(target, better), _value(target, same)).met is Met.MET
    assert judge(target, _value(target, same), _value(target, same)).met is Met.NOT_MET
    assert judge(target, _value(target, same), _value(target, better)).met is Met.NOT_MET
    assert judge(target, None, _value(target, same)).met is Met.NO_DATA
    assert judge(target, _value(target, same), None).met is Met.NO_DATA
    assert judge(target, _value(target, None), _value(target, same)).met is Met.NO_DATA


@pytest.mark.parametrize("key", _named(*NEVER_HERE))
def test_what_nobody_can_compute_here_says_why_whatever_the_numbers_are(key: str) -> None:
    target = targets()[key]
    for value in (None, _value(target, Fraction(10_000)), _value(target, Fraction(0))):
        standing = judge(target, value)
        assert standing.met is Met.NOT_COMPUTABLE
        assert standing.reason is target.reason is not None
        assert standing.value is value  # shown all the same: a region reports its share of 500 up


def test_the_great_majority_is_no_number_until_a_region_sets_one() -> None:
    target = targets()["nhc_34"]
    four_fifths = _value(target, Fraction(4, 5))
    assert judge(target, four_fifths) == replace(
        judge(target, four_fifths), met=Met.NOT_COMPUTABLE, reason=NO_NUMBER
    )
    assert judge(target, None).met is Met.NO_DATA
    for asked, met in ((0.8, Met.MET), (0.9, Met.NOT_MET)):
        changed = _altered({"NHC-34.basic_standard_share": asked})
        assert judge(_target_of(changed, target), four_fifths).met is met


@pytest.mark.parametrize(("key", "when"), WHEN.items())
def test_a_demand_is_judged_over_its_year_or_in_the_month_of_its_day(key: str, when: str) -> None:
    assert targets()[key].span == span(when)


def _judged(key: str, rows: dict[str, list[dict[str, object]]], region: str) -> Met:
    """From rows to the verdict, over the months of the demand."""
    target = targets()[key]
    assert target.span is not None
    values = evaluate(Frames(rows), [every_indicator()[target.indicator]], [target.span], region=region)
    return judge(target, next(each for each in values if each.level is Level.REGION)).met


@pytest.mark.parametrize(
    ("month", "communities", "met"),
    [(201712, 7, Met.MET), (201712, 6, Met.NOT_MET), (201711, 10, Met.NO_DATA)],
    ids=["seven of ten", "six of ten", "nothing of that month"],
)
def test_counties_with_a_community_are_counted_as_of_the_day(month: int, communities: int, met: Met) -> None:
    counties = [
        filled("grids", division=f"5323{at:02}", kind="county", community=at < communities, month=month)
        for at in range(10)
    ]
    assert _judged("yn_09", {"grids": counties}, "53") is met
    all_of_them = Met.MET if communities == 10 else Met.NOT_MET
    later = [{**county, "month": 201812} for county in counties]
    assert _judged("yn_12", {"grids": later}, "53") is all_of_them


@pytest.mark.parametrize(
    ("counties", "met"), [(0, Met.NOT_MET), (1, Met.MET), (2, Met.MET), (3, Met.NOT_MET)]
)
def test_each_lead_has_one_or_two_counties(counties: int, met: Met) -> None:
    def agreement(lead: str, county: int) -> dict[str, object]:
        return filled(
            "agreements",
            upper=lead,
            lower=f"H{county}",
            lower_county_hospital=True,
            division=f"5323{county:02}",
            since=date(2018, 11, 1),
            month=201812,
        )

    peoples = [agreement("prefecture_peoples_hospital", at) for at in range(counties)]
    rows = {"agreements": [*peoples, agreement("prefecture_tcm_yi_hospital", 40)]}
    assert _judged("cx_12_peoples", rows, "5323") is met
    assert _judged("cx_12_tcm", rows, "5323") is Met.MET


@pytest.mark.parametrize(
    ("done", "met"), [(date(2018, 10, 31), Met.MET), (date(2018, 11, 1), Met.NOT_MET), (None, Met.NOT_MET)]
)
def test_one_late_plan_is_enough_to_miss_all(done: date | None, met: Met) -> None:
    def plan(county: str, day: date | None) -> dict[str, object]:
        return filled(
            "milestones",
            clause="CX-44",
            body=county,
            division=county,
            due=date(2018, 10, 31),
            done=day,
            month=201810,
        )

    rows = {"milestones": [plan("532301", date(2018, 10, 20)), plan("532331", done)]}
    assert _judged("cx_44", rows, "5323") is met


def test_basically_forgives_five_points_and_no_more() -> None:
    """The points are ours, by name (basically), and a region may set others; the share of the text stays."""

    def covered(centres: int) -> dict[str, list[dict[str, object]]]:
        return {
            "institutions": [
                filled(
                    "institutions",
                    institution=f"T{at}",
                    division="532322",
                    category="TOWNSHIP_CENTRE",
                    form="county_community" if at < centres else None,
                    month=201812,
                )
                for at in range(100)
            ]
        }

    points = int(targets()["yn_13"].tolerance * 100)
    assert points == book("yunnan").given["basically"].value
    assert _judged("yn_13", covered(100 - points), "53") is Met.MET
    assert _judged("yn_13", covered(100 - points - 1), "53") is Met.NOT_MET
    assert targets()["yn_13"].span == Span(201812, 201812)
