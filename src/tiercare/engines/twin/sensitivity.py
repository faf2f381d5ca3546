"""How far each outcome swings when one assumption goes from the low to the high end of its range, all others as they are.

One at a time, with the same seeds at both ends: what differs is the assumption's doing, so a few seeds are enough. Of one policy, or of the
difference that a second one makes. What two assumptions do together is not seen here; ``comparing`` draws all at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tiercare.engines.measures.synth import Profile
from tiercare.engines.measures.synth.columns import Array
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .assumptions import Assumption, Assumptions, given
from .comparing import Policy
from .leaning import acting
from .many import Answered, Player, Progress, Run, Stopped, Task, players, told_of
from .outcomes import OUTCOMES
from .paired import mean_band


@dataclass(frozen=True, slots=True)
class Swing:
    """One outcome (or its difference between two policies) with one assumption low and high, means over the seeds. ``least`` and ``most`` enclose the
    swing, high less low, with 95 % (paired t); not a number with one seed."""

    assumption: Assumption
    low: float
    high: float
    least: float
    most: float

    @property
    def size(self) -> float:
        """High less low."""
        return self.high - self.low

    @property
    def certain(self) -> bool:
        """Whether the interval of the swing excludes 0."""
        return self.least > 0 or self.most < 0


@dataclass(frozen=True, slots=True)
class Tornado:
    """The swings of one outcome around ``base``, widest first; those of exactly 0 are left out."""

    outcome: str
    base: float
    swings: tuple[Swing, ...]


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """Tornados in the order of OUTCOMES; with ``against`` they are of the differences that it makes."""

    policy: Policy
    against: Policy | None
    residents: int
    seeds: tuple[int, ...]
    year: int
    looked_at: tuple[Assumption, ...]
    tornados: tuple[Tornado, ...]

    def __getitem__(self, outcome: str) -> Tornado:
        """The tornado of one outcome.

        Raises:
            KeyError: there is no such outcome.
        """
        return {each.outcome: each for each in self.tornados}[outcome]


def sensitivity(
    policy: Policy,
    *,
    profile: Profile,
    residents: int,
    seeds: int = 3,
    first: int = 1,
    year: int = 2025,
    assumptions: Assumptions | None = None,
    names: Sequence[str] | None = None,
    against: Policy | None = None,
    processes: int | None = 2,
    player: Player | None = None,
    progress: Progress | None = None,
) -> Sensitivity:
    """Swing every outcome by each assumption.

    Args:
        names: the assumptions to look at; by default all that have a range and can act under the policies.
        against: look at ``against`` less ``policy`` instead of at the policy alone.

    Raises:
        Refused: no seed, or a name that is no assumption or has no range.
        Stopped: ``progress`` said so.
    """
    sides = (policy,) if against is None else (policy, against)
    looked_at = _looked_at(names, sides)
    if seeds < 1:
        raise Refused(_no_seed())
    base = assumptions or given()
    ends: list[tuple[Run, ...]] = [_runs(sides, base)]
    ends += [_runs(sides, base, one, one.low) + _runs(sides, base, one, one.high) for one in looked_at]
    tasks = [
        Task(profile, residents, seed, year, runs) for runs in ends for seed in range(first, first + seeds)
    ]
    if player is not None:
        answers = _all(player(tasks), len(tasks), progress)
    else:
        with players(processes) as play:
            answers = _all(play(tasks), len(tasks), progress)
    tornados = _tornados(answers, looked_at, seeds, differing=against is not None)
    return Sensitivity(
        policy, against, residents, tuple(range(first, first + seeds)), year, looked_at, tornados
    )


def _runs(
    sides: Sequence[Policy], base: Assumptions, one: Assumption | None = None, end: float = 0.0
) -> tuple[Run, ...]:
    """A run of each side; the end moves with the value in use, as draws do."""
    runs = []
    for side in sides:
        using = base.with_values(side.assumptions)
        if one is not None:
            using = using.with_values({one.name: using[one.name] + end - one.value})
        runs.append(Run(side.levers, side.benefits, using))
    return tuple(runs)


def _all(answers: Iterable[Answered], many: int, progress: Progress | None) -> list[Answered]:
    found = list(told_of(answers, many, progress))
    if len(found) < many:
        raise Stopped
    return found


def _tornados(
    answers: Sequence[Answered], looked_at: Sequence[Assumption], seeds: int, *, differing: bool
) -> tuple[Tornado, ...]:
    found = []
    for name in OUTCOMES:
        base = _values(answers[:seeds], name, differing=differing)[:, 0]
        ends = _values(answers[seeds:], name, differing=differing).reshape(-1, seeds, 2)
        swings = [_swing(one, by[:, 0], by[:, 1]) for one, by in zip(looked_at, ends, strict=True)]
        moving = sorted((each for each in swings if each.size != 0 and each.size == each.size), key=_width)
        found.append(Tornado(name, float(base.mean()), tuple(moving)))
    return tuple(found)


def _values(answers: Sequence[Answered], name: str, *, differing: bool) -> Array:
    """(answers, ends) of an outcome, or of its difference between the two sides of each end."""
    told = np.array([[run[name] for run in each.told] for each in answers], np.float64)
    return told[:, 1::2] - told[:, ::2] if differing else told


def _width(swing: Swing) -> float:
    return -abs(swing.size)


def _swing(one: Assumption, low: Array, high: Array) -> Swing:
    band = mean_band(high - low)
    return Swing(one, float(low.mean()), float(high.mean()), band.low, band.high)


def _looked_at(names: Sequence[str] | None, sides: Sequence[Policy]) -> tuple[Assumption, ...]:
    can = {each.name: each for each in acting([side.levers for side in sides])}
    if names is None:
        return tuple(can.values())
    strange = [name for name in names if name not in can]
    if strange or not names:
        raise Refused(
            Refusal(
                "sensitivity_assumption",
                Text(
                    "这些假设不存在、没有范围，或在这些政策下不起作用：{names}。",
                    "No such assumptions, or without a range, or idle under these policies: {names}.",
                ),
                Text("可选：{known}。", "Choose from: {known}."),
                {"names": ", ".join(strange) or "—", "known": ", ".join(can)},
                at="names",
                status=422,
            )
        )
    return tuple(can[name] for name in names)


def _no_seed() -> Refusal:
    return Refusal(
        "sensitivity_seeds",
        Text("至少要一个种子。", "At least one seed is needed."),
        Text("三个种子就能看出多数影响。", "Three seeds show most of it."),
        at="seeds",
        status=422,
    )
