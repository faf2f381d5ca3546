"""Dividing a region's places into grids around given leads: connected, capacities kept, cheap and even; with a bound and its gap.

The bound is that of the same task with places divisible and grids in pieces, solved exactly as a linear program whose columns come when
their price asks for them. For small regions HiGHS then cuts away plans in pieces one by one, which closes the gap.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np

from . import annealing
from .programme import Programme, Rows, solve
from .tasks import TINY, Dividing, Floats, Found, Impossible, Ints, Progress

COLUMNS = 8  # of a place, at first: its cheapest grids
FEW = 2_500  # grids times places: up to here HiGHS is asked for whole places as well
STEPS = 1_500  # of annealing, for each place
NODES = 2_000  # of the search tree in each round of cuts
FORBIDDEN = 12  # places of a piece that get a cut of their own


def divide(
    task: Dividing,
    *,
    start: Ints | None = None,
    seed: int = 0,
    effort: float = 1.0,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> Found:
    """Divide the places.

    Args:
        start: a division to begin from as well (today's).
        effort: how many steps, 1 being some seconds for a thousand places; a seed gives the same answer unless ``seconds`` cuts it.

    Raises:
        Impossible: if even divisible places do not fit. ``planning.explaining`` says in words who is in the way.
    """
    began = time.monotonic()
    best = Found(opened=np.arange(task.seat.shape[0]))

    def told() -> None:
        best.trace.append((time.monotonic() - began, best.cost, best.bound))
        if progress is not None:
            progress(best)

    bound, shares = relaxed(task)
    best.bound = bound
    told()
    starts = [np.argmax(shares, axis=0)] + ([start] if start is not None else [])
    land, spread = _land(task)
    runs = max(2, int(4 * effort), len(starts))
    for k, chance in enumerate(np.random.default_rng(seed).integers(2**31, size=runs)):
        if best.proven or (seconds is not None and time.monotonic() - began > seconds):
            break
        begin = starts[k] if k < len(starts) else best.held if best.held.shape[0] else starts[0]
        # The first runs forget where they began, the later ones stay near the best.
        found = _annealed(task, land, begin, spread * (0.3 if k < len(starts) else 0.05), effort, int(chance))
        if found is not None and task.total(found) < best.cost - TINY:
            best.held, best.cost = found, task.total(found)
            told()
    if not best.proven and task.cost.size <= FEW:
        left = 20.0 * max(effort, 1.0) if seconds is None else seconds - (time.monotonic() - began)
        _cut(task, best, seconds=left, nodes=int(NODES * effort), told=told)
    return best


def _land(task: Dividing) -> tuple[annealing.Land, float]:
    """The task for the search, and how far apart a place's costs usually lie."""
    finite = np.where(np.isfinite(task.cost), task.cost, 0.0)
    spread = max(float(np.median(finite.max(axis=0) - finite.min(axis=0))), TINY)
    means = np.maximum(np.median(task.need, axis=0), 1e-12)
    # A search passes through what is forbidden rather than be stuck before it, at a price that it never pays in the end.
    forbidden = 4.0 * float(finite.max()) + 1.0
    land = annealing.Land(
        np.where(np.isfinite(task.cost), task.cost, forbidden),
        task.need,
        task.room,
        task.seat,
        task.first,
        task.beside,
        task.fair,
        task.balance,
        4.0 * spread / means,
    )
    return land, spread


def _annealed(
    task: Dividing, land: annealing.Land, begin: Ints, hot: float, effort: float, chance: int
) -> Ints | None:
    """The best division that one run of annealing meets, its beginning included; nothing if none is allowed."""
    m, n = task.cost.shape
    held, walk = begin.astype(np.int64), annealing.walk_for(n)
    if annealing.connect(land, held, walk):
        return None
    found = held.copy()
    known = task.total(held) if task.keeps(held) else math.inf
    draft = annealing.Draft(held, np.zeros((m, task.need.shape[1])), np.zeros(m))
    steps = int(max(200_000, STEPS * n) * max(effort, 0.1))
    cost = annealing.anneal(land, draft, walk, found, known, hot, hot * 1e-4, steps, chance)
    return found if math.isfinite(cost) and math.isfinite(task.total(found)) else None


def relaxed(task: Dividing) -> tuple[float, Floats]:
    """Bound and shares (grids × places) of the task with divisible places and without connection.

    Raises:
        Impossible: if that has no answer either.
    """
    m, n = task.cost.shape
    every = np.isfinite(task.cost)
    ranks = np.argsort(task.cost, axis=0, kind="stable")[: min(COLUMNS, m)]
    use = np.zeros((m, n), np.bool_)
    use[ranks, np.arange(n)[None, :]] = True
    use &= every
    while True:
        pairs = np.argwhere(use)
        outcome = solve(_programme(task, pairs, []))
        if not outcome.solved:
            if (use == every).all():
                raise Impossible("the places do not fit into the capacities")
            use = every
            continue
        wanted = (_reduced(task, outcome.dual) < 0.0) & ~use & every
        if not wanted.any():
            shares = np.zeros((m, n))
            shares[pairs[:, 0], pairs[:, 1]] = outcome.point[: pairs.shape[0]]
            return outcome.bound, shares
        use |= wanted


def _reduced(task: Dividing, dual: Floats) -> Floats:
    """What taking each pair in would cost at these prices, with a little added so that rounding asks for none again and again."""
    (n, services), m = task.need.shape, task.seat.shape[0]
    price, burden = dual[:n], dual[n : n + m * services].reshape(services, m).copy()
    burden[0] += dual[n + m * services : n + m * services + m]
    return task.cost - burden.T @ task.need.T - price[None, :] + 1e-7 * (1.0 + np.abs(price[None, :]))


def _programme(
    task: Dividing, pairs: Ints, cuts: list[tuple[int, Ints]], *, whole: bool = False
) -> Programme:
    """Columns: pairs (grid, place), then what each grid has above and below its fair load.

    A cut (a pair, others) lets the pair be taken only with one of the others.
    """
    (n, services), m, k = task.need.shape, task.seat.shape[0], pairs.shape[0]
    grid, place, columns = pairs[:, 0], pairs[:, 1], np.arange(k)
    once = Rows(place, columns, np.ones(k), np.ones(n), np.ones(n))
    within = [
        Rows(grid, columns, task.need[place, s], np.full(m, -np.inf), task.room[:, s])
        for s in range(services)
    ]
    each, ones = np.arange(m), np.ones(m)
    even = Rows(
        np.concatenate([grid, each, each]),
        np.concatenate([columns, k + each, k + m + each]),
        np.concatenate([task.need[place, 0], -ones, ones]),
        task.fair,
        task.fair,
    )
    rows = [once, *within, even]
    if cuts:
        at = np.concatenate([np.full(1 + ways.shape[0], c) for c, (_, ways) in enumerate(cuts)])
        column = np.concatenate([np.concatenate([[pair], ways]) for pair, ways in cuts])
        value = np.concatenate([np.concatenate([[1.0], -np.ones(ways.shape[0])]) for _, ways in cuts])
        rows.append(Rows(at, column, value, np.full(len(cuts), -np.inf), np.zeros(len(cuts))))
    cost = np.concatenate([task.cost[grid, place], np.full(2 * m, task.balance)])
    upper = np.concatenate([np.ones(k), np.full(2 * m, np.inf)])
    return Programme(cost, upper, tuple(rows), whole=k if whole else 0)


def _cut(task: Dividing, best: Found, *, seconds: float, nodes: int, told: Callable[[], None]) -> None:
    """HiGHS on whole places; whatever piece of a grid lies apart from its seat is forbidden to be there without a way to it."""
    m, n = task.cost.shape
    pairs = np.argwhere(np.isfinite(task.cost))
    at = np.full((m, n), -1)
    at[pairs[:, 0], pairs[:, 1]] = np.arange(pairs.shape[0])
    cuts: list[tuple[int, Ints]] = []
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0.0 and not best.proven:
        outcome = solve(_programme(task, pairs, cuts, whole=True), seconds=left, nodes=nodes)
        if outcome.bound > best.bound + TINY:
            best.bound = min(outcome.bound, best.cost)
            told()
        if not outcome.solved:
            return
        chosen = outcome.point[: pairs.shape[0]] > 0.5
        held = np.empty(n, np.int64)
        held[pairs[chosen, 1]] = pairs[chosen, 0]
        pieces = _pieces(task, held)
        if not pieces:
            if task.total(held) < best.cost - TINY:
                best.held, best.cost = held, task.total(held)
                told()
            return
        for grid, piece, around in pieces:
            ways = at[grid, around]
            cuts += [(int(at[grid, j]), ways[ways >= 0]) for j in piece[:FORBIDDEN]]


def _pieces(task: Dividing, held: Ints) -> list[tuple[int, Ints, Ints]]:
    """Pieces of grids apart from their seats, with the places around each that are not in that grid."""
    land, _ = _land(task)
    walk = annealing.walk_for(held.shape[0])
    for i, seat in enumerate(task.seat):
        if held[seat] == i:
            annealing.reached(land, held, int(seat), -1, walk)
    found = []
    for j in range(held.shape[0]):
        if walk.seen[j]:
            continue
        annealing.reached(land, held, j, -1, walk)
        piece = np.flatnonzero(walk.seen == walk.mark[0])
        around = {int(k) for i in piece for k in task.beside[task.first[i] : task.first[i + 1]]}
        found.append((int(held[j]), piece, np.array(sorted(around - set(piece.tolist())), np.int64)))
    return found
