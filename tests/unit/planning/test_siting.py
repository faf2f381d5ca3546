"""Where sub-centres stand: small tasks against every choice, in all three questions."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiercare.engines.planning.siting import Aim, Siting, fewest, sited
from tiercare.engines.planning.tasks import Impossible


def near(task: Siting, sites: tuple[int, ...]) -> float:
    return sum(
        float(people)
        for j, people in enumerate(task.people)
        if min(float(task.there[j]), *(float(task.minutes[i, j]) for i in sites), math.inf) <= task.within
    )


def minutes(task: Siting, sites: tuple[int, ...]) -> float:
    return sum(
        float(people) * min(float(task.there[j]), *(float(task.minutes[i, j]) for i in sites), math.inf)
        for j, people in enumerate(task.people)
        if people > 0
    )


def choices(task: Siting, p: int) -> list[tuple[int, ...]]:
    every = itertools.combinations(range(task.minutes.shape[0]), p)
    return [sites for sites in every if set(task.fixed) <= set(sites)]


@st.composite
def small(draw: st.DrawFn) -> Siting:
    m, n = draw(st.integers(2, 6)), draw(st.integers(1, 7))
    far = draw(st.lists(st.integers(0, 60), min_size=m * n, max_size=m * n))
    people = draw(st.lists(st.integers(0, 50), min_size=n, max_size=n))
    there = draw(st.lists(st.one_of(st.just(math.inf), st.integers(0, 60)), min_size=n, max_size=n))
    fixed = draw(st.sampled_from([(), (0,)]))
    return Siting(
        np.array(far, float).reshape(m, n), np.array(people, float), np.array(there, float), 20.0, fixed
    )


@settings(max_examples=60, deadline=None)
@given(small(), st.integers(1, 3))
def test_most_people_are_near(task: Siting, p: int) -> None:
    p = min(p, task.minutes.shape[0])
    got = sited(task, p)
    wanted = max(near(task, sites) for sites in choices(task, p))
    assert len(set(got.sites)) == p
    assert set(task.fixed) <= set(got.sites)
    assert got.near == near(task, got.sites) == pytest.approx(wanted)
    assert got.bound == pytest.approx(wanted)
    assert got.proven


@settings(max_examples=60, deadline=None)
@given(small(), st.integers(1, 3))
def test_the_fewest_minutes(task: Siting, p: int) -> None:
    p = min(p, task.minutes.shape[0])
    got = sited(task, p, Aim.MINUTES, effort=0.2)
    wanted = min(minutes(task, sites) for sites in choices(task, p))
    assert len(set(got.sites)) == p
    assert got.total == minutes(task, got.sites) == pytest.approx(wanted)
    assert got.bound <= wanted + 1e-6
    assert got.proven


@settings(max_examples=60, deadline=None)
@given(small(), st.sampled_from([0.0, 0.5, 0.8, 1.0]))
def test_the_fewest_sites_for_a_share(task: Siting, share: float) -> None:
    m, wanted = task.minutes.shape[0], share * float(task.people.sum())
    counts = [
        p
        for p in range(len(set(task.fixed)), m + 1)
        if any(near(task, sites) >= wanted - 1e-6 for sites in choices(task, p))
    ]
    try:
        got = fewest(task, share)
    except Impossible as problem:
        assert not counts
        assert problem.reasons
        return
    assert len(got.sites) == counts[0] == got.bound
    assert got.near >= wanted - 1e-6
    assert got.proven


def test_what_cannot_be_is_said_in_words() -> None:
    task = Siting(np.array([[5.0, math.inf]]), np.array([10.0, 10.0]), np.full(2, math.inf), 20.0)
    with pytest.raises(Impossible) as problem:
        fewest(task, 0.9)
    assert problem.value.reasons[0].zh == "全部地点都设，20 分钟内也只有 50.0% 的人，到不了 90%。"
    with pytest.raises(Impossible) as problem:
        sited(task, 1, Aim.MINUTES)
    assert "到不了" in problem.value.reasons[0].zh
    with pytest.raises(Impossible) as problem:
        sited(task, 2)
    assert "不能选 2 个" in problem.value.reasons[0].zh
