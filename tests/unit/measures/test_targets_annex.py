"""What Xinhui's plan, its annex of 25 values and Taiyuan's opinions ask for: each with the operator as it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache

import pytest

from tiercare.engines.measures.evaluate import Value
from tiercare.engines.measures.load import Book, load_book
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.schema import Level
from tiercare.engines.measures.targets import NO_NUMBER, Met, Target, judge
from tiercare.engines.policy import PackSet, Parameter

from .examples import book, packs

JUST = Fraction(1, 10_000)
# Operator as written, year or month, and the clause's parameter. ~= is 左右 or 基本.
NUMBERED = {
    "xh_02": ("~=", "2017", "in_district_visit_share"),
    "xh_03": (">=", "2017", "primary_visit_share"),
    "xh_05": ("~=", "2020", "gp_signing_coverage"),
    "xh_06": (">=", "2020", "pillars"),
    "xh_14": ("=", "2020", "beds_per_1000"),
    "xh_15": ("=", "2020", "private_bed_share"),
    "xh_18_hospitals": ("~=", "2017", "tier2_hospital_coverage"),
    "xh_18_centres": ("~=", "2017", "community_township_coverage"),
    "xh_20": (">=", "2018", "centers"),
    "xh_37": ("~=", "2017", "signing_coverage"),
    "xh_38": ("~=", "2017", "key_group_signing_coverage"),
    "xh_71": (">=", "2020", "gp_per_10000"),
    "xh_81": ("~=", "2017", "in_district_visit_share"),
    "xh_94": (">=", None, "feature_departments_per_primary"),
    "ty_65": ("=", "2024-12", "lead_hospitals_with_center"),
    "ty_83": ("=", None, "county_psychiatric_clinic_coverage"),
}
ANNEX = {
    "xh_114": (">=", "2017", "primary_construction_pass_rate"),
    "xh_115": (">=", "2017", "primary_visit_share"),
    "xh_116": (">=", "2017", "grade_2a_general_hospitals"),
    "xh_117": (">=", "2017", "grade_2a_tcm_hospitals"),
    "xh_118": (">=", "2017", "level2_mch_institutions"),
    "xh_119": ("~=", "2017", "in_county_hospitalisation_rate"),
    "xh_121": (">=", "2017", "gp_per_10000_urban"),
    "xh_122": (">=", "2017", "gp_per_township_center"),
    "xh_123": (">=", "2017", "signing_coverage"),
    "xh_124": (">=", "2017", "key_group_signing_coverage"),
    "xh_125": (">=", "2017", "first_choice_primary_share"),
    "xh_126": (">=", "2017", "stages"),
    "xh_128": ("~=", "2017", "tier2_tier3_hospital_coverage"),
    "xh_129": (">=", "2017", "township_community_coverage"),
    "xh_130": (">=", "2017", "down_referral_yoy_growth"),
    "xh_131": ("=", "2017", "county_hospital_with_tier3_agreement"),
    "xh_132": ("=", "2017", "community_township_with_tier2_3_agreement"),
    "xh_133_hypertension": (">=", "2017", "standard_management_rate"),
    "xh_133_diabetes": (">=", "2017", "standard_management_rate"),
    "xh_134": ("=", "2017", "tcm_share_value_1"),
    "xh_135": ("=", "2017", "tcm_share_value_2"),
    "xh_136": ("=", "2017", "tcm_share_value_3"),
    "xh_138": (">=", "2017", "primary_tcm_visit_share"),
}
DIRECTED = {
    "up": [
        *("xh_04", "xh_24", "xh_40", "xh_53_control", "xh_68_outpatient", "xh_68_rehab", "xh_92"),
        *("xh_107_down", "xh_107_difficult", "ty_01", "ty_02", "ty_03", "ty_04", "ty_05", "ty_06"),
        *("ty_52", "ty_59"),
    ],
    "down": [
        *("xh_52_chronic", "xh_52_ordinary", "xh_53_cost", "xh_77"),
        *("ty_07", "ty_07_visits", "ty_08", "ty_09"),
    ],
}
NOT_HERE = {"xh_84": "权重", "xh_108": "权重", "xh_127": "省", "xh_137": "哪一类", "ty_83_leads": "普遍开设"}
WRITTEN = {**NUMBERED, **ANNEX}


@cache
def targets() -> Mapping[str, Target]:
    return own(book("xinhui")) | own(book("taiyuan"))


def own(it: Book) -> dict[str, Target]:
    return {each.id: each for each in it.targets if each.clause.startswith(("XH-", "TY-"))}


def marked(*ids: str) -> list[object]:
    return [pytest.param(each, id=each) for each in ids]


def edge(target: Target) -> Fraction:
    """The least that is enough."""
    assert target.limit is not None
    return target.limit - target.tolerance if target.op == "~=" else target.limit


def value(target: Target, amount: Fraction | None) -> Value:
    """As if that had been computed; without an amount the denominator is zero."""
    below = Fraction(0 if amount is None else 1)
    return Value(
        target.indicator, 1, span("2017"), Level.REGION, "440705", amount or Fraction(0), below, amount
    )


def parameter(target: Target) -> Parameter:
    return packs().parameters[f"{target.clause}.{WRITTEN[target.id][2]}"][-1]


@cache
def raised() -> Mapping[str, Target]:
    """The targets where every number asked for is a little higher, and every list one longer."""
    asked = {parameter(targets()[each]).name for each in WRITTEN}

    def higher(each: Parameter) -> Parameter:
        if each.name not in asked:
            return each
        if each.type == "list":
            assert isinstance(each.value, list | tuple)
            return replace(each, value=[*each.value, "one_more"])
        assert isinstance(each.value, int | float)
        return replace(each, value=each.value + (0.0001 if isinstance(each.value, float) else 1))

    changed = {
        key: replace(
            pack,
            clauses=tuple(
                replace(clause, parameters=tuple(higher(each) for each in clause.parameters))
                for clause in pack.clauses
            ),
        )
        for key, pack in packs().packs.items()
    }
    set_of = PackSet(changed)
    return own(load_book(set_of, "xinhui")) | own(load_book(set_of, "taiyuan"))


def test_every_demand_of_the_three_documents_is_tested_here() -> None:
    directed = {each for several in DIRECTED.values() for each in several}
    assert targets().keys() == WRITTEN.keys() | directed | NOT_HERE.keys()


def test_the_annex_has_its_25_values() -> None:
    clauses = {targets()[each].clause for each in (*ANNEX, "xh_127", "xh_137")}
    assert len(clauses) == 24, "item 120 is a rule of its own; 133 is asked of two diseases"
    assert len(ANNEX) + 2 == 25


@pytest.mark.parametrize("name", marked(*WRITTEN))
def test_a_number_just_reached_just_missed_and_without_data(name: str) -> None:
    target, (op, when, _) = targets()[name], WRITTEN[name]
    assert (target.op, target.span) == (op, span(when) if when else None)
    asked = parameter(target).value
    assert target.limit == (len(asked) if isinstance(asked, list | tuple) else Fraction(str(asked))), (
        "the number stands in the clause"
    )
    least = edge(target)
    assert judge(target, value(target, least)).met is Met.MET
    assert judge(target, value(target, least + JUST)).met is Met.MET
    assert judge(target, value(target, least - JUST)).met is Met.NOT_MET
    assert judge(target, value(target, None)).met is Met.NO_DATA
    assert judge(target, None).met is Met.NO_DATA


@pytest.mark.parametrize("name", WRITTEN)
def test_a_higher_number_in_the_pack_turns_the_verdict(name: str) -> None:
    least = edge(targets()[name])
    assert judge(raised()[name], value(targets()[name], least)).met is Met.NOT_MET
    assert judge(raised()[name], value(targets()[name], edge(raised()[name]))).met is Met.MET


def test_about_and_basically_forgive_what_the_pack_says() -> None:
    """The same coverage is 左右 in the text and 以上 in the annex: between the two, one is met and the other is not."""
    for loose, strict in (("xh_37", "xh_123"), ("xh_38", "xh_124"), ("xh_18_centres", "xh_129")):
        a, b = targets()[loose], targets()[strict]
        assert a.indicator == b.indicator and a.limit == b.limit
        between = edge(a)
        assert judge(a, value(a, between)).met is Met.MET
        assert judge(b, value(b, between)).met is Met.NOT_MET
    given = book("xinhui").given
    assert {given["about"].ours, given["basically"].ours} == {True}, "no text gives a tolerance"


@pytest.mark.parametrize(
    ("name", "way"),
    [pytest.param(name, way, id=name) for way, several in DIRECTED.items() for name in several],
)
def test_a_direction_is_judged_against_the_period_before(name: str, way: str) -> None:
    target = targets()[name]
    assert (target.op, target.limit) == (way, None)
    low, high = value(target, Fraction(1, 3)), value(target, Fraction(1, 2))
    better, worse = (high, low) if way == "up" else (low, high)
    assert judge(target, better, worse).met is Met.MET
    assert judge(target, worse, better).met is Met.NOT_MET
    assert judge(target, low, low).met is Met.NOT_MET, "as before is neither a rise nor a fall"
    assert judge(target, better).met is Met.NO_DATA
    assert judge(target, None, worse).met is Met.NO_DATA


@pytest.mark.parametrize("name", NOT_HERE)
def test_what_nothing_here_can_compute_says_why(name: str) -> None:
    found = judge(targets()[name], None)
    assert found.met is Met.NOT_COMPUTABLE
    assert found.reason is not None and found.reason != NO_NUMBER
    assert NOT_HERE[name] in found.reason.zh and found.reason.en
