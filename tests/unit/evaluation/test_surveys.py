"""Surveys: how many of each township are drawn, what a sheet says, and the interval of a share."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.apps.evaluation.rules.surveys import Sheet, Told, read, shared_out
from tiercare.engines.forms import Answers
from tiercare.engines.forms.surveys import load_surveys
from tiercare.engines.measures.chance import interval
from tiercare.engines.policy.load import own_folder

SURVEY = load_surveys([own_folder() / "cn"])["first_choice"]
TIERS = {"clinic": "primary", "hospital": "tertiary"}


@pytest.mark.parametrize(
    ("answers", "sheet", "told"),
    [
        ({"ill": False}, Sheet(False, None, None), Told.WELL),
        ({"ill": True, "first": "bought"}, Sheet(True, None, None), Told.CHOSE_OTHER),
        ({"ill": True, "institution": "clinic"}, Sheet(True, "clinic", True), Told.CHOSE_PRIMARY),
        ({"ill": True, "institution": "hospital"}, Sheet(True, "hospital", False), Told.CHOSE_OTHER),
        ({"ill": True, "institution": "closed"}, Sheet(True, "closed", False), Told.CHOSE_OTHER),
    ],
)
def test_what_a_sheet_says(answers: Answers, sheet: Sheet, told: Told) -> None:
    assert read(SURVEY, answers, TIERS) == sheet and sheet.told is told


@given(
    st.dictionaries(st.text("0123456789", min_size=9, max_size=9), st.integers(1, 5000), min_size=1),
    st.integers(1, 9000),
)
def test_townships_are_drawn_in_proportion(frame: dict[str, int], wanted: int) -> None:
    found = shared_out(frame, wanted)
    people = sum(frame.values())
    assert sum(found.values()) == min(wanted, people)
    for place, many in frame.items():
        drawn = found.get(place, 0)
        assert drawn <= many
        assert wanted >= people or abs(drawn - Fraction(wanted * many, people)) < 1


def test_the_interval_is_wilsons() -> None:
    """81 of 263, 95 %: Newcombe 1998 (Two-sided confidence intervals for the single proportion), table I: 0.2553 to 0.3662."""
    low, high = interval(81, 263, Fraction(1, 20))
    assert (round(float(low), 4), round(float(high), 4)) == (0.2553, 0.3662)
    assert [round(float(each), 4) for each in interval(0, 20, Fraction(1, 20))] == [0, 0.1611]
    assert [round(float(each), 4) for each in interval(20, 20, Fraction(1, 20))] == [0.8389, 1]


@given(st.integers(1, 3000), st.data())
def test_the_interval_holds_the_share(of: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, of))
    low, high = interval(count, of, Fraction(1, 20))
    tiny = Fraction(1, 10**5)
    assert 0 <= low <= Fraction(count, of) + tiny and Fraction(count, of) - tiny <= high <= 1
