"""Networks, support, specialties, day services, levels of care, duties: every example on DuckDB and by the slow engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tiercare.engines.measures.by_hand import evaluate_by_hand
from tiercare.engines.measures.evaluate import evaluate
from tiercare.engines.measures.indicators import Indicator, Part, aggregate
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.schema import Attribution, Level, facts

from .examples import Example, book, check, every_indicator, packs, read_examples
from .frames import Frames, filled

FILES = (
    "30-network.yaml",
    "31-support.yaml",
    "32-specialties.yaml",
    "33-daycare.yaml",
    "34-levels.yaml",
    "35-plans.yaml",
    "36-across.yaml",
)
REGIONS = "38-regions.yaml"
DAY = date(2025, 6, 15)
DOCUMENTS = ("NHC-", "YN-", "CX-", "WH-")


def _named(*names: str) -> list[object]:
    return [pytest.param(each, id=str(each)) for each in read_examples(*names)]


@pytest.mark.parametrize("example", _named(*FILES))
def test_an_example_worked_out_on_paper_comes_out_on_both_engines(example: Example) -> None:
    check(example)


@pytest.mark.parametrize("example", _named(REGIONS))
def test_an_example_of_a_region_comes_out_with_the_keys_of_its_own_register(example: Example) -> None:
    """``check`` gives rows keys of their own; these definitions name hospitals by their keys, so the rows stay as they are."""
    indicator = every_indicator()[example.indicator]
    fast = evaluate(Frames(example.rows), [indicator], [example.span], region=example.region)
    slow = evaluate_by_hand(example.rows, [indicator], [example.span], region=example.region)
    for values in (fast, slow):
        found = next(each for each in values if (each.level, each.key) == example.place)
        assert (found.numerator, found.denominator, found.value) == example.expected


def test_every_indicator_of_the_texts_is_defined() -> None:
    asked = {
        clause.id
        for clause in packs().clause.values()
        if clause.kind == "indicator" and clause.id.startswith(DOCUMENTS)
    }
    defined = {
        clause
        for pack in packs().packs
        for versions in book(pack).indicators.values()
        for version in versions
        for clause in version.clauses
    }
    assert len(asked) == 33
    assert asked <= defined


def test_a_definition_without_a_formula_in_the_text_says_that_it_is_ours() -> None:
    """A clause whose formula is missing makes every definition of it ours."""
    without = {
        clause.id
        for clause in packs().clause.values()
        if any(each.key == "formula" and each.value is None for each in clause.parameters)
    }
    mine = {each.indicator for each in read_examples(*FILES, REGIONS)}
    silent = [
        key
        for key in mine
        if without & set(every_indicator()[key].clauses) and not every_indicator()[key].ours
    ]
    assert silent == []


def test_a_region_that_names_its_regional_centres_counts_them() -> None:
    """The list is empty in our packs; with a hospital in it, a case resolved there counts though it is far away."""
    indicator = every_indicator()["difficult_critical_in_province_share"]
    named = _with_centres(indicator, ["H1"])
    rows = {
        "visits": [
            filled("visits", visit="v1", institution="H1", place="310101", critical=True, date=DAY),
            filled("visits", visit="v2", institution="H2", place="310101", critical=True, date=DAY),
        ]
    }
    for asked, expected in ((indicator, 0), (named, 1)):
        fast = evaluate(Frames(rows), [asked], [span("2025")], region="3402")
        slow = evaluate_by_hand(rows, [asked], [span("2025")], region="3402")
        for values in (fast, slow):
            whole = next(each for each in values if each.level is Level.REGION)
            assert (whole.numerator, whole.denominator) == (expected, 2)


def _with_centres(indicator: Indicator, centres: list[str]) -> Indicator:
    part = indicator.numerator[0]
    taken = aggregate(
        "count(province(place) == province(home) or listed(institution, national_regional_centres))",
        facts()["visits"],
        facts()["visits"].columns,
        {"national_regional_centres": centres},
        indicator.denominator[0].aggregate.where,
    )
    return replace(indicator, numerator=(Part(part.fact, Attribution.RESIDENCE, taken),))
