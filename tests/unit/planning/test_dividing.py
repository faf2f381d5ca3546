"""Dividing places into grids: connected, capacities kept, one grid a place; small tasks against every possibility."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tiercare.engines.planning.checker import faults_of_division
from tiercare.engines.planning.dividing import divide, relaxed
from tiercare.engines.planning.tasks import Dividing, Found, Impossible


def rows_of(beside: list[set[int]]) -> tuple[np.ndarray, np.ndarray]:
    first = np.concatenate([[0], np.cumsum([len(each) for each in beside])]).astype(np.int64)
    return first, np.array([k for each in beside for k in sorted(each)], np.int64)


def faults(task: Dividing, got: Found) -> list[str]:
    beside = {j: task.beside[task.first[j] : task.first[j + 1]].tolist() for j in range(task.need.shape[0])}
    return faults_of_division(
        task.cost.tolist(),
        task.need.tolist(),
        task.room.tolist(),
        task.seat.tolist(),
        beside,
        task.fair.tolist(),
        task.balance,
        got.held.tolist(),
        claimed_cost=got.cost,
        claimed_bound=got.bound,
    )


def lattice(wide: int, high: int, grids: int, seed: int, *, tight: float, balance: float) -> Dividing:
    """A chessboard of places with seats by chance; costs are steps times people."""
    chance = np.random.default_rng(seed)
    n = wide * high
    beside: list[set[int]] = [set() for _ in range(n)]
    for j in range(n):
        for k in (j + 1 if (j + 1) % wide else -1, j + wide):
            if 0 <= k < n:
                beside[j].add(k)
                beside[k].add(j)
    people = chance.integers(1, 9, n).astype(float)
    seat = np.sort(chance.choice(n, grids, replace=False)).astype(np.int64)
    x, y = np.arange(n) % wide, np.arange(n) // wide
    steps = np.abs(x[seat][:, None] - x) + np.abs(y[seat][:, None] - y)
    first, rows = rows_of(beside)
    fair = np.full(grids, people.sum() / grids)
    room = np.full((grids, 1), math.ceil(people.sum() / grids / tight))
    return Dividing(steps * people, people[:, None], room, seat, first, rows, fair, balance)


def best_of_all(task: Dividing) -> float:
    m, n = task.cost.shape
    best = math.inf
    for each in itertools.product(range(m), repeat=n):
        held = np.array(each)
        if (held[task.seat] != np.arange(m)).any() or not task.keeps(held):
            continue
        if faults(task, Found(held=held, cost=task.total(held))) == []:
            best = min(best, task.total(held))
    return best


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000), st.integers(2, 3), st.sampled_from([0.6, 0.85, 0.95]), st.sampled_from([0.0, 1.5])
)
def test_small_regions_come_out_as_trying_everything_does(
    seed: int, grids: int, tight: float, balance: float
) -> None:
    task = lattice(3, 3, grids, seed, tight=tight, balance=balance)
    wanted = best_of_all(task)
    try:
        got = divide(task, effort=0.2)
    except Impossible:
        assert math.isinf(wanted)
        return
    assert got.bound <= wanted + 1e-6
    assume(math.isfinite(wanted))
    assert faults(task, got) == []
    assert got.cost == pytest.approx(wanted)
    assert got.proven


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 8), st.sampled_from([0.0, 0.7]))
def test_whatever_the_region_grids_are_whole_and_within_capacity(
    seed: int, grids: int, balance: float
) -> None:
    task = lattice(12, 10, grids, seed, tight=0.7, balance=balance)
    got = divide(task, seed=seed, effort=0.2)
    assume(math.isfinite(got.cost))
    assert faults(task, got) == []
    assert relaxed(task)[0] <= got.cost + 1e-6


def test_a_plan_in_pieces_is_seen_by_the_checker() -> None:
    task = lattice(4, 1, 2, 3, tight=0.3, balance=0.0)
    held = np.array([1 if j == int(task.seat[1]) else 0 for j in range(4)])
    whole = faults(task, Found(held=held, cost=task.total(held)))
    held[0 if task.seat[0] != 0 else 3] = 1
    torn = faults(task, Found(held=held, cost=task.total(held)))
    between = 0 < int(task.seat[1]) < 3
    assert bool(whole) == between
    assert torn or not between


def test_the_same_seed_gives_the_same_grids_and_another_may_not() -> None:
    task = lattice(12, 10, 6, 5, tight=0.8, balance=0.5)
    one, two = divide(task, seed=3, effort=0.2), divide(task, seed=3, effort=0.2)
    assert one.held.tolist() == two.held.tolist()
    assert (one.cost, one.bound) == (two.cost, two.bound)


def test_what_does_not_fit_is_said() -> None:
    task = lattice(4, 4, 2, 1, tight=1.4, balance=0.0)
    with pytest.raises(Impossible):
        divide(task)


def test_today_is_where_it_begins_when_that_is_good() -> None:
    task = lattice(12, 10, 6, 5, tight=0.8, balance=0.0)
    good = divide(task, seed=1, effort=0.4)
    again = divide(task, start=good.held, seed=2, effort=0.1)
    assert again.cost <= good.cost + 1e-9
