"""The book as a whole: every row of the clauses that is an indicator or a target has its place in it, and it is fit to be read."""

from __future__ import annotations

import re

import pytest

from tiercare.engines.measures.indicators import Form

from .examples import book, every_indicator, packs

PACKS = sorted(packs().packs)
NUMBER = re.compile(r"\d+\s*(%|％|‰)|[≥≤]")


def test_every_indicator_and_target_row_of_the_clauses_is_in_the_book() -> None:
    rows = {each.id for each in packs().clause.values() if each.kind in {"indicator", "target"}}
    served = {
        clause
        for pack in PACKS
        for one in book(pack).indicators.values()
        for version in one
        for clause in version.clauses
    } | {target.clause for pack in PACKS for target in book(pack).targets}
    assert len(rows) == 130
    assert rows - served == set()
    assert served - packs().clause.keys() == set()


@pytest.mark.parametrize("pack", PACKS)
def test_definitions_speak_both_languages_and_hold_no_target(pack: str) -> None:
    for each in every_indicator().values():
        for text in (each.name, each.says, each.source):
            assert text.zh and text.en and text.zh != text.en.strip()
            assert not NUMBER.search(text.zh.replace("（", "")), (
                f"{each.id}: numbers of targets stand in the clauses"
            )
        assert "÷" in each.says.zh or each.form in {
            Form.NUMBER,
            Form.MEDIAN,
            Form.GROWTH,
            Form.PROBABILITY,
        }, each.id
    for target in book(pack).targets:
        assert target.indicator or target.reason is not None


def test_signing_never_stands_without_fulfilment() -> None:
    ids = every_indicator().keys()
    assert {"signing_coverage", "fulfilment_rate"} <= ids
    assert {"key_group_signing_coverage", "key_group_fulfilment_rate"} <= ids
    assert {"registered_poor_signing", "registered_poor_fulfilment"} <= ids


NATIONAL_2024 = {
    1: ["unified_management_share"],
    2: ["democratic_decision_share"],
    3: ["recognition_rate", "rural_telemedicine_share"],
    4: ["posted_physicians_per_primary"],
    5: ["remote_diagnoses", "village_ecg_coverage"],
    6: ["primary_lead_income_ratio"],
    7: ["primary_visit_share"],
    8: ["insured_fund_in_county_share"],
    9: ["primary_fund_share"],
    10: ["insured_in_county_stay_cost", "insured_in_county_stay_cost_growth"],
    11: ["insured_in_county_stay_share"],
    12: ["tcm_visit_share"],
    13: ["chronic_admission_rate"],
}


def test_the_national_monitoring_set_names_its_numbers() -> None:
    """The fourteenth, premature mortality, needs a register of deaths, which no fact table is."""
    for number, ids in NATIONAL_2024.items():
        for each in ids:
            source = every_indicator()[each].source.zh
            assert "2024" in source and f"第{number}项" in source, each
