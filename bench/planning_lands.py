"""Seeded tasks for the planning benchmark: scattered places with capacities, and lands with neighbours."""

from __future__ import annotations

import math

import numpy as np
import shapely

from tiercare.engines.planning.tasks import Choosing, Dividing


def scattered(n: int, p: int, *, clustered: bool, tight: float = 0.92) -> Choosing:
    """Places on a square, every one a site as well, needs of 1 to 99, capacities that leave ``1 - tight`` free."""
    chance = np.random.default_rng(n + p)
    if clustered:
        middle = chance.random((max(4, n // 100), 2)) * 1000
        at = middle[chance.integers(middle.shape[0], size=n)] + chance.normal(0, 40, (n, 2))
    else:
        at = chance.random((n, 2)) * 1000
    need = chance.integers(1, 100, n).astype(float)
    far = np.hypot(at[:, 0, None] - at[:, 0], at[:, 1, None] - at[:, 1])
    return Choosing(far, need, np.full(n, math.ceil(need.sum() / (p * tight))), p)


def land(n: int, grids: int, seed: int, *, balance: float) -> Dividing:
    """Places with people (log-normal) and their Voronoi neighbours, leads where people are, two services with tight capacities."""
    chance = np.random.default_rng(seed)
    at = chance.random((n, 2)) * 100
    people = chance.lognormal(7, 0.8, n)
    seat = np.sort(chance.choice(n, grids, replace=False, p=people / people.sum()))
    far = np.hypot(at[seat, 0, None] - at[:, 0], at[seat, 1, None] - at[:, 1]) * 1.3
    beds = chance.lognormal(0, 0.5, grids)
    beds /= beds.sum()
    need = np.stack([people, people * chance.uniform(0.8, 1.2, n)], axis=1)
    nearest = np.bincount(np.argmin(far, axis=0), people, grids)
    room = np.stack(
        [
            np.maximum(nearest * 0.85, people.sum() * beds / 0.8),
            np.maximum(nearest * 0.9, need[:, 1].sum() * beds / 0.8),
        ],
        axis=1,
    )
    first, beside = _neighbours(at)
    return Dividing(far * people, need, room, seat, first, beside, people.sum() * beds, balance)


def _neighbours(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    edges = shapely.delaunay_triangles(shapely.MultiPoint(at), only_edges=True)
    index = {(x, y): j for j, (x, y) in enumerate(at.tolist())}
    beside: list[set[int]] = [set() for _ in range(at.shape[0])]
    for line in edges.geoms:
        one, other = (index[point] for point in line.coords)
        beside[one].add(other)
        beside[other].add(one)
    first = np.concatenate([[0], np.cumsum([len(each) for each in beside])]).astype(np.int64)
    return first, np.array([k for each in beside for k in sorted(each)], np.int64)
