"""Where sub-centres stand (次中心): which of the candidates are to grow, so that people are near to one.

Three questions, one answer each with what nobody can undercut: with ``p`` sites, the most people within some minutes, or the fewest minutes
for all; and the fewest sites that bring a share of the people within some minutes. What is there already (a county's hospital)
counts as a site that costs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from tiercare.kernel.text import Text

from .choosing import choose
from .exact import asked
from .programme import Programme, Rows, solve
from .tasks import TINY, Choosing, Flags, Floats, Found, Impossible, Ints, Progress

NODES = 5_000  # of the search tree
SECONDS = 60.0  # of HiGHS at most
SMALL = 25_000  # sites times places: what HiGHS is asked to prove


class Aim(StrEnum):
    """What a good choice of sites is."""

    WITHIN = "within"  # most people within the minutes
    MINUTES = "minutes"  # fewest minutes, weighted by people


@dataclass(frozen=True, slots=True)
class Siting:
    """What is asked.

    Attributes:
        minutes: candidates × places; infinite where nobody can go.
        people: of each place.
        there: minutes of each place to the nearest site that stands already; infinite without one.
        within: minutes that count as near.
        fixed: candidates that are chosen in any case.
    """

    minutes: Floats
    people: Floats
    there: Floats
    within: float
    fixed: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Sited:
    """The sites chosen.

    Attributes:
        sites: positions of the chosen candidates.
        nearest: minutes of each place to the nearest site, old or new.
        near: people within the minutes; before: those that were so without any new site.
        total: minutes times people, of all; infinite where somebody reaches nothing.
        bound: what nobody can do better, in the unit that was asked about: people, person-minutes, or sites.
        gap: how far the answer is from that at most, as a part of it.
    """

    sites: tuple[int, ...]
    nearest: tuple[float, ...]
    near: float
    before: float
    total: float
    bound: float
    gap: float

    @property
    def proven(self) -> bool:
        """Whether it is shown that nothing better exists."""
        return self.gap == 0.0


def sited(
    task: Siting,
    p: int,
    aim: Aim = Aim.WITHIN,
    *,
    seed: int = 0,
    effort: float = 1.0,
    progress: Progress | None = None,
) -> Sited:
    """The ``p`` candidates that serve the aim best.

    Raises:
        Impossible: if ``p`` is not between the number of fixed candidates (at least 1) and that of all.
    """
    m = task.minutes.shape[0]
    fewest = max(1, len(set(task.fixed)))
    if not fewest <= p <= m:
        text = Text(
            f"可选地点有 {m} 个，必选 {len(set(task.fixed))} 个，不能选 {p} 个。",
            f"There are {m} candidates, {len(set(task.fixed))} of them given; {p} cannot be chosen.",
        )
        raise Impossible(f"p = {p} of {m} candidates", reasons=[text])
    return _nearest(task, p, seed, effort, progress) if aim is Aim.MINUTES else _most(task, p)


def fewest(task: Siting, share: float) -> Sited:
    """As few candidates as bring ``share`` (0 to 1) of the people within the minutes.

    Raises:
        Impossible: if all candidates together do not.
    """
    wanted = share * float(task.people.sum())
    best = float(task.people[_reach(task).any(axis=0) | (task.there <= task.within)].sum())
    if best < wanted - TINY * max(1.0, wanted):
        part = best / max(float(task.people.sum()), TINY)
        text = Text(
            f"全部地点都设，{task.within:g} 分钟内也只有 {100 * part:.1f}% 的人，到不了 {100 * share:g}%。",
            f"With every candidate {100 * part:.1f} % of the people are within {task.within:g} minutes, not {100 * share:g} %.",
        )
        raise Impossible("not enough people can be reached", reasons=[text])
    m = task.minutes.shape[0]
    outcome = solve(_covering(task, np.ones(m), None, wanted), seconds=SECONDS, nodes=NODES)
    chosen = np.flatnonzero(outcome.point[:m] > 0.5) if outcome.point.shape[0] else np.arange(m)
    bound = max(0.0, math.ceil(outcome.bound - TINY)) if math.isfinite(outcome.bound) else 0.0
    count = float(chosen.shape[0])
    gap = 0.0 if count <= bound else (count - bound) / max(bound, 1.0)
    return _described(task, chosen, bound, gap)


def _reach(task: Siting) -> Flags:
    return np.asarray(task.minutes <= task.within)


def _described(task: Siting, sites: Ints, bound: float, gap: float) -> Sited:
    nearest = np.minimum(task.there, task.minutes[sites].min(axis=0, initial=math.inf))
    near = float(task.people[nearest <= task.within].sum())
    lived = task.people > 0.0
    return Sited(
        tuple(np.sort(sites).tolist()),
        tuple(nearest.tolist()),
        near,
        float(task.people[task.there <= task.within].sum()),
        float((nearest[lived] * task.people[lived]).sum()),
        bound,
        gap,
    )


def _most(task: Siting, p: int) -> Sited:
    """Most people within the minutes."""
    m = task.minutes.shape[0]
    outcome = solve(_covering(task, np.zeros(m), p, None), seconds=SECONDS, nodes=NODES)
    already = float(task.people[task.there <= task.within].sum())
    chosen = np.flatnonzero(outcome.point[:m] > 0.5) if outcome.point.shape[0] else np.arange(p)
    spare = np.setdiff1d(np.arange(m), chosen)
    chosen = np.concatenate([chosen, spare[: p - chosen.shape[0]]])
    most = already - outcome.bound if math.isfinite(outcome.bound) else float(task.people.sum())
    answer = _described(task, chosen, most, 0.0)
    short = most - answer.near
    gap = 0.0 if short <= TINY * max(1.0, most) else short / max(answer.near, TINY)
    return _described(task, chosen, max(most, answer.near), gap)


def _covering(task: Siting, price: Floats, p: int | None, wanted: float | None) -> Programme:
    """Columns: whether each candidate is chosen, then whether each place that is not near yet becomes so."""
    m = task.minutes.shape[0]
    open_ = np.flatnonzero((task.there > task.within) & (task.people > 0.0))
    site, place = np.nonzero(_reach(task)[:, open_])
    count, n, k = np.arange(m), open_.shape[0], site.shape[0]
    near = Rows(
        np.concatenate([np.arange(n), place]),
        np.concatenate([m + np.arange(n), site]),
        np.concatenate([np.ones(n), -np.ones(k)]),
        np.full(n, -np.inf),
        np.zeros(n),
    )
    rows = [near]
    if p is not None:
        rows.append(Rows(np.zeros(m, np.int64), count, np.ones(m), np.full(1, -np.inf), np.full(1, float(p))))
    if wanted is not None:
        already = float(task.people[task.there <= task.within].sum())
        rows.append(
            Rows(
                np.zeros(n, np.int64), m + np.arange(n), task.people[open_],
                np.full(1, wanted - already - TINY * max(1.0, wanted)), np.full(1, np.inf),
            )
        )  # fmt: skip
    given = np.array(sorted(set(task.fixed)), np.int64)
    if given.shape[0]:
        each = np.arange(given.shape[0])
        rows.append(
            Rows(each, given, np.ones(given.shape[0]), np.ones(given.shape[0]), np.ones(given.shape[0]))
        )
    gain = -task.people[open_] if wanted is None else np.zeros(n)
    return Programme(np.concatenate([price, gain]), np.ones(m + n), tuple(rows), whole=m + n)


def _nearest(task: Siting, p: int, seed: int, effort: float, progress: Progress | None) -> Sited:
    """Fewest minutes: p sites for places that may as well stay where they go now."""
    given = np.array(sorted(set(task.fixed)), np.int64)
    there = np.minimum(task.there, task.minutes[given].min(axis=0, initial=math.inf))
    free = np.setdiff1d(np.arange(task.minutes.shape[0]), given)
    lived = np.flatnonzero(task.people > 0.0)
    if p == given.shape[0] or not lived.shape[0]:  # nothing to choose
        every = np.concatenate([given, free])[:p]
        return _described(task, every, _described(task, every, 0.0, 0.0).total, 0.0)
    far = np.minimum(task.minutes[free], there[None, :])
    lost = int((~np.isfinite(far[:, lived]).any(axis=0)).sum())
    if lost:
        text = Text(f"有 {lost} 个地方到不了任何地点。", f"{lost} places reach no site at all.")
        raise Impossible(f"{lost} places reach no candidate", reasons=[text])
    choosing = Choosing(
        far[:, lived] * task.people[lived],
        np.zeros(lived.shape[0]),
        np.full(free.shape[0], math.inf),
        p - given.shape[0],
    )
    found = choose(choosing, seed=seed, effort=effort, progress=progress)
    if not found.proven and choosing.cost.size <= SMALL:
        found = _proved(choosing, found, effort)
    if not found.held.shape[0]:
        text = Text(f"选 {p} 个地点，总有地方到不了。", f"With {p} sites some places reach none.")
        raise Impossible(f"{p} sites do not serve every place", reasons=[text])
    sites = np.concatenate([given, free[found.opened]])
    return _described(task, sites, found.bound, found.gap)


def _proved(task: Choosing, found: Found, effort: float) -> Found:
    """HiGHS over all candidates, beginning from what was found."""
    every = np.arange(task.cost.shape[0])
    answer = asked(task, every, found, seconds=SECONDS, nodes=int(NODES * max(effort, 0.01)))
    held, opened, cost = found.held, found.opened, found.cost
    if answer.held is not None and task.total(answer.held) < cost - TINY:
        held, cost = answer.held, task.total(answer.held)
        used = np.unique(held)
        opened = np.concatenate([used, np.setdiff1d(every, used)[: task.p - used.shape[0]]])
    return Found(held, opened, cost, max(found.bound, min(answer.bound, cost)), found.trace)
