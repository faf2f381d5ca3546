"""Choosing p sites for places with a need, capacities kept: any time, seeded, and with a bound that no choice undercuts.

In turn: prices of the places by Lagrange (``relaxed``), which bound the answer from below and say where sites are worth opening; a plan
from there; its improvement part by part (``parts``); and, where the bound leaves few sites in question, HiGHS for the proof. Nothing
is called optimal that bound or proof do not show to be.

Work is measured in rounds, not in seconds: a seed always gives the same answer unless a time limit cuts it short.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np

from . import clusters, exact, interchange, parts, relaxed
from .tasks import TINY, Choosing, Floats, Found, Impossible, Ints, Progress

LARGE = 1_000  # places: from here on plans from prices are grown less often
NODES = 20_000  # of the search tree
PROOF = 40.0  # seconds at most
SMALL = 25_000  # sites in question times places: what HiGHS is asked to prove


class _Run:
    """One run: what it has, what it knows, how long it may take."""

    def __init__(
        self, task: Choosing, seed: int, effort: float, seconds: float | None, progress: Progress | None
    ) -> None:
        self.task, self.seed, self.effort, self.progress = task, seed, effort, progress
        self.began = time.monotonic()
        self.until = math.inf if seconds is None else self.began + seconds
        self.best = Found()
        self.worth, self.proven_at = np.zeros(task.cost.shape[0]), -math.inf
        finite = np.where(np.isfinite(task.cost), task.cost, 0.0)
        # Costs that are forbidden are as dear as anything can become, so that the arithmetic stays finite.
        self.cost = np.ascontiguousarray(
            np.where(np.isfinite(task.cost), task.cost, 10.0 * finite.max() * task.cost.shape[1] + 1.0)
        )

    @property
    def over(self) -> bool:
        """Whether the time is up or nothing is left to find."""
        return self.best.proven or time.monotonic() > self.until

    def found(self, opened: Ints, held: Ints) -> bool:
        """Take note of a plan (``held``: positions in ``opened``); whether it is the best so far."""
        sites = opened[held]
        if self.task.overload(sites) > TINY:
            return False
        total = self.task.total(sites)
        if not total < self.best.cost - TINY:
            return False
        self.best.opened, self.best.held, self.best.cost = opened.copy(), sites, total
        self._told()
        return True

    def bounded(self, bound: float) -> None:
        """Take note of a bound."""
        raised = math.ceil(bound - TINY) if self.task.whole else bound
        if raised > self.best.bound + TINY:
            self.best.bound = raised
            self._told()

    def _told(self) -> None:
        best = self.best
        best.trace.append((time.monotonic() - self.began, best.cost, best.bound))
        if self.progress is not None:
            self.progress(best)


def choose(
    task: Choosing,
    *,
    seed: int = 0,
    effort: float = 1.0,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> Found:
    """Choose the sites.

    Args:
        effort: how long to go on improving; 1 is some seconds for a hundred places and a minute for some thousands.
        seconds: stop after this time with what there is.

    Raises:
        Impossible: if the need of all exceeds the ``p`` largest capacities, one place exceeds every capacity, or a place has no site.
    """
    _possible(task)
    run = _Run(task, seed, effort, seconds, progress)
    if task.limited:
        _with_capacities(run)
    else:
        _without(run)
    return run.best


def _possible(task: Choosing) -> None:
    if not 0 < task.p <= task.cost.shape[0]:
        raise Impossible(f"p = {task.p} of {task.cost.shape[0]} sites")
    if task.need.sum() > np.sort(task.room)[-task.p :].sum() + TINY:
        raise Impossible("the places need more than the largest sites have room for")
    fits = np.isfinite(task.cost) & (task.need[None, :] <= task.room[:, None] + TINY)
    if not fits.any(axis=0).all():
        raise Impossible(f"no site can serve place {int(np.argmin(fits.any(axis=0)))}")


def _without(run: _Run) -> None:
    """No capacity binds: interchange, its bound, and perturbation until they meet."""
    task, cost = run.task, run.cost
    m, n = cost.shape
    every = np.arange(m)
    rng = np.random.default_rng(run.seed)
    opened = np.sort(rng.choice(m, task.p, replace=False)).astype(np.int64)
    is_open = np.zeros(m, np.bool_)
    is_open[opened] = True
    first, second = np.empty(n, np.int64), np.empty(n)

    def noted() -> bool:
        interchange.nearest_two(cost, opened, first, second)
        return run.found(opened, first)

    interchange.descend(cost, opened, is_open, every)
    noted()
    prices = (np.sort(cost[opened], axis=0)[:2].mean(axis=0)) if task.p > 1 else cost.min(axis=0)
    _climb(run, prices, exactly=False, chunks=50)
    best = run.best.opened.copy()
    # The sites that the prices find best, then the best known perturbed; only among sites that the bound does not rule out.
    starts = [np.argsort(run.worth, kind="stable")[: task.p].astype(np.int64)]
    for k in range(int(60 + 600 * run.effort)):
        if run.over:
            return
        opened[:] = starts.pop() if starts else best
        is_open[:] = False
        is_open[opened] = True
        asked = np.union1d(_in_question(run), opened)
        strength = 0 if k == 0 else max(2, min(task.p // 4, 2 + k % 12))
        interchange.shaken(cost, opened, is_open, asked, strength, run.seed * 10_007 + k)
        if noted():
            best = opened.copy()


def _in_question(run: _Run) -> Ints:
    """The sites that may be open in something better than the best known: opening any other costs more than the gap."""
    least = np.sort(run.worth)[run.task.p - 1]
    step = 1.0 - TINY if run.task.whole else 0.0
    return np.flatnonzero(run.proven_at + run.worth - least <= run.best.cost - step + TINY)


def _climb(
    run: _Run,
    prices: Floats,
    *,
    exactly: bool,
    chunks: int,
    guess: float = math.inf,
    between: Callable[[Floats, Floats], None] | None = None,
) -> Floats:
    """Subgradient steps until they no longer help; answers the best prices. ``between`` sees prices and worth of the sites now and then."""
    task = run.task
    m = task.cost.shape[0]
    best_prices, worth, state = prices.copy(), np.zeros(m), np.array([-np.inf, 1.0, 0.0])
    every, opening = np.arange(m), np.zeros(m)
    for _ in range(chunks):
        # The length of the steps depends on it, and the bound stops there: a guess moves on when it was too low.
        upper = run.best.cost if math.isfinite(run.best.cost) else max(guess, 1.05 * float(state[0]))
        made = relaxed.climb(
            run.cost,
            task.need,
            task.room,
            opening,
            task.p,
            prices,
            best_prices,
            worth,
            every,
            exactly,
            upper,
            state,
            30,
        )
        run.bounded(float(state[0]))
        run.worth, run.proven_at = worth, float(state[0])
        if between is not None:
            between(best_prices, worth)
        if run.over or (made < 30 and state[0] < upper - TINY):
            break
    return best_prices


def _with_capacities(run: _Run) -> None:
    n = run.cost.shape[1]
    opened, held = _first_plan(run)
    if n <= LARGE:
        _improve(run, opened, held, sweeps=2)
    else:  # some rough prices give a better plan than much improving
        rough = _climb(
            run, _prices_of(run, opened, held), exactly=True, chunks=8, guess=_served(run, opened, held)
        )
        opened, held = _from_prices(run, rough)
    prices = _prices_of(run, opened, held)
    starts: list[tuple[float, Ints, Ints]] = [(_strained(run, opened, held), opened, held)]
    looks = (2, 4, 8, 14, 20, 30) if n <= LARGE else (8, 20, 35)
    seen = 0

    def grown(prices: Floats, worth: Floats) -> None:
        nonlocal seen
        seen += 1
        if seen in looks:
            plans = [_from_prices(run, prices)]
            if n <= LARGE:
                plans.append(
                    _from_sites(run, np.argsort(worth, kind="stable")[: run.task.p].astype(np.int64))
                )
            starts.extend((_strained(run, *plan), *plan) for plan in plans)

    last = _climb(run, prices, exactly=True, chunks=50, guess=1.1 * _served(run, opened, held), between=grown)
    plan = _from_prices(run, last)
    starts.append((_strained(run, *plan), *plan))
    starts.sort(key=lambda start: start[0])
    kept, sweeps = (2, 10) if n <= LARGE else (1, 24)
    for _, opened, held in starts[:kept]:
        if not run.over:
            _improve(run, opened, held, sweeps=max(2, int(sweeps * run.effort)))
    if not run.over:
        _prove(run)


def _served(run: _Run, opened: Ints, held: Ints) -> float:
    """What a plan costs, overloaded or not."""
    return float(run.cost[opened[held], np.arange(held.shape[0])].sum())


def _prices_of(run: _Run, opened: Ints, held: Ints) -> Floats:
    """Prices to begin with: what each place costs in a plan, and something for the room that it takes."""
    own, need = run.cost[opened[held], np.arange(held.shape[0])], run.task.need
    return np.asarray(own + own.mean() * 0.6 * need / max(float(need.mean()), TINY))


def _improve(run: _Run, opened: Ints, held: Ints, *, sweeps: int) -> None:
    parts.improved(
        run.cost, run.task, opened, held,
        seed=run.seed + sweeps, sweeps=sweeps, over=lambda: run.over, found=run.found,
    )  # fmt: skip


def _strained(run: _Run, opened: Ints, held: Ints) -> float:
    """Cost of a plan with its overload, to compare those that are not allowed yet."""
    penalty = parts.penalty_of(run.cost, run.task.need, opened)
    return float(_served(run, opened, held) + 2.0 * penalty * run.task.overload(opened[held]))


def _first_plan(run: _Run) -> tuple[Ints, Ints]:
    m, p = run.cost.shape[0], run.task.p
    rng = np.random.default_rng(run.seed)
    opened = np.sort(rng.choice(m, p, replace=False)).astype(np.int64)
    if run.cost.size <= 2_000_000:
        is_open = np.zeros(m, np.bool_)
        is_open[opened] = True
        interchange.descend(run.cost, opened, is_open, np.arange(m))
    return _from_sites(run, opened)


def _from_prices(run: _Run, prices: Floats) -> tuple[Ints, Ints]:
    """A plan grown from prices: sites with what they would keep, one after another; the few that nobody keeps go to the nearest."""
    task = run.task
    opened, held = np.empty(task.p, np.int64), np.empty(task.need.shape[0], np.int64)
    relaxed.picked(run.cost, task.need, task.room, task.p, prices, opened, held)
    return _settled(run, opened, np.where(held < 0, np.argmin(run.cost[opened], axis=0), held))


def _from_sites(run: _Run, opened: Ints) -> tuple[Ints, Ints]:
    """A plan grown from these sites: everybody to the nearest, then settled."""
    return _settled(run, opened, np.argmin(run.cost[opened], axis=0))


def _settled(run: _Run, opened: Ints, held: Ints) -> tuple[Ints, Ints]:
    """The plan with everybody moved and exchanged to where they are best; the penalty rises until no capacity is exceeded."""
    task = run.task
    penalty = parts.penalty_of(run.cost, task.need, opened) * 0.3
    for _ in range(6):
        table = clusters.Table(run.cost, task.need, task.room, np.arange(run.cost.shape[0]), penalty)
        desk = clusters.desk_for(table, opened, held)
        clusters.improve(table, desk)
        opened, held = desk.opened, desk.held
        if task.overload(opened[held]) <= TINY:
            break
        penalty *= 3.0
    run.found(opened, held)
    return opened, held


def _prove(run: _Run) -> None:
    """Ask HiGHS about the sites that the bound leaves in question."""
    task, best = run.task, run.best
    sites = np.union1d(_in_question(run), best.opened)
    if sites.shape[0] * task.need.shape[0] > SMALL:
        return
    left = min(run.until - time.monotonic(), PROOF * max(run.effort, 1.0))
    answer = exact.asked(task, sites, best, seconds=left, nodes=int(NODES * run.effort))
    if answer.held is not None:
        opened, held = np.unique(answer.held, return_inverse=True)
        spare = np.setdiff1d(sites, opened)[: task.p - opened.shape[0]]
        run.found(np.concatenate([opened, spare]), held)
    run.bounded(min(answer.bound, best.cost))
