"""What calibration found, in figures, in words, and as a file that a scenario takes its assumptions from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import yaml

from tiercare.engines.measures.synth.columns import Array
from tiercare.kernel.text import Text

from .totals import Parameter, Target


@dataclass(frozen=True, slots=True)
class Met:
    """A target with what the assumptions came to and what the fit comes to, in the target's unit."""

    target: Target
    before: float
    reached: float

    @property
    def difference(self) -> float:
        """Reached less wanted."""
        return self.reached - self.target.value

    @property
    def met(self) -> bool:
        """Whether it lies within the target's tolerance."""
        return abs(self.difference) <= self.target.tolerance


@dataclass(frozen=True, slots=True)
class Moved:
    """A parameter as it was and as it is; ``low`` and ``high`` enclose it with 95 % given the totals and its spread. ``pinned`` is how much of what
    was unsure about it the totals took away: 0 none, 1 all."""

    parameter: Parameter
    before: float
    value: float
    low: float
    high: float
    pinned: float


@dataclass(frozen=True, slots=True)
class Fit:
    """What calibration found.

    Attributes:
        assumptions: all that differs from what it began with: a scenario takes them as its ``assumptions``.
        singular: of the Jacobian, in tolerances a spread, largest first.
        loose: what the totals cannot tell, in words.
        without: targets that this region has no total for, such as level 2 to level 3 where there is no level 3.
        notices: totals that this region cannot meet whatever moves, and why.
        settled: whether the last round gained next to nothing; otherwise more rounds may come closer.
    """

    met: tuple[Met, ...]
    moved: tuple[Moved, ...]
    assumptions: Mapping[str, float]
    singular: tuple[float, ...]
    loose: tuple[Text, ...]
    without: tuple[Target, ...]
    notices: tuple[Text, ...]
    settled: bool
    residents: int
    seeds: tuple[int, ...]
    year: int
    runs: int


def loose(moving: Sequence[Parameter], slope: Array) -> tuple[Text, ...]:
    """What the totals leave open, in words: for every parameter beyond those that they can tell apart, what makes up for it.

    Columns are chosen one by one, each time the one that adds most to those chosen (pivoted Gram–Schmidt), while it adds more than one tolerance a
    spread; each other column is then written as a mixture of those chosen.
    """
    chosen, rest = _told_apart(slope)
    found = []
    for k in rest:
        name = moving[k].text
        if float(np.linalg.norm(slope[:, k])) < 1:
            found.append(
                Text(
                    f"“{name.zh}”几乎不影响这些总量，仍取假设值。",
                    f"“{name.en}” hardly touches these totals; it stays as assumed.",
                )
            )
            continue
        mixture, *_ = np.linalg.lstsq(slope[:, chosen], -slope[:, k], rcond=None)
        most = [n for n in np.argsort(-np.abs(mixture))[:3] if abs(mixture[n]) >= 0.15]
        zh = "、".join(f"“{moving[chosen[n]].text.zh}”{mixture[n]:+.1f}" for n in most)
        en = ", ".join(f"“{moving[chosen[n]].text.en}” {mixture[n]:+.1f}" for n in most)
        found.append(
            Text(
                f"“{name.zh}”+1 可由 {zh} 抵消（单位：各自的尺度），总量分不清它们。",
                f"“{name.en}” +1 is made up for by {en} (in spreads): the totals cannot tell them apart.",
            )
        )
    return tuple(found)


def _told_apart(slope: Array) -> tuple[list[int], list[int]]:
    left, chosen = slope.copy(), []
    for _ in range(min(slope.shape)):
        size = np.linalg.norm(left, axis=0)
        best = int(size.argmax())
        if size[best] < 1:
            break
        chosen.append(best)
        unit = left[:, best] / size[best]
        left = left - np.outer(unit, unit @ left)
    return chosen, [k for k in range(slope.shape[1]) if k not in chosen]


def notices(targets: Sequence[Target], room: float) -> tuple[Text, ...]:
    """Whether the region's hospitals have places for the visits that the targets want of them (``room`` a head)."""
    wanted = {each.name: each.value for each in targets}
    if not {"visits", "primary_share", "in_area"} <= wanted.keys():
        return ()
    visits = wanted["visits"] * (wanted["in_area"] - wanted["primary_share"])
    if visits <= room:
        return ()
    return (
        Text(
            f"目标要求域内医院人均 {visits:.2f} 次门急诊，登记的医院只放得下 {room:.2f} 次：总量无法同时达到。"
            "请补登医院和床位，或改用本地区的总量。",
            f"The targets want {visits:.2f} visits a head of hospitals inside, those on record have room for {room:.2f}: not all totals "
            "can be met. Record the missing hospitals and beds, or give the region's own totals.",
        ),
    )


def written(fit: Fit) -> str:
    """The fit as YAML. Its ``assumptions`` go into a scenario as they are; the rest says how well it fits."""
    told = {
        "assumptions": dict(fit.assumptions),
        "made_with": {"residents": fit.residents, "seeds": list(fit.seeds), "year": fit.year, "runs": fit.runs, "settled": fit.settled},
        "totals": {
            each.target.name: {
                "target": each.target.value, "tolerance": each.target.tolerance, "confidence": each.target.confidence,
                "before": round(each.before, 4), "reached": round(each.reached, 4), "met": each.met,
            }
            for each in fit.met
        },
        "parameters": {
            each.parameter.name: {
                "before": round(each.before, 4), "value": round(each.value, 4), "low": round(each.low, 4), "high": round(each.high, 4),
                "pinned": round(each.pinned, 2),
            }
            for each in fit.moved
        },
        "singular_values": list(fit.singular),
        "not_identified": [{"zh": each.zh, "en": each.en} for each in fit.loose],
        "notices": [{"zh": each.zh, "en": each.en} for each in fit.notices],
    }  # fmt: skip
    return yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=150)
