"""Xinhui's annex held against a small synthetic district: rows in, every one of its lines met, not met or not computable.

``test_targets_annex`` judges numbers; this counts them out of facts, so that indicator, year, operator and clause meet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from tiercare.engines.measures.assessment import Assessment, assess
from tiercare.engines.measures.load import Book
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.targets import Met

from .examples import book, rows_of
from .frames import Frames

HERE, TOWN, AWAY = "440705", "440705101", "440703"
DAY, BEFORE, MONTH = date(2017, 6, 15), date(2016, 6, 15), 201712
Rows = Mapping[str, Sequence[Mapping[str, Any]]]

LOCAL = {"place": HERE, "home": HERE, "date": DAY}
CENTRE = {"division": TOWN, "category": "TOWNSHIP_CENTRE", "month": MONTH, "built_to_standard": True}
HOSPITAL = {"division": HERE, "category": "GENERAL", "tier": "secondary", "grade": "A", "month": MONTH}
DOWN = {
    "direction": "down",
    "sender_tier": "secondary",
    "sender_division": HERE,
    "state": "closed",
}
STAFF = {"division": TOWN, "month": MONTH, "gp": True}
AGREED = {"division": HERE, "month": MONTH}
PATIENT = {"home": HERE, "month": MONTH, "urban": True}
DONE = {"clause": "XH-126", "division": HERE, "month": MONTH, "done": DAY}
# A district that keeps every line of the annex, most by the least that is enough; twenty people stand for its residents.
GOOD: Rows = {
    "visits": [
        {**LOCAL, "tcm": True, "times": 30},
        {**LOCAL, "times": 35},
        {**LOCAL, "tier": "secondary", "times": 35},
        {**LOCAL, "kind": "inpatient", "tier": "secondary", "times": 85},
        {**LOCAL, "kind": "inpatient", "tier": "tertiary", "place": AWAY, "times": 15},
    ],
    "institutions": [
        {**CENTRE, "institution": "t1", "connected": True, "tcm_service": True},
        {**CENTRE, "institution": "t2", "connected": True, "tcm_service": True},
        {**CENTRE, "institution": "t3", "connected": True, "tcm_service": True},
        {**CENTRE, "institution": "t4", "connected": True, "tcm_service": True},
        {**CENTRE, "institution": "c1", "category": "COMMUNITY_CENTRE", "tcm_service": True},
        {**CENTRE, "category": "VILLAGE_CLINIC", "tcm_service": True, "times": 14},
        {**CENTRE, "category": "VILLAGE_CLINIC", "tcm_service": True, "built_to_standard": False},
        {**HOSPITAL, "institution": "h1", "county_hospital": True, "connected": True},
        {**HOSPITAL, "institution": "h2", "category": "TCM", "county_hospital": True, "connected": True},
        {**HOSPITAL, "institution": "h3", "category": "MATERNAL_CHILD", "connected": True},
    ],
    "population": [
        {"division": HERE, "month": MONTH, "persons": 20},
        {"division": HERE, "month": MONTH, "group": "urban", "persons": 10_000},
        {"division": HERE, "month": MONTH, "group": "key_group", "persons": 10},
    ],
    "staff": [
        *({**STAFF, "category": "TOWNSHIP_CENTRE", "institution": f"t{at}"} for at in range(1, 5)),
        {**STAFF, "urban": True, "category": "COMMUNITY_CENTRE", "times": 2},
    ],
    "contracts": [
        {"home": HERE, "month": MONTH, "permanent": True, "key_group": True, "times": 6},
    ],
    "surveys": [
        {
            "subject": "first_choice",
            "division": HERE,
            "date": DAY,
            "ill": True,
            "chose_primary": True,
            "times": 7,
        },
        {"subject": "first_choice", "division": HERE, "date": DAY, "ill": True, "times": 3},
    ],
    "milestones": [{**DONE, "stage": each} for each in ("software", "hardware", "deployment")],
    "referrals": [{**DOWN, "submitted": BEFORE, "times": 10}, {**DOWN, "submitted": DAY, "times": 11}],
    "agreements": [
        *(
            {**AGREED, "lower": h, "lower_county_hospital": True, "upper_tier": "tertiary"}
            for h in ("h1", "h2")
        ),
        *(
            {**AGREED, "lower": t, "lower_category": "TOWNSHIP_CENTRE", "upper_tier": "secondary"}
            for t in ("t1", "t2", "t3", "t4")
        ),
        {**AGREED, "lower": "c1", "lower_category": "COMMUNITY_CENTRE", "upper_tier": "tertiary"},
    ],
    "patients": [
        *(
            {**PATIENT, "disease": each, "standard": True, "times": 2}
            for each in ("hypertension", "diabetes")
        ),
        *({**PATIENT, "disease": each, "times": 3} for each in ("hypertension", "diabetes")),
    ],
}
CLAUSES = {f"XH-{at}" for at in range(114, 139)}
NEVER = {"xh_127", "xh_137"}


def annex() -> Book:
    """The book of Xinhui with the lines of the annex alone, and what they need."""
    whole = book("xinhui")
    targets = tuple(each for each in whole.targets if each.clause in CLAUSES)
    needed = {each.indicator for each in targets}
    return replace(
        whole, targets=targets, indicators={key: v for key, v in whole.indicators.items() if key in needed}
    )


def held(rows: Rows) -> Assessment:
    return assess(Frames(rows_of(rows)), annex(), [span("2017")], region=HERE)


def standing(rows: Rows) -> dict[str, Met]:
    return {each.target.id: each.met for each in held(rows).standings}


def test_every_line_of_the_annex_gets_its_verdict() -> None:
    found = standing(GOOD)
    assert len(found) == 25
    assert found == {name: Met.NOT_COMPUTABLE if name in NEVER else Met.MET for name in found}


def test_values_are_those_that_were_laid_down() -> None:
    found = held(GOOD)
    shown = {
        each.target.id: (int(each.value.numerator or 0), int(each.value.denominator or 0))
        for each in found.standings
        if each.value
    }
    assert shown["xh_114"] == (19, 20)
    assert shown["xh_115"] == (65, 100)
    assert shown["xh_119"] == (85, 100), "about 90 %: 85 is just enough"
    assert shown["xh_130"] == (1, 10)
    assert shown["xh_138"] == (30, 65)


# A row fewer of a table, counted from its front, and these lines are no longer met.
FEWER = {
    "visits": {0: ["xh_115"], 3: ["xh_119"]},
    "surveys": {0: ["xh_125"]},
    "milestones": {2: ["xh_126"]},
    "referrals": {1: ["xh_130"]},
    "agreements": {0: ["xh_131"], 1: ["xh_131"], 6: ["xh_132"]},
    "patients": {0: ["xh_133_hypertension"], 1: ["xh_133_diabetes"]},
    "staff": {0: ["xh_122"], 4: ["xh_121"]},
    "contracts": {0: ["xh_123", "xh_124"]},
    "institutions": {8: ["xh_117"], 9: ["xh_118"]},
}


def test_one_row_fewer_and_a_line_is_missed() -> None:
    def fewer(table: str, at: int, row: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**row, "times": row.get("times", 1) - (at in FEWER.get(table, {}))}

    found = standing(
        {table: [fewer(table, at, row) for at, row in enumerate(rows)] for table, rows in GOOD.items()}
    )
    missed = {line for lines in FEWER.values() for several in lines.values() for line in several}
    assert {line for line, met in found.items() if met is Met.NOT_MET} == missed


def test_without_data_nothing_is_met_and_nothing_is_missed() -> None:
    found = standing({})
    assert set(found.values()) == {Met.NO_DATA, Met.NOT_COMPUTABLE}
    assert {name for name, met in found.items() if met is Met.NOT_COMPUTABLE} == NEVER
