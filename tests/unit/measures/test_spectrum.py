"""TY-42: the disease spectrum and the ten diseases that people most often leave for, county by county."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from tiercare.engines.measures.breakdown import NotBrokenDown
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.spectrum import Spectrum, spectrum

from .examples import DAY, book, packs
from .frames import Frames, filled

HERE, OUT = "340202", "340203"


def visits(
    code: str | None, stayed: int, left: int = 0, home: str = HERE, **more: Any
) -> list[dict[str, Any]]:
    places = [home] * stayed + [OUT if home == HERE else HERE] * left
    given = {"date": DAY, "home": home, "diagnosis": code, **more}
    return [filled("visits", **{**given, "place": place}) for place in places]


def found(*rows: list[dict[str, Any]], region: str = "3402") -> Spectrum:
    indicators = book("taiyuan").indicators
    rates = (indicators[each][-1] for each in ("transfer_out_rate", "transfer_out_stay_rate"))
    tables = Frames({"visits": [row for each in rows for row in each]})
    return spectrum(tables, *rates, span("2025"), region=region)


def test_the_spectrum_counts_every_case_and_the_ranking_goes_by_the_rate() -> None:
    it = found(visits("J06.9", 9, 1), visits("I10", 10, 10), visits("I10.x05", 20), visits("C34.9", 2, 8))
    assert [(each.code, each.cases, each.left) for each in it.diseases] == [
        ("I10", 40, 10),
        ("C34", 10, 8),
        ("J06", 10, 1),
    ]
    assert [each.share for each in it.diseases] == [Fraction(2, 3), Fraction(1, 6), Fraction(1, 6)]
    top = it.leaving(packs().parameters["TY-42.top_n"][-1].value, least=10)
    assert [(each.code, each.rate) for each in top] == [
        ("C34", Fraction(4, 5)),
        ("I10", Fraction(1, 4)),
        ("J06", Fraction(1, 10)),
    ]


def test_ten_are_listed_and_rates_of_few_cases_are_not_ranked() -> None:
    common = [visits(f"K{at}", 10, at) for at in range(10, 22)]
    it = found(*common, visits("A00", 0, 9))
    top = it.leaving(10, least=10)
    assert [each.code for each in top] == [f"K{at}" for at in range(21, 11, -1)]
    assert "A00" in {each.code for each in it.diseases}, (
        "nine of nine left: in the spectrum, not in the ranking"
    )


def test_a_county_has_its_own_spectrum() -> None:
    rows = [visits("I10", 5, 5), visits("I10", 10, home=OUT), visits("E11", 1, 3, home=OUT)]
    assert [(each.code, each.left) for each in found(*rows, region=HERE).diseases] == [("I10", 5)]
    assert [(each.code, each.left) for each in found(*rows, region=OUT).diseases] == [("I10", 0), ("E11", 3)]
    assert found(*rows, region=OUT).leaving(10, least=0)[0].code == "E11", (
        "where nobody leaves nothing is ranked"
    )


def test_of_equal_rates_the_one_with_more_who_leave_comes_first() -> None:
    it = found(visits("I10", 10, 10), visits("A15", 20, 20), visits("B15", 10, 10))
    assert [each.code for each in it.leaving(3, least=1)] == ["A15", "B15", "I10"]


def test_stays_stand_apart_and_cases_without_a_diagnosis_are_owned_up_to() -> None:
    it = found(visits("I63", 1, 1), visits("I63", 1, 3, kind="inpatient"), visits(None, 4))
    (stroke,) = it.diseases
    assert (stroke.cases, stroke.left, stroke.stays, stroke.left_stays) == (6, 4, 4, 3)
    assert (it.cases, it.unnamed, stroke.share) == (10, 4, 1)


def test_without_visits_there_is_no_spectrum() -> None:
    it = found()
    assert (it.diseases, it.cases, it.unnamed, it.leaving(10, least=1)) == ((), 0, 0, ())


def test_an_indicator_over_another_table_has_no_spectrum() -> None:
    other = book("taiyuan").indicators["satisfaction_score"][-1]
    with pytest.raises(NotBrokenDown):
        spectrum(Frames({}), other, other, span("2025"), region="3402")
