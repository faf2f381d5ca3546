"""Who supports whom: small tasks against every possibility, fallbacks, and what cannot be in words."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiercare.engines.planning.pairing import Client, Paired, Pairing, Partner, able, paired
from tiercare.engines.planning.tasks import Impossible


def keeps(task: Pairing, taken: list[tuple[int, ...] | None]) -> bool:
    """Whether everybody's partners are able and have room; ``None`` falls back."""
    may = able(task)
    load = [0.0] * len(task.partners)
    for j, of in enumerate(taken):
        if of is None:
            if not task.clients[j].fallback:
                return False
            continue
        for i in of:
            if not may[i, j]:
                return False
            load[i] += task.clients[j].size
    return all(carried <= partner.room for carried, partner in zip(load, task.partners, strict=True))


def worth(task: Pairing, taken: list[tuple[int, ...] | None]) -> tuple[int, float]:
    """How many fall back, and what the others cost."""
    total = 0.0
    for j, of in enumerate(taken):
        for i in of or ():
            new = (task.partners[i].key, task.clients[j].key) not in task.today
            total += task.clients[j].weight * (float(task.minutes[i, j]) + task.change * new)
    return sum(of is None for of in taken), total


def best_of_all(task: Pairing) -> tuple[int, float] | None:
    """The best of all pairings, by trying each."""
    ways: list[tuple[int, ...] | None] = [
        None,
        *itertools.combinations(range(len(task.partners)), task.each),
    ]
    found = [
        worth(task, list(taken))
        for taken in itertools.product(ways, repeat=len(task.clients))
        if keeps(task, list(taken))
    ]
    return min(found, default=None)


@st.composite
def small(draw: st.DrawFn) -> Pairing:
    m, n = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    minutes = draw(st.lists(st.one_of(st.integers(0, 40), st.just(math.inf)), min_size=m * n, max_size=m * n))
    partners = [
        Partner(f"p{i}", f"甲{i}", tier=draw(st.integers(2, 3)), room=draw(st.integers(0, 4)))
        for i in range(m)
    ]
    clients = [
        Client(
            f"c{j}", f"乙{j}",
            tiers=draw(st.sampled_from([frozenset[int](), frozenset({2}), frozenset({2, 3})])),
            weight=draw(st.integers(1, 5)), size=draw(st.integers(1, 2)),
            fallback=draw(st.sampled_from(["", "lead"])),
        )
        for j in range(n)
    ]  # fmt: skip
    today = draw(
        st.sets(
            st.tuples(st.sampled_from([p.key for p in partners]), st.sampled_from([c.key for c in clients]))
        )
    )
    return Pairing(
        partners, clients, np.array(minutes, float).reshape(m, n), today, float(draw(st.integers(0, 9))), draw(st.integers(1, min(2, m)))
    )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(small())
def test_small_tasks_come_out_as_trying_everything_does(task: Pairing) -> None:
    wanted = best_of_all(task)
    try:
        got = paired(task)
    except Impossible as problem:
        assert wanted is None
        assert problem.reasons
        return
    assert wanted is not None
    taken = positions(task, got)
    assert keeps(task, taken)
    assert worth(task, taken) == (wanted[0], pytest.approx(wanted[1]))
    assert (len(got.fallen), got.cost) == (wanted[0], pytest.approx(wanted[1]))
    assert got.proven
    assert got.gap == 0


def positions(task: Pairing, got: Paired) -> list[tuple[int, ...] | None]:
    at = {partner.key: i for i, partner in enumerate(task.partners)}
    return [
        None if client.key in got.fallen else tuple(at[key] for key in got.partners_of[client.key])
        for client in task.clients
    ]


HOSPITALS = [Partner("a", "市一院", tier=3, room=1), Partner("b", "市二院", tier=3, room=1)]
COUNTIES = [Client(f"c{j}", name, tiers=frozenset({3})) for j, name in enumerate(("清徐", "阳曲", "娄烦"))]
MINUTES = np.array([[10.0, 30.0, 50.0], [20.0, 25.0, 60.0]])


def test_who_nobody_has_room_for_goes_to_its_fallback_and_is_told() -> None:
    task = Pairing(HOSPITALS, [replace(each, fallback="group") for each in COUNTIES], MINUTES)
    got = paired(task)
    assert got.fallen == ("c2",)
    assert got.partners_of == {"c0": ("a",), "c1": ("b",), "c2": ("group",)}
    assert got.minutes == {"c0": (10.0,), "c1": (25.0,), "c2": ()}


def test_a_cooperation_that_stands_is_kept_where_a_new_one_is_not_worth_it() -> None:
    two = Pairing(HOSPITALS, COUNTIES[:2], MINUTES[:, :2], today={("b", "c0"), ("a", "c1")}, change=5.0)
    assert paired(two).partners_of == {"c0": ("a",), "c1": ("b",)}
    assert paired(replace(two, change=10.0)).partners_of == {"c0": ("b",), "c1": ("a",)}


def test_a_shortage_of_room_is_said_with_all_who_share_it() -> None:
    with pytest.raises(Impossible) as problem:
        paired(Pairing(HOSPITALS, COUNTIES, MINUTES))
    (text,) = problem.value.reasons
    assert text.zh == "清徐、阳曲、娄烦只能由市一院、市二院对口，合计需要 3，只能接 2。"


def test_who_has_nobody_able_is_named() -> None:
    with pytest.raises(Impossible) as problem:
        paired(Pairing([replace(each, tier=2) for each in HOSPITALS], COUNTIES[:1], MINUTES[:, :1]))
    assert "清徐" in problem.value.reasons[0].zh


def test_specialties_are_lent_by_who_has_them() -> None:
    partners = [replace(HOSPITALS[0], skills=frozenset({"stroke"})), HOSPITALS[1]]
    clients = [replace(COUNTIES[0], wants=frozenset({"stroke"})), COUNTIES[1]]
    task = Pairing(partners, clients, np.array([[90.0, 1.0], [1.0, 90.0]]))
    assert paired(task).partners_of == {"c0": ("a",), "c1": ("b",)}


def test_nobody_to_support_is_no_trouble() -> None:
    assert paired(Pairing(HOSPITALS, [], np.zeros((2, 0)))).proven
