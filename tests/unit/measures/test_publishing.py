"""What of an assessment is shown: totals no finer than what is hidden allows; and a unit's own numbers in their place."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F

from tiercare.engines.measures.chance import Law
from tiercare.engines.measures.evaluate import Value
from tiercare.engines.measures.indicators import Form
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.publishing import total_shown
from tiercare.engines.measures.schema import Level
from tiercare.engines.measures.scoring import (
    Curve,
    Inputs,
    Measure,
    Own,
    Panel,
    Scorecard,
    Taken,
    score,
    with_own,
)
from tiercare.kernel.text import Text

WORDS, YEAR = Text("x", "x"), span("2019")


def inputs(above: int, below: int, *, weight: int = 50, full: F = F(1)) -> Inputs:
    """Two lines, the second of which has these counts."""
    measures = (
        Measure("open", F(100 - weight), Curve.between(F(0), F(1)), None, None),
        Measure("few", F(weight), Curve.between(F(0), full), None, Law.BINOMIAL),
    )
    panel = Panel("p", WORDS, False, measures)
    card = Scorecard("c", 1, WORDS, WORDS, (), True, F(1, 2), F(1, 500), (panel,))
    taken = tuple(
        Taken(name, 1, ((), (), ()), 10, _value(name, a, b), None, None, F(1))
        for name, a, b in (("open", 700, 1000), ("few", above, below))
    )
    return Inputs(card, YEAR, Level.CONSORTIUM, "c", taken, ())


def _value(name: str, above: int, below: int) -> Value:
    return Value(name, 1, YEAR, Level.CONSORTIUM, "c", F(above), F(below), F(above, below))


def test_nothing_hidden_leaves_the_total_as_it_is() -> None:
    found = inputs(3, 10)
    assert total_shown(score(found), found, [], {}) == "50.0"


def test_a_hidden_line_among_few_takes_the_total_with_it() -> None:
    """3 of 10 over half the weight: each case is 5 points, so any total tells the count."""
    found = inputs(3, 10)
    assert total_shown(score(found), found, ["few"], {"few": 10}) is None


def test_among_many_the_total_is_shown_coarser() -> None:
    """6 of 2,000: a case is 0.025 points. With one decimal (half a step: 0.05) 4 others would read the same; in whole points 26."""
    found = inputs(6, 2000)
    assert total_shown(score(found), found, ["few"], {"few": 10}) == "35"
    # A case of 20,000 is 0.0025 points: more than ten others read the same to one decimal.
    more = inputs(60, 20_000)
    assert total_shown(score(more), more, ["few"], {"few": 10}) == "35.2"


def test_where_the_line_is_flat_nothing_is_told() -> None:
    """Beyond the value that earns everything all counts earn the same."""
    found = inputs(60, 100, full=F(1, 10))
    assert total_shown(score(found), found, ["few"], {"few": 10}) == "85.0"


def test_without_a_total_none_is_shown() -> None:
    found = inputs(3, 10)
    lost = replace(found, taken=())
    assert total_shown(score(lost), lost, ["few"], {"few": 10}) is None


def test_own_numbers_take_the_place_of_the_platforms_and_nothing_else_changes() -> None:
    found = inputs(3, 10)
    own = with_own(found, {"few": Own(Form.RATIO, 1, F(6), F(12))})
    assert own.taken[0] == found.taken[0]
    value = own.taken[1].value
    assert value is not None and (value.numerator, value.denominator, value.value) == (6, 12, F(1, 2))
    assert replace(own.taken[1], value=found.taken[1].value) == found.taken[1]


def test_own_values_are_computed_as_the_engine_computes_them() -> None:
    assert Own(Form.RATIO, 1000, F(5), F(200)).value == 25
    assert Own(Form.NUMBER, 1, F(5), None).value == 5
    assert Own(Form.MEDIAN, 1, F(7), F(30)).value == 7
    assert Own(Form.REQUIRED, 3, F(4), F(7)).value == F(4, 3)
    assert Own(Form.RATIO, 1, F(5), F(0)).value is None
