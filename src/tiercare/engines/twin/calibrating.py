"""Calibration: constants of choice, the multiplier of needs and a few propensities moved so that the base year meets given totals.

There are fewer totals than parameters, so the fit is the nearest to the assumptions that meets the totals: it minimises

    Σ ((target − total) / tolerance)²  +  Σ ((parameter − assumption) / spread)²

on the scales of ``totals``, by damped Gauss–Newton steps with a numeric Jacobian (Broyden's rank-one updates between). All runs share their seeds, so
a difference of totals is the parameter's doing. The Jacobian at the end, in units of tolerance a spread, says what the totals can tell: where its
singular values stay below 1 they say less than the assumption did, and ``Fit.loose`` names what can be exchanged for what.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tiercare.engines.measures.synth import Profile
from tiercare.engines.measures.synth.columns import Array
from tiercare.engines.payment import Benefits
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .assumptions import Assumptions, given
from .fits import Fit, Met, Moved, loose, notices
from .levers import Levers
from .many import Player, Progress, Run, Stopped, Task, players
from .totals import ROOM, Parameter, Target, default_targets, moved, on_scales, parameters, totals

_STEP = 0.25  # spreads by which a parameter is moved to see what it does
_FARTHEST = 1.0  # spreads that one step goes at most
_STILL = 0.03  # a step shorter than this, in spreads, is none
_INNER, _HALVINGS = 4, 3
_LITTLE = 0.05  # squared tolerances: a round that gains less ends the search


def calibrate(
    profile: Profile,
    levers: Levers,
    benefits: Benefits,
    targets: Sequence[Target] | None = None,
    *,
    residents: int = 100_000,
    seeds: int = 2,
    first: int = 1,
    year: int = 2025,
    assumptions: Assumptions | None = None,
    moving: Sequence[str] | None = None,
    rounds: int = 4,
    processes: int | None = 2,
    player: Player | None = None,
    progress: Progress | None = None,
) -> Fit:
    """Fit the base year to totals.

    Args:
        levers, benefits: the policy of the base year.
        targets: national totals of ``targets.yaml`` by default.
        moving: names of the parameters that may move; all of ``targets.yaml`` by default.
        rounds: Jacobians at most.
        player: plays the runs elsewhere (Spark); otherwise ``processes`` of this machine.

    Raises:
        Refused: no target is left, or an unknown parameter is to move.
        Stopped: ``progress`` said so.
    """
    base = assumptions or given()
    seeds_used = tuple(range(first, first + seeds))

    def fit(play: Player) -> Fit:
        runner = _Runner(
            play,
            profile,
            levers,
            benefits,
            base,
            residents,
            seeds_used,
            year,
            _moving(moving),
            progress,
            rounds,
        )
        return _fitted(runner, tuple(default_targets() if targets is None else targets), rounds)

    if player is not None:
        return fit(player)
    with players(1 if seeds == 1 else processes) as play:
        return fit(play)


class _Runner:
    """Plays points of the parameters' space and tells their totals on their scales: (points, seeds, totals)."""

    def __init__(
        self, play: Player, profile: Profile, levers: Levers, benefits: Benefits, base: Assumptions, residents: int,
        seeds: tuple[int, ...], year: int, moving: tuple[Parameter, ...], progress: Progress | None, rounds: int,
    ) -> None:  # fmt: skip
        self.base, self.moving, self.residents, self.seeds, self.year = base, moving, residents, seeds, year
        self._play, self._profile, self._levers, self._benefits = play, profile, levers, benefits
        self._progress, self._most = progress, rounds * (len(moving) + _INNER) + 1
        self.names: tuple[str, ...] = ()
        self.points = 0

    def __call__(self, *points: Array) -> Array:
        runs = tuple(Run(self._levers, self._benefits, self.assumptions(point)) for point in points)
        tasks = [Task(self._profile, self.residents, seed, self.year, runs, totals) for seed in self.seeds]
        told = [[on_scales(each) for each in answer.told] for answer in self._play(tasks)]
        self.points += len(points)
        going_on = (
            self._progress is None or self._progress(min(self.points, self._most), self._most) is not False
        )
        if not going_on:
            raise Stopped
        names = self.names or tuple(told[0][0])
        return np.array([[[run[name] for name in names] for run in seed] for seed in told]).swapaxes(0, 1)

    def values(self, point: Array) -> dict[str, float]:
        """The parameters at a point of moves in spreads."""
        return {
            each.name: each.value(self.base, float(move))
            for each, move in zip(self.moving, point, strict=True)
        }

    def assumptions(self, point: Array) -> Assumptions:
        """All assumptions at a point; where nothing moves, those it began with."""
        return moved(self.base, self.values(point)) if point.any() else self.base


@dataclass(slots=True)
class _Aim:
    """Targets and their spreads as arrays, sampling error of the runs included."""

    wanted: Array
    spread: Array

    def residual(self, reached: Array) -> Array:
        """In spreads."""
        left: Array = (self.wanted - reached) / self.spread
        return left

    def cost(self, reached: Array, point: Array) -> float:
        """What is minimised."""
        return float((self.residual(reached) ** 2).sum() + (point**2).sum())


def _fitted(runner: _Runner, targets: tuple[Target, ...], rounds: int) -> Fit:
    start = np.zeros(len(runner.moving))
    runner.names = (*(each.name for each in targets), ROOM)
    found = runner(start)[0]
    room, found = float(found[:, -1].mean()), found[:, :-1]
    reachable = np.isfinite(found).all(axis=0)
    kept = tuple(each for each, there in zip(targets, reachable, strict=True) if there)
    if not kept:
        raise Refused(_no_target())
    runner.names = tuple(each.name for each in kept)
    found = found[:, reachable]
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found)) if len(found) > 1 else np.zeros(len(kept))
    spread = np.array([each.spread for each in kept])
    aim = _Aim(np.array([each.on_scale for each in kept]), np.hypot(spread, error))
    before = found.mean(axis=0)
    point, reached, settled, slope = start, before, False, np.zeros((len(kept), len(start)))
    for _ in range(rounds):
        slope = _slope(runner, aim, point, reached)
        cost = aim.cost(reached, point)
        point, reached, still = _walk(runner, aim, point, reached, slope.copy())
        settled = still or cost - aim.cost(reached, point) < _LITTLE
        if settled:
            break
    without = tuple(each for each in targets if each not in kept)
    return _told(runner, kept, (without, notices(targets, room)), (before, reached), point, slope, settled)


def _slope(runner: _Runner, aim: _Aim, point: Array, reached: Array) -> Array:
    """The Jacobian: (totals, parameters), in spreads of each."""
    n = len(point)
    aside = runner(*(point + _STEP * np.eye(n)[k] for k in range(n))).mean(axis=1)
    slope: Array = ((aside - reached) / aim.spread).T / _STEP
    return np.where(np.isfinite(slope), slope, 0.0)


def _walk(
    runner: _Runner, aim: _Aim, point: Array, reached: Array, slope: Array
) -> tuple[Array, Array, bool]:
    """Steps from a point while they lead down; ``slope`` is improved by what each step shows. Answers also whether there was none to take."""
    for n in range(_INNER):
        step = np.linalg.solve(slope.T @ slope + np.eye(len(point)), slope.T @ aim.residual(reached) - point)
        step *= min(1.0, _FARTHEST / max(float(np.abs(step).max()), 1e-12))
        if float(np.abs(step).max()) < _STILL:
            return point, reached, n == 0
        for _ in range(_HALVINGS):
            there = runner(point + step)[0].mean(axis=0)
            if np.isfinite(there).all() and aim.cost(there, point + step) < aim.cost(reached, point):
                break
            step = step / 2
        else:
            return point, reached, n == 0
        seen = (there - reached) / aim.spread
        slope += np.outer(seen - slope @ step, step) / float(step @ step)
        point, reached = point + step, there
    return point, reached, False


def _told(
    runner: _Runner, kept: tuple[Target, ...], besides: tuple[tuple[Target, ...], tuple[Text, ...]], ends: tuple[Array, Array],
    point: Array, slope: Array, settled: bool,
) -> Fit:  # fmt: skip
    left = np.linalg.inv(slope.T @ slope + np.eye(len(point))).diagonal()
    rows = []
    for n, each in enumerate(runner.moving):
        reach = 1.96 * float(np.sqrt(left[n]))
        value, low, high = (each.value(runner.base, float(point[n]) + by) for by in (0.0, -reach, reach))
        rows.append(
            Moved(each, each.value(runner.base, 0.0), value, low, high, max(0.0, 1.0 - float(left[n])))
        )
    before, reached = (_unscaled(kept, end) for end in ends)
    used = runner.assumptions(point)
    changed = {name: value for name, value in used.values.items() if value != runner.base[name]}
    singular = np.linalg.svd(slope, compute_uv=False)
    return Fit(
        tuple(Met(*each) for each in zip(kept, before, reached, strict=True)), tuple(rows), changed,
        tuple(round(float(each), 3) for each in singular), loose(runner.moving, slope), *besides, settled, runner.residents,
        runner.seeds, runner.year, runner.points * len(runner.seeds),
    )  # fmt: skip


def _unscaled(kept: tuple[Target, ...], reached: Array) -> list[float]:
    return [each.off_scale(float(value)) for each, value in zip(kept, reached, strict=True)]


def _moving(names: Sequence[str] | None) -> tuple[Parameter, ...]:
    known = {each.name: each for each in parameters()}
    strange = [name for name in names or () if name not in known]
    if strange or (names is not None and not names):
        message = Text(
            "没有可以这样校准的参数：{names}。", "There are no such parameters to calibrate: {names}."
        )
        instead = Text("可选：{known}。", "Choose from: {known}.")
        fields = {"names": ", ".join(strange) or "—", "known": ", ".join(known)}
        raise Refused(Refusal("calibration_parameter", message, instead, fields, at="moving", status=422))
    return tuple(known.values()) if names is None else tuple(known[name] for name in names)


def _no_target() -> Refusal:
    return Refusal(
        "calibration_no_target",
        Text("没有一个目标总量能在这个地区算出来。", "None of the target totals can be computed in this region."),
        Text("请给出至少一个本地区有的总量，如人均诊疗人次。", "Give at least one total that the region has, such as visits a head."),
        at="targets", status=422,
    )  # fmt: skip
