"""Whether a consortium's lead draws more than the region's pattern explains.

A flow's pull is ``log((up + ½) / (stay + ½))``. Its change from the past to now is held against the changes of the other consortia
(their median and spread), so that what happens everywhere accuses nobody; so is its level. The spread of few consortia is itself
uncertain: it is shrunk to what is usual (Smyth 2004), and Student's distribution answers with as many degrees of freedom as that
leaves. Months of one consortium vary more than chance would have it (the same patients come again): the variance is multiplied by
that, Pearson's χ² over its degrees of freedom. Flows are put together (Stouffer, with their correlation), several must agree, and
of many consortia the false-discovery rate is held (Benjamini and Hochberg).

How well, with the limits below and those of our packs: of 1,000 seeded regions without siphoning at most 10 are accused (a test; it was
none, and one where habits change three times as much from year to year); of clear siphons, four of ten stable patients drawn, nine of ten are found.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from tiercare.kernel.text import Text

from ..chance import discoveries, student_tail
from ..periods import Span
from .flows import NAMES, Counts, Flow


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on something is unusual. The first four are a pack's to say (``siphon_*``); the others belong to the method and
    are ours (定为我们的): no text gives a number.

    Attributes:
        consortia: fewer than so many have no pattern.
        flows: so many must draw together.
        odds: the least change of ``up ÷ stay`` against the region's that is worth a look, as a factor.
        false: at most this share of what is found may be false.
        z: from when on a single flow draws.
        rest: what the flows without the strongest must come to together, so that one alone, however strong, is no siphon.
        contrary: a flow that goes the other way by so much speaks for the consortium, and nothing is said.
        together: correlation of flows of one consortium.
        usual: how much changes differ between consortia where nothing happens, by flow, on the scale of the pull.
        apart: how much levels differ.
        faith: how many consortia's worth ``usual`` and ``apart`` weigh.
    """

    consortia: int
    flows: int
    odds: float
    false: float
    z: float = 1.0
    rest: float = 1.28
    contrary: float = 2.5
    together: float = 0.3
    usual: Mapping[Flow, float] = field(
        default_factory=lambda: {
            Flow.PATIENTS: 0.10,
            Flow.REFERRALS: 0.25,
            Flow.STAFF: 0.40,
            Flow.POSTINGS: 0.40,
            Flow.MONEY: 0.10,
        }
    )
    apart: Mapping[Flow, float] = field(
        default_factory=lambda: {
            Flow.PATIENTS: 0.6,
            Flow.REFERRALS: 0.8,
            Flow.STAFF: 0.8,
            Flow.POSTINGS: 1.0,
            Flow.MONEY: 0.8,
        }
    )
    faith: float = 8.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """One flow of one consortium.

    Attributes:
        up, stay: the amounts past and now.
        change: of the pull; ``pattern`` that of the region's others; ``z`` their distance in standard errors.
        middle: the pull of the region's others now; ``level_z`` the distance from it.
        grown: whether the change is beyond what is usual and large enough to matter; ``stands``: whether the level is.
    """

    flow: Flow
    up: tuple[int, int]
    stay: tuple[int, int]
    change: float
    pattern: float
    z: float
    middle: float
    level_z: float
    grown: bool
    stands: bool


@dataclass(frozen=True, slots=True)
class Signal:
    """A consortium with all its flows.

    Attributes:
        chance: how likely chance alone gives as much.
        found: whether it is worth a look; ``standing``: because of its level, not because of a change.
    """

    consortium: str
    flows: tuple[Drawn, ...]
    chance: float
    found: bool
    standing: bool
    text: Text


@dataclass(frozen=True, slots=True)
class Pattern:
    """All consortia of a region; ``reason`` says why nothing could be judged."""

    signals: tuple[Signal, ...]
    reason: Text | None = None

    @property
    def found(self) -> tuple[Signal, ...]:
        """Those worth a look."""
        return tuple(each for each in self.signals if each.found)


FEW = Text(
    "本地可比的医联体不足{n}个，看不出区域的常态，不作判断。可以把相邻地区一起算。",
    "Fewer than {n} consortia can be compared here: there is no pattern to judge by. Neighbouring regions can be taken in.",
)
LOOK = Text(
    "{consortium}：{n}项流向同时偏向牵头医院，幅度超过本区域其他医联体的变化：{flows}。"
    "这是请人去看的提示，不是认定“虹吸”；先看背后的病例，再问清有没有别的原因（新院区、成员单位停诊、登记口径变化）。",
    "{consortium}: {n} flows lean towards the lead together, by more than the region's other consortia changed: {flows}. "
    "This asks somebody to look and accuses nobody: see the cases behind it, then ask for other reasons (a new site, "
    "a member that closed, registration that changed).",
)
STANDING = Text(
    "{consortium}：{n}项流向长期明显高于本区域其他医联体：{flows}。请看背后的病例，并核对服务人口和功能定位是否本来不同。",
    "{consortium}: {n} flows have long stood well above those of the region's other consortia: {flows}. See the cases behind "
    "it, and whether the people served or the hospital's role explain it.",
)
_CHANGE = Text(
    "{name}，由 {up_then}:{stay_then} 变为 {up}:{stay}，是上期的 {factor} 倍（其他医联体居中为 {others} 倍）",
    "{name}, from {up_then}:{stay_then} to {up}:{stay}, {factor} times the period before (the others' middle {others})",
)
_LEVEL = Text(
    "{name}，现为 {up}:{stay}，即 {level}（其他医联体居中为 {middle}）",
    "{name}, {up}:{stay} now, that is {level} (the others' middle {middle})",
)
PLAIN = Text("{consortium}：没有超出本区域常态的流向。", "{consortium}: nothing beyond the region's pattern.")


@dataclass(frozen=True, slots=True)
class _Window:
    up: int
    stay: int
    months: tuple[tuple[int, int], ...]

    @property
    def pull(self) -> float:
        return math.log((self.up + 0.5) / (self.stay + 0.5))

    @property
    def variance(self) -> float:
        return 1 / (self.up + 0.5) + 1 / (self.stay + 0.5)


def judge(counts: Iterable[Counts], *, past: Span, now: Span, limits: Limits) -> Pattern:
    """Every consortium against the others. ``past`` should be the same months of another year, so that seasons are equal."""
    windows = _windows(counts, past, now)
    drawn: dict[str, list[Drawn]] = defaultdict(list)
    for flow in Flow:
        mine = {key: pair for (of, key), pair in windows.items() if of is flow}
        if len(mine) >= limits.consortia:
            for key, each in _flow(flow, mine, limits):
                drawn[key].append(each)
    if len(drawn) < limits.consortia:
        return Pattern((), Text(FEW.zh.format(n=limits.consortia), FEW.en.format(n=limits.consortia)))
    keys = sorted(drawn)
    freedom = limits.faith + len(keys) - 2
    ways = [
        (_together([d.z for d in drawn[key]], limits), _together([d.level_z for d in drawn[key]], limits))
        for key in keys
    ]
    chances = [min(1.0, 2 * min(student_tail(z, freedom) for z in pair)) for pair in ways]
    stand = discoveries(chances, limits.false)
    return Pattern(
        tuple(
            _signal(key, drawn[key], chance, beyond, pair[1] > pair[0], limits)
            for key, chance, beyond, pair in zip(keys, chances, stand, ways, strict=True)
        )
    )


def _windows(
    counts: Iterable[Counts], past: Span, now: Span
) -> dict[tuple[Flow, str], tuple[_Window, _Window]]:
    months: dict[tuple[Flow, str], tuple[list[tuple[int, int]], list[tuple[int, int]]]] = defaultdict(
        lambda: ([], [])
    )
    sides = [frozenset(past.months()), frozenset(now.months())]
    for each in counts:
        for at, side in enumerate(sides):
            if each.month in side:
                months[each.flow, each.consortium][at].append((each.up, each.stay))
    return {
        key: (_window(before), _window(after))
        for key, (before, after) in months.items()
        if _tells(key[0], before, after)
    }


def _tells(flow: Flow, past: Sequence[tuple[int, int]], now: Sequence[tuple[int, int]]) -> bool:
    """Whether there are rows in both windows and something on both sides: a lead nobody goes to draws nobody. Moves may be none."""
    up, stay = (sum(month[side] for month in (*past, *now)) for side in (0, 1))
    return bool(past and now and stay and (up or flow is Flow.STAFF))


def _window(months: Sequence[tuple[int, int]]) -> _Window:
    return _Window(sum(up for up, _ in months), sum(stay for _, stay in months), tuple(months))


def _flow(
    flow: Flow, windows: Mapping[str, tuple[_Window, _Window]], limits: Limits
) -> Iterable[tuple[str, Drawn]]:
    scale = {key: _unevenness(pair) for key, pair in windows.items()}
    usual = median(scale.values())
    changes, levels = {}, {}
    for key, (past, now) in windows.items():
        uneven = max(1.0, usual, scale[key])
        changes[key] = (now.pull - past.pull, uneven * (now.variance + past.variance))
        levels[key] = (now.pull, uneven * now.variance)
    for key, (past, now) in windows.items():
        pattern, z = _against(key, changes, limits.usual[flow], limits)
        middle, level_z = _against(key, levels, limits.apart[flow], limits)
        least = math.log(limits.odds)
        change = changes[key][0]
        grown = z >= limits.z and change - pattern >= least
        stands = level_z >= limits.z and now.pull - middle >= least
        yield (
            key,
            Drawn(
                flow,
                (past.up, now.up),
                (past.stay, now.stay),
                change,
                pattern,
                z,
                middle,
                level_z,
                grown,
                stands,
            ),
        )


def _unevenness(pair: tuple[_Window, _Window]) -> float:
    """How much more than chance the months of a window differ: Pearson's χ² over its degrees of freedom."""
    total, freedom = 0.0, 0
    for window in pair:
        share = (window.up + 0.5) / (window.up + window.stay + 1)
        for up, stay in window.months:
            expected = (up + stay) * share
            if expected > 0:
                total += (up - expected) ** 2 / (expected * (1 - share))
        freedom += len(window.months) - 1
    return total / freedom if freedom > 0 else 1.0


def _against(
    key: str, effects: Mapping[str, tuple[float, float]], usual: float, limits: Limits
) -> tuple[float, float]:
    """The others' middle, and by how many standard errors ``key`` is above it."""
    others = [effect for other, (effect, _) in effects.items() if other != key]
    middle = median(others)
    spread = 1.4826 * median(abs(effect - middle) for effect in others)
    shrunk = (limits.faith * usual**2 + len(others) * spread**2) / (limits.faith + len(others))
    effect, variance = effects[key]
    # The middle of n values varies by π/2 of their variance over n.
    return middle, (effect - middle) / math.sqrt(variance + shrunk * (1 + math.pi / 2 / len(others)))


def _together(zs: Sequence[float], limits: Limits) -> float:
    n = len(zs)
    return sum(zs) / math.sqrt(n + n * (n - 1) * limits.together)


def _signal(
    key: str, flows: Sequence[Drawn], chance: float, beyond: bool, standing: bool, limits: Limits
) -> Signal:
    draws = [each for each in flows if (each.stands if standing else each.grown)]
    zs = sorted(each.level_z if standing else each.z for each in flows)
    agree = len(draws) >= limits.flows and len(zs) > 1 and _together(zs[:-1], limits) >= limits.rest
    found = beyond and agree and zs[0] > -limits.contrary
    words = (STANDING if standing else LOOK) if found else PLAIN
    said = {
        language: words.fill(
            {
                "consortium": key,
                "n": len(draws),
                "flows": ("；" if language == "zh" else "; ").join(
                    _said(each, standing, language) for each in draws
                ),
            },
            language,
        )
        for language in ("zh", "en")
    }
    return Signal(key, tuple(flows), chance, found, standing and found, Text(said["zh"], said["en"]))


def _said(each: Drawn, standing: bool, language: str) -> str:
    """A flow with its amounts; money in yuan."""
    unit = 100 if each.flow is Flow.MONEY else 1
    (up_then, up), (stay_then, stay) = ((a // unit, b // unit) for a, b in (each.up, each.stay))
    fields: dict[str, object] = {
        "name": NAMES[each.flow],
        "up": up,
        "stay": stay,
        "up_then": up_then,
        "stay_then": stay_then,
        "factor": f"{math.exp(each.change):.2f}",
        "others": f"{math.exp(each.pattern):.2f}",
        "level": f"{(each.up[1] + 0.5) / (each.stay[1] + 0.5):.3g}",
        "middle": f"{math.exp(each.middle):.3g}",
    }
    return (_LEVEL if standing else _CHANGE).fill(fields, language)
