"""Choosing sites: never worse than it says, never below what it says nobody undercuts; small tasks against every possibility."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiercare.engines.planning import choosing, relaxed
from tiercare.engines.planning.checker import faults_of_choice
from tiercare.engines.planning.choosing import choose
from tiercare.engines.planning.tasks import Choosing, Found, Impossible


def best_of_all(task: Choosing) -> float:
    """The cheapest of all plans, by trying each."""
    m, n = task.cost.shape
    best = math.inf
    for opened in itertools.combinations(range(m), task.p):
        for held in itertools.product(opened, repeat=n):
            load = np.bincount(held, task.need, m)
            if (load <= task.room + 1e-9).all():
                best = min(best, sum(task.cost[site, place] for place, site in enumerate(held)))
    return best


def faults(task: Choosing, got: Found) -> list[str]:
    return faults_of_choice(
        task.cost.tolist(),
        task.need.tolist(),
        task.room.tolist(),
        task.p,
        got.opened.tolist(),
        got.held.tolist(),
        claimed_cost=got.cost,
        claimed_bound=got.bound,
    )


@st.composite
def small(draw: st.DrawFn) -> Choosing:
    m, n = draw(st.integers(2, 4)), draw(st.integers(2, 5))
    costs = draw(st.lists(st.integers(0, 30), min_size=m * n, max_size=m * n))
    need = draw(st.lists(st.integers(1, 9), min_size=n, max_size=n))
    room = draw(st.lists(st.integers(4, 40), min_size=m, max_size=m))
    return Choosing(
        np.array(costs, float).reshape(m, n),
        np.array(need, float),
        np.array(room, float),
        draw(st.integers(1, m)),
        whole=True,
    )


@settings(max_examples=60, deadline=None)
@given(small(), st.integers(0, 3))
def test_small_tasks_come_out_as_trying_everything_does(task: Choosing, seed: int) -> None:
    wanted = best_of_all(task)
    try:
        got = choose(task, seed=seed, effort=0.2)
    except Impossible:
        assert math.isinf(wanted)
        return
    assert got.bound <= wanted + 1e-6
    if math.isinf(wanted):
        assert math.isinf(got.cost)
        return
    assert faults(task, got) == []
    assert got.cost == pytest.approx(wanted)
    assert got.proven


@settings(max_examples=30, deadline=None)
@given(small(), st.integers(0, 3))
def test_what_large_tasks_do_instead_is_no_less_true(task: Choosing, seed: int) -> None:
    wanted = best_of_all(task)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(choosing, "LARGE", 1)
        try:
            got = choose(task, seed=seed, effort=0.2)
        except Impossible:
            assert math.isinf(wanted)
            return
    assert got.bound <= wanted + 1e-6
    if math.isfinite(got.cost):
        assert faults(task, got) == []
        assert got.cost >= wanted - 1e-6
    if got.proven:
        assert got.cost == pytest.approx(wanted)


def test_a_plan_out_of_prices_serves_each_place_once_and_exceeds_nothing() -> None:
    task = region(60, 6, 5)
    for share in (0.2, 1.0, 3.0):
        opened, held = np.empty(task.p, np.int64), np.empty(60, np.int64)
        relaxed.picked(task.cost, task.need, task.room, task.p, np.full(60, 20.0 * share), opened, held)
        assert len(set(opened.tolist())) == task.p
        served = held >= 0
        load = np.bincount(held[served], task.need[served], task.p)
        assert (load <= task.room[opened]).all()
        assert served.any()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(1, 12)), min_size=1, max_size=9), st.integers(1, 40)
)
def test_a_knapsack_is_filled_as_trying_everything_does(items: list[tuple[int, int]], capacity: int) -> None:
    gains, needs = np.array([g for g, _ in items], float), np.array([w for _, w in items], float)
    chosen = np.zeros(len(items), np.bool_)
    got = relaxed.whole(gains, needs, len(items), float(capacity), chosen, 20_000)
    best = max(
        sum(gains[k] for k in some)
        for size in range(len(items) + 1)
        for some in itertools.combinations(range(len(items)), size)
        if sum(needs[k] for k in some) <= capacity
    )
    assert got == pytest.approx(best)
    assert gains[chosen].sum() == pytest.approx(best)
    assert needs[chosen].sum() <= capacity


def test_a_knapsack_given_up_says_no_less_than_the_best() -> None:
    gains = np.array([9.0, 8.0, 7.0, 6.0, 5.0])
    needs = np.array([7.0, 6.0, 5.0, 4.0, 3.0])
    chosen = np.zeros(5, np.bool_)
    whole = relaxed.whole(gains, needs, 5, 11.0, chosen, 20_000)
    assert relaxed.whole(gains, needs, 5, 11.0, chosen, 1) >= whole


def region(n: int, p: int, seed: int) -> Choosing:
    chance = np.random.default_rng(seed)
    at = chance.random((n, 2)) * 100
    need = chance.integers(1, 20, n).astype(float)
    far = np.floor(np.hypot(at[:, 0, None] - at[:, 0], at[:, 1, None] - at[:, 1]))
    return Choosing(far, need, np.full(n, math.ceil(need.sum() / p / 0.9)), p, whole=True)


def test_the_same_seed_gives_the_same_plan() -> None:
    task = region(60, 6, 1)
    one, two = choose(task, seed=4, effort=0.05), choose(task, seed=4, effort=0.1)
    assert one.held.tolist() == two.held.tolist()
    assert (one.cost, one.bound) == (two.cost, two.bound)


def test_every_step_that_is_told_is_better_than_the_one_before() -> None:
    told: list[tuple[float, float]] = []
    got = choose(region(80, 8, 2), effort=0.1, progress=lambda best: told.append((best.cost, best.bound)))
    assert len(told) > 2
    assert all(a[0] >= b[0] and a[1] <= b[1] for a, b in itertools.pairwise(told))
    assert told[-1] == (got.cost, got.bound)


def test_a_time_limit_is_never_called_optimal() -> None:
    got = choose(region(150, 12, 3), seconds=0.0)
    assert not got.proven
    assert got.gap > 0


@pytest.mark.parametrize(
    ("task", "of"),
    [
        (Choosing(np.ones((2, 2)), np.array([5.0, 5.0]), np.array([4.0, 9.0]), 1), "need more"),
        (Choosing(np.ones((2, 2)), np.array([5.0, 1.0]), np.array([4.0, 4.0]), 2), "place 0"),
        (Choosing(np.array([[1.0, np.inf]]), np.ones(2), np.full(1, 9.0), 1), "place 1"),
        (Choosing(np.ones((2, 2)), np.ones(2), np.full(2, 9.0), 3), "p = 3"),
    ],
)
def test_what_cannot_be_is_said(task: Choosing, of: str) -> None:
    with pytest.raises(Impossible, match=of):
        choose(task)
