"""Two policies over many seeds: what differs, how sure that is, what it leans on, who loses.

**Pairs.** Under each seed both policies meet the same people, the same illnesses and the same luck (``chance``), and with ``uncertain`` the same
draw of the assumptions; only differences within a pair are judged. Two policies that are the same differ by exactly 0.

**How sure.** ``Difference.mean`` has a 95 % interval by Student's t over the pairs: where the *average* difference lies. It gets narrower with more
seeds. ``Difference.band`` does not: it is where the difference lies for *one* draw of assumptions and luck, so it says what is not known rather than
what was not yet run. ``certain`` looks at the interval, ``robust`` at the band. Some twenty outcomes are judged at once: of those that a change does
not touch, one in twenty looks certain by chance.

**Chance or assumptions.** Some draws are played twice, with other dice: half the squared difference of the two answers is the variance that chance
alone makes, whatever the assumptions; what is left of the variance over the seeds is the assumptions' (law of total variance).

**What it leans on**: see ``leaning``.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from tiercare.engines.measures.synth import Profile
from tiercare.engines.measures.synth.columns import Array
from tiercare.engines.payment import Benefits
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .assumptions import Assumptions, given
from .leaning import Lean, Leaning
from .levers import Levers
from .many import Answered, Player, Progress, Run, Stopped, Task, players, told_of
from .outcomes import OUTCOMES, Loss, Measure
from .paired import Band, chance_of_mean, holm, listed, mean_band, next_band

_OTHER_DICE = 1 << 20  # added to a seed for the second playing of its draw
_SURE = 0.05  # what chance may do to any verdict, or to one in twenty of a list
_TWICE, _ONE_IN = 6, 5  # draws played twice: at least so many, and one in so many


@dataclass(frozen=True, slots=True)
class Policy:
    """One side. ``assumptions``: numbers of behaviour that this side sets otherwise (a scenario may)."""

    name: Text
    levers: Levers
    benefits: Benefits
    assumptions: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """What is compared, where, with how many people and seeds (from ``first`` on)."""

    a: Policy
    b: Policy
    profile: Profile
    residents: int
    seeds: int
    first: int = 1
    year: int = 2025
    assumptions: Assumptions = field(default_factory=given)
    uncertain: bool = True


@dataclass(frozen=True, slots=True)
class Difference:
    """One outcome under both, ``b`` less ``a``.

    Attributes:
        a, b: mean, and where one year of one draw lies.
        mean, low, high: the average difference with its interval; ``band`` where that of one draw lies.
        seeds: pairs in which both sides have a value.
        by_chance: share of the difference's variance that is the dice's; the rest is the assumptions'. None where nothing varies.
        leans_on: strongest first.
        p: how likely chance alone makes such a mean (paired t, two-sided); ``among``: the same among all outcomes that were compared (``holm``).
    """

    outcome: str
    measure: Measure
    a: Band
    b: Band
    mean: float
    low: float
    high: float
    band: Band
    seeds: int
    by_chance: float | None
    leans_on: tuple[Lean, ...] = ()
    p: float = 1.0
    among: float = 1.0

    @property
    def certain(self) -> bool:
        """Whether the average is not 0, judged among all outcomes that were compared."""
        return self.among <= _SURE

    @property
    def alone(self) -> bool:
        """Whether it would look certain if it were the only outcome, and does not among all: chance may have picked it."""
        return not self.certain and (self.low > 0 or self.high < 0)

    @property
    def robust(self) -> bool:
        """Whether it has the same sign in nearly every draw of the assumptions, not on average only."""
        return self.certain and self.band.excludes_zero

    @property
    def verdict(self) -> str:
        """``better``, ``worse``; ``more``, ``less`` where neither way is better; ``same``, ``unclear``, or ``none`` where one side has no such value
        (nothing reserved: no use of reserved slots)."""
        if self.seeds == 0:
            return "none"
        if not self.certain:
            return "same" if self.low == self.high == 0 else "unclear"
        if self.measure.direction == "none":
            return "more" if self.mean > 0 else "less"
        return "better" if (self.mean > 0) == (self.measure.direction == "up") else "worse"


@dataclass(frozen=True, slots=True)
class Loser:
    """A group that is worse off under ``b`` in ``times`` of the seeds; ``before`` and ``after`` on average of those. ``sure``: more often than a coin
    would have it, judged among all groups that ever lose (``listed``)."""

    group: Text
    outcome: str
    times: int
    share: float
    before: float
    after: float
    sure: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of a comparison. ``stopped``: fewer seeds than asked. ``pairs``: of every outcome the values of a and b by seed."""

    question: Question
    seeds: tuple[int, ...]
    differences: tuple[Difference, ...]
    losers: tuple[Loser, ...]
    pairs: Mapping[str, tuple[tuple[float, float], ...]]
    stopped: bool

    @property
    def compared(self) -> int:
        """How many outcomes were judged together: those with a value on both sides in two pairs at least."""
        return len(_judged(self.differences))

    def __getitem__(self, outcome: str) -> Difference:
        """The difference in one outcome.

        Raises:
            KeyError: there is no such outcome.
        """
        for each in self.differences:
            if each.outcome == outcome:
                return each
        raise KeyError(outcome)


def compare(
    a: Policy,
    b: Policy,
    *,
    profile: Profile,
    residents: int,
    seeds: int,
    first: int = 1,
    year: int = 2025,
    assumptions: Assumptions | None = None,
    uncertain: bool = True,
    processes: int | None = 2,
    player: Player | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Compare two policies on the same people, seed by seed.

    Args:
        uncertain: also draw the assumptions, the same for both sides; otherwise only chance varies.
        player: plays the runs elsewhere (``many.on_spark``); otherwise ``processes`` of this machine do.
        progress: told of every task; answering ``False`` ends the comparison with the seeds that there are.

    Raises:
        Refused: fewer than two seeds: one pair says nothing about how sure its difference is.
        Stopped: stopped before two seeds were played.
    """
    question = Question(a, b, profile, residents, seeds, first, year, assumptions or given(), uncertain)
    tasks = tasks_of(question)
    if player is not None:
        return concluded(question, told_of(player(tasks), len(tasks), progress))
    with players(processes) as play:
        return concluded(question, told_of(play(tasks), len(tasks), progress))


def tasks_of(question: Question) -> list[Task]:
    """One for each seed, then those draws that are played once more with other dice.

    Raises:
        Refused: fewer than two seeds.
    """
    if question.seeds < 2:
        raise Refused(_too_few())
    seeds = range(question.first, question.first + question.seeds)
    again = seeds[: _many_twice(question)]
    return [_task(question, seed, seed) for seed in seeds] + [
        _task(question, seed + _OTHER_DICE, seed, losing=False) for seed in again
    ]


def _task(question: Question, dice: int, draw: int, *, losing: bool = True) -> Task:
    runs = tuple(_run(side, question, draw) for side in (question.a, question.b))
    return Task(question.profile, question.residents, dice, question.year, runs, losing=losing)


def concluded(question: Question, answers: Iterable[Answered]) -> Comparison:
    """The comparison from the answers to ``tasks_of``, all of them or the first ones.

    Raises:
        Stopped: fewer than two seeds were played.
    """
    every = list(answers)
    first, again = every[: question.seeds], every[question.seeds :]
    if len(first) < 2:
        raise Stopped
    leaning = (
        Leaning(
            (question.a.levers, question.b.levers), [question.assumptions.drawn(each.seed) for each in first]
        )
        if question.uncertain
        else None
    )
    differences, pairs = [], {}
    for name, measure in OUTCOMES.items():
        values = _pairs(first, name)
        pairs[name] = tuple((float(a), float(b)) for a, b in values)
        twice = _pairs(again, name)
        differences.append(_difference(name, measure, values, twice, leaning))
    return Comparison(
        question, tuple(each.seed for each in first), _among(differences), _losers(first), pairs,
        stopped=len(every) < question.seeds + _many_twice(question),
    )  # fmt: skip


def _many_twice(question: Question) -> int:
    wanted = max(_TWICE, -(-question.seeds // _ONE_IN))
    return min(question.seeds, wanted) if question.uncertain else 0


def _run(side: Policy, question: Question, draw: int) -> Run:
    using = question.assumptions.with_values(side.assumptions)
    return Run(side.levers, side.benefits, using.drawn(draw) if question.uncertain else using)


def _pairs(answers: Sequence[Answered], name: str) -> Array:
    """(seeds, 2) values of an outcome."""
    return np.array([[told[name] for told in each.told] for each in answers], np.float64).reshape(-1, 2)


def _difference(
    name: str, measure: Measure, values: Array, twice: Array, leaning: Leaning | None
) -> Difference:
    known = np.isfinite(values)
    there: Array = known[:, 0] & known[:, 1]
    by_seed = values[there, 1] - values[there, 0]
    mean = mean_band(by_seed)
    a, b = (_bounded(next_band(values[known[:, side], side]), measure.unit) for side in (0, 1))
    return Difference(
        name, measure, a, b, mean.mean, mean.low, mean.high, next_band(by_seed), len(by_seed),
        _by_chance(values, twice, by_seed, leaning is not None),
        leaning.of(by_seed, there) if leaning else (), chance_of_mean(by_seed),
    )  # fmt: skip


def _judged(differences: Sequence[Difference]) -> list[Difference]:
    return [each for each in differences if each.seeds > 1]


def _among(differences: Sequence[Difference]) -> tuple[Difference, ...]:
    """Each with what its p counts among all."""
    judged = _judged(differences)
    counts = {
        each.outcome: among for each, among in zip(judged, holm([each.p for each in judged]), strict=True)
    }
    return tuple(replace(each, among=counts.get(each.outcome, 1.0)) for each in differences)


def _bounded(band: Band, unit: str) -> Band:
    """Shares end at 0 and 1, whatever a symmetric interval says."""
    if unit != "share" or math.isnan(band.low):
        return band
    return Band(band.mean, max(band.low, 0.0), min(band.high, 1.0))


def _by_chance(values: Array, twice: Array, by_seed: Array, drawn: bool) -> float | None:
    """Half the mean square of (difference less difference with other dice), as a share of the variance over the seeds."""
    whole = float(np.var(by_seed, ddof=1)) if len(by_seed) > 1 else 0.0
    if whole == 0:
        return None
    if not drawn:
        return 1.0
    moved = (values[: len(twice), 1] - values[: len(twice), 0]) - (twice[:, 1] - twice[:, 0])
    moved = moved[np.isfinite(moved)]
    return min(1.0, float(np.mean(moved**2)) / 2 / whole) if len(moved) > 1 else None


def _losers(answers: Sequence[Answered]) -> tuple[Loser, ...]:
    """Those who lose in at least half of the seeds; the surest and hardest hit first. Whoever loses in at least one is judged with them."""
    held: dict[tuple[Text, str], list[Loss]] = defaultdict(list)
    for each in answers:
        for loss in each.losses:
            held[loss.group, loss.outcome].append(loss)
    many = len(answers)
    among = listed([_coin(len(losses), many) for losses in held.values()])
    found = []
    for ((group, outcome), losses), chance in zip(held.items(), among, strict=True):
        times = len(losses)
        if 2 * times < many:
            continue
        before, after = (
            float(np.mean([getattr(loss, side) for loss in losses])) for side in ("before", "after")
        )
        found.append(Loser(group, outcome, times, times / many, before, after, chance <= _SURE))
    return tuple(sorted(found, key=lambda one: (not one.sure, one.outcome, -_worse(one), one.group.en)))


def _worse(loser: Loser) -> float:
    """By how much, of what it was."""
    return (loser.after - loser.before) / loser.before if loser.before else math.inf


def _coin(times: int, many: int) -> float:
    """How likely a fair coin falls so at least ``times`` of ``many``, given that it does once: those who never lose are not among the judged."""
    ways = sum(math.comb(many, k) for k in range(times, many + 1))
    return float(ways / (2**many - 1))


def _too_few() -> Refusal:
    return Refusal(
        "comparison_seeds",
        Text("至少要两个种子：一次模拟说不出差别有多可靠。", "At least two seeds: one pair cannot say how sure its difference is."),
        Text("请用 20 个以上的种子，50 个更好。", "Take 20 seeds or more; 50 are better."),
        at="seeds", status=422,
    )  # fmt: skip
