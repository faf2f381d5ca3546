"""Two policies over many seeds: the same differ by nothing, known differences are found as often as promised, what is not known is not said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from tiercare.engines.twin.acting import UP
from tiercare.engines.twin.assumptions import Assumptions, given
from tiercare.engines.twin.comparing import (
    Comparison,
    Policy,
    Question,
    compare,
    tasks_of,
)
from tiercare.engines.twin.leaning import acting
from tiercare.engines.twin.levers import Levers, PaymentMode
from tiercare.engines.twin.many import Answered, Stopped, Task
from tiercare.engines.twin.outcomes import OUTCOMES, Loss
from tiercare.engines.twin.paired import Band, mean_band, next_band, rank_correlations, ranks, student
from tiercare.engines.twin.running import Year, prepare, simulate
from tiercare.kernel.refusal import Refused
from tiercare.kernel.text import Text

from .years import PROFILE, YEAR, benefits

A = Policy(Text("甲", "a"), Levers(), benefits())
B = Policy(Text("乙", "b"), Levers(reserve_share=0.2, reimbursement_gap=20), benefits())
Side = Callable[[int, Assumptions], float]


def played(a: Policy = A, b: Policy = B, seeds: int = 3, residents: int = 1500, **more: bool) -> Comparison:
    """A real comparison, small."""
    return compare(a, b, profile=PROFILE, residents=residents, seeds=seeds, year=YEAR, processes=1, **more)


def told(value: float) -> Mapping[str, float]:
    """All outcomes with the same value."""
    return dict.fromkeys(OUTCOMES, value)


def made_up(
    a: Side, b: Side, losses: Callable[[int], Sequence[Loss]] = lambda seed: ()
) -> Callable[..., Comparison]:
    """Comparisons whose every outcome is a function of dice and assumptions that the test knows."""

    def play(tasks: Sequence[Task]) -> Iterator[Answered]:
        for task in tasks:
            sides = [side(task.seed, run.assumptions) for side, run in zip((a, b), task.runs, strict=True)]
            yield Answered(
                task.seed, tuple(map(told, sides)), tuple(losses(task.seed)) if task.losing else ()
            )

    def comparison(seeds: int, first: int = 1, uncertain: bool = False) -> Comparison:
        return compare(
            A, B, profile=PROFILE, residents=200, seeds=seeds, first=first, uncertain=uncertain, player=play
        )

    return comparison


def dice(seed: int) -> float:
    """A standard normal for each seed."""
    return float(np.random.Generator(np.random.PCG64([seed, 99])).normal())


def test_the_same_policy_twice_differs_by_exactly_nothing() -> None:
    found = played(A, replace(A, name=B.name))
    assert {each.verdict for each in found.differences} <= {"same", "none"}
    for each in found.differences:
        if each.seeds:
            assert (each.mean, each.low, each.high, each.band) == (0, 0, 0, Band(0, 0, 0))
            assert each.by_chance is None
    assert found["primary_first"].seeds == 3
    assert found.losers == ()


def test_a_lever_that_cannot_act_changes_nothing() -> None:
    """Reserved slots are released earlier where none are reserved: other levers, the same year."""
    found = played(A, replace(A, levers=Levers(release_hours=240)))
    assert found["self_wait"].verdict == found["own_payment"].verdict == "same"


def test_a_change_is_seen_and_its_direction_is_right() -> None:
    """Money moves people to primary care, and those who still go to hospitals pay more."""
    found = played(seeds=4)
    assert found["primary_first"].verdict == "better"
    assert found["own_payment"].verdict == "worse"
    assert found["own_payment"].a.mean < found["own_payment"].b.mean
    assert any(loser.outcome == "own_payment" and loser.times == 4 for loser in found.losers)


def test_both_sides_meet_the_same_draw_and_the_draws_differ() -> None:
    tasks = tasks_of(Question(A, B, PROFILE, 500, seeds=8))
    prices = []
    for task in tasks:
        a, b = task.runs
        assert a.assumptions.values == b.assumptions.values
        prices.append(a.assumptions["price"])
    assert len(set(prices[:8])) == 8
    assert prices[8:] == prices[:6]  # those played again with other dice have the draw of the first
    assert len({task.seed for task in tasks}) == len(tasks)


def test_without_uncertainty_only_chance_is_left() -> None:
    found = played(uncertain=False)
    runs = [run for task in tasks_of(found.question) for run in task.runs]
    assert len(runs) == 6  # and nothing is played twice
    assert all(run.assumptions.values == given().values for run in runs)
    assert found["primary_first"].by_chance == 1.0
    assert found["primary_first"].leans_on == ()


def test_an_assumption_of_one_side_holds_for_that_side_only() -> None:
    other = replace(A, assumptions={"visit_primary": 70.0})
    a, b = tasks_of(Question(A, other, PROFILE, 500, seeds=2, uncertain=False))[0].runs
    assert (a.assumptions["visit_primary"], b.assumptions["visit_primary"]) == (
        given()["visit_primary"],
        70.0,
    )
    # Drawn, both are off their own middle by the same.
    a, b = tasks_of(Question(A, other, PROFILE, 500, seeds=2))[0].runs
    assert b.assumptions["visit_primary"] - a.assumptions["visit_primary"] == pytest.approx(
        70.0 - given()["visit_primary"]
    )


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """A known difference with noise, 800 comparisons of 6 pairs: 95 % of the intervals hold it; a normal's 1.96 would hold it in 89 %."""
    truth, many, n = 0.7, 800, 6
    comparison = made_up(
        lambda seed, _: 5.0 + dice(seed), lambda seed, _: 5.0 + truth + dice(seed) + dice(-seed % 10**9)
    )
    found = [comparison(n, first=1 + n * k)["stay_rate"] for k in range(many)]
    held = np.mean([each.low <= truth <= each.high for each in found])
    assert 0.93 < held < 0.97
    following = [each.band for each in found[:-1]], [each.mean for each in found[1:]]
    assert all(
        band.low <= each.low and each.high <= band.high
        for band, each in zip(following[0], found, strict=False)
    )


def test_variance_is_split_into_chance_and_assumptions() -> None:
    """Half of the variance is the dice's, half the price's: found within a few points when many draws are played twice."""
    middle = given()["price"]
    spread = float(np.std([given().drawn(seed)["price"] for seed in range(1, 400)]))
    comparison = made_up(
        lambda seed, _: 0.0, lambda seed, using: (using["price"] - middle) / spread + dice(seed)
    )
    found = comparison(300, uncertain=True)["stay_rate"]
    assert found.by_chance == pytest.approx(0.5, abs=0.15)
    assert found.leans_on[0].assumption.name == "price"
    assert found.leans_on[0].sure
    assert found.leans_on[0].correlation == pytest.approx(0.7, abs=0.1)


def test_the_second_that_it_leans_on_is_found_behind_the_first() -> None:
    """Price does most, habit some: both are named, the stronger first, and nothing that does nothing."""

    def leaning(seed: int, using: Assumptions) -> float:
        return 10 * using["price"] + 6 * using["habit_share"] + 0.3 * dice(seed)

    found = made_up(lambda seed, _: 0.0, leaning)(60, uncertain=True)["stay_rate"]
    assert [(each.assumption.name, each.sure) for each in found.leans_on] == [
        ("price", True),
        ("habit_share", True),
    ]
    assert found.leans_on[0].correlation > found.leans_on[1].correlation > 0


def test_bands_of_shares_end_where_shares_do() -> None:
    found = made_up(lambda seed, _: 0.95 + 0.05 * dice(seed), lambda seed, _: 0.02 + 0.02 * dice(seed))(5)
    assert (found["in_area"].a.high, found["in_area"].b.low) == (1.0, 0.0)
    assert found["own_payment"].a.high > 1
    assert found["in_area"].certain
    assert found["in_area"].verdict == "worse"


def test_nothing_is_sure_to_be_leaned_on_where_all_is_chance() -> None:
    """40 comparisons of pure noise: at most a few name an assumption as sure, though each looks at more than fifty of them."""
    comparison = made_up(lambda seed, _: 0.0, lambda seed, _: dice(seed))
    found = [comparison(20, first=1 + 20 * k, uncertain=True)["stay_rate"] for k in range(40)]
    assert sum(any(lean.sure for lean in each.leans_on) for each in found) <= 5
    assert all(len(each.leans_on) == 1 for each in found if not any(lean.sure for lean in each.leans_on))


def test_idle_assumptions_are_not_named() -> None:
    names = {each.name for each in acting([Levers(telemedicine_coverage=0)])}
    assert not names & {"drg_cost", "dip_days", "package_up", "trust", "posted_solve", "trust_remote"}
    names = {each.name for each in acting([Levers(), Levers(payment_mode=PaymentMode.DRG, secondments=2)])}
    assert {"drg_cost", "trust", "trust_remote", "price"} <= names
    assert "dip_days" not in names


def test_what_one_side_has_no_value_of_is_not_compared() -> None:
    """Nothing is reserved under the first policy, so there is no use of reserved slots to compare with; the second's is still told."""
    found = played(residents=4000, seeds=2)["reserve_used"]
    assert (found.verdict, found.seeds, found.certain) == ("none", 0, False)
    assert found.b.mean == found.b.mean  # a number


def test_who_loses_is_told_with_how_often() -> None:
    def losses(seed: int) -> list[Loss]:
        every = [Loss(Text("甲地", "there"), "own_payment", 100.0, 110.0 + seed)]
        if seed % 4 == 0:
            every.append(Loss(Text("乙地", "elsewhere"), "own_payment", 100.0, 101.0))
        if seed % 5 < 3:
            every.append(Loss(Text("丙地", "at times"), "no_place", 0.0, 1.0))
        return every

    found = made_up(lambda seed, _: 0.0, lambda seed, _: 1.0, losses)(20)
    assert [(each.group.en, each.times, each.sure) for each in found.losers] == [
        ("there", 20, True),
        ("at times", 12, False),  # 12 of 20 heads are no news
    ]
    assert found.losers[0].after == pytest.approx(110 + 10.5)


def test_progress_is_told_and_a_stop_leaves_what_there_is() -> None:
    done: list[tuple[int, int]] = []

    def until(many: int) -> Callable[[int, int], bool]:
        def progress(now: int, of: int) -> bool:
            done.append((now, of))
            return now < many

        return progress

    common = {"profile": PROFILE, "residents": 400, "processes": 1}
    found = compare(A, B, seeds=5, progress=until(3), **common)
    assert (found.seeds, found.stopped) == ((1, 2, 3), True)
    assert done == [(1, 10), (2, 10), (3, 10)]
    assert found.pairs["stay_rate"] == compare(A, B, seeds=5, **common).pairs["stay_rate"][:3]
    with pytest.raises(Stopped):
        compare(A, B, seeds=5, progress=until(1), **common)


def test_one_seed_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        played(seeds=1)
    assert refused.value.refusals[0].code == "comparison_seeds"


def test_more_seeds_begin_with_the_same_pairs() -> None:
    """Running again with more seeds adds to what there was."""
    few, more = played(seeds=2, residents=500), played(seeds=4, residents=500)
    assert more.pairs["own_payment"][:2] == few.pairs["own_payment"]


@settings(max_examples=12, deadline=None)
@drawn(seed=st.integers(0, 10**6), residents=st.integers(2500, 5000), scarce=st.booleans())
def test_reserving_slots_never_leaves_more_referrals_without(seed: int, residents: int, scarce: bool) -> None:
    """A fifth reserved, scarce places or plenty: no more referrals without a place, and none wait longer. Those without count as waiting one day
    longer than they can: left out, as in the mean of those with a place, the more who find one the longer it looks."""
    using = given().with_values({"slots_per_bed": 0.9, "patience_referred": 5.0} if scarce else {})
    made = prepare(PROFILE, residents=residents, seed=seed, year=YEAR, assumptions=using)

    def of(share: float) -> Year:
        return simulate(
            PROFILE, Levers(reserve_share=share), residents=residents, seed=seed, benefits=A.benefits, year=YEAR,
            assumptions=using, prepared=made,
        )  # fmt: skip

    none, some = (_waits(of(share), using["patience_referred"]) for share in (0.0, 0.2))
    assert some[0] <= none[0]
    assert some[1] <= none[1] + 1e-9


def _waits(year: Year, patience: float) -> tuple[float, float]:
    up = year.sent[year.sent["direction"] == UP]
    without = up["place"] < 0
    waits = np.where(without, patience + 1, up["place"] - up["submitted"])
    return float(without.mean()), float(waits.mean())


def test_student_is_the_table_s() -> None:
    """Any table of the t distribution, two-sided 95 and 99 %."""
    for freedom, wanted in {
        1: 12.706,
        2: 4.303,
        5: 2.571,
        10: 2.228,
        29: 2.045,
        49: 2.010,
        200: 1.972,
    }.items():
        assert student(freedom) == pytest.approx(wanted, abs=5e-4)
    assert student(9, 0.99) == pytest.approx(3.250, abs=5e-4)


@drawn(st.integers(1, 60))
def test_fewer_values_know_less(freedom: int) -> None:
    assert student(freedom) > student(freedom + 1) > 1.959


def test_bands_of_a_sample_that_can_be_done_by_hand() -> None:
    """1, 2, 3: mean 2, standard deviation 1, t = 4.303: ±4.303/√3 for the mean, ±4.303·√(4/3) for one more."""
    values = np.array([1.0, 2.0, 3.0])
    assert mean_band(values).high == pytest.approx(2 + 4.3027 / 3**0.5, abs=1e-3)
    assert next_band(values).high == pytest.approx(2 + 4.3027 * (4 / 3) ** 0.5, abs=1e-3)
    alone = mean_band(np.array([4.0]))
    assert (alone.mean, alone.excludes_zero) == (4.0, False)


@drawn(st.lists(st.integers(-5, 5), min_size=1, max_size=20))
def test_ranks_share_ties_and_keep_order(values: list[int]) -> None:
    found = ranks(np.array(values, np.float64))
    assert found.sum() == pytest.approx(len(values) * (len(values) + 1) / 2)
    order = sorted(zip(values, found.tolist(), strict=True))
    assert all((a[0] == b[0]) == (a[1] == b[1]) and a[1] <= b[1] for a, b in pairwise(order))


def test_rank_correlation_sees_any_rising_relation() -> None:
    x = np.arange(1.0, 12.0)
    columns = np.column_stack([x, -x, np.ones(11)])
    assert rank_correlations(columns, np.exp(x)).tolist() == pytest.approx([1.0, -1.0, 0.0])
