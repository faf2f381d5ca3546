"""Choosing sites exactly, for small tasks, with a valid bound when a limit is reached first."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .programme import Programme, Rows, solve
from .tasks import Choosing, Found, Ints


@dataclass(frozen=True, slots=True)
class Answer:
    """What HiGHS says: the site of each place, if it found a plan, and what no plan over the sites asked about undercuts."""

    held: Ints | None
    bound: float


def asked(task: Choosing, sites: Ints, known: Found, *, seconds: float, nodes: int) -> Answer:
    """Ask for the best plan over some of the sites, beginning from what is known.

    Where ``sites`` leaves out only what cannot be part of anything better than ``known``, the bound holds for the whole task up to
    the cost of ``known``.
    """
    fits = task.need[None, :] <= task.room[sites][:, None]
    pairs = np.argwhere(np.isfinite(task.cost[sites]) & fits)
    m, k = sites.shape[0], pairs.shape[0]
    start = None
    if math.isfinite(known.cost):
        served = known.held[pairs[:, 1]] == sites[pairs[:, 0]]
        start = np.concatenate([np.isin(sites, known.opened), served]).astype(float)
    # Just under one where costs are whole numbers: nothing between them is looked for.
    slack = 0.999 if task.whole else 0.0
    outcome = solve(_programme(task, sites, pairs), seconds=seconds, nodes=nodes, slack=slack, start=start)
    bound = outcome.bound
    if task.whole and math.isfinite(bound):
        bound = math.ceil(bound - 1e-6)
    if not outcome.point.shape[0]:
        return Answer(None, bound)
    chosen = outcome.point[m : m + k] > 0.5
    held = np.full(task.need.shape[0], -1)
    held[pairs[chosen, 1]] = sites[pairs[chosen, 0]]
    return Answer(held if (held >= 0).all() else None, bound)


def _programme(task: Choosing, sites: Ints, pairs: Ints) -> Programme:
    """Columns: whether each site opens, then whether each pair (site, place) is served."""
    m, n, k = sites.shape[0], task.need.shape[0], pairs.shape[0]
    site, place = pairs[:, 0], pairs[:, 1]
    opens, served, ones = np.arange(m), m + np.arange(k), np.ones(k)
    none = np.full(m, -np.inf)
    room = np.minimum(task.room[sites], task.need.sum())
    once = Rows(place, served, ones, np.ones(n), np.ones(n))
    within = Rows(
        np.concatenate([site, opens]),
        np.concatenate([served, opens]),
        np.concatenate([task.need[place], -room]),
        none,
        np.zeros(m),
    )
    count = Rows(
        np.zeros(m, np.int64), opens, np.ones(m), np.array([float(task.p)]), np.array([float(task.p)])
    )
    # From what is open only: makes the bound tight.
    pair = np.arange(k)
    only = Rows(
        np.concatenate([pair, pair]),
        np.concatenate([served, site]),
        np.concatenate([ones, -ones]),
        np.full(k, -np.inf),
        np.zeros(k),
    )
    cost = np.concatenate([np.zeros(m), task.cost[sites][site, place]])
    return Programme(cost, np.ones(m + k), (once, within, count, only), whole=m + k)
