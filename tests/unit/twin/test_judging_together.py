"""Many outcomes and many groups judged at once: chance alone names a difference in one comparison of twenty, not in one outcome of twenty."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from tiercare.engines.measures.synth.columns import Array
from tiercare.engines.twin.comparing import Comparison, Policy, Question, concluded
from tiercare.engines.twin.levers import Levers
from tiercare.engines.twin.many import Answered
from tiercare.engines.twin.outcomes import OUTCOMES, Loss
from tiercare.engines.twin.paired import chance_of_mean, holm, listed, mean_band
from tiercare.kernel.text import Text

from .years import PROFILE, benefits

A = Policy(Text("甲", "a"), Levers(), benefits())
NAMES = tuple(OUTCOMES)
CHANCES = st.lists(st.floats(0, 1), max_size=30)


def judged(values: Array, losses: Callable[[int], Sequence[Loss]] = lambda pair: ()) -> Comparison:
    """A comparison whose differences are given: a row for each pair, a column for each outcome."""
    question = Question(A, A, PROFILE, 200, seeds=len(values), uncertain=False)
    answers = [
        Answered(
            pair,
            (dict.fromkeys(NAMES, 0.0), dict(zip(NAMES, map(float, row), strict=True))),
            tuple(losses(pair)),
        )
        for pair, row in enumerate(values)
    ]
    return concluded(question, answers)


def noise(seed: int, pairs: int) -> Array:
    return np.random.default_rng(seed).normal(size=(pairs, len(NAMES)))


def test_chances_are_counted_as_the_papers_do() -> None:
    """Four chances done by hand: Holm times 4, 3, 2, 1; Benjamini and Hochberg times 4, 2, 4/3, 1, both kept in order."""
    given = [0.01, 0.04, 0.03, 0.005]
    assert holm(given) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert listed(given) == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert holm([]) == listed([]) == []


@drawn(CHANCES)
def test_counted_among_others_nothing_looks_surer_than_alone(chances: list[float]) -> None:
    strict, mild = holm(chances), listed(chances)
    for alone, one, other in zip(chances, strict, mild, strict=True):
        assert alone - 1e-12 <= other <= one + 1e-12
        assert one <= min(1.0, alone * len(chances)) + 1e-12, "never harsher than Bonferroni"
    for told in (strict, mild):
        pairs = sorted(zip(chances, told, strict=True))
        assert [each for _, each in pairs] == sorted(told), "whoever is less likely by chance stays so"


@drawn(st.lists(st.integers(-30, 30), min_size=2, max_size=12))
def test_the_chance_of_a_mean_and_its_interval_say_the_same(values: list[int]) -> None:
    given = np.array(values, np.float64)
    chance = chance_of_mean(given)
    if abs(chance - 0.05) > 1e-6:
        assert (chance < 0.05) is mean_band(given).excludes_zero


def test_the_chance_of_a_mean_is_the_table_s() -> None:
    """Ten values whose t is 2.262: 5 %; a single value or none says nothing, a difference without any spread all."""
    values = np.arange(10.0)
    spread = values.std(ddof=1) / 10**0.5
    assert chance_of_mean(values - values.mean() + 2.262 * spread) == pytest.approx(0.05, abs=1e-4)
    assert chance_of_mean(np.array([7.0])) == chance_of_mean(np.array([])) == 1.0
    assert chance_of_mean(np.full(3, 2.0)) == 0.0
    assert chance_of_mean(np.zeros(3)) == 1.0


@pytest.mark.parametrize("pairs", [3, 10])
def test_where_nothing_differs_hardly_a_comparison_names_a_difference(pairs: int) -> None:
    """300 comparisons of pure noise: some 5 % name anything; one by one, some 70 % would."""
    found = [judged(noise(seed, pairs)) for seed in range(300)]
    named = np.mean([any(each.certain for each in one.differences) for one in found])
    alone = np.mean([any(each.certain or each.alone for each in one.differences) for one in found])
    assert named <= 0.09
    assert alone > 0.55
    assert {one.compared for one in found} == {len(NAMES)}


def test_a_difference_is_found_among_many_that_are_none() -> None:
    """In 60 comparisons one outcome differs by four standard deviations: nearly always found, the others hardly ever named beside it."""
    beside = missed = 0
    for seed in range(60):
        values = noise(seed, 10)
        values[:, 0] += 4
        found = judged(values)
        missed += found[NAMES[0]].verdict != "better"
        beside += any(each.certain for each in found.differences[1:])
    assert missed <= 1
    assert beside <= 8


def test_what_only_seems_to_differ_is_unclear_and_says_so() -> None:
    """Judged by itself its interval excludes 0; among twenty-five that is no news."""
    values = np.zeros((10, len(NAMES)))
    values[:, 1:] = noise(1, 10)[:, 1:] * 0.01
    steps = np.linspace(-1, 1, 10)
    values[:, 0] = steps + 2.6 * steps.std(ddof=1) / 10**0.5
    found = judged(values)[NAMES[0]]
    assert found.low > 0
    assert (found.certain, found.alone, found.robust, found.verdict) == (False, True, False, "unclear")


def test_what_one_side_has_no_value_of_is_not_counted() -> None:
    values = noise(2, 5)
    values[:, 3] = np.nan
    values[1:, 4] = np.nan
    found = judged(values)
    assert found.compared == len(NAMES) - 2
    assert found[NAMES[3]].verdict == "none"
    assert not found[NAMES[4]].certain, "one pair says nothing"


def test_who_loses_by_luck_is_hardly_ever_called_a_loser() -> None:
    """Sixty groups that lose by the toss of a coin in ten pairs: alone the luckless would be called losers in half of the comparisons."""
    wrong = 0
    for seed in range(60):
        tossed = np.random.default_rng(seed).random((10, 60)) < 0.5

        def losses(pair: int, tossed: Array = tossed) -> list[Loss]:
            return [
                Loss(Text(f"{n}组", f"group {n}"), "own_payment", 10.0, 11.0)
                for n in np.flatnonzero(tossed[pair])
            ]

        wrong += any(each.sure for each in judged(np.zeros((10, len(NAMES))), losses).losers)
    assert wrong <= 9


def test_those_who_lose_together_are_named() -> None:
    """A dozen that lose in every one of ten pairs, among as many that lose by luck; in four pairs nobody can be named."""

    def losses(pair: int) -> list[Loss]:
        hit = [Loss(Text(f"甲{n}", f"hit {n}"), "own_payment", 10.0, 12.0) for n in range(12)]
        by_luck = [Loss(Text(f"乙{n}", f"luck {n}"), "own_payment", 10.0, 11.0) for n in range(12)]
        return hit + [each for n, each in enumerate(by_luck) if (pair + n) % 2]

    found = judged(np.zeros((10, len(NAMES))), losses).losers
    assert {each.group.en for each in found if each.sure} == {f"hit {n}" for n in range(12)}
    assert {each.times for each in found if not each.sure} == {5}
    assert not any(each.sure for each in judged(np.zeros((4, len(NAMES))), losses).losers)
